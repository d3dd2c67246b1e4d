"""What a firm lacks to the next grade, and the figure at which each indicator alone would reach it. Pure.

The other firms stay as they are; the figure named is rounded so that who reaches it has the grade. Where a baseline or a
mean is a statistic of this very round it stays as it was, and the gap says so; where points hang on the others' figures
altogether (the highest of the round, a place), no figure can be named, and the gap says that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from evaluation.policy import Baseline, Cohort, Indicator, Scheme
from evaluation.policy.grading import known_number
from evaluation.rules.basis import condition_words, labels_of
from evaluation.rules.figures import FINE, FINE_PLACES
from evaluation.rules.scoring import BEYOND_LIMIT, CAPPED, EMPTY, NOT_APPLICABLE, REPLACED, filling_of
from evaluation.rules.trace import Item, Trace
from evaluation.rules.values import places_of
from evaluation.rules.wording import Place, fixed, points_text, score_text, value_places, value_text

_CENT = Decimal("0.01")
#: beyond an end that a table leaves out
_LEAST = Decimal(1).scaleb(-FINE_PLACES)


@dataclass(frozen=True, slots=True)
class Step:
    """One indicator that would lift the firm by itself; ``short`` is what the cap leaves missing, fine points."""

    indicator: Indicator
    now: str
    needed: str
    more: str
    short: int
    is_estimate: bool = False

    @property
    def short_text(self) -> str:
        return points_text(self.short, 2)

    @property
    def reached(self) -> str:
        return f"{self.indicator.label}{'降到' if self.indicator.less_is_better else '达到'}{self.needed}"


@dataclass(frozen=True, slots=True)
class Gap:
    """What the firm lacks to ``grade``: ``points`` with two places, and what each indicator alone would have to be.

    ``gate``: what the grade asks besides, in words of its condition; ``relative``: indicators whose points hang on the
    others' figures; ``blank``: those without a figure; ``is_moved``: the firm's grade is not the one of its place.
    """

    grade: str
    points: str
    steps: tuple[Step, ...]
    unit: str = "分"
    gate: str = ""
    relative: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    is_moved: bool = False
    is_of_mean: bool = False

    @property
    def sentence(self) -> str:
        """``距B类差0.80分：亩均税收达到24.10万元/亩即可。``"""
        besides = "（等级另有调档，这里只说排名）" if self.is_moved else ""
        if self.gate and not self.points:
            return f"得分已够{self.grade}类，还须符合“{self.gate}”{besides}。"
        lacking = f"距{self.grade}类差{self.points}{self.unit}"
        enough = [step for step in self.steps if not step.short]
        if not enough:
            return f"{lacking}，{self._why_none()}{besides}。"
        first = enough[0]
        if self.is_of_mean:
            besides = f"（界限是平均分的倍数，会随之略升）{besides}"
        elif first.is_estimate:
            besides = f"（按本轮基准值和平均分估算）{besides}"
        if self.gate:
            return f"{lacking}：{first.reached}，并符合“{self.gate}”{besides}。"
        return f"{lacking}：{first.reached}即可{besides}。"

    def _why_none(self) -> str:
        """No figure is named: because none suffices, or because nobody can say."""
        told = []
        if self.relative:
            told.append(f"{'、'.join(self.relative)}的得分随其他企业的数变动，要达到多少不能单独算出")
        if self.blank:
            told.append(f"{'、'.join(self.blank)}没有数，不能测算")
        return "；".join([*told, "其余各项单靠一项达不到" if told else "单靠一项指标达不到"])


def gap_of(scheme: Scheme, cohort: Cohort, trace: Trace, place: Place) -> Gap | None:
    """To the nearest better grade that has places, the other firms staying as they are; ``None`` for the best
    and for a firm without a grade."""
    grades = [band.grade for band in cohort.bands]
    if place.grade not in grades:
        return None
    own = grades.index(place.grade)
    reachable = [number for number in range(own) if place.cuts[number] is not None]
    if not reachable:
        return None
    nearest = max(reachable)
    # where a grade has no place of its own, reaching its line is reaching the better one's
    target = next(number for number in reachable if place.cuts[number] == place.cuts[nearest])
    cut = int(place.cuts[nearest] or 0)
    gate = cohort.bands[target].gate
    told = condition_words(gate.condition.text, labels_of(scheme)) if gate else ""
    if cohort.is_ranked_directly:
        return _direct_gap(scheme, cohort, trace, place, grades[target], cut, told)
    missing = _least_rounding_to(cut, scheme.places, scheme.rounding.known_or("half_up")) - trace.points
    short = cut - place.total
    is_moved = bool(place.final) and place.final != place.grade
    if short <= 0:
        return Gap(grades[target], "", (), gate=told, is_moved=is_moved) if told else None
    is_small = Decimal(short).scaleb(-scheme.places) < _CENT
    points = score_text(short, scheme.places, scheme.places if is_small else 2)
    pairs = list(zip(cohort.indicators, trace.items, strict=True))
    cap = known_number(scheme.total_cap)
    lifted = _lifted(missing, trace, scheme)
    if lifted is None or (cap is not None and cut > cap * 10**scheme.places):
        return Gap(grades[target], points, (), gate=told, is_moved=is_moved)
    growth = _growth(cohort, trace)
    steps = [
        step for indicator, item in pairs if (step := _step(indicator, item, trace, scheme, lifted, growth))
    ]
    return Gap(
        grades[target],
        points,
        tuple(steps),
        gate=told,
        relative=tuple(i.label for i, item in pairs if i.scoring.hangs_on_others and not item.is_empty),
        blank=tuple(
            i.label for i, item in pairs if item.is_empty and item.state not in (NOT_APPLICABLE, REPLACED)
        ),
        is_moved=is_moved,
        is_of_mean=cohort.bands[target].is_of_mean,
    )


def _direct_gap(
    scheme: Scheme, cohort: Cohort, trace: Trace, place: Place, grade: str, cut: int, gate: str
) -> Gap | None:
    """A direct sort has no points: what is missing is a value."""
    indicator, item = cohort.indicators[0], trace.items[0]
    if item.value is None:
        return None
    sign = -1 if indicator.less_is_better else 1
    # the cut is a rounded value, beyond that of the last place: who has it is before that firm
    target = sign * Decimal(cut).scaleb(-scheme.places)
    places = value_places(indicator, target)
    more = abs(target - item.value)
    step = Step(
        indicator,
        value_text(indicator, item.value, with_unit=indicator.is_share),
        value_text(indicator, target, rounding=ROUND_FLOOR if sign < 0 else ROUND_CEILING),
        _more(indicator, target, trace, scheme),
        0,
    )
    if indicator.is_share:
        return Gap(grade, fixed(more * 100, 2), (step,), "个百分点", gate)
    while places < FINE_PLACES and 0 < more < Decimal(5).scaleb(-places - 1):
        places += 2
    return Gap(grade, fixed(more, places), (step,), indicator.unit, gate)


def _least_rounding_to(score: int, decimals: int, rounding: str) -> int:
    """The fewest fine points that are rounded to this score."""
    step: int = 10 ** (FINE_PLACES - decimals)
    if step == 1 or (rounding == "down" and score > 0):
        return score * step
    if rounding == "down":
        return score * step - step + 1
    return int(score * step - step // 2 + (score <= 0 or (rounding == "half_even" and score % 2 == 1)))


def _lifted(missing: int, trace: Trace, scheme: Scheme) -> int | None:
    """How much the items together must rise so that the score does by ``missing``: per cents are taken of their sum.

    ``None`` where penalties take all that they bring.
    """
    share = Decimal(0)
    parts = list(zip(scheme.adjusting.items, trace.adjusted, strict=True))
    # of a score at or below zero a per cent takes nothing yet
    is_above = sum(item.points for item in trace.items) > 0
    for adjustment, points in parts:
        if adjustment.percent is not None and adjustment.is_penalty and (points or not is_above):
            share -= adjustment.percent.known_or(Decimal(0)) / 100
    if not share:
        return missing
    if share <= -1:
        return None
    # each per cent was rounded once and is rounded again
    least: int = math.ceil(Decimal(missing) / (1 + share))
    return least + 2 * len(parts)


def _growth(cohort: Cohort, trace: Trace) -> Decimal:
    """By what every item's points have grown because others were dropped."""
    weights = [
        Decimal(0) if item.state == REPLACED else indicator.weight.known
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
    ]
    left = [
        weight
        for weight, indicator, item in zip(weights, cohort.indicators, trace.items, strict=True)
        if not (item.is_empty and filling_of(indicator, item.state).kind == "drop_and_reweight")
    ]
    return sum(weights, Decimal(0)) / sum(left, Decimal(0)) if left else Decimal(1)


def _step(
    indicator: Indicator,
    item: Item,
    trace: Trace,
    scheme: Scheme,
    lifted: int,
    growth: Decimal,
) -> Step | None:
    value = item.value
    if value is None or item.is_empty or item.state in (CAPPED, BEYOND_LIMIT):
        return None
    needed = _on_steps(Decimal(item.points + lifted) / growth, scheme, is_grown=growth != 1)
    cap = indicator.most()
    short = max(needed - int(cap * FINE), 0) if cap is not None else 0
    target = value_for(indicator, Decimal(needed - short) / FINE, item.baseline)
    if target is None:
        return None
    measure = target if item.baseline is None else item.baseline
    places = 4 if indicator.is_share else value_places(indicator, measure)
    if indicator.value_decimals is not None:
        places = min(places, indicator.value_decimals.known_or(places))
    rounding = ROUND_FLOOR if indicator.less_is_better else ROUND_CEILING
    target = target.quantize(Decimal(1).scaleb(-places), rounding)
    return Step(
        indicator,
        value_text(indicator, value, with_unit=indicator.is_share, baseline=measure),
        value_text(indicator, target, baseline=measure),
        _more(indicator, target, trace, scheme),
        int(short * growth),
        _is_of_this_round(indicator) or _makes_a_mean(indicator),
    )


def _on_steps(points: Decimal, scheme: Scheme, *, is_grown: bool) -> int:
    """Fine points of an item, up to the next step that items are rounded to."""
    fine_points = int(points.to_integral_value(ROUND_CEILING)) + is_grown
    if scheme.item_decimals is None:
        return fine_points
    step: int = 10 ** (FINE_PLACES - scheme.item_decimals.known_or(4))
    return -(-fine_points // step) * step


def _makes_a_mean(indicator: Indicator) -> bool:
    """Whether firms without the figure get the mean of the item's points, which would rise with it."""
    return any(filling_of(indicator, state).kind == "mean_score" for state in EMPTY)


def _is_of_this_round(indicator: Indicator) -> bool:
    baseline = None if indicator.baseline is None else indicator.baseline.value
    return isinstance(baseline, Baseline) and not baseline.is_given and baseline.period == "this_year"


def value_for(indicator: Indicator, points: Decimal, baseline: Decimal | None) -> Decimal | None:
    """The value that scores these points, ``None`` where none does or it hangs on the other firms."""
    scoring, weight = indicator.scoring, indicator.weight.known
    if scoring.kind == "steps":
        rows = [row for row in scoring.table if row.comparison and (row.points.at(weight) or 0) >= points]
        beyond = {"more_than": _LEAST, "less_than": -_LEAST}
        return rows[-1].bound + beyond.get(rows[-1].comparison, Decimal(0)) if rows else None
    if scoring.kind == "minmax":
        low, high = scoring.low, scoring.high
        least, most = scoring.low_points.at(weight), scoring.high_points.at(weight)
        if low.kind != "value" or high.kind != "value" or least is None or most is None or most <= least:
            return None
        if scoring.beyond == "clip" and points > most:
            return None
        part = (points - least) / (most - least) * (high.number - low.number)
        return high.number - part if indicator.less_is_better else low.number + part
    if baseline is None:
        return None
    if scoring.kind == "ratio":
        if indicator.less_is_better:
            return baseline * weight / points if points > 0 else None
        return points / weight * baseline
    if scoring.kind == "reverse":
        if scoring.beyond == "clip" and points > weight:
            return None
        return baseline * (scoring.zero_at - points / weight * (scoring.zero_at - scoring.full_at))
    at_base = scoring.at_base.at(weight)
    if scoring.kind == "deviation":
        return _deviating(indicator, points - (at_base or Decimal(0)), baseline)
    if scoring.kind != "growth" or not at_base:
        return None
    if scoring.per_point is None:
        return points / at_base * (1 + baseline) - 1
    return baseline + (points - at_base) / scoring.per_point / 100 if scoring.per_point else None


def _deviating(indicator: Indicator, points: Decimal, baseline: Decimal) -> Decimal | None:
    """The value that is so many points from those of the baseline."""
    scoring = indicator.scoring
    below = scoring.per_percent if scoring.per_percent_below is None else scoring.per_percent_below
    each = below if points < 0 else scoring.per_percent
    if not points or not each:
        return baseline if points <= 0 else None
    share = points / each / 100
    return baseline * (1 - share if indicator.less_is_better else 1 + share)


def _more(indicator: Indicator, target: Decimal, trace: Trace, scheme: Scheme) -> str:
    """``评价税收再增加 10.00 万元``, where the value is one quantity over another of the same year."""
    if indicator.change or indicator.years > 1:
        return ""
    use = scheme.quantities[indicator.num]
    num = trace.figures[indicator.num]
    if num is None:
        return ""
    whole = Decimal(num).scaleb(-places_of(use))
    if indicator.den:
        den = trace.figures[indicator.den]
        below = Decimal(den or 0).scaleb(-places_of(scheme.quantities[indicator.den]))
    else:
        below = Decimal(1)
    more = target * below - whole
    if not indicator.den and use.unit != indicator.unit:
        return ""
    if indicator.less_is_better:
        return f"{use.label}减少 {fixed((-more).quantize(_CENT, ROUND_CEILING), 2)} {use.unit}"
    return f"{use.label}再增加 {fixed(more.quantize(_CENT, ROUND_CEILING), 2)} {use.unit}"
