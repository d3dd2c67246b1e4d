"""A method of evaluation as a frozen document: the ``evaluation`` part of a policy. Pure.

Only the shapes that this version can compute; everything that a method must decide is a setting of its own,
printed with its clause, chosen for the demo with its reason, or ``UNKNOWN``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.conditions import Condition
from core.policies import Unknown
from evaluation.policy.settings import Origin, Setting

STATUSES = {
    "draft": "草案",
    "trial": "试行",
    "trial_demo": "试行·演示",
    "in_force": "施行",
    "abolished": "废止",
}
RANK_WITHIN = {"locality": "全域", "region": "本县区(园区)"}
LAND_FORMULAS = {"own + leased_in - leased_out": "自有＋租入−租出"}
BLANK_LEASE = {"zero": "按 0 计", "unknown": "按未报"}
SCORING = {"ratio": "指标值÷基准值×权重"}
DIRECTIONS = {"more_is_better": "越大越好"}
MISSING = {
    "zero": "该项记 0 分",
    "mean_score": "取同组有数企业该项得分的平均",
    "drop_and_reweight": "去掉该项，其余权重按比例放大",
}
ROUNDINGS = {"half_up": "四舍五入"}
COUNT_ROUNDINGS = {
    "half_up_cum": "累计名额四舍五入",
    "floor_cum": "累计名额舍去小数",
    "ceil_cum": "累计名额进一",
}
QUOTA_BASES = {"graded": "参加排名的企业", "listed": "全部参评企业（含不定等级）"}
TIES = {"share_better": "分数相同，同取较好的等级", "share_worse": "分数相同，同取较低的等级"}
SMALL_POOLS = {"stay": "仍在本组排名", "parent_pool": "并入全域同组排名"}
#: what a draft uses where the document prints nothing
PROVISIONAL: dict[str, str] = {
    "blank_lease": "zero",
    "missing": "zero",
    "count_rounding": "half_up_cum",
    "quota_base": "graded",
    "ties": "share_better",
    "small_pool": "stay",
    "rank_within": "locality",
}
PROVISIONAL_DECIMALS = 4
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Bound:
    """The most (cap) or least (floor) that an item may score: points, or a multiple of its weight; neither: none."""

    points: Decimal | None = None
    times_weight: Decimal | None = None

    @property
    def is_none(self) -> bool:
        return self.points is None and self.times_weight is None

    def at(self, weight: Decimal) -> Decimal | None:
        if self.times_weight is not None:
            return self.times_weight * weight
        return self.points


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of the scope, of a special class or of a cohort; ``if_unknown``: what holds when a fact is missing."""

    id: str
    label: str
    condition: Condition
    if_unknown: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class QuantityUse:
    """What the scheme calls a quantity and who provides it."""

    id: str
    label: str
    unit: str
    department: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Indicator:
    id: str
    label: str
    num: str
    den: str
    unit: str
    direction: str
    weight: Setting[Decimal]
    baseline: Setting[Decimal]
    cap: Setting[Bound]
    floor: Setting[Bound]
    not_reported: Setting[str]
    zero_den: Setting[str]

    def most(self) -> Decimal | None:
        """The most points that it may score; ``None`` without a cap, or while the cap is unknown."""
        return self.cap.known_or(Bound()).at(self.weight.known)

    def least(self) -> Decimal | None:
        return self.floor.known_or(Bound()).at(self.weight.known)

    @property
    def is_share(self) -> bool:
        """Two of the same unit divided: a fraction in the document, per cent on pages."""
        return self.unit == "比例"


@dataclass(frozen=True, slots=True)
class Band:
    """``upto``: cumulative share of the ranking in per cent, its end included."""

    grade: str
    label: str
    upto: Setting[Decimal]


@dataclass(frozen=True, slots=True)
class Cohort:
    clause: Clause
    indicators: tuple[Indicator, ...]
    bands: tuple[Band, ...]

    @property
    def id(self) -> str:
        return self.clause.id

    @property
    def label(self) -> str:
        return self.clause.label


@dataclass(frozen=True, slots=True)
class Grading:
    rank_within: Setting[str]
    count_rounding: Setting[str]
    quota_base: Setting[str]
    ties: Setting[str]
    min_size: Setting[int]
    small_pool: Setting[str]


@dataclass(frozen=True)
class Scheme:
    """``unscorable`` are the unknown settings without which nothing can be computed, by name."""

    status: str
    data_year: int
    binding: bool
    include: tuple[Clause, ...]
    special: tuple[Clause, ...]
    land: Setting[str]
    blank_lease: Setting[str]
    quantities: dict[str, QuantityUse]
    cohorts: tuple[Cohort, ...]
    scoring: str
    decimals: Setting[int]
    grading: Grading
    note: str | None
    unscorable: tuple[str, ...]

    @property
    def is_trial(self) -> bool:
        return self.status in ("draft", "trial", "trial_demo") or not self.binding

    @property
    def places(self) -> int:
        """Decimals of a score."""
        return self.decimals.known_or(PROVISIONAL_DECIMALS)

    def cohort(self, cohort_id: str) -> Cohort:
        return next(cohort for cohort in self.cohorts if cohort.id == cohort_id)

    def quantity_label(self, quantity_id: str) -> str:
        return self.quantities[quantity_id].label


def is_missing(setting: Setting[Any]) -> bool:
    return isinstance(setting.value, Unknown)
