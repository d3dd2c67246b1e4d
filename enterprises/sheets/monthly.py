"""``monthly`` 月度报表: what firms declare for a month, sent by districts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.models import Department
from core.periods import Month
from enterprises.models import MonthlyFigure
from enterprises.rules.monthly import MONTHLY_SPEC, LastFigure, judge_monthly
from enterprises.services.months_before import last_figures
from enterprises.services.storing import Store
from enterprises.sheets.firm_list import FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import record_json
from intake.models import Batch
from intake.rules.reading import Frame
from intake.services.sheet_types import register_sheet

#: What the command prints of a row, in this order: others script against it.
PRINTED = ("uscc", "name", "region", "month", "revenue_wan", "tax_paid_wan", "listed_on")


@register_sheet
class Monthly(FirmList):
    spec = MONTHLY_SPEC
    duty = Department.INDUSTRY
    period_kind = "month"
    fields = {
        "revenue_wan": "revenue_wan",
        "tax_paid_wan": "tax_paid_wan",
        "taxable_sales_wan": "taxable_sales_wan",
        "power_wan_kwh": "power_wan_kwh",
        "staff": "staff",
        "listed_on": "declared_listed_on",
    }
    store = Store(MonthlyFigure, ("month",), tuple(fields.values()))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["month"][i],)

    def day_of(self, columns: Mapping[str, list[Any]], i: int, batch: Batch) -> date:
        month = columns["month"][i]
        return month.last_day if isinstance(month, Month) else batch.as_of

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        judge_monthly(frame, _history(frame, ground))

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return record_json(self.spec, record, PRINTED)


def _history(frame: Frame, ground: Ground) -> dict[str, LastFigure]:
    """What is known of each firm before its first month in the frame, of firms within the sender's scope only.

    Of a firm with several months in one list the year so far is left out: it would be true for the first alone.
    """
    first: dict[str, Month] = {}
    several: set[str] = set()
    moved, known = ground.history.moved, ground.known
    for code, month in zip(frame.columns["uscc"], frame.columns["month"], strict=True):
        firm = known.get(code) if isinstance(code, str) else None
        if firm is None or not isinstance(month, Month):
            continue
        region = ground.region_on(firm, month.last_day) if firm.id in moved else firm.region_id
        if region not in ground.scope:
            continue
        before = first.setdefault(firm.uscc, month)
        if before is not month and before != month:
            several.add(firm.uscc)
            first[firm.uscc] = min(before, month)
    by_month: dict[Month, list[str]] = defaultdict(list)
    for code, month in first.items():
        by_month[month].append(code)
    history = {}
    for month, codes in by_month.items():
        ids = {ground.known[code].id: code for code in codes}
        for firm_id, before in last_figures(ids, month).items():
            code = ids[firm_id]
            alone = code not in several
            history[code] = LastFigure(
                revenue=before.revenue,
                tax=before.tax,
                mean_revenue=before.mean_revenue,
                revenue_ytd=before.revenue_ytd if alone else None,
                tax_ytd=before.tax_ytd if alone else None,
            )
    return history
