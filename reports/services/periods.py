"""A quarter, a half year or a year out of frozen months: what the end has beyond the end before it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.amounts import from_hundredths
from core.periods import Month
from cultivation.models import MonthlyIssue, RegionMonth
from cultivation.rules.measures import MonthMeasures
from cultivation.rules.months import total_of
from cultivation.services.statistic_pages import StatisticPage
from cultivation.services.workbooks import Heading, Sheet, per_cent
from reports.services.statutory import stand_of, sums_by_line

_ADDED = ("newly_listed", "delisted", "net_added")


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A region at the end of a period; what came within the period is ``None`` where its beginning is not frozen.

    ``entrant_revenue``: whole hundredths that the year's entrants reported since they entered.
    """

    name: str
    end: MonthMeasures
    start: MonthMeasures | None
    is_from_january: bool
    entrant_revenue: int | None

    def within(self, name: str) -> int | None:
        """``newly_listed``, ``delisted`` or ``net_added`` of the period: 累计 at its end less 累计 before it."""
        ended = int(getattr(self.end, f"{name}_ytd"))
        if self.is_from_january:
            return ended
        return None if self.start is None else ended - int(getattr(self.start, f"{name}_ytd"))

    @property
    def revenue_per_entrant(self) -> Decimal | None:
        """入规企业质量: 万元 a firm, half up at two places; ``None`` without entrants."""
        entrants = self.end.newly_listed_ytd
        if self.entrant_revenue is None or not entrants:
            return None
        return (from_hundredths(self.entrant_revenue) / entrants).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def period_lines(
    issue: MonthlyIssue, lines: tuple[RegionMonth, ...], months: int, page: StatisticPage | None
) -> list[PeriodLine]:
    """Of the ``months`` that end with the issue's; regions in official order and 合计."""
    before = issue.month - months
    is_from_january = before.year < issue.month.year
    starts = {} if is_from_january else _frozen_lines(issue.programme, before)
    revenue = sums_by_line(page.listed("newly_listed_ytd"), "revenue") if page else None
    made = [
        PeriodLine(
            line.region.name,
            line,
            starts.get(line.region_id),
            is_from_january,
            None if revenue is None else revenue.get(line.region_id, 0),
        )
        for line in lines
    ]
    if len(made) > 1:
        whole = all(line.start for line in made) or is_from_january
        start = (
            total_of([line.start for line in made], months_passed=before.month, basis=issue.basis)
            if starts and whole
            else None
        )
        end = total_of(lines, months_passed=issue.month.month, basis=issue.basis)
        total = None if revenue is None else sum(revenue.values())
        made.append(PeriodLine("合计", end, start, is_from_january, total))
    return made


def _frozen_lines(programme: str, month: Month) -> dict[str, RegionMonth]:
    issued = RegionMonth.objects.of_newest_versions(state=MonthlyIssue.State.ISSUED)
    found = issued.filter(issue__programme=programme, issue__month=month).select_related("issue", "region")
    return {line.region_id: line for line in found}


def period_sheet(issue: MonthlyIssue, label: str, lines: list[PeriodLine]) -> Sheet:
    """净增数、新增数、目标完成率、入规企业质量 of each region, and the period's own entries and exits."""
    columns = (
        Heading(label, "新增", "count", lambda line: line.within("newly_listed")),
        Heading(label, "退规", "count", lambda line: line.within("delisted")),
        Heading(label, "净增", "count", lambda line: line.within("net_added")),
        Heading("本年累计", "新增数", "count", lambda line: line.end.newly_listed_ytd),
        Heading("本年累计", "净增数", "count", lambda line: line.end.net_added_ytd),
        Heading("本年累计", "目标完成率", "rate", lambda line: per_cent(line.end.attainment_exact)),
        Heading("入规企业质量", "户均营业收入（万元）", "amount", lambda line: line.revenue_per_entrant),
    )
    title = f"{issue.region.name}{issue.month.year}年{label}规上工业企业培育调度表"
    rows = [(line.name, line) for line in lines]
    return Sheet("调度表", title, stand_of(issue), "单位：家、%、万元", columns, rows, len(lines) > 1)
