"""Expected revenue of a year from the months reported so far, with an interval and its basis. Pure, set-based.

What is done, firm by firm, from its own figures alone (so that one firm's page and a whole city's list agree):

1. January and February are one: each gets half of their sum, since Spring Festival falls into either and 一季度 returns
   are often given as 1—2月 in one figure.
2. The firm's seasons are learnt from the years before that are complete or nearly so, and drawn towards "every month
   alike": one year counts little, three count much. A clear step of the level is no season: what lies before it is
   brought to the level after it first.
3. Its level is read from the latest seasonally adjusted months, with as long a memory as would have served this firm
   best in the months gone by; a single month far above the others is cut back, zeros count as what they are.
4. Months reported stand as reported; months missing, and those to come, are level × season.
5. The same is done for the firm's years before, at the same month. Where the plain run-rate (累计 ÷ 已报月数 × 12) came
   clearly nearer to what those years became, and where there is no year before to learn from, the run-rate is shown.

``bench/forecast.py`` measures it against the run-rate and last year, by month and by length of history.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cultivation.rules.forecast_level import (
    MONTHS,
    Counts,
    Mask,
    Numbers,
    last_step,
    level_of,
    median,
)
from cultivation.rules.forecast_seasons import seasons_of

#: One figure this many times the other months' level is January and February in one.
_JOINT = 1.5
#: Half width of the interval in standard errors: about four in five years end inside (measured).
_WIDTH = 1.45
#: How far a level drifts in a month, as a share of it.
_DRIFT = 0.06
#: What seasons that are not known may move the rest of a year by, as a share of it.
_UNLEARNT = 0.15
#: Years gone by that it is tried on; the run-rate is shown where it was this many times nearer to them, misses of
#: this share of a year left aside.
_TRIED_YEARS, _NEARER, _LEFT_ASIDE = 2, 1.3, 0.03
#: Firms that are worked at once, so that what is remembered on the way stays small.
_AT_ONCE = 20_000

#: Why a forecast is what it is, or why there is none.
BASES = ("none", "actual", "seasonal", "run_rate", "nearer_run_rate")
NONE, ACTUAL, SEASONAL, RUN_RATE, NEARER_RUN_RATE = range(5)
BASIS_WORDS = {
    "none": "本年没有报数，不预测",
    "actual": "全年已报齐",
    "seasonal": "按本企业往年各月的分布和近月水平",
    "run_rate": "没有完整的上年数，按本年月均推算",
    "nearer_run_rate": "往年同月回测，按月均推算更准，按本年月均推算",
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
    width = values.shape[1]
    if width == 0 or width % MONTHS or known.shape != values.shape or not 1 <= month <= MONTHS:
        raise ValueError(f"{values.shape} values, {known.shape} known, month {month}")
    starts = range(0, max(len(values), 1), _AT_ONCE)
    blocks = [slice(start, start + _AT_ONCE) for start in starts]
    found = [_forecast(values[rows], known[rows], month, line) for rows in blocks]
    if len(found) == 1:
        return found[0]
    return Forecast(
        **{one.name: np.concatenate([getattr(f, one.name) for f in found]) for one in fields(Forecast)}
    )


@dataclass(frozen=True, slots=True)
class _Guess:
    """``months``: of the year, as reported or guessed; ``open_``: the months that are guessed."""

    months: Numbers
    reported: Mask
    open_: Mask
    basis_years: Counts
    half: Numbers

    @property
    def total(self) -> Numbers:
        total: Numbers = self.months.sum(axis=1)
        return total


def _forecast(values: NDArray[Any], known: Mask, month: int, line: float | None) -> Forecast:
    seen = np.array(known, np.bool_)
    seen[:, values.shape[1] - MONTHS + month :] = False
    given = np.where(seen, values, 0).astype(np.float64)
    ours, plain = _guesses(given, seen, month)
    is_plain = _run_rate_was_nearer(given, seen, month)
    unlearnt = ours.basis_years == 0
    shows_plain = is_plain | unlearnt
    path = np.cumsum(np.where(shows_plain[:, None], plain.months, ours.months), axis=1)
    expected = path[:, -1]
    half = np.where(shows_plain, np.maximum(ours.half, plain.half), ours.half)
    sure = np.where(ours.reported, ours.months, 0.0).sum(axis=1)
    blank: Mask = ~np.asarray(ours.reported.any(axis=1), np.bool_)
    cases = [blank, ~ours.open_.any(axis=1), unlearnt, is_plain]
    basis = np.select(cases, [NONE, ACTUAL, RUN_RATE, NEARER_RUN_RATE], SEASONAL).astype(np.int64)
    reached = path >= (np.inf if line is None else line)
    crossing = np.where(reached.any(axis=1) & ~blank, reached.argmax(axis=1) + 1, 0).astype(np.int64)
    return Forecast(
        expected=np.where(blank, 0, expected),
        low=np.where(blank, 0, np.maximum(expected - half, np.minimum(sure, expected))),
        high=np.where(blank, 0, expected + half),
        path=np.where(blank[:, None], 0, path),
        crossing=crossing,
        basis=basis,
        filled=ours.open_[:, :month].sum(axis=1).astype(np.int64),
        years=ours.basis_years,
    )


def _guesses(given: Numbers, seen: Mask, month: int) -> tuple[_Guess, _Guess]:
    """Of the last year by seasons and level, and by the run-rate; ``given`` is 0 where nothing is seen."""
    width = given.shape[1]
    now = width - MONTHS
    months, known = _joined(given, seen)
    after, times = last_step(months, known, now + month)
    before_step = (after > 0)[:, None] & (np.arange(width)[None, :] < (now + month - after)[:, None])
    season, years = seasons_of(np.where(before_step, months * times[:, None], months), known, now)
    level = level_of(months, known, np.tile(season, (1, width // MONTHS)), now + month)
    reported = known[:, now:]
    not_yet = np.arange(now, width)[None, :] < _began(seen)[:, None]
    open_ = ~reported & ~not_yet
    count = open_.sum(axis=1)
    unlearnt = years == 0
    error = _error(count, level.level, level.spread, level.weight, unlearnt)
    half = _WIDTH * np.maximum(error, count * level.missed)
    here = np.where(reported, months[:, now:], 0.0)
    mean = here.sum(axis=1) / np.maximum(reported.sum(axis=1), 1)
    by_season = np.where(open_, level.level[:, None] * season, here)
    by_mean = np.where(open_, mean[:, None], here)
    plain_half = _WIDTH * _error(count, mean, level.spread, level.weight, np.ones_like(unlearnt))
    return (
        _Guess(by_season, reported, open_, years, half),
        _Guess(by_mean, reported, open_, years, plain_half),
    )


def _run_rate_was_nearer(given: Numbers, seen: Mask, month: int) -> Mask:
    """Whether at this month of the firm's years before the run-rate came clearly nearer to what the year became."""
    size, width = given.shape
    missed, missed_plain, tried = np.zeros(size), np.zeros(size), np.zeros(size, np.bool_)
    for ends in range(width - MONTHS, MONTHS, -MONTHS)[:_TRIED_YEARS]:
        year = given[:, ends - MONTHS : ends]
        became = year.sum(axis=1)
        known = seen[:, :ends].copy()
        known[:, ends - MONTHS + month :] = False
        ours, plain = _guesses(np.where(known, given[:, :ends], 0), known, month)
        fair = seen[:, ends - MONTHS : ends].all(axis=1) & (became > 0) & (ours.basis_years > 0)
        share = np.divide(1.0, became, out=np.zeros(size), where=fair)
        missed += np.abs(ours.total - became) * share
        missed_plain += np.abs(plain.total - became) * share
        tried |= fair
    return tried & (missed + _LEFT_ASIDE > _NEARER * (missed_plain + _LEFT_ASIDE))


def _joined(values: Numbers, seen: Mask) -> tuple[Numbers, Mask]:
    """January and February of each year as half of their sum each; a lone figure that holds both is halved too."""
    months, known = values.copy(), seen.copy()
    for start in range(0, values.shape[1], MONTHS):
        january, february = start, start + 1
        both = seen[:, january] & seen[:, february]
        one = seen[:, january] ^ seen[:, february]
        total = values[:, january] + values[:, february]
        others = np.array([m for m in range(max(start - MONTHS, 0), start + MONTHS) if m % MONTHS > 1])
        usual = median(values[:, others], seen[:, others])
        joint = both | (one & (usual > 0) & (total > _JOINT * usual) & ~seen[:, january])
        for month in (january, february):
            months[:, month] = np.where(joint, total / 2, months[:, month])
            known[:, month] |= joint
    return months, known


def _began(seen: Mask) -> NDArray[np.int64]:
    """The first column with a figure; before it a firm has not failed to report, it was not there."""
    first: NDArray[np.int64] = np.where(seen.any(axis=1), seen.argmax(axis=1), seen.shape[1])
    return first


def _error(
    open_months: Counts, level: Numbers, spread: Numbers, weight: Numbers, is_unlearnt: Mask
) -> Numbers:
    """Standard error of the sum of the open months: their own noise, the level's, its drift, and seasons unlearnt."""
    months = open_months.astype(np.float64)
    noise = months * spread**2
    of_level = months**2 * weight * spread**2
    drift = (_DRIFT * level) ** 2 * months**3 / 3
    unlearnt = np.where(is_unlearnt, (_UNLEARNT * level * months) ** 2, 0)
    error: Numbers = np.sqrt(noise + of_level + drift + unlearnt)
    return error
