"""A firm's contact in full: shown to whoever may ask, and every asking is on the trail."""

from __future__ import annotations

from django.db import transaction

from core.audit import record
from core.models import User
from enterprises.models import Enterprise


@transaction.atomic
def reveal_contact(*, actor: User, enterprise: Enterprise) -> str:
    """The telephone number as registered; the entry in the trail names the firm, never the number."""
    record(actor=actor, act="view_contact", region=enterprise.region, subject=enterprise.uscc)
    return enterprise.phone
