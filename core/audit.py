"""The trail: one entry an act, in the same transaction as the act."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.db.models import Q, QuerySet

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


#: Acts that only look, or bring a file that nobody has acted on yet: they change nothing that others decide by.
_HARMLESS = ("sign_", "view_", "export_", "download_", "receive_")
#: A change that was begun so many entries ago and is not visible yet does not exist.
_LOOK_BACK = 5_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the trail: how many changes it told from a number on."""

    since: int
    changes: int


def mark() -> Mark:
    """Where the trail stands; taken before looking at what somebody might change meanwhile."""
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    since = newest - _LOOK_BACK
    return Mark(since, _changes().filter(pk__gt=since).count())


def is_unchanged(since: Mark) -> bool:
    """Whether nothing was changed since the mark, in the whole house. Counted, not compared by number: an entry
    that was numbered before the mark may have become visible after it."""
    return _changes().filter(pk__gt=since.since).count() == since.changes


def is_last_change(entry: AuditEntry) -> bool:
    """Whether nothing was changed since this act was told."""
    return not _changes().filter(at__gte=entry.at).exclude(pk=entry.pk).exists()


def _changes() -> QuerySet[AuditEntry]:
    harmless = Q()
    for prefix in _HARMLESS:
        harmless |= Q(act__startswith=prefix)
    return AuditEntry.objects.exclude(harmless)


def digest_of(value: object) -> str:
    """SHA-256 of a value written as canonical JSON: equal values, equal digests, on any database."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
