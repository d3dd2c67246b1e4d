"""The table that every bulletin carries, defined once: page, Excel, Word and REST write the values of these columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.models import User
from core.templatetags.figures import MINUS
from cultivation.models import MonthlyIssue, RegionMonth
from cultivation.rules.measures import MonthMeasures
from cultivation.rules.statistic_lines import StatisticLine
from cultivation.services.month_lists import MonthList
from cultivation.services.months import month_table
from cultivation.services.statistic_pages import Narrowing, StatisticPage, statistic_page
from cultivation.services.workbooks import MISSING, Heading, Sheet, per_cent

UNIT = "单位：家、%、百分点"


@dataclass(frozen=True, slots=True)
class StatutoryLine:
    """A region with its line of the month and of the statistics; ``region`` is empty for 合计."""

    name: str
    region: str
    month: MonthMeasures
    statistic: StatisticLine | None


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """A value as every paper writes it; ``value`` is exact: counts whole, rates with one decimal of a per cent."""

    key: str
    value: int | Decimal | None
    text: str


def _of_month(name: str) -> Callable[[StatutoryLine], Any]:
    return lambda line: getattr(line.month, name)


def _rate(name: str) -> Callable[[StatutoryLine], Decimal | None]:
    return lambda line: per_cent(getattr(line.month, name))


def _listed(name: str) -> Callable[[StatutoryLine], int | None]:
    return lambda line: line.statistic.number(name) if line.statistic else None


_GOAL, _CHANGE, _STOCK = "目标完成", "规上变动（累计）", "预警和储备"
#: key of REST → column, in the order of the statutory table
STATUTORY_COLUMNS: dict[str, Heading] = {
    "target": Heading(_GOAL, "年度目标", "count", _of_month("target")),
    "newly_listed": Heading(_GOAL, "本月新增", "count", _of_month("newly_listed")),
    "newly_listed_ytd": Heading(_GOAL, "累计新增", "count", _of_month("newly_listed_ytd")),
    "attainment_percent": Heading(_GOAL, "完成率", "rate", _rate("attainment_exact")),
    "schedule_gap_points": Heading(_GOAL, "序时差", "points", _rate("schedule_gap_exact")),
    "rank": Heading(_GOAL, "排名", "rank", _of_month("rank")),
    "delisted_ytd": Heading(_CHANGE, "退规", "count", _of_month("delisted_ytd")),
    "net_added_ytd": Heading(_CHANGE, "净增", "count", _of_month("net_added_ytd")),
    "above_scale_total": Heading(_CHANGE, "规上总数", "count", _of_month("above_scale_total")),
    "delisting_alerts": Heading(_STOCK, "退规预警", "count", _listed("risk")),
    "pool_members": Heading(_STOCK, "培育库数", "count", _listed("member")),
}


@dataclass(frozen=True, slots=True)
class StatutoryTable:
    """The lines that a reader may see, 合计 last where there are several."""

    issue: MonthlyIssue
    lines: tuple[StatutoryLine, ...]
    is_whole: bool

    def cells(self, line: StatutoryLine) -> list[WrittenCell]:
        return written_cells(STATUTORY_COLUMNS, line)

    @property
    def rows(self) -> list[tuple[StatutoryLine, list[WrittenCell]]]:
        return [(line, self.cells(line)) for line in self.lines]

    @property
    def title(self) -> str:
        return f"{self.issue.region.name}{self.issue.month.label}规上工业企业培育情况统计表"

    @property
    def sheet(self) -> Sheet:
        rows = [(line.name, line) for line in self.lines]
        columns = tuple(STATUTORY_COLUMNS.values())
        return Sheet("统计表", self.title, stand_of(self.issue), UNIT, columns, rows, self.is_whole)


def statutory_table(issue: MonthlyIssue, user: User) -> StatutoryTable:
    """Of one version; a version without statistics has no alerts and no pool, which is not 0."""
    table = month_table(issue=issue, user=user)
    page = statistic_page(issue, user, Narrowing())
    return table_of(issue, table.lines, table.total if table.is_whole else None, page)


def table_of(
    issue: MonthlyIssue, lines: Iterable[RegionMonth], total: MonthMeasures | None, page: StatisticPage | None
) -> StatutoryTable:
    by_region = {row.value: row.line for row in page.rows("region")} if page else {}
    empty = page.empty_line if page else None
    made = [
        StatutoryLine(line.region.name, line.region_id, line, by_region.get(line.region_id, empty))
        for line in lines
    ]
    if total is not None:
        made.append(StatutoryLine("合计", "", total, page.total if page else None))
    return StatutoryTable(issue, tuple(made), total is not None)


def written_cells(columns: dict[str, Heading], line: Any) -> list[WrittenCell]:
    return [
        WrittenCell(key, value, written(column.kind, value))
        for key, column in columns.items()
        for value in [column.value(line)]
    ]


def written(kind: str, value: int | Decimal | None) -> str:
    """As pages and Word write it; Excel keeps the value and shows it by a format of the same places."""
    if value is None:
        return MISSING
    if kind == "rate":
        return f"{value:.1f}".replace("-", MINUS)
    if kind == "points":
        return (f"{value:+.1f}" if value else "0.0").replace("-", MINUS)
    if kind == "amount":
        return f"{value:,.2f}".replace("-", MINUS)
    return (f"{value:,}" if kind == "count" else str(value)).replace("-", MINUS)


def stand_of(issue: MonthlyIssue) -> str:
    return (
        f"第{issue.version}版　{issue.get_state_display()}　{issue.edition}　指纹 {issue.inputs_digest[:12]}"
    )


def sums_by_line(listed: MonthList, column: str) -> dict[str, int]:
    """Region code → the sum of a column over a list's rows."""
    found: dict[str, int] = {}
    for line, value in zip(listed.rows["line"].tolist(), listed.rows[column].tolist(), strict=True):
        region = listed.regions[line]
        if region is not None:
            found[region.pk] = found.get(region.pk, 0) + value
    return found
