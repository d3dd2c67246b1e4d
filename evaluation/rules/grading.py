"""Rank within a pool and cut it into grades by shares, scores or both; ties are never split by the order of rows. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

import numpy as np

from evaluation.policy import Band, Grading, QuotaBase, is_missing
from evaluation.policy.choices import PROVISIONAL
from evaluation.policy.grading import known_number
from evaluation.rules.figures import FINE_PLACES, Ints, Mask

_HUNDRED = 100
BINS = 20
#: The ends of a histogram leave out the farthest firms, which are counted in its first and last bar.
_OUTER_SHARE = 50


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One ranking: ``places``: cumulative places by grade; ``cuts``: the score of the last place, ``None`` without one.

    ``counts``: firms by grade, of this pool; scores are whole 10^-decimals. ``bars`` run from ``low`` to ``high``.
    """

    size: int
    base: int
    places: tuple[int, ...]
    cuts: tuple[int | None, ...]
    counts: tuple[int, ...]
    low: int
    high: int
    bars: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Ranked:
    """``rank``: 1 for the best, equals share the better; ``last``: the place of the last of equals."""

    rank: Ints
    last: Ints


@dataclass(frozen=True, eq=False)
class Contest:
    """What a pool is ranked by: the score, then the breakers in their order (larger is better in each)."""

    total: Ints
    breakers: tuple[Ints, ...] = ()
    #: fine, of a direct sort: what ``total`` was rounded from
    value: Ints | None = None

    def take(self, rows: Ints | Mask) -> Contest:
        value = None if self.value is None else self.value[rows]
        return Contest(self.total[rows], tuple(breaker[rows] for breaker in self.breakers), value)


@dataclass(frozen=True, eq=False)
class _Queue:
    """Who waits for a band's places, behind how many that have a grade already."""

    ahead: int
    waits: Mask


@dataclass(frozen=True, eq=False)
class Gates:
    """For each band the firms that pass its gate, and whether places that others leave are filled again."""

    passes: tuple[Mask, ...]
    refill: bool


def ranked(total: Ints, breakers: Sequence[Ints] = ()) -> Ranked:
    """Places by score and breakers alone, whatever the order of rows."""
    order = np.lexsort((*reversed(breakers), total))[::-1]
    columns = [column[order] for column in (total, *breakers)]
    size = total.size
    starts = np.ones(size, np.bool_)
    if size:
        starts[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    first = np.maximum.accumulate(np.where(starts, np.arange(size), 0))
    ends = np.flatnonzero(np.append(starts[1:], True)) if size else np.zeros(0, np.int64)
    last = ends[np.cumsum(starts) - 1] if size else first
    rank, to = np.empty(size, np.int64), np.empty(size, np.int64)
    rank[order], to[order] = first + 1, last + 1
    return Ranked(rank, to)


def places_of(base: int, bands: Sequence[Band], rounding: str) -> tuple[int, ...]:
    """Cumulative places of ``base`` firms: each share of the whole is rounded once, never band by band.

    A band of the first so many firms may reach beyond the share of the next, which then has no places of its own.
    """
    found: list[int] = []
    for band in bands:
        own = _rounded_share(base, _share(band), rounding) if band.top is None else min(band.top.known, base)
        found.append(max([own, *found[-1:]]))
    return tuple(found)


def _share(band: Band) -> Decimal:
    return Decimal(_HUNDRED) if band.upto is None else band.upto.known


def _rounded_share(base: int, share: Decimal, rounding: str) -> int:
    exact = share * base / _HUNDRED
    whole = int(exact)
    rest = exact - whole
    up = {"floor_cum": False, "ceil_cum": rest > 0, "half_up_cum": rest >= Decimal("0.5")}[rounding]
    return whole + up


def quota_base(grading: Grading) -> QuotaBase:
    return grading.quota_base.known_or(QuotaBase(PROVISIONAL["quota_base"]))


def grade_pool(
    contest: Contest,
    bands: Sequence[Band],
    grading: Grading,
    base: int,
    decimals: int = 4,
    mode: str = "",
    gates: Gates | None = None,
) -> tuple[Ints, Ranked, PoolLine]:
    """Number of the band of each firm, places, and the pool's line. ``base``: of how many firms the shares are taken.

    ``mode`` other than the grading's own is that of a pool below the least size.
    """
    total, mode = contest.total, mode or grading.mode
    by_contest = ranked(total, contest.breakers)
    if any(is_missing(end) for band in bands for end in band.ends):
        return np.full(total.size, -1, np.int64), by_contest, _open_line(total, base, len(bands))
    places = places_of(base, bands, grading.count_rounding.known_or(PROVISIONAL["count_rounding"]))
    if mode == "threshold":
        places = (total.size,) * len(bands)
    lines = None if mode == "percentile" else _Lines.of(contest, bands, decimals)
    grade, queues = _by_places(contest, places, grading, by_contest, gates, lines)
    grade = _within_limits(grade, by_contest, grading, base, len(bands))
    low, high, bars = _histogram(total)
    line = PoolLine(
        size=total.size,
        base=base,
        places=tuple(int(count) for count in np.cumsum(np.bincount(grade, minlength=len(bands))))
        if mode == "threshold"
        else places,
        cuts=_cuts(contest, _reached(places, grading, base, total.size), queues, grading, mode, lines),
        counts=tuple(int(count) for count in np.bincount(grade, minlength=len(bands))),
        low=low,
        high=high,
        bars=bars,
    )
    return grade, by_contest, line


def _open_line(total: Ints, base: int, bands: int) -> PoolLine:
    """A ranking without grades, because nobody printed where they end."""
    low, high, bars = _histogram(total)
    return PoolLine(total.size, base, (0,) * bands, (None,) * bands, (0,) * bands, low, high, bars)


@dataclass(frozen=True, eq=False)
class _Lines:
    """The scores that bands ask: firms' own ``scores`` reach the ``exact`` ones; ``shown`` are whole 10^-decimals."""

    scores: Ints
    exact: tuple[int | None, ...]
    shown: tuple[int | None, ...]

    @classmethod
    def of(cls, contest: Contest, bands: Sequence[Band], decimals: int) -> _Lines:
        """A value that is sorted directly must reach the line itself, not only when it is rounded."""
        shown = tuple(_least_score(band, contest.total, decimals) for band in bands)
        if contest.value is None:
            return cls(contest.total, shown, shown)
        exact = tuple(_least_score(band, contest.value, FINE_PLACES) for band in bands)
        return cls(contest.value, exact, shown)


def _least_score(band: Band, scores: Ints, decimals: int) -> int | None:
    """The fewest whole 10^-decimals that reach the band."""
    score = known_number(band.at_least)
    if score is None:
        return None
    if band.is_of_mean:
        least: int = math.ceil(Fraction(score) * sum(scores.tolist()) / max(scores.size, 1))
        return least
    return int((score * 10**decimals).to_integral_value(ROUND_CEILING))


def _by_places(
    contest: Contest,
    places: tuple[int, ...],
    grading: Grading,
    by_contest: Ranked,
    gates: Gates | None,
    lines: _Lines | None,
) -> tuple[Ints, list[_Queue]]:
    """The first band whose places, score and gate a firm has; the last takes whoever is left.

    Besides, for each band but the last, who stands in line for its places.
    """
    size, last_band = contest.total.size, len(places) - 1
    grade = np.full(size, last_band, np.int64)
    assigned = np.zeros(size, np.bool_)
    place = by_contest.rank if grading.shares_better else by_contest.last
    queues = [_Queue(0, np.ones(size, np.bool_))] * last_band
    for number in range(last_band):
        passes = ~assigned
        least = None if lines is None else lines.exact[number]
        if lines is not None and least is not None:
            passes &= lines.scores >= least
        if gates is not None:
            passes &= gates.passes[number]
            if gates.refill:
                place = _place_among(contest, assigned, passes, grading)
                queues[number] = _Queue(int(np.count_nonzero(assigned)), passes)
        found = passes & (place <= places[number])
        grade[found] = number
        assigned |= found
    return grade, queues


def _place_among(contest: Contest, assigned: Mask, passes: Mask, grading: Grading) -> Ints:
    """Places behind those who have a grade already, counting only who passes the gate."""
    place = np.full(assigned.size, assigned.size + 1, np.int64)
    among = contest.take(passes)
    inner = ranked(among.total, among.breakers)
    place[passes] = np.count_nonzero(assigned) + (inner.rank if grading.shares_better else inner.last)
    return place


def _within_limits(grade: Ints, places: Ranked, grading: Grading, base: int, bands: int) -> Ints:
    """At most so many in the best grade (equals fall together), at least so many in the last."""
    most, least = known_number(grading.best_at_most), known_number(grading.last_at_least)
    if most is not None:
        grade = np.where((grade == 0) & (places.last > _allowed(most, base)), min(1, bands - 1), grade)
    if least is not None:
        grade = np.where(places.last > grade.size - _wanted(least, base), bands - 1, grade)
    return grade


def _allowed(most: Decimal, base: int) -> int:
    return int((most * base / _HUNDRED).to_integral_value(ROUND_FLOOR))


def _wanted(least: Decimal, base: int) -> int:
    return int((least * base / _HUNDRED).to_integral_value(ROUND_CEILING))


def _reached(places: tuple[int, ...], grading: Grading, base: int, size: int) -> list[tuple[int, bool]]:
    """How far each band but the last reaches, and whether a limit ends it, where equals fall together."""
    most, least = known_number(grading.best_at_most), known_number(grading.last_at_least)
    allowed = size if most is None else _allowed(most, base)
    before = size if least is None else size - _wanted(least, base)
    found = []
    for number, count in enumerate(places[:-1]):
        limit = min(allowed, before) if number == 0 else before
        found.append((min(count, max(limit, 0)), limit <= count and limit < size))
    return found


def _cuts(
    contest: Contest,
    reached: list[tuple[int, bool]],
    queues: list[_Queue],
    grading: Grading,
    mode: str,
    lines: _Lines | None,
) -> tuple[int | None, ...]:
    """The score with which a firm below a band would enter it, the others staying as they are; the last band takes all."""
    enters_by_equal = grading.shares_better and not contest.breakers
    found: list[int | None] = []
    for number, (count, is_limited) in enumerate(reached):
        queue = queues[number]
        falling = np.sort(contest.total[queue.waits])[::-1]
        left = count - queue.ahead
        bound = None if lines is None else lines.shown[number]
        cut = None
        if left > 0 and left > falling.size:  # places that nobody of the line has taken
            cut = int(contest.total.min()) if bound is None else bound
        elif left > 0:
            cut = int(falling[left - 1]) + (0 if enters_by_equal and not is_limited else 1)
            if bound is not None:
                cut = bound if mode == "threshold" and not is_limited else max(cut, bound)
        found.append(cut)
    lowest = int(contest.total.min()) if contest.total.size else None
    return (*found, lowest)


def _histogram(total: Ints) -> tuple[int, int, tuple[int, ...]]:
    """Bars of equal width in whole numbers, so that every database and machine draws the same."""
    if not total.size:
        return 0, 1, (0,) * BINS
    rising = np.sort(total)
    outer = total.size // _OUTER_SHARE
    low, high = int(rising[outer]), int(rising[-1 - outer])
    span = max(high - low, BINS)
    inside = np.clip(total, low, low + span) - low
    number = np.minimum(inside.astype(np.float64) * BINS // span, BINS - 1).astype(np.int64)
    return low, low + span, tuple(int(count) for count in np.bincount(number, minlength=BINS))
