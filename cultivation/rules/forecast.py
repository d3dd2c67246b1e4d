"""Expected revenue of a year from the months reported so far, with an interval and its basis. Pure, set-based.

What is done, firm by firm, from its own figures alone (so that one firm's page and a whole city's list agree):

1. January and February are one: each gets half of their sum, since Spring Festival falls into either and 一季度 returns
   are often given as 1—2月 in one figure.
2. The firm's seasons are learnt from the years before that are complete or nearly so, and drawn towards "every month alike": one year counts
   little, three count much.
3. Its level is the weighted mean of the latest seasonally adjusted months, the newest heaviest; a single month far
   above the others is cut back, zeros count as what they are.
4. Months reported stand as reported; months missing, and those to come, are level × season.

Without such a year before, 3. and 4. go on without seasons and are drawn towards the plain run-rate
(累计 ÷ 已报月数 × 12): measured in ``bench/forecast.py``, more would not be better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

MONTHS = 12
#: Complete years before that seasons are learnt from, at most.
MOST_YEARS = 3
#: Months that a year before must have, and have sales in, to tell of seasons.
_NEARLY_ALL = 9
#: How like each other two years of a firm are taken to be before they have shown it, and after how many months
#: of comparison their own likeness counts as much as that.
_LIKE, _LIKE_MONTHS = 0.5, 6.0
#: Months after which a month counts half towards the level.
_HALF_LIFE = 4.0
#: Months that the level looks back upon.
_LOOK_BACK = 12
#: A month this many times the median of its neighbours is cut back to it.
_FAR_ABOVE = 3.0
#: One figure this many times the other months' level is January and February in one.
_JOINT = 1.5
#: Half width of the interval in standard errors: about four in five years end inside (measured).
_WIDTH = 1.45
#: How far a level drifts in a month, as a share of it.
_DRIFT = 0.06
#: What seasons that are not known may move the rest of a year by, as a share of it.
_UNLEARNT = 0.15

#: Why a forecast is what it is, or why there is none.
BASES = ("none", "actual", "seasonal", "run_rate")
NONE, ACTUAL, SEASONAL, RUN_RATE = range(4)
BASIS_WORDS = {
    "none": "本年没有报数，不预测",
    "actual": "全年已报齐",
    "seasonal": "按本企业往年各月的分布和近月水平",
    "run_rate": "没有完整的上年数，按近月平均水平",
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """One row a firm, amounts in the unit given. ``path``: cumulative by month, January first.

    ``crossing``: month 1–12 in which ``path`` reaches the line, 0 where it does not. ``basis``: place in ``BASES``;
    amounts of ``NONE`` are 0 and mean nothing. ``filled``: months up to the last one that were not reported.
    """

    expected: Numbers
    low: Numbers
    high: Numbers
    path: Numbers
    crossing: NDArray[np.int64]
    basis: NDArray[np.int64]
    filled: NDArray[np.int64]
    years: NDArray[np.int64]


def forecast(values: NDArray[Any], known: Mask, month: int, line: float | None = None) -> Forecast:
    """Rows of firms × months: whole years, the last one the year asked for; only its first ``month`` months count.

    Raises ``ValueError`` for columns that are no whole years or a month outside 1–12.
    """
    size, width = values.shape
    if width == 0 or width % MONTHS or known.shape != values.shape or not 1 <= month <= MONTHS:
        raise ValueError(f"{values.shape} values, {known.shape} known, month {month}")
    now = width - MONTHS
    seen = np.array(known, np.bool_)
    seen[:, now + month :] = False
    given = np.where(seen, values, 0).astype(np.float64)
    level_months, level_seen = _joined(given, seen)
    began = _began(seen)
    season, years = _seasons(level_months, level_seen, now)
    by_month = np.tile(season, (1, width // MONTHS))
    level, spread, weight = _level(level_months, level_seen, by_month, now + month)
    level = _drawn_to_run_rate(level, level_months, level_seen, now, years)
    estimate = level[:, None] * season
    reported = level_seen[:, now:]
    not_yet = np.arange(now, width)[None, :] < began[:, None]
    months = np.where(reported, level_months[:, now:], np.where(not_yet, 0.0, estimate))
    path = np.cumsum(months, axis=1)
    expected = path[:, -1]
    open_months = (~reported & ~not_yet).sum(axis=1)
    half = _WIDTH * _error(open_months, level, spread, weight, years)
    sure = np.where(reported, level_months[:, now:], 0.0).sum(axis=1)
    has_any = reported.any(axis=1)
    basis = np.select([~has_any, open_months == 0, years > 0], [NONE, ACTUAL, SEASONAL], RUN_RATE).astype(
        np.int64
    )
    blank = basis == NONE
    crossing = np.zeros(size, np.int64)
    if line is not None:
        reached = path >= line
        crossing = np.where(reached.any(axis=1) & ~blank, reached.argmax(axis=1) + 1, 0).astype(np.int64)
    elapsed = (~reported & ~not_yet)[:, :month].sum(axis=1)
    return Forecast(
        expected=np.where(blank, 0, expected),
        low=np.where(blank, 0, np.maximum(expected - half, np.minimum(sure, expected))),
        high=np.where(blank, 0, expected + half),
        path=np.where(blank[:, None], 0, path),
        crossing=crossing,
        basis=basis,
        filled=elapsed.astype(np.int64),
        years=years.astype(np.int64),
    )


def _joined(values: Numbers, seen: Mask) -> tuple[Numbers, Mask]:
    """January and February of each year as half of their sum each; a lone figure that holds both is halved too."""
    months, known = values.copy(), seen.copy()
    for start in range(0, values.shape[1], MONTHS):
        january, february = start, start + 1
        both = seen[:, january] & seen[:, february]
        one = seen[:, january] ^ seen[:, february]
        total = values[:, january] + values[:, february]
        others = np.array([m for m in range(max(start - MONTHS, 0), start + MONTHS) if m % MONTHS > 1])
        usual = _median(values[:, others], seen[:, others])
        joint = both | (one & (usual > 0) & (total > _JOINT * usual) & ~seen[:, january])
        for month in (january, february):
            months[:, month] = np.where(joint, total / 2, months[:, month])
            known[:, month] |= joint
    return months, known


def _median(values: Numbers, seen: Mask) -> Numbers:
    """Median of what is seen, row by row; 0 where nothing is."""
    count = seen.sum(axis=1)
    ranked = np.sort(np.where(seen, values, np.inf), axis=1)
    rows = np.arange(len(values))
    low = ranked[rows, np.maximum((count - 1) // 2, 0)]
    high = ranked[rows, np.minimum(count // 2, values.shape[1] - 1)]
    with np.errstate(invalid="ignore"):
        middle = (low + high) / 2
    return np.where(count > 0, np.where(np.isfinite(middle), middle, 0), 0.0)


def _began(seen: Mask) -> NDArray[np.int64]:
    """The first column with a figure; before it a firm has not failed to report, it was not there."""
    first: NDArray[np.int64] = np.where(seen.any(axis=1), seen.argmax(axis=1), seen.shape[1])
    return first


def _seasons(values: Numbers, seen: Mask, now: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Twelve factors a firm, their mean 1, and the years (of nine months and more) they rest on (``MOST_YEARS`` at most).

    How far a year's shape is trusted is read from how like each other the years are, this one's months included:
    the reliability of one year, stepped up for the mean of several (Spearman–Brown).
    """
    size = len(values)
    shapes, complete = [], []
    for start in range(0, now, MONTHS)[-MOST_YEARS:]:
        known = seen[:, start : start + MONTHS]
        year = values[:, start : start + MONTHS]
        # a month that is missing is taken for an ordinary one
        year = np.where(known, year, _mean(year, known)[:, None])
        whole = year.sum(axis=1)
        usable = (known.sum(axis=1) >= _NEARLY_ALL) & (whole > 0) & ((year > 0).sum(axis=1) >= _NEARLY_ALL)
        factors = np.divide(year * MONTHS, whole[:, None], out=np.ones_like(year), where=usable[:, None])
        shapes.append(np.clip(factors, 0.1, 3.0))
        complete.append(usable)
    years = np.array(complete, np.int64).reshape(len(complete), size).sum(axis=0)
    total = np.zeros((size, MONTHS))
    for shape, usable in zip(shapes, complete, strict=True):
        total += np.where(usable[:, None], shape - 1, 0)
    own = np.divide(total, years[:, None], out=np.zeros_like(total), where=years[:, None] > 0)
    alike = _likeness(shapes, complete, values[:, now:], seen[:, now:])
    trust = years * alike / (1 + np.maximum(years - 1, 0) * alike)
    season = 1 + trust[:, None] * own
    factors_of_mean_one: Numbers = season / season.mean(axis=1, keepdims=True)
    return factors_of_mean_one, years


def _likeness(shapes: list[Numbers], complete: list[Mask], this: Numbers, seen: Mask) -> Numbers:
    """How like each other two years of a firm are, month by month, 0–1; drawn to ``_LIKE`` while little is known."""
    cross, norm, months = (np.zeros(len(this)) for _ in range(3))
    everything = np.ones_like(seen)
    for place, shape in enumerate(shapes):
        for other, usable in zip(shapes[:place], complete[:place], strict=True):
            _compare(shape, other, everything, complete[place] & usable, cross, norm, months)
        _compare(this, shape, seen, complete[place] & (seen.sum(axis=1) > 2), cross, norm, months)
    usual = np.divide(norm, months, out=np.ones_like(norm), where=months > 0)
    alike = (cross + _LIKE_MONTHS * _LIKE * usual) / (norm + _LIKE_MONTHS * usual + 1e-12)
    return np.clip(alike, 0.0, 1.0)


def _compare(
    one: Numbers, two: Numbers, seen: Mask, usable: Mask, cross: Numbers, norm: Numbers, months: Numbers
) -> None:
    """Add what the months that both years have say of their likeness."""
    a, b = _deviations(one, seen), _deviations(two, seen)
    fine = usable & (_mean(one, seen) > 0)
    cross += np.where(fine, (a * b).sum(axis=1), 0)
    norm += np.where(fine, (a * a + b * b).sum(axis=1) / 2, 0)
    months += np.where(fine, seen.sum(axis=1), 0)


def _deviations(values: Numbers, seen: Mask) -> Numbers:
    mean = _mean(values, seen)[:, None]
    return np.where(
        seen, np.clip(np.divide(values, mean, out=np.ones_like(values), where=mean > 0) - 1, -1, 2), 0
    )


def _mean(values: Numbers, seen: Mask) -> Numbers:
    mean: Numbers = np.where(seen, values, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return mean


def _level(values: Numbers, seen: Mask, season: Numbers, end: int) -> tuple[Numbers, Numbers, Numbers]:
    """Level of the latest months, the spread of a month around it, and the squared error of the level per spread²."""
    first = max(0, end - _LOOK_BACK)
    known = seen[:, first:end]
    adjusted = np.divide(values[:, first:end], season[:, first:end], out=np.zeros(known.shape), where=known)
    usual = _median(adjusted, known)
    ceiling = np.where(usual > 0, usual * _FAR_ABOVE, np.inf)[:, None]
    cut = np.minimum(adjusted, ceiling)
    age = (known[:, ::-1].cumsum(axis=1)[:, ::-1] - 1).astype(np.float64)
    weights = np.where(known, 0.5 ** (age / _HALF_LIFE), 0.0)
    total = weights.sum(axis=1)
    safe = np.where(total > 0, total, 1)
    level = (weights * cut).sum(axis=1) / safe
    spread = np.sqrt((weights * (cut - level[:, None]) ** 2).sum(axis=1) / safe)
    error = (weights**2).sum(axis=1) / safe**2
    # few months tell little of the spread
    few = 1 + 2 / np.maximum(known.sum(axis=1), 1)
    level = level * _stopped(values, seen, first, end)
    return level, spread * few, error


def _drawn_to_run_rate(
    level: Numbers, values: Numbers, seen: Mask, now: int, years: NDArray[np.int64]
) -> Numbers:
    """Without seasons of its own a firm's level is half the plain mean of this year's months."""
    here = seen[:, now:]
    count = here.sum(axis=1)
    mean = np.divide(
        np.where(here, values[:, now:], 0).sum(axis=1), count, out=np.zeros(len(values)), where=count > 0
    )
    return np.where((years == 0) & (count > 0), (level + mean) / 2, level)


def _stopped(values: Numbers, seen: Mask, first: int, end: int) -> Numbers:
    """What is left of the level when the latest months are all zero after months that were not: half for the second,
    a quarter for the third. Who is often at zero has not stopped."""
    known = seen[:, first:end]
    zero = known & (values[:, first:end] == 0)
    later = (known & ~zero)[:, ::-1].cumsum(axis=1)[:, ::-1]
    run = (zero & (later == 0)).sum(axis=1)
    others = zero.sum(axis=1) - run
    steady = others * 10 <= np.maximum(known.sum(axis=1) - run, 0)
    return np.where((run > 1) & steady, 0.5 ** (run - 1.0), 1.0)


def _error(
    open_months: NDArray[np.int64], level: Numbers, spread: Numbers, weight: Numbers, years: NDArray[np.int64]
) -> Numbers:
    """Standard error of the sum of the open months: their own noise, the level's, its drift, and seasons unlearnt."""
    months = open_months.astype(np.float64)
    noise = months * spread**2
    of_level = months**2 * weight * spread**2
    drift = (_DRIFT * level) ** 2 * months**3 / 3
    unlearnt = np.where(years == 0, (_UNLEARNT * level * months) ** 2, 0)
    error: Numbers = np.sqrt(noise + of_level + drift + unlearnt)
    return error
