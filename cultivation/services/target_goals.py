"""How far multi-year targets and the year's targets have come, by the newest statistics of the programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.models import Department, Region, User
from core.policies import PolicyDocument
from cultivation.models import MonthlyIssue, Target
from cultivation.policy import Targets
from cultivation.rules.measures import share
from cultivation.services.month_lists import MonthList, month_list
from cultivation.services.months import MonthTable
from enterprises.models import SourceFigure

#: hundredths of 万元 in one of the unit
_HUNDREDTHS = {"亿元": 10_000_00, "万元": 100}
_PLACES = Decimal("0.01")
#: metric → the number of a region's line that it is held against, and the list behind that number
COUNTED: dict[str, tuple[str, str]] = {
    Target.Metric.NEWLY_LISTED: ("newly_listed_ytd", "newly_listed_ytd"),
    Target.Metric.NET_ADDED: ("net_added_ytd", "net_added_ytd"),
    Target.Metric.TOTAL: ("above_scale_total", "above_scale"),
    Target.Metric.DELISTED: ("delisted_ytd", "delisted_ytd"),
}


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
class Reached:
    """What counts of a region towards its target of the year of the newest statistics."""

    region_id: str | None
    counted: int
    target: Decimal | None

    @property
    def ratio(self) -> Decimal | None:
        return None if not self.target else Decimal(self.counted) / self.target


def counted_list(metric: str, part: Targets | None) -> str:
    """The name of the list behind what counts towards a metric; empty where nothing is counted."""
    return _counted(metric, part)[1]


def _counted(metric: str, part: Targets | None) -> tuple[str, str]:
    own = next((one for one in part.metrics if one.code == metric), None) if part else None
    return COUNTED.get((own.same_as if own else None) or metric, ("", ""))


def reached_by_region(
    metric: str, part: Targets | None, table: MonthTable, targets: Mapping[str, Target | None]
) -> dict[str, Reached]:
    """Region → what counts towards ``metric``, or the metric whose count it shares; empty where nothing is counted."""
    name, _ = _counted(metric, part)
    found = {}
    for line in table.lines if name else ():
        target = targets.get(line.region_id)
        amount = target.amount if target else None
        found[line.region_id] = Reached(line.region_id, getattr(line, name), amount)
    return found


def reached_in_all(rows: Sequence[Reached]) -> Reached | None:
    """合计 of regions none of which holds another."""
    amounts = [row.target for row in rows if row.target is not None]
    if not rows:
        return None
    return Reached(None, sum(row.counted for row in rows), sum(amounts, Decimal(0)) if amounts else None)


def goal_of(
    target: Target, issue: MonthlyIssue | None, table: MonthTable | None, document: PolicyDocument, user: User
) -> Goal:
    wording = _wording(target, document)
    if issue is None or table is None:
        return Goal(target, wording, None, "", "还没有统计过的月份")
    plan = f"plan-{target.year}-{target.until_year}"
    if target.metric == Target.Metric.NEWLY_LISTED:
        return Goal(target, wording, Decimal(_entered(issue, plan, user, target).number), plan, "")
    if target.metric == Target.Metric.NET_ADDED:
        net = f"net-{plan}"
        return Goal(target, wording, Decimal(_entered(issue, net, user, target).number), net, "")
    if target.metric == Target.Metric.TOTAL:
        return Goal(target, wording, Decimal(table.total.above_scale_total), "above_scale", "")
    if target.metric == Target.Metric.OUTPUT:
        return _output(target, wording, plan, _entered(issue, plan, user, target), issue)
    return Goal(target, wording, None, "", "没有逐年汇总的数")


def _output(target: Target, wording: str, plan: str, entered: MonthList, issue: MonthlyIssue) -> Goal:
    """新增产值: the gross output that a department's lists state of the entered firms, from their entry on; never
    their revenue in its place."""
    begun = _begun(entered)
    sums, firms, sources = _stated_output(begun, str(issue.month))
    revenue = sum(cell.value for cell in entered.sums if cell)
    shown = (share(revenue, _HUNDREDTHS["亿元"]) or Decimal(0)).quantize(_PLACES)
    for_reference = f"这些企业入库以来营业收入 {shown} 亿元，供参考"
    if not firms:
        note = f"没有部门报送工业总产值，不计算完成率；{for_reference}"
        return Goal(target, wording, None, plan, note)
    reached = (Decimal(sums) / _HUNDREDTHS[target.unit]).quantize(_PLACES, ROUND_HALF_UP)
    note = f"工业总产值据{'、'.join(sources)}名单，{len(begun)} 家中 {firms} 家有数；{for_reference}"
    return Goal(target, wording, reached, plan, note)


def _begun(entered: MonthList) -> dict[int, str]:
    """Firm → the month of its first entry, as 2022-05."""
    begun: dict[int, str] = {}
    for firm, month in sorted(
        zip(entered.rows["firm"].tolist(), entered.rows["month"].tolist(), strict=True)
    ):
        begun.setdefault(firm, f"{month // 100}-{month % 100:02d}")
    return begun


def _stated_output(begun: Mapping[int, str], until: str) -> tuple[int, int, list[str]]:
    """Sum in hundredths, firms that have any, and who states it; 统计部门 goes before all others."""
    if not begun:
        return 0, 0, []
    rows = SourceFigure.objects.filter(
        measure="gross_output", period__gte=min(begun.values()), period__lte=until, period__contains="-"
    )
    order = [Department.STATISTICS, *(one for one in Department if one != Department.STATISTICS)]
    chosen: dict[tuple[int, str], tuple[int, str, int]] = {}
    told = rows.order_by().values_list("enterprise_id", "period", "source", "value")
    for firm, period, source, value in told.iterator():
        if firm in begun and period >= begun[firm]:
            one = (order.index(Department(source)), source, value)
            chosen[firm, period] = min(chosen.get((firm, period), one), one)
    sources = sorted({source for _, source, _ in chosen.values()})
    firms = len({firm for firm, _ in chosen})
    return sum(value for _, _, value in chosen.values()), firms, [Department(one).label for one in sources]


def _entered(issue: MonthlyIssue, plan: str, user: User, target: Target) -> MonthList:
    own: Region | None = None if target.region_id == issue.region_id else target.region
    return month_list(issue=issue, which=plan, user=user, region=own)


def _wording(target: Target, document: PolicyDocument) -> str:
    part = document.parts.get("targets")
    goals = part.totals() if isinstance(part, Targets) else ()
    slot = (target.metric, target.region_id, target.year, target.until_year)
    found = (g for g in goals if (g.metric, g.region, g.first_year, g.last_year) == slot)
    return next((goal.wording or "" for goal in found), "")
