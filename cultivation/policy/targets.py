"""What the ``targets`` part of a policy document holds: region × year × metric. Pure.

Figures are in the unit of their table: 家, 万元 or 亿元.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.policies import Unknown


@dataclass(frozen=True, slots=True)
class Metric:
    """What a target counts. Years of a stock (规上总数) do not add up, those of a flow do."""

    code: str
    label: str
    units: tuple[str, ...]
    is_flow: bool = True
    #: whether regions add up to the one above them; shares and means (亩均税收) do not
    adds_up: bool = True
    #: the metric whose counts this one is held against as well (争取目标 beside 保底目标)
    same_as: str | None = None
    #: the metric that this one and its siblings split (by industry, by kind of entry)
    part_of: str | None = None


#: Units that are counted in whole numbers; all others are kept with two places.
COUNTED_UNITS = frozenset({"家", "个", "项", "人", "户", "件", "台"})
#: Units of rates, which may be below zero (增速、能耗强度).
RATE_UNITS = frozenset({"%", "‰", "个百分点", "倍"})
UNITS = (
    *sorted(COUNTED_UNITS | RATE_UNITS),
    *("亿元", "万元", "亩", "万元/亩", "万元/人", "万千瓦时", "吨标煤", "吨标煤/万元"),
)
#: Firms are counted by either word.
FIRMS = ("家", "户", "个")

#: 新增, 净增 and 总数 stay apart. 新增规模工业总产值 is read as the output of the firms that entered, not as
#: the growth of all firms above scale.
METRICS = {
    metric.code: metric
    for metric in (
        Metric("newly_listed", "新增规上工业企业数", FIRMS),
        Metric("net_added", "净增规上工业企业数", FIRMS),
        Metric("total", "规上工业企业总数", FIRMS, is_flow=False),
        Metric("delisted", "退规工业企业数（不超过）", FIRMS),
        Metric("output_of_new", "新增规模工业总产值", ("亿元", "万元")),
    )
}
_WAN = {"亿元": Decimal(10_000), "万元": Decimal(1)}

ENTRY_YEARS = {"approval_library": "审批库年度", "approval_date": "批准日期"}
SCHEDULES = {"even_by_month": "按月均摊", "even_by_quarter": "按季均摊", "given": "按文件给定的进度"}
BASES = {"gross": "按新增", "net": "按净增"}

EVEN_BY_MONTH = tuple(Fraction(month, 12) for month in range(1, 13))
EVEN_BY_QUARTER = tuple(Fraction(month // 3, 4) for month in range(1, 13))

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
    #: last month that counts for a year under ``approval_date``: 12, or 13 for January of the next year
    cut_off: int = 12
    #: the share of a year's target that is due at the end of each month, January first; ``UNKNOWN`` where the
    #: document says nothing of 序时
    due: tuple[Fraction, ...] | Unknown = EVEN_BY_MONTH

    def due_at(self, month: int) -> Fraction | Unknown:
        """What is due of a year's target at the end of a month, 1–12."""
        return self.due if isinstance(self.due, Unknown) else self.due[month - 1]

    @property
    def schedule_words(self) -> str:
        """按季均摊, or 按文件给定的进度（3月底15%、6月底40% …）."""
        if isinstance(self.due, Unknown):
            return "文件未载明，不计算序时"
        if self.schedule != "given":
            return SCHEDULES[self.schedule]
        steps = [
            f"{month}月底{share * 100}%"
            if (share * 100).denominator == 1
            else f"{month}月底{Decimal(share.numerator * 100) / share.denominator:.2f}%"
            for month, share in enumerate(self.due, 1)
            if share != (self.due[month - 2] if month > 1 else 0)
        ]
        return f"{SCHEDULES['given']}（{'、'.join(steps)}）"

    def counted_year(self, year: int, month: int, library_year: int) -> int:
        """The year whose target an entry of that month counts for."""
        if self.entry_year == "approval_library":
            return library_year
        shifted = year * 12 + month - 1 - (self.cut_off - 12)
        return shifted // 12


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
    #: whether 以上, 超过 and the like are printed; a plain number counts as reached from itself on
    has_end: bool = False

    @property
    def span(self) -> str:
        """2022, or 2022—2024."""
        return str(self.first_year) if self.is_yearly else f"{self.first_year}—{self.last_year}"

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
    #: metrics that the document brings itself
    metrics: tuple[Metric, ...] = ()

    def metric(self, code: str) -> Metric:
        """One of ``METRICS`` or the document's own; raises ``KeyError``."""
        return {**METRICS, **{one.code: one for one in self.metrics}}[code]

    def labels(self) -> dict[str, str]:
        """Code → name of every metric, the document's own included."""
        return {one.code: one.label for one in (*METRICS.values(), *self.metrics)}

    def yearly(self, metric: str, year: int) -> tuple[Goal, ...]:
        """The goals of one year in the order of the table, the 合计 last."""
        return tuple(g for g in self.goals if g.metric == metric and g.first_year == year == g.last_year)

    def years(self, metric: str) -> tuple[int, ...]:
        return tuple(sorted({g.first_year for g in self.goals if g.metric == metric and g.is_yearly}))

    def totals(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if goal.origin == "total")
