"""Rows of 奖补事项: which are known, and one set-based write."""

from __future__ import annotations

from collections.abc import Sequence

from enterprises.services.storing import in_chunks
from incentives.models import AwardOccasion

#: event, kind, code, period, key, project, invoice: what makes a row the same row
SameEvent = tuple[str, str, str, str, str, str, str]
EVENT_KEYS = ("event", "recipient_kind", "recipient_code", "period", "key", "project", "invoice")
EVENT_VALUES = ("recipient_name", "enterprise", "region", "year", "is_first", "document", "facts", "batch")
_WORDS = {True: "是", False: "否", None: ""}


def known_events(events: Sequence[SameEvent]) -> dict[SameEvent, dict[str, str]]:
    """What stands of these events, by heading."""
    wanted, found = set(events), {}
    for chunk in in_chunks(sorted({event[2] for event in events})):
        for row in AwardOccasion.objects.filter(recipient_code__in=chunk).order_by():
            at = tuple(getattr(row, name) for name in EVENT_KEYS)
            if at in wanted:
                told = {"是否首次": _WORDS[row.is_first], "依据文号": row.document}
                found[at] = {**told, **row.facts}
    return found


def save_events(rows: Sequence[AwardOccasion]) -> None:
    """Inside the caller's transaction: new rows are added, what is told otherwise now is replaced."""
    AwardOccasion.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=list(EVENT_KEYS),
        update_fields=list(EVENT_VALUES),
        batch_size=500,
    )
