"""What the ``targets`` part of a policy document holds: region × year × metric. Pure.

Figures are in the unit of their table: 家, 万元 or 亿元.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.policies import Unknown


@dataclass(frozen=True, slots=True)
class Metric:
    """What a target counts. Years of a stock (规上总数) do not add up, those of a flow do."""

    code: str
    label: str
    units: tuple[str, ...]
    is_flow: bool = True


#: 新增, 净增 and 总数 stay apart. 新增规模工业总产值 is read as the output of the firms that entered, not as
#: the growth of all firms above scale.
METRICS = {
    metric.code: metric
    for metric in (
        Metric("newly_listed", "新增规上工业企业数", ("家",)),
        Metric("net_added", "净增规上工业企业数", ("家",)),
        Metric("total", "规上工业企业总数", ("家",), is_flow=False),
        Metric("output_of_new", "新增规模工业总产值", ("亿元", "万元")),
    )
}
_WAN = {"亿元": Decimal(10_000), "万元": Decimal(1)}

ENTRY_YEARS = {"approval_library": "审批库年度", "approval_date": "批准日期"}
SCHEDULES = {"even_by_month": "按月均摊"}
BASES = {"gross": "按新增", "net": "按净增"}

#: Years that a target may name.
YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class Counting:
    """How attainment is counted; ``clause`` is ``UNKNOWN`` where the document does not say."""

    entry_year: str
    schedule: str
    basis: str
    clause: str | Unknown
    note: str | None


@dataclass(frozen=True, slots=True)
class Goal:
    """One target: a region's figure for the years from ``first_year`` to ``last_year``, both included.

    ``origin`` is ``row`` (cell of a table), ``stated_total`` (its 合计) or ``total`` (figure of the text).
    """

    metric: str
    region: str
    region_name: str
    first_year: int
    last_year: int
    amount: Decimal | Unknown
    unit: str
    comparison: str
    clause: str
    wording: str | None
    note: str | None
    origin: str

    @property
    def is_yearly(self) -> bool:
        return self.first_year == self.last_year

    @property
    def amount_wan(self) -> Decimal | Unknown:
        """The amount in 万元; only for metrics of money."""
        return self.amount if isinstance(self.amount, Unknown) else self.amount * _WAN[self.unit]


@dataclass(frozen=True)
class Targets:
    """Every goal of the document, in its order: rows of each table, its 合计, then the totals."""

    counting: Counting
    goals: tuple[Goal, ...]

    def yearly(self, metric: str, year: int) -> tuple[Goal, ...]:
        """The goals of one year in the order of the table, the 合计 last."""
        return tuple(g for g in self.goals if g.metric == metric and g.first_year == year == g.last_year)

    def years(self, metric: str) -> tuple[int, ...]:
        return tuple(sorted({g.first_year for g in self.goals if g.metric == metric and g.is_yearly}))

    def totals(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if goal.origin == "total")
