"""Issued months are locked: no list may change what a frozen statistic was computed from."""

from __future__ import annotations

from core.models import Region
from core.periods import Month
from cultivation.models import MonthlyIssue
from cultivation.querysets import related_to

#: The lists that a month is computed from.
LOCKED_SHEETS = frozenset({"monthly", "listed"})


def issued_months(sheet: str, region: Region) -> list[Month]:
    if sheet not in LOCKED_SHEETS:
        return []
    issued = MonthlyIssue.objects.filter(related_to(region.path), state=MonthlyIssue.State.ISSUED)
    return list(issued.order_by("month").values_list("month", flat=True).distinct())
