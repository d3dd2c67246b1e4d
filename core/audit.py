"""The trail: one entry an act, in the same transaction as the act."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from core.models import AuditEntry, Region, User
from core.request_mark import current_request


def record(
    *,
    actor: User,
    act: str,
    region: Region | None = None,
    subject: str = "",
    counts: Mapping[str, int | str] | None = None,
    digest: str = "",
) -> AuditEntry:
    """Write one entry. ``act`` is a greppable verb_object such as ``commit_batch``."""
    mark = current_request.get()
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=f"{actor.full_name}（{actor.username}）",
        act=act,
        region=region,
        subject=subject[:120],
        counts=dict(counts or {}),
        digest=digest,
        request_id=mark.request_id,
        address=mark.address,
    )


def digest_of(value: object) -> str:
    """SHA-256 of a value written as canonical JSON: equal values, equal digests, on any database."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
