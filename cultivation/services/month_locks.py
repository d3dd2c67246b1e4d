"""Issued months are locked: no list may change what a frozen statistic was computed from."""

from __future__ import annotations

from django.db.models import Min
from django.utils import timezone

from core.models import Region
from cultivation.models import MonthlyIssue
from cultivation.querysets import related_to
from intake.services.locks import MonthLock

#: The lists that a month is computed from.
LOCKED_SHEETS = frozenset({"monthly", "listed"})


def issued_months(sheet: str, region: Region) -> list[MonthLock]:
    if sheet not in LOCKED_SHEETS:
        return []
    issued = MonthlyIssue.objects.filter(related_to(region.path), state=MonthlyIssue.State.ISSUED)
    first = issued.order_by("month").values_list("month").annotate(first=Min("issued_at"))
    return [
        MonthLock(month, "月报已印发", timezone.localdate(at) if at else None, "市局（印发月报的业务科室）")
        for month, at in first
    ]
