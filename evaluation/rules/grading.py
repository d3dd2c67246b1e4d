"""Rank within a pool and cut it into grades by cumulative shares; ties are never split by the order of rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from evaluation.policy import Band, Grading
from evaluation.policy.scheme import PROVISIONAL
from evaluation.rules.figures import Ints

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
    """``rank``: 1 for the best, equal scores share the better; ``last``: the place of the last of equals."""

    rank: Ints
    last: Ints


def ranked(total: Ints) -> Ranked:
    """Places by score alone, whatever the order of rows."""
    scores, where, counts = np.unique(total, return_inverse=True, return_counts=True)
    not_worse = np.cumsum(counts[::-1])[::-1] if scores.size else counts
    return Ranked((not_worse - counts + 1)[where].astype(np.int64), not_worse[where].astype(np.int64))


def places_of(base: int, bands: Sequence[Band], rounding: str) -> tuple[int, ...]:
    """Cumulative places of ``base`` firms: each share of the whole is rounded once, never band by band."""
    return tuple(_rounded_share(base, band.upto.known, rounding) for band in bands)


def _rounded_share(base: int, share: Decimal, rounding: str) -> int:
    exact = share * base / _HUNDRED
    whole = int(exact)
    rest = exact - whole
    up = {"floor_cum": False, "ceil_cum": rest > 0, "half_up_cum": rest >= Decimal("0.5")}[rounding]
    return whole + up


def grade_pool(
    total: Ints, bands: Sequence[Band], grading: Grading, listed: int
) -> tuple[Ints, Ranked, PoolLine]:
    """Number of the band of each firm, places, and the pool's line. ``listed`` counts ungraded firms too."""
    places_by_score = ranked(total)
    base = listed if grading.quota_base.known_or(PROVISIONAL["quota_base"]) == "listed" else total.size
    places = places_of(base, bands, grading.count_rounding.known_or(PROVISIONAL["count_rounding"]))
    shares_better = grading.ties.known_or(PROVISIONAL["ties"]) == "share_better"
    place = places_by_score.rank if shares_better else places_by_score.last
    grade = np.minimum(np.searchsorted(places, place, side="left"), len(bands) - 1).astype(np.int64)
    low, high, bars = _histogram(total)
    line = PoolLine(
        size=total.size,
        base=base,
        places=places,
        cuts=_cuts(total, places, shares_better),
        counts=tuple(int(count) for count in np.bincount(grade, minlength=len(bands))),
        low=low,
        high=high,
        bars=bars,
    )
    return grade, places_by_score, line


def _cuts(total: Ints, places: tuple[int, ...], shares_better: bool) -> tuple[int | None, ...]:
    """The score with which a firm below a band would enter it, the others staying as they are."""
    falling = np.sort(total)[::-1]
    return tuple(
        int(falling[min(count, falling.size) - 1]) + (0 if shares_better else 1)
        if count and falling.size
        else None
        for count in places
    )


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
