"""What the months of a year say of a firm: forecast, change against last year, silence. Pure, set-based.

Comparable as everywhere in the portal: a month counts in a change only where it is reported in both years.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cultivation.rules.forecast import NONE, Forecast, forecast
from cultivation.rules.forecast_level import MONTHS

Mask = NDArray[np.bool_]
#: Years that are read for one year's signals: the year itself and those that seasons are learnt from.
YEARS_READ = 4
#: Shares are kept in millionths, as conditions keep ratios.
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Months:
    """One measure of firms by month: whole hundredths, ``YEARS_READ`` years of twelve, the last the year asked for."""

    values: NDArray[np.int64]
    known: Mask

    @classmethod
    def of_rows(cls, size: int, year: int, row: Any, month: Any, value: Any, known: Any = None) -> Months:
        """From figures in any order: ``row`` of the firm, ``month`` as 202206, ``value``; a firm has one a month."""
        values = np.zeros((size, YEARS_READ * MONTHS), np.int64)
        seen = np.zeros(values.shape, np.bool_)
        place = (month // 100 - year + YEARS_READ - 1) * MONTHS + month % 100 - 1
        values[row, place] = value
        seen[row, place] = True if known is None else known
        return cls(np.where(seen, values, 0), seen)

    def latest(self) -> int:
        """The last month of the year in which anybody has a figure; 0 where nobody has."""
        anybody = np.flatnonzero(self.known[:, -MONTHS:].any(axis=0))
        return int(anybody[-1]) + 1 if anybody.size else 0


def expected(months: Months, month: int, line: int | None = None) -> Forecast:
    """The forecast in whole hundredths; ``line`` too."""
    found = forecast(months.values, months.known, month, line)
    for column in (found.expected, found.low, found.high, found.path):
        np.rint(column, out=column)
    return found


def year_before(months: Months) -> tuple[NDArray[np.int64], Mask]:
    """The sum of last year's twelve months, known where none is missing."""
    place = slice(-2 * MONTHS, -MONTHS)
    known: Mask = np.asarray(months.known[:, place].all(axis=1))
    return np.where(known, months.values[:, place].sum(axis=1), 0), known


def ytd(months: Months, month: int) -> tuple[NDArray[np.int64], Mask]:
    """累计 of the months that are reported; not known for a firm that reported none of them."""
    values, known = months.values[:, -MONTHS:][:, :month], months.known[:, -MONTHS:][:, :month]
    return np.where(known, values, 0).sum(axis=1), np.asarray(known.any(axis=1))


def change(months: Months, month: int) -> tuple[NDArray[np.int64], Mask]:
    """Millionths by which January to ``month`` differ from last year's, over months reported in both; and where that
    can be told: the base is positive."""
    now, before = months.values[:, -MONTHS:][:, :month], months.values[:, -2 * MONTHS : -MONTHS][:, :month]
    both = months.known[:, -MONTHS:][:, :month] & months.known[:, -2 * MONTHS : -MONTHS][:, :month]
    this, base = np.where(both, now, 0).sum(axis=1), np.where(both, before, 0).sum(axis=1)
    fine = base > 0
    # hundredths of 万元 times a million leaves int64 only beyond 90 trillion 万元
    millionths = np.divide((this - base) * _MILLION, base, out=np.zeros(len(this)), where=fine)
    return np.rint(millionths).astype(np.int64), fine


def silent_months(months: Months, month: int) -> tuple[NDArray[np.int64], Mask]:
    """Months up to ``month`` without a return since the last one; known for firms that ever reported."""
    seen = months.known.copy()
    seen[:, seen.shape[1] - MONTHS + month :] = False
    end = seen.shape[1] - MONTHS + month
    last = np.where(seen.any(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), -1)
    known = last >= 0
    return np.where(known, end - 1 - last, 0).astype(np.int64), known


def is_told(found: Forecast) -> Mask:
    """Where there is a forecast."""
    told: Mask = found.basis != NONE
    return told
