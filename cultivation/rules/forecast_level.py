"""The level of a firm's latest months, and whether it has stepped to another one. Pure, set-based.

How long a memory serves a firm is read from its own months: each memory is tried at every month gone by on the
months that followed it, and counts by how well it would have done.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

MONTHS = 12
#: Months after which a month counts half: the memories that are tried, and how likely each is before it is.
_HALF_LIVES, _LIKELY = (0.8, 3.0, 12.0), (0.2, 0.4, 0.4)
#: How sharply the better memory is preferred, and after how many trials that counts half.
_SHARP, _TRIALS = 16.0, 2.0
#: A trial begun in the month of the year that the forecast is made in counts so many times.
_SAME_MONTH = 3.0
#: Months ahead that a trial looks at most; months that a memory must have seen to be tried.
_AHEAD, _SEEN = 6, 3
#: Months that are looked back upon for a level, for the spread around it, and for a step.
_LOOK_BACK, _YEAR_BACK, _STEP_BACK = 36, 12, 24
#: A month this many times the median of its neighbours is cut back to it.
_FAR_ABOVE = 3.0
#: Months on either side of a step, at least; standard errors that the sides lie apart; how much better than a slope
#: the step explains them; least spread of a month, as a share of the level.
_BEFORE, _AFTER, _APART, _BETTER, _LEAST = 6, 2, 4.0, 0.6, 0.06
_MOST_RATIO = 10.0


@dataclass(frozen=True, slots=True)
class Level:
    """One row a firm. ``spread``: of a month around the level; ``weight``: squared error of the level per spread²;
    ``missed``: by how much the mean of the months ahead was missed in the trials, 0 without a trial."""

    level: Numbers
    spread: Numbers
    weight: Numbers
    missed: Numbers


def level_of(values: Numbers, seen: Mask, season: Numbers, end: int) -> Level:
    """Level of the months before column ``end`` with their seasons taken out."""
    first = max(0, end - _LOOK_BACK)
    known = seen[:, first:end]
    adjusted = np.divide(values[:, first:end], season[:, first:end], out=np.zeros(known.shape), where=known)
    back = max(0, known.shape[1] - _YEAR_BACK)
    usual = median(adjusted[:, back:], known[:, back:])
    cut = np.minimum(adjusted, np.where(usual > 0, usual * _FAR_ABOVE, np.inf)[:, None])
    after, _ratio = last_step(cut, known, cut.shape[1])
    memories = [_remembered(cut, known, after, half_life) for half_life in _HALF_LIVES]
    missed, trials = _missed(memories, cut, known, first, end)
    shares = _shares(missed, trials)
    level = sum(share * memory[:, -1] for share, memory in zip(shares, memories, strict=True))
    spread, weight = _spread(cut[:, back:], known[:, back:])
    # few months tell little of the spread
    few = 1 + 2 / np.maximum(known[:, back:].sum(axis=1), 1)
    return Level(
        level * _stopped(values, seen, first + back, end), spread * few, weight, (shares * missed).sum(axis=0)
    )


def _remembered(values: Numbers, known: Mask, after: Counts, half_life: float) -> Numbers:
    """The level after each month, with a memory that begins anew at a step ``after`` months from the end."""
    fading = 0.5 ** (1 / half_life)
    size, width = values.shape
    total, weight = np.zeros(size), np.zeros(size)
    levels = np.zeros((size, width))
    for month in range(width):
        begins = after == width - month
        total, weight = np.where(begins, 0, total), np.where(begins, 0, weight)
        here = known[:, month]
        total = np.where(here, total * fading + values[:, month], total)
        weight = np.where(here, weight * fading + 1, weight)
        levels[:, month] = total / np.maximum(weight, 1e-12)
    return levels


def _missed(
    memories: list[Numbers], values: Numbers, known: Mask, first: int, end: int
) -> tuple[Numbers, Numbers]:
    """Root mean square by which each memory missed the mean of the months ahead, and how many trials there were."""
    size, width = values.shape
    month = (end - 1) % MONTHS
    ahead = min(max(MONTHS - 1 - month, 1), _AHEAD)
    sums, counts = _running(values, known), _running(known, known)
    squares, trials = np.zeros((len(memories), size)), np.zeros(size)
    for begun in range(_SEEN - 1, width - 1):
        last = min(begun + 1 + ahead, width)
        count = counts[:, last] - counts[:, begun + 1]
        came = (sums[:, last] - sums[:, begun + 1]) / np.maximum(count, 1)
        worth = np.where(counts[:, begun + 1] >= _SEEN, count / ahead, 0.0)
        worth = worth * (_SAME_MONTH if (first + begun) % MONTHS == month else 1.0)
        for place, memory in enumerate(memories):
            squares[place] += worth * (memory[:, begun] - came) ** 2
        trials += worth
    return np.sqrt(squares / np.maximum(trials, 1e-9)), trials


def _shares(missed: Numbers, trials: Numbers) -> Numbers:
    """How much each memory counts, 1 in all."""
    mean = missed.mean(axis=0)
    relative = np.divide(missed, mean, out=np.ones_like(missed), where=mean > 0)
    preferred = -_SHARP * trials / (trials + _TRIALS) * np.log(np.maximum(relative, 1e-3))
    preferred += np.log(np.array(_LIKELY))[:, None]
    shares = np.exp(preferred - preferred.max(axis=0))
    whole: Numbers = shares / shares.sum(axis=0)
    return whole


def _spread(values: Numbers, known: Mask) -> tuple[Numbers, Numbers]:
    age = (known[:, ::-1].cumsum(axis=1)[:, ::-1] - 1).astype(np.float64)
    weights = np.where(known, 0.5 ** (age / 4.0), 0.0)
    total = weights.sum(axis=1)
    safe = np.where(total > 0, total, 1)
    level = (weights * values).sum(axis=1) / safe
    spread = np.sqrt((weights * (values - level[:, None]) ** 2).sum(axis=1) / safe)
    return spread, (weights**2).sum(axis=1) / safe**2


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


# ---------------------------------------------------------------- a step


def last_step(values: Numbers, known: Mask, end: int) -> tuple[Counts, Numbers]:
    """Months since the last clear step of the level before column ``end`` (0: none), and by how many times it rose.

    Both sides must be clearly apart, and a step must explain them clearly better than a slope does: growth is no step.
    """
    first = max(0, end - _STEP_BACK)
    seen = known[:, first:end]
    usual = median(values[:, first:end], seen)
    cut = np.minimum(values[:, first:end], np.where(usual > 0, usual * _FAR_ABOVE, np.inf)[:, None])
    size, width = cut.shape
    when = np.broadcast_to(np.arange(width, dtype=np.float64), cut.shape)
    moments = [_running(one, seen) for one in (seen, cut, cut**2, when, when**2, when * cut)]
    best, after, ratio = np.zeros(size), np.zeros(size, np.int64), np.ones(size)
    for months in range(_AFTER, width - _BEFORE + 1):
        begins, middle = max(0, width - months - MONTHS), width - months
        before = [one[:, middle] - one[:, begins] for one in moments]
        since = [one[:, width] - one[:, middle] for one in moments]
        apart, times, rest = _sides(before, since)
        slope = _off_the_line([one + two for one, two in zip(before, since, strict=True)])
        steps = (since[0] >= _AFTER) & (before[0] >= _BEFORE) & (times > 0)
        steps &= (apart > _APART) & (apart > best) & (rest < _BETTER * slope + 1e-9)
        best, after = np.where(steps, apart, best), np.where(steps, months, after)
        ratio = np.where(steps, times, ratio)
    return after, np.clip(ratio, 1 / _MOST_RATIO, _MOST_RATIO)


def _sides(before: list[Numbers], since: list[Numbers]) -> tuple[Numbers, Numbers, Numbers]:
    """How many standard errors the two means are apart, the later one as a multiple, and the squares left."""
    (count_1, total_1, square_1), (count_2, total_2, square_2) = before[:3], since[:3]
    mean_1, mean_2 = total_1 / np.maximum(count_1, 1), total_2 / np.maximum(count_2, 1)
    rest_1 = np.maximum(square_1 - count_1 * mean_1**2, 0)
    rest_2 = np.maximum(square_2 - count_2 * mean_2**2, 0)
    variance = np.maximum(rest_1 / np.maximum(count_1 - 1, 1), rest_2 / np.maximum(count_2, 1))
    variance = np.maximum(variance, (_LEAST * np.maximum(mean_1, mean_2)) ** 2)
    error = np.sqrt(variance * (1 / np.maximum(count_1, 1) + 1 / np.maximum(count_2, 1)))
    apart = np.divide(np.abs(mean_2 - mean_1), error, out=np.zeros_like(error), where=error > 0)
    times = np.divide(mean_2, mean_1, out=np.zeros_like(mean_2), where=mean_1 > 0)
    return apart, times, rest_1 + rest_2


def _off_the_line(moments: list[Numbers]) -> Numbers:
    """The squares that the best straight line leaves."""
    count, total, square, when, when_square, product = moments
    count = np.maximum(count, 1)
    of_values, of_time = square - total**2 / count, when_square - when**2 / count
    off: Numbers = np.maximum(
        of_values - (product - when * total / count) ** 2 / np.maximum(of_time, 1e-9), 0
    )
    return off


def _running(values: Numbers | Mask, known: Mask) -> Numbers:
    """Sums of what is known before each column."""
    sums: Numbers = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(np.where(known, values, 0), axis=1, out=sums[:, 1:])
    return sums


def median(values: Numbers, seen: Mask) -> Numbers:
    """Median of what is seen, row by row; 0 where nothing is."""
    count = seen.sum(axis=1)
    ranked = np.sort(np.where(seen, values, np.inf), axis=1)
    rows = np.arange(len(values))
    low = ranked[rows, np.maximum((count - 1) // 2, 0)]
    high = ranked[rows, np.minimum(count // 2, values.shape[1] - 1)]
    with np.errstate(invalid="ignore"):
        middle = (low + high) / 2
    return np.where(count > 0, np.where(np.isfinite(middle), middle, 0), 0.0)
