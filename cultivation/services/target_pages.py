"""The target table as the document prints it, and how far its totals have come."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.models import PolicyEdition, Region, User
from core.policies import UNKNOWN, PolicyDocument
from core.services.policies import document_of
from cultivation.models import MonthlyIssue, Target
from cultivation.policy import BASES, ENTRY_YEARS, SCHEDULES, Targets
from cultivation.rules.measures import share
from cultivation.services.month_lists import MonthList, month_list
from cultivation.services.months import month_table

_YI = 10_000_00  # 亿元 in hundredths of 万元


@dataclass(frozen=True, slots=True)
class TargetRow:
    region: Region
    values: tuple[Target | None, ...]

    @property
    def total(self) -> Decimal:
        return sum((target.amount for target in self.values if target), Decimal(0))


@dataclass(frozen=True, slots=True)
class TargetTable:
    """One metric: regions down, years across. ``sums`` add up the rows on view; a stock has no sum over years."""

    metric: str
    label: str
    unit: str
    years: tuple[int, ...]
    rows: tuple[TargetRow, ...]
    is_flow: bool
    clause: str

    @property
    def sums(self) -> list[Decimal]:
        return [
            sum((target.amount for row in self.rows if (target := row.values[i])), Decimal(0))
            for i in range(len(self.years))
        ]

    @property
    def total(self) -> Decimal:
        return sum(self.sums, Decimal(0))


@dataclass(frozen=True, slots=True)
class Goal:
    """A multi-year target and what has been reached; ``reached`` is in the unit of the target."""

    target: Target
    wording: str
    reached: Decimal | None
    which: str
    note: str

    @property
    def ratio(self) -> Decimal | None:
        return None if self.reached is None or not self.target.value else self.reached / self.target.amount


@dataclass(frozen=True, slots=True)
class TargetPage:
    edition: PolicyEdition
    document: PolicyDocument
    tables: tuple[TargetTable, ...]
    goals: tuple[Goal, ...]
    issue: MonthlyIssue | None
    counting: tuple[tuple[str, str], ...]

    @property
    def reissued(self) -> list[Target]:
        """Targets on view that a list has changed since the document."""
        return [t for table in self.tables for row in table.rows for t in row.values if t and t.batch_id]


def target_page(*, edition: PolicyEdition, user: User) -> TargetPage:
    document = document_of(edition)
    targets = list(
        Target.objects.of_programme(edition.name)
        .visible_to(user)
        .select_related("region", "edition", "batch")
        .order_by("year", "until_year", "region__order", "region_id")
    )
    issue = MonthlyIssue.objects.visible_to(user).filter(programme=edition.name).newest_first().first()
    spans = [target for target in targets if target.year < target.until_year]
    return TargetPage(
        edition,
        document,
        _tables(edition, targets),
        tuple(_goal(target, issue, document, user) for target in spans),
        issue,
        _counting(document),
    )


def _tables(edition: PolicyEdition, targets: list[Target]) -> tuple[TargetTable, ...]:
    tables = []
    for metric in Target.Metric:
        yearly = [t for t in targets if t.metric == metric and t.year == t.until_year]
        districts = [t for t in yearly if t.region_id != edition.locality_id] or yearly
        if not districts:
            continue
        years = tuple(sorted({t.year for t in districts}))
        regions = {t.region_id: t.region for t in districts}
        cells = {(t.region_id, t.year): t for t in districts}
        rows = tuple(
            TargetRow(region, tuple(cells.get((code, year)) for year in years))
            for code, region in sorted(regions.items(), key=lambda item: (item[1].order, item[0]))
        )
        clause = next((t.clause for t in districts if t.edition_id), "")
        is_flow = metric != Target.Metric.TOTAL
        tables.append(TargetTable(metric, metric.label, districts[0].unit, years, rows, is_flow, clause))
    return tuple(tables)


def _goal(target: Target, issue: MonthlyIssue | None, document: PolicyDocument, user: User) -> Goal:
    wording = _wording(target, document)
    if issue is None:
        return Goal(target, wording, None, "", "还没有统计过的月份")
    plan = f"plan-{target.year}-{target.until_year}"
    if target.metric == Target.Metric.NEWLY_LISTED:
        return Goal(target, wording, Decimal(_entered(issue, plan, user, target).number), plan, "")
    if target.metric == Target.Metric.TOTAL:
        total = month_table(issue=issue, user=user).total.above_scale_total
        return Goal(target, wording, Decimal(total), "above_scale", "")
    if target.metric == Target.Metric.OUTPUT:
        revenue = sum(cell.value for cell in _entered(issue, plan, user, target).sums if cell)
        shown = (share(revenue, _YI) or Decimal(0)).quantize(Decimal("0.01"))
        note = f"月报没有工业总产值，不计算完成率；这些企业入库以来营业收入 {shown} 亿元，供参考"
        return Goal(target, wording, None, plan, note)
    return Goal(target, wording, None, "", "跨年净增尚不逐年汇总，请看各月净增")


def _entered(issue: MonthlyIssue, plan: str, user: User, target: Target) -> MonthList:
    own = None if target.region_id == issue.region_id else target.region
    return month_list(issue=issue, which=plan, user=user, region=own)


def _wording(target: Target, document: PolicyDocument) -> str:
    part = document.parts.get("targets")
    goals = part.totals() if isinstance(part, Targets) else ()
    slot = (target.metric, target.region_id, target.year, target.until_year)
    found = (g for g in goals if (g.metric, g.region, g.first_year, g.last_year) == slot)
    return next((goal.wording or "" for goal in found), "")


def _counting(document: PolicyDocument) -> tuple[tuple[str, str], ...]:
    part = document.parts.get("targets")
    if not isinstance(part, Targets):
        return ()
    counting = part.counting
    clause = "文件未载明" if counting.clause is UNKNOWN else str(counting.clause)
    return (
        ("完成率", BASES[counting.basis]),
        ("年度", ENTRY_YEARS[counting.entry_year]),
        ("序时进度", SCHEDULES[counting.schedule]),
        ("条款", clause),
        ("说明", counting.note or ""),
    )
