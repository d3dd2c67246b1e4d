"""Item scores: by the indicator's way of scoring, its cap and floor, and what a firm without the value gets. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.policy import Bound, Cohort, Filling, Indicator, Scheme
from evaluation.policy.choices import PROVISIONAL
from evaluation.rules.baselines import Given, Statistics
from evaluation.rules.figures import FINE, POINTS_LIMIT, Floats, Ints, Mask, fine, rounded
from evaluation.rules.values import (
    BEYOND_LIMIT,
    CAPPED,
    EMPTY,
    FLOORED,
    NEGATIVE,
    NO_BASELINE,
    NOT_APPLICABLE,
    NOT_REPORTED,
    REPLACED,
    SCORED,
    ZERO_DEN,
    Values,
    values_of,
)

__all__ = [
    "BEYOND_LIMIT", "CAPPED", "EMPTY", "FLOORED", "NEGATIVE", "NOT_APPLICABLE", "NOT_REPORTED", "NO_BASELINE", "REPLACED",
    "SCORED", "ZERO_DEN", "Items", "Scores", "filling_of", "score_cohort",
]  # fmt: skip

_ZERO = Filling("zero")


@dataclass(frozen=True, eq=False)
class Items:
    """Of one indicator: ``state``; ``raw`` before and ``points`` after cap, floor and filling, both fine.

    ``value`` in its unit and ``baseline``, ``nan`` where there is none.
    """

    state: Ints
    raw: Ints
    points: Ints
    value: Floats
    baseline: Floats


@dataclass(frozen=True, eq=False)
class Scores:
    """Of one cohort, in the order of its indicators. ``total``: fine, before bonus and penalty."""

    items: tuple[Items, ...]
    total: Ints
    #: fine mean of the item over the firms with data; ``None`` where the scheme does not use it or nobody has data
    means: tuple[int | None, ...]
    #: every indicator's value for every firm of the round, for conditions that name it
    values: tuple[Values, ...]


def score_cohort(
    cohort: Cohort, statistics: Statistics, rows: Ints, counts: Mask, scheme: Scheme, given: Given
) -> Scores:
    """Scores of the firms ``rows``; ``counts`` says which of them make the means. Unknowns were refused before."""
    every = [values_of(indicator, statistics.now.figures) for indicator in cohort.indicators]
    measured = [
        _measured(indicator, values.take(rows), _Scale.of(cohort.id, indicator, statistics, rows, given))
        for indicator, values in zip(cohort.indicators, every, strict=True)
    ]
    measured = _replaced(cohort.indicators, measured)
    if scheme.item_decimals is not None:
        measured = [(_item_rounded(item, scheme), points) for item, points in measured]
    means = tuple(
        _mean(item, points, counts, scheme) if _uses_mean(indicator) else None
        for indicator, (item, points) in zip(cohort.indicators, measured, strict=True)
    )
    filled = [
        _filled(indicator, item, mean)
        for indicator, (item, _), mean in zip(cohort.indicators, measured, means, strict=True)
    ]
    items = _reweighted(cohort.indicators, filled)
    total = sum((item.points for item in items), np.zeros(rows.size, np.int64))
    return Scores(tuple(items), total, means, tuple(every))


def _replaced(
    indicators: tuple[Indicator, ...], measured: list[tuple[Items, Floats]]
) -> list[tuple[Items, Floats]]:
    """Of an indicator and the one that takes its place without figures, only one counts for a firm."""
    found = list(measured)
    places = {indicator.id: place for place, indicator in enumerate(indicators)}
    for place, indicator in enumerate(indicators):
        if not indicator.instead_of:
            continue
        other = places[indicator.instead_of]
        own, theirs = found[place], found[other]
        takes = np.isin(theirs[0].state, (NOT_REPORTED, ZERO_DEN, NOT_APPLICABLE)) & ~np.isin(
            own[0].state, EMPTY
        )
        found[place], found[other] = _without(own, ~takes), _without(theirs, takes)
    return found


def _without(measured: tuple[Items, Floats], rows: Mask) -> tuple[Items, Floats]:
    item, points = measured
    none = np.zeros(rows.size, np.int64)
    state, raw = np.where(rows, REPLACED, item.state), np.where(rows, none, item.raw)
    kept = Items(
        state, raw, np.where(rows, none, item.points), np.where(rows, np.nan, item.value), item.baseline
    )
    return kept, np.where(rows, 0.0, points)


@dataclass(frozen=True, eq=False)
class _Scale:
    """What the values of these firms are measured by; of a place, ``low`` is it and ``high`` the number of places."""

    baseline: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(
        cls, cohort: str, indicator: Indicator, statistics: Statistics, rows: Ints, given: Given
    ) -> _Scale:
        nothing: Floats = np.full(rows.size, np.nan)
        if indicator.scoring.needs_baseline:
            return cls(statistics.baseline(cohort, indicator, given).take(rows), nothing, nothing)
        if indicator.scoring.kind == "minmax":
            low = statistics.anchor(indicator.scoring.low, indicator)[rows]
            return cls(nothing, low, statistics.anchor(indicator.scoring.high, indicator)[rows])
        if indicator.scoring.kind == "place":
            place, size = statistics.places(indicator)
            return cls(nothing, place[rows], size[rows])
        return cls(nothing, nothing, nothing)


def _measured(indicator: Indicator, values: Values, scale: _Scale) -> tuple[Items, Floats]:
    """States, and the points of firms that have a value and something to measure it by."""
    state = values.state
    if indicator.scoring.needs_baseline:
        state = np.where((state == SCORED) & ~_is_usable(indicator, scale.baseline), NO_BASELINE, state)
    if indicator.scoring.kind == "ratio" and indicator.less_is_better:
        state = np.where((state == SCORED) & (values.top <= 0), ZERO_DEN, state)
    has_value = state == SCORED
    raw = np.where(has_value, _raw(indicator, values, scale), 0.0)
    points, bounded = _bounded(indicator, raw)
    state = np.where(has_value, bounded, state)
    value = np.where(has_value, values.value, np.nan)
    points = np.where(has_value, points, 0.0)
    return Items(state, fine(raw), fine(points), value, scale.baseline), points


def _is_usable(indicator: Indicator, baseline: Floats) -> Mask:
    """A statistic may be of nobody, or come out at or below zero."""
    least = -1.0 if indicator.scoring.kind == "growth" else 0.0
    return np.isfinite(baseline) & (np.where(np.isfinite(baseline), baseline, least) > least)


def _raw(indicator: Indicator, values: Values, scale: _Scale) -> Floats:
    weight = float(indicator.weight.known)
    scoring = indicator.scoring
    baseline = np.where(_is_usable(indicator, scale.baseline), scale.baseline, 1.0)
    if scoring.kind == "ratio":
        if indicator.less_is_better:
            below = np.where(values.top > 0, values.top, 1.0)
            inverse: Floats = baseline * values.below * weight / below
            return inverse
        # one division of whole numbers: at the baseline the points are the weight to the last place
        share: Floats = values.top * weight / (values.below * baseline)
        return share
    if scoring.kind == "rank_only":
        return values.value * (-1.0 if indicator.less_is_better else 1.0)
    if scoring.kind == "steps":
        return _by_table(indicator, values.value)
    if scoring.kind == "growth":
        at_base = float(scoring.at_base.at(indicator.weight.known) or 0)
        if scoring.per_point is None:
            index: Floats = at_base * (1 + values.value) / (1 + baseline)
            return index
        return at_base + (values.value - baseline) * 100 * float(scoring.per_point)
    if scoring.kind == "reverse":
        zero, full = float(scoring.zero_at), float(scoring.full_at)
        share = (zero * baseline - values.value) / ((zero - full) * baseline)
        return weight * (np.clip(share, 0, 1) if scoring.beyond == "clip" else share)
    if scoring.kind == "deviation":
        share = values.top / (values.below * baseline) - 1
        above = (-share if indicator.less_is_better else share) * 100
        further = scoring.per_percent if scoring.per_percent_below is None else scoring.per_percent_below
        at_base = float(scoring.at_base.at(indicator.weight.known) or 0)
        return at_base + above * np.where(above < 0, float(further), float(scoring.per_percent))
    if scoring.kind == "place":
        return _by_place(indicator, scale)
    return _between(indicator, values.value, scale)


def _by_place(indicator: Indicator, scale: _Scale) -> Floats:
    """From the first to the last in equal steps, or by a table of shares; a firm that is only scored may come after the last."""
    scoring, weight = indicator.scoring, indicator.weight.known
    if scoring.table:
        return _by_table(indicator, scale.low / np.maximum(scale.high, 1) * 100)
    first, last = float(scoring.first.at(weight) or 0), float(scoring.last.at(weight) or 0)
    steps = scale.high - 1 if scoring.over == "others" else scale.high
    share = np.clip((scale.low - 1) / np.maximum(steps, 1), 0, 1)
    points: Floats = first + (last - first) * share
    return points


def _between(indicator: Indicator, value: Floats, scale: _Scale) -> Floats:
    """Min–max; where low and high are one, what the scheme says of all equal firms."""
    scoring, weight = indicator.scoring, indicator.weight.known
    low_points, high_points = (
        float(bound.at(weight) or 0) for bound in (scoring.low_points, scoring.high_points)
    )
    span = np.nan_to_num(scale.high - scale.low)
    rule = PROVISIONAL["all_equal"] if scoring.all_equal is None else scoring.all_equal.known_or("full")
    equal = {"full": 1.0, "zero": 0.0, "middle": 0.5}[rule]
    from_low = value - np.nan_to_num(scale.low)
    if indicator.less_is_better:
        from_low = np.nan_to_num(scale.high) - value
    share = np.where(span > 0, from_low / np.where(span > 0, span, 1.0), equal)
    if scoring.beyond == "clip":
        share = np.clip(share, 0, 1)
    points: Floats = low_points + share * (high_points - low_points)
    return points


_COMPARED = {
    "at_least": np.greater_equal,
    "more_than": np.greater,
    "at_most": np.less_equal,
    "upto": np.less_equal,
    "less_than": np.less,
}


def _by_table(indicator: Indicator, value: Floats) -> Floats:
    """The first row that holds; both sides are the nearest double of their exact number, so ends meet exactly."""
    *rows, last = indicator.scoring.table
    masks = [_COMPARED[row.comparison](value, float(row.bound)) for row in rows]
    points = [_points(row.points, indicator) for row in rows]
    found: Floats = np.select(masks, points, _points(last.points, indicator))
    return found if masks else np.full(value.size, _points(last.points, indicator))


def _points(bound: Bound, indicator: Indicator) -> float:
    return float(bound.at(indicator.weight.known) or 0)


def _bounded(indicator: Indicator, raw: Floats) -> tuple[Floats, Ints]:
    state = np.full(raw.size, SCORED)
    points = raw
    cap, floor = indicator.most(), indicator.least()
    if cap is not None and not indicator.is_ranked_directly:
        state[points > float(cap)] = CAPPED
        points = np.minimum(points, float(cap))
    if floor is not None and not indicator.is_ranked_directly:
        state[points < float(floor)] = FLOORED
        points = np.maximum(points, float(floor))
    state[np.abs(points) > POINTS_LIMIT] = BEYOND_LIMIT
    return points, state


def _item_rounded(item: Items, scheme: Scheme) -> Items:
    return Items(item.state, item.raw, _to_places(item.points, scheme), item.value, item.baseline)


def _to_places(points: Ints, scheme: Scheme) -> Ints:
    decimals = 8 if scheme.item_decimals is None else scheme.item_decimals.known_or(4)
    step = 10 ** (8 - decimals)
    kept: Ints = rounded(points, decimals, scheme.rounding.known_or("half_up")) * step
    return kept


def filling_of(indicator: Indicator, state: int) -> Filling:
    """What the scheme says of an item without value."""
    if state == REPLACED:
        return _ZERO
    setting = {
        NOT_REPORTED: indicator.not_reported,
        NOT_APPLICABLE: indicator.not_applicable,
        NEGATIVE: indicator.negative,
    }.get(state, indicator.zero_den)
    return setting.known_or(_ZERO)


def _uses_mean(indicator: Indicator) -> bool:
    return "mean_score" in (filling_of(indicator, state).kind for state in EMPTY)


def _mean(item: Items, points: Floats, counts: Mask, scheme: Scheme) -> int | None:
    """Over the firms that have data, before anything is filled in; exact whatever their order."""
    has_data = ~np.isin(item.state, EMPTY) & counts
    if scheme.item_decimals is not None:
        points = item.points / FINE
    known = np.clip(points[has_data], -POINTS_LIMIT, POINTS_LIMIT)
    if not known.size:
        return None
    return int(_to_places(fine(np.array([math.fsum(known) / known.size])), scheme)[0])


def _filled(indicator: Indicator, item: Items, mean: int | None) -> Items:
    """Without anybody's data the mean is 0 points."""
    points = item.points
    for state in EMPTY:
        filling = filling_of(indicator, state)
        amount = {
            "mean_score": mean or 0,
            "full": int(indicator.weight.known * FINE),
            "points": int(filling.points * FINE),
        }.get(filling.kind, 0)
        if amount:
            points = np.where(item.state == state, amount, points)
    return Items(item.state, item.raw, points, item.value, item.baseline)


def _reweighted(indicators: tuple[Indicator, ...], items: Sequence[Items]) -> list[Items]:
    """Where items are dropped, the points of the others grow by all weights ÷ the weights that are left."""
    dropped = []
    for indicator, item in zip(indicators, items, strict=True):
        mask = np.zeros(item.state.size, np.bool_)
        for state in EMPTY:
            if filling_of(indicator, state).kind == "drop_and_reweight":
                mask |= item.state == state
        dropped.append(mask)
    if not any(mask.any() for mask in dropped):
        return list(items)
    weights = [
        np.where(item.state == REPLACED, 0.0, float(indicator.weight.known))
        for indicator, item in zip(indicators, items, strict=True)
    ]
    left = sum(
        (np.where(mask, 0.0, weight) for mask, weight in zip(dropped, weights, strict=True)), np.zeros(1)
    )
    factor = np.where(left > 0, np.sum(weights, axis=0) / np.where(left > 0, left, 1.0), 0.0)
    grown = np.stack(dropped).any(axis=0)
    return [
        Items(
            item.state,
            item.raw,
            np.where(grown, fine(item.points / FINE * factor), item.points),
            item.value,
            item.baseline,
        )
        for item in items
    ]
