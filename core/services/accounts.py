"""What people do with their own account; each act leaves its entry in the trail."""

from __future__ import annotations

from django.db import transaction

from core.audit import record
from core.models import User


@transaction.atomic
def change_password(*, actor: User, new_password: str) -> None:
    """Set the actor's own password and lift the duty of the first login."""
    actor.set_password(new_password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])
    record(actor=actor, act="change_password", region=actor.region, subject=actor.username)


def note_sign_in(*, actor: User) -> None:
    record(actor=actor, act="sign_in", region=actor.region, subject=actor.username)


def note_sign_out(*, actor: User) -> None:
    record(actor=actor, act="sign_out", region=actor.region, subject=actor.username)
