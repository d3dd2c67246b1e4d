"""Item scores: value ÷ baseline × weight, its cap and floor, and what a firm without the figure gets. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.conditions import Column
from evaluation.policy import Cohort, Indicator
from evaluation.policy.scheme import PROVISIONAL
from evaluation.rules.figures import FINE, POINTS_LIMIT, Floats, Ints, Mask, fine, rounded

#: How an item came by its points; kept in the trace.
SCORED, CAPPED, FLOORED, NOT_REPORTED, ZERO_DEN, BEYOND_LIMIT = range(6)
#: States of items without a value.
EMPTY = (NOT_REPORTED, ZERO_DEN)


@dataclass(frozen=True, eq=False)
class Items:
    """Of one indicator: ``state``; ``raw`` before and ``points`` after cap, floor and filling, both fine."""

    state: Ints
    raw: Ints
    points: Ints


@dataclass(frozen=True, eq=False)
class Scores:
    """Of one cohort, in the order of its indicators. ``total``: whole 10^-decimals, what is ranked."""

    items: tuple[Items, ...]
    total: Ints
    #: fine mean of the item over the firms with data; ``None`` where the scheme does not use it or nobody has data
    means: tuple[int | None, ...]


def score_cohort(cohort: Cohort, columns: dict[str, Column], decimals: int) -> Scores:
    """Scores of the firms of a cohort. An unknown weight or baseline must have been refused before."""
    measured = [_measured(indicator, columns) for indicator in cohort.indicators]
    means = tuple(
        _mean(item, points) if _uses_mean(indicator) else None
        for indicator, (item, points) in zip(cohort.indicators, measured, strict=True)
    )
    filled = [
        _filled(indicator, item, mean)
        for indicator, (item, _), mean in zip(cohort.indicators, measured, means, strict=True)
    ]
    items = _reweighted(cohort.indicators, filled)
    size = next(iter(columns.values())).known.size
    total = sum((item.points for item in items), np.zeros(size, np.int64))
    return Scores(tuple(items), rounded(total, decimals), means)


def _measured(indicator: Indicator, columns: dict[str, Column]) -> tuple[Items, Floats]:
    """States, and the points of firms that have both quantities and something to divide by."""
    num, den = columns[indicator.num], columns[indicator.den]
    reported: Mask = num.known & den.known
    divisible: Mask = reported & (den.values > 0)
    weight, baseline = float(indicator.weight.known), float(indicator.baseline.known)
    # one division of whole numbers: at the baseline the points are the weight to the last place
    share = num.values.astype(np.float64) * weight / (np.where(divisible, den.values, 1) * baseline)
    raw = np.where(divisible, share, 0.0)
    points, state = _bounded(indicator, raw)
    state = np.where(divisible, state, np.where(reported, ZERO_DEN, NOT_REPORTED))
    return Items(state, fine(raw), fine(np.where(divisible, points, 0.0))), points


def _bounded(indicator: Indicator, raw: Floats) -> tuple[Floats, Ints]:
    state = np.full(raw.size, SCORED)
    points = raw
    cap, floor = indicator.most(), indicator.least()
    if cap is not None:
        state[points > float(cap)] = CAPPED
        points = np.minimum(points, float(cap))
    if floor is not None:
        state[points < float(floor)] = FLOORED
        points = np.maximum(points, float(floor))
    state[np.abs(points) > POINTS_LIMIT] = BEYOND_LIMIT
    return points, state


def filling_of(indicator: Indicator, state: int) -> str:
    """What the scheme says of an item without value: ``zero``, ``mean_score`` or ``drop_and_reweight``."""
    setting = indicator.not_reported if state == NOT_REPORTED else indicator.zero_den
    return setting.known_or(PROVISIONAL["missing"])


def _uses_mean(indicator: Indicator) -> bool:
    return "mean_score" in (filling_of(indicator, state) for state in EMPTY)


def _mean(item: Items, points: Floats) -> int | None:
    """Over the firms that have data, before anything is filled in; exact whatever their order."""
    has_data = ~np.isin(item.state, EMPTY)
    known = np.clip(points[has_data], -POINTS_LIMIT, POINTS_LIMIT)
    if not known.size:
        return None
    return int(fine(np.array([math.fsum(known) / known.size]))[0])


def _filled(indicator: Indicator, item: Items, mean: int | None) -> Items:
    """Without anybody's data the mean is 0 points."""
    points = item.points
    for state in EMPTY:
        if filling_of(indicator, state) == "mean_score":
            points = np.where(item.state == state, mean or 0, points)
    return Items(item.state, item.raw, points)


def _reweighted(indicators: tuple[Indicator, ...], items: list[Items]) -> list[Items]:
    """Where items are dropped, the points of the others grow by all weights ÷ the weights that are left."""
    dropped = []
    for indicator, item in zip(indicators, items, strict=True):
        mask = np.zeros(item.state.size, np.bool_)
        for state in EMPTY:
            if filling_of(indicator, state) == "drop_and_reweight":
                mask |= item.state == state
        dropped.append(mask)
    if not any(mask.any() for mask in dropped):
        return items
    weights = [float(indicator.weight.known) for indicator in indicators]
    left = sum(
        (np.where(mask, 0.0, weight) for mask, weight in zip(dropped, weights, strict=True)), np.zeros(1)
    )
    factor = np.where(left > 0, math.fsum(weights) / np.where(left > 0, left, 1.0), 0.0)
    grown = np.stack(dropped).any(axis=0)
    return [
        Items(item.state, item.raw, np.where(grown, fine(item.points / FINE * factor), item.points))
        for item in items
    ]
