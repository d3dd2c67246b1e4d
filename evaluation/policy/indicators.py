"""An indicator: what is divided by what, how its value becomes points, and what a firm without the value gets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.policies import Unknown
from evaluation.policy.choices import GIVEN_BASELINES
from evaluation.policy.settings import Setting, is_missing

ONE, ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of points, or a multiple of the item's weight; neither: none."""

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
class Filling:
    """What an item without a usable value gets: one of ``FILLINGS``, ``points`` with their number, or ``keep``."""

    kind: str
    points: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a value is measured by. ``value`` of a given one, or the frozen result of a computed one.

    ``population``: dimensions within which it is computed (cohort, county, industry; none: all firms).
    """

    kind: str
    value: Decimal | Unknown | None = None
    factor: Decimal = ONE
    population: tuple[str, ...] = ("cohort",)
    period: str = "this_year"
    percentile: Decimal = Decimal(50)
    #: a printed number for each word of a fact (an industry group, a town); ``value`` is that of all other firms; ``None``: not printed
    by: str = ""
    table: tuple[tuple[str, Decimal | None], ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether its number stands in the document."""
        return self.kind in GIVEN_BASELINES or isinstance(self.value, Decimal)

    @property
    def printed(self) -> Decimal | None:
        """The number that values are divided by, where no firm has a say in it."""
        return self.value * self.factor if isinstance(self.value, Decimal) and not self.by else None


@dataclass(frozen=True, slots=True)
class Anchor:
    """An end of a min–max scale: ``value`` with its number, ``min``, ``max``, ``percentile``, or a multiple of the ``mean``."""

    kind: str
    number: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a table: who is ``comparison`` (at_least …) than ``bound`` gets ``points``; ``""`` is the last row."""

    comparison: str
    bound: Decimal
    points: Bound


@dataclass(frozen=True, slots=True)
class Scoring:
    """``kind`` and the settings of that kind; those of other kinds keep their defaults and are never read."""

    kind: str = "ratio"
    low: Anchor = Anchor("min")
    high: Anchor = Anchor("max")
    low_points: Bound = Bound(times_weight=ZERO)
    high_points: Bound = Bound(times_weight=ONE)
    population: tuple[str, ...] = ("cohort",)
    beyond: str = "clip"
    all_equal: Setting[str] | None = None
    zero_at: Decimal = ZERO
    full_at: Decimal = ONE
    table: tuple[Step, ...] = ()
    at_base: Bound = Bound(times_weight=ONE)
    per_point: Decimal | None = None
    #: of a deviation: points for each per cent above the baseline, and below it where that differs
    per_percent: Decimal = ZERO
    per_percent_below: Decimal | None = None
    #: of a place: points of the first and the last, and what the places between are shares of
    first: Bound = Bound(times_weight=ONE)
    last: Bound = Bound(times_weight=ZERO)
    over: str = "others"

    @property
    def needs_baseline(self) -> bool:
        return self.kind in ("ratio", "reverse", "growth", "deviation")

    @property
    def hangs_on_others(self) -> bool:
        """Whether one firm's value moves what all are measured by."""
        if self.kind == "minmax":
            return not self.low.kind == self.high.kind == "value"
        return self.kind == "place"


@dataclass(frozen=True, slots=True)
class Indicator:
    """``den`` is empty where a quantity counts by itself; ``years`` > 1 takes several years by ``years_by``."""

    id: str
    label: str
    num: str
    den: str
    unit: str
    direction: str
    weight: Setting[Decimal]
    baseline: Setting[Baseline] | None
    cap: Setting[Bound]
    floor: Setting[Bound]
    not_reported: Setting[Filling]
    zero_den: Setting[Filling]
    not_applicable: Setting[Filling]
    negative: Setting[Filling]
    scoring: Scoring = Scoring()
    change: str = ""
    years: int = 1
    years_by: str = "mean_of_ratios"
    skips_missing_years: bool = False
    value_decimals: Setting[int] | None = None
    #: the indicator whose place it takes for firms that have no figures for that one
    instead_of: str = ""

    def most(self) -> Decimal | None:
        """The most points that it may score; ``None`` without a cap, or while the cap is unknown."""
        return self.cap.known_or(Bound()).at(self.weight.known)

    def least(self) -> Decimal | None:
        return self.floor.known_or(Bound()).at(self.weight.known)

    @property
    def is_share(self) -> bool:
        """Two of the same unit divided: a fraction in the document, per cent on pages."""
        return self.unit == "比例"

    @property
    def less_is_better(self) -> bool:
        return self.direction == "less_is_better"

    @property
    def is_ranked_directly(self) -> bool:
        return self.scoring.kind == "rank_only"

    @property
    def is_plain(self) -> bool:
        """One year's quantity over another's against a printed baseline: its value is told by the two alone."""
        return (
            self.scoring.kind == "ratio"
            and bool(self.den)
            and not self.less_is_better
            and not self.change
            and not self.instead_of
            and self.years == 1
            and self.value_decimals is None
            and self.printed_baseline is not None
        )

    @property
    def printed_baseline(self) -> Decimal | None:
        return None if self.baseline is None or is_missing(self.baseline) else self.baseline.known.printed

    @property
    def parts(self) -> tuple[str, ...]:
        """The quantities that it is made of."""
        return (self.num, self.den) if self.den else (self.num,)
