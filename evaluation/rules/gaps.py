"""What a firm lacks to the next grade, and the figure at which each indicator alone would reach it. Pure.

The other firms stay as they are; the figure named is rounded up, so that who reaches it has the grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from evaluation.policy import MEASURES, Cohort, Indicator, Scheme
from evaluation.rules.figures import FINE, FINE_PLACES
from evaluation.rules.scoring import BEYOND_LIMIT, CAPPED, filling_of
from evaluation.rules.trace import Item, Trace
from evaluation.rules.wording import (
    Place,
    fixed,
    points_text,
    score_text,
    value_of,
    value_places,
    value_text,
)

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Step:
    """One indicator that would lift the firm by itself; ``short`` is what the cap leaves missing, fine points."""

    indicator: Indicator
    now: str
    needed: str
    more: str
    short: int

    @property
    def short_text(self) -> str:
        return points_text(self.short, 2)


@dataclass(frozen=True, slots=True)
class Gap:
    """What the firm lacks to ``grade``: ``points`` with two places, and what each indicator alone would have to be."""

    grade: str
    points: str
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> str:
        """``距B类差0.80分：亩均税收达到24.10万元/亩即可。``"""
        enough = [step for step in self.steps if not step.short]
        if not enough:
            return f"距{self.grade}类差{self.points}分，单靠一项指标达不到。"
        first = enough[0]
        return f"距{self.grade}类差{self.points}分：{first.indicator.label}达到{first.needed}即可。"


def gap_of(scheme: Scheme, cohort: Cohort, trace: Trace, place: Place) -> Gap | None:
    """To the nearest better grade that has places, the other firms staying as they are; ``None`` for the best."""
    grades = [band.grade for band in cohort.bands]
    own = grades.index(place.grade)
    reachable = [number for number in range(own) if place.cuts[number] is not None]
    if not reachable:
        return None
    nearest = max(reachable)
    # where a grade has no place of its own, reaching its line is reaching the better one's
    target = next(number for number in reachable if place.places[number] == place.places[nearest])
    cut = int(place.cuts[nearest] or 0)
    missing = _least_rounding_to(cut, scheme.places) - sum(item.points for item in trace.items)
    short = cut - place.total
    is_small = Decimal(short).scaleb(-scheme.places) < _CENT
    points = score_text(short, scheme.places, scheme.places if is_small else 2)
    steps = [
        step
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
        if (step := _step(indicator, item, trace, scheme, missing))
    ]
    return Gap(grades[target], points, tuple(steps) if not _drops(cohort, trace) else ())


def _least_rounding_to(score: int, decimals: int) -> int:
    """The fewest fine points that are rounded to this score."""
    step: int = 10 ** (FINE_PLACES - decimals)
    return int(score * step - step // 2 + (score <= 0))


def _drops(cohort: Cohort, trace: Trace) -> bool:
    """With dropped items every weight has grown, and a single item's own need says nothing."""
    return any(
        item.is_empty and filling_of(indicator, item.state) == "drop_and_reweight"
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
    )


def _step(indicator: Indicator, item: Item, trace: Trace, scheme: Scheme, missing: int) -> Step | None:
    value = value_of(indicator, trace)
    if value is None or item.state in (CAPPED, BEYOND_LIMIT):
        return None
    needed = item.points + missing
    cap = indicator.most()
    short = max(needed - int(cap * FINE), 0) if cap is not None else 0
    target = Decimal(needed - short) / FINE / indicator.weight.known * indicator.baseline.known
    step = Decimal("0.0001") if indicator.is_share else Decimal(1).scaleb(-value_places(indicator))
    target = target.quantize(step, ROUND_CEILING)
    den, num = trace.figures[indicator.den], trace.figures[indicator.num]
    more = (target * int(den or 0) - int(num or 0)) / 100
    unit = MEASURES[indicator.num].unit
    words = (
        f"{scheme.quantity_label(indicator.num)}再增加 {fixed(more.quantize(_CENT, ROUND_CEILING), 2)} {unit}"
    )
    return Step(
        indicator,
        value_text(indicator, value, with_unit=indicator.is_share),
        value_text(indicator, target),
        words,
        short,
    )
