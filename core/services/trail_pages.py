"""The trail as the auditor reads it: who did what when and from where; of what firms, it does not say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core.act_labels import HOUSE_ACTS, act_label
from core.models import AuditEntry, User


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry as a row. ``subject`` is empty for acts on business data, which an auditor does not see."""

    entry: AuditEntry
    label: str
    subject: str
    rows: int | None


def entries_visible_to(user: User) -> QuerySet[AuditEntry]:
    """All entries, or those of the auditor's region and below and of its people."""
    entries = AuditEntry.objects.select_related("region").order_by("-pk")
    path = user.scope_path
    if path is None:
        return entries
    return entries.filter(Q(region__path__startswith=path) | Q(actor__region__path__startswith=path))


def trail_lines(entries: Iterable[AuditEntry]) -> list[TrailLine]:
    return [
        TrailLine(
            entry,
            act_label(entry.act),
            entry.subject if entry.act in HOUSE_ACTS else "",
            rows if isinstance(rows := entry.counts.get("rows"), int) else None,
        )
        for entry in entries
    ]
