"""Monthly figures of many firms, a row a firm and a column a month, in as few bytes as hold them. Pure.

A city's years of figures are read once, in any order, and then worked a slice of firms at a time: the rules get the
tables and months of the slice, so that what they make on the way is small however many firms there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.periods import Month
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.months import OUTSIDE, Column, Table
from cultivation.rules.running_year import YEARS_READ, Months

#: Firms that are worked at once: what is made of them on the way stays in the processor's own memory.
SLICE = 4096
_MEASURES = ("revenue", "tax", "power")


class FigureColumns:
    """``firms``: keys, ascending. Revenue is kept from ``first`` on; tax, power and the line from ``detail`` on.

    A figure without a line lies outside the locality: the month's tables leave it out, a firm's own months have it.
    """

    def __init__(self, firms: Column, first: Month, detail: Month, last: Month) -> None:
        self.firms, self.first, self.detail = firms, first, detail
        self.last = last
        self._start = _slot(first.number)
        width, narrow = _slot(last.number) + 1 - self._start, _slot(last.number) + 1 - _slot(detail.number)
        self._lead = width - narrow
        self.known = np.zeros((firms.size, width), np.bool_)
        self.line = np.full((firms.size, narrow), OUTSIDE, np.int16)
        self.powered = np.zeros((firms.size, narrow), np.bool_)
        self._kept = {
            name: np.zeros((firms.size, width if name == "revenue" else narrow), np.int32)
            for name in _MEASURES
        }
        #: firms that stand for others or went into others: their months told with those others' past
        self.with_pasts: FigureColumns | None = None

    def rows_of(self, firms: Column) -> Column:
        """The row of each firm, -1 for those that are not among them."""
        if not self.firms.size:
            return np.full(firms.size, -1, np.int64)
        place = np.minimum(np.searchsorted(self.firms, firms), self.firms.size - 1)
        return np.where(self.firms[place] == firms, place, -1).astype(np.int64)

    def put(self, row: Column, month: Column, columns: dict[str, NDArray[np.generic]]) -> None:
        """Figures of these rows and months; a firm has one a month. ``columns``: revenue, and where the month is not
        before ``detail`` tax, power, powered and line."""
        place: Column = _slot(month) - self._start
        self.known[row, place] = True
        self._set("revenue", row, place, columns["revenue"])
        for name in ("tax", "power"):
            if name in columns:
                self._set(name, row, place - self._lead, columns[name])
        for name, kept in (("powered", self.powered), ("line", self.line)):
            if name in columns:
                kept[row, place - self._lead] = columns[name]

    def _set(self, name: str, row: Column, place: Column, values: NDArray[np.generic]) -> None:
        kept = self._kept[name]
        if kept.dtype == np.int32 and np.abs(values).max(initial=0) > np.iinfo(np.int32).max:
            kept = self._kept[name] = kept.astype(np.int64)
        kept[row, place] = values

    def widened(self, firms: Column) -> FigureColumns:
        """The same with these firms as well, whose figures are put later."""
        wider = FigureColumns(np.union1d(self.firms, firms), self.first, self.detail, self.last)
        at = np.searchsorted(wider.firms, self.firms)
        wider.known[at], wider.line[at], wider.powered[at] = self.known, self.line, self.powered
        for name, kept in self._kept.items():
            wider._kept[name] = wider._kept[name].astype(kept.dtype)
            wider._kept[name][at] = kept
        return wider

    # ------------------------------------------------------------ the month's tables

    def table(self, rows: slice | Column) -> Table:
        """Figures of the locality of these rows from ``detail`` on, by row (``firm``, counted from 0) and month."""
        inside = self.line[rows] != OUTSIDE
        firm, slot = np.nonzero(inside)
        return {
            "firm": firm.astype(np.int64),
            "month": self._numbers()[slot],
            "line": self.line[rows][inside].astype(np.int64),
            "powered": self.powered[rows][inside].astype(np.int64),
            **{name: self._measure(name, rows)[inside].astype(np.int64) for name in _MEASURES},
        }

    def column(self, name: str, rows: Column) -> Column:
        """One column of ``table`` alone."""
        if name in ("firm", "month"):
            firm, slot = np.nonzero(self.line[rows] != OUTSIDE)
            return firm.astype(np.int64) if name == "firm" else self._numbers()[slot]
        kept = {"line": self.line, "powered": self.powered}.get(name)
        values = self._measure(name, rows) if kept is None else kept[rows]
        own: Column = values[self.line[rows] != OUTSIDE].astype(np.int64)
        return own

    def count(self) -> int:
        """Rows of the whole table."""
        return int(np.count_nonzero(self.line != OUTSIDE))

    def _measure(self, name: str, rows: slice | Column) -> NDArray[np.generic]:
        return self._kept[name][:, self._lead :][rows] if name == "revenue" else self._kept[name][rows]

    def _numbers(self) -> Column:
        slots = _slot(self.detail.number) + np.arange(self.line.shape[1], dtype=np.int64)
        numbers: Column = slots // MONTHS * 100 + slots % MONTHS + 1
        return numbers

    # ------------------------------------------------------------ the firms' own months

    def months(self, rows: slice, year: int) -> dict[str, Months]:
        """Revenue, tax and power of the year and of those before it, figures of other localities among them."""
        found = {name: self._months(name, rows, year) for name in _MEASURES}
        pasts = self.with_pasts
        if pasts is None:
            return found
        place = pasts.rows_of(self.firms[rows])
        own = np.flatnonzero(place >= 0)
        for name, months in found.items():
            told = pasts._months(name, place[own], year)
            months.values[own], months.known[own] = told.values, told.known
        return found

    def _months(self, name: str, rows: slice | Column, year: int) -> Months:
        kept = self._kept[name][rows]
        lead = 0 if name == "revenue" else self._lead
        known = self.known[rows][:, lead:] if name != "power" else self.powered[rows]
        values = np.zeros((len(kept), YEARS_READ * MONTHS), np.int64)
        seen = np.zeros(values.shape, np.bool_)
        # both end somewhere within the year, and begin where they will
        shift = self._start + lead - (year - YEARS_READ + 1) * MONTHS
        ours, theirs = slice(max(shift, 0), None), slice(max(-shift, 0), None)
        width = min(values[:, ours].shape[1], kept[:, theirs].shape[1])
        values[:, ours][:, :width] = kept[:, theirs][:, :width]
        seen[:, ours][:, :width] = known[:, theirs][:, :width]
        return Months(np.where(seen, values, 0), seen)


def slices(size: int) -> Iterator[slice]:
    """At least one, so that no firms are a month too."""
    for start in range(0, max(size, 1), SLICE):
        yield slice(start, min(start + SLICE, size))


def _slot(number: Any) -> Any:
    """Months since the year 0; of one month or of many."""
    return number // 100 * MONTHS + number % 100 - 1
