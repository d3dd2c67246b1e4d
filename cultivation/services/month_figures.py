"""The monthly figures of a locality and of its firms, read once: for the month's tables and for the firms' own months."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast
from numpy.typing import NDArray

from core.bulk import Read, read_blocks
from core.models import Region
from core.periods import Month
from cultivation.rules.figure_columns import FigureColumns
from cultivation.rules.months import Column
from cultivation.rules.running_year import YEARS_READ
from enterprises.models import Enterprise, MonthlyFigure
from enterprises.rules.lineage import Past, involved, with_past_months

_AMOUNTS = {"revenue": "revenue_wan", "tax": "tax_paid_wan", "power": "power_wan_kwh"}


def read_figures(firms: Column, line_of: Mapping[str, int], first: Month, last: Month) -> FigureColumns:
    """Figures of the locality's regions from ``first`` on, with all that these firms reported in the years that a
    forecast is learnt from. Firms that only the figures name are among the rows; two queries, a third where there are
    other localities."""
    begin = min(first, Month(last.year - YEARS_READ + 1, 1))
    found = FigureColumns(firms, begin, first, last)
    lines = _LinesOfCodes(line_of)
    strangers: list[Read] = []

    def take(read: Read) -> None:
        row = found.rows_of(read.columns["enterprise_id"].values)
        if (row < 0).any():
            strangers.append(_taken(read, row < 0))
            read, row = _taken(read, row >= 0), row[row >= 0]
        _put(found, read, row, lines)

    inside = _figures().filter(region_id__in=list(line_of)).for_months(first, last)
    names = ("enterprise_id", "number", *_AMOUNTS.values(), "region_id")
    read_blocks(inside, take, *names)
    if strangers:
        found = found.widened(np.concatenate([read.columns["enterprise_id"].values for read in strangers]))
        for read in strangers:
            _put(found, read, found.rows_of(read.columns["enterprise_id"].values), lines)
        strangers.clear()
    _read_the_rest(found, list(line_of), first, last)
    return found


def with_pasts(found: FigureColumns, before: Mapping[int, Past], year: int, last: Month) -> None:
    """Months of the few firms for which others stand, and of those others, told as one; one query, none without."""
    if not before:
        return
    firms = np.array(sorted(involved(before)), np.int64)
    rows = MonthlyFigure.objects.filter(enterprise__in=firms.tolist()).order_by()
    rows = rows.for_months(Month(year - YEARS_READ + 1, 1), last)
    told = {
        (firm, month.number): values
        for firm, month, *values in rows.values_list("enterprise_id", "month", *_AMOUNTS.values())
    }
    first = Month(year - YEARS_READ + 1, 1)
    pasts = FigureColumns(firms, first, first, last)
    cells = [(*key, *values) for key, values in with_past_months(told, before).items()]
    # what is not known of a month as a whole is no figure
    kept = [cell for cell in cells if cell[2] is not None and cell[3] is not None]
    columns = [np.array([cell[place] or 0 for cell in kept], np.int64) for place in range(5)]
    powered = np.array([cell[4] is not None for cell in kept], np.bool_)
    amounts = dict(zip(_AMOUNTS, columns[2:], strict=True))
    pasts.put(pasts.rows_of(columns[0]), columns[1], {**amounts, "powered": powered})
    found.with_pasts = pasts


def read_own_months(firms: Column, inside: Sequence[str], year: int, last: Month) -> FigureColumns:
    """What these firms of the locality reported up to ``last`` in the year and the years that a forecast is learnt from."""
    first = Month(year - YEARS_READ + 1, 1)
    found = FigureColumns(firms, first, first, last)
    rows = _of_firms(_figures(), found, inside).for_months(first, last)
    read_blocks(rows, _taking(found), "enterprise_id", "number", *_AMOUNTS.values())
    return found


def _figures() -> QuerySet[MonthlyFigure]:
    return MonthlyFigure.objects.annotate(number=Cast(F("month"), IntegerField())).order_by()


def _read_the_rest(found: FigureColumns, inside: Sequence[str], first: Month, last: Month) -> None:
    """Years before the month's own, and what these firms reported while they were assessed elsewhere."""
    own = _of_firms(_figures(), found, inside)
    if found.first < first:
        earlier = own.for_months(found.first, first - 1)
        read_blocks(earlier, _taking(found), "enterprise_id", "number", "revenue_wan")
    if Region.objects.exclude(code__in=inside).exists():
        elsewhere = own.for_months(first, last).exclude(region_id__in=inside)
        read_blocks(elsewhere, _taking(found), "enterprise_id", "number", *_AMOUNTS.values())


def _of_firms(
    figures: QuerySet[MonthlyFigure], found: FigureColumns, inside: Sequence[str]
) -> QuerySet[MonthlyFigure]:
    """Of the firms that are asked for; where the house has no other locality's, of all."""
    if not Enterprise.objects.exclude(region_id__in=inside).exists():
        return figures
    rest = np.setdiff1d(found.firms, _firms_in(inside)).tolist()
    return figures.filter(Q(enterprise__region_id__in=inside) | Q(enterprise__among=rest))


def _taking(found: FigureColumns) -> Callable[[Read], None]:
    def take(read: Read) -> None:
        row = found.rows_of(read.columns["enterprise_id"].values)
        _put(found, _taken(read, row >= 0), row[row >= 0], None)

    return take


def _firms_in(inside: Sequence[str]) -> Column:
    rows = Enterprise.objects.filter(region_id__in=inside).order_by().values_list("pk", flat=True)
    return np.fromiter(rows.iterator(), np.int64)


def _put(found: FigureColumns, read: Read, row: Column, lines: _LinesOfCodes | None) -> None:
    columns: dict[str, NDArray[np.generic]] = {
        name: read.columns[field].values for name, field in _AMOUNTS.items() if field in read.columns
    }
    if "power" in columns:
        columns["powered"] = read.columns["power_wan_kwh"].known
    if lines is not None:
        columns["line"] = lines.of(read.codes["region_id"])
    found.put(row, read.columns["number"].values, columns)


def _taken(read: Read, mask: NDArray[np.bool_]) -> Read:
    if mask.all():
        return read
    place = np.flatnonzero(mask)
    return Read(
        place.size,
        {name: column.take(place) for name, column in read.columns.items()},
        {name: codes[place] for name, codes in read.codes.items()},
    )


class _LinesOfCodes:
    """The line of each region code; every code is one of the locality's. Codes are looked up as numbers."""

    _MIXED = np.uint64(0x9E3779B97F4A7C15)

    def __init__(self, line_of: Mapping[str, int]) -> None:
        codes = np.array([code.encode() for code in line_of])
        numbers = self._numbers(codes)
        self.order = np.argsort(numbers)
        self.sorted = numbers[self.order]
        self.lines = np.fromiter(line_of.values(), np.int64)[self.order]
        if np.unique(numbers).size != numbers.size:
            raise ValueError("two regions look alike")

    def of(self, codes: NDArray[np.bytes_]) -> Column:
        return self.lines[np.searchsorted(self.sorted, self._numbers(codes))]

    def _numbers(self, codes: NDArray[np.bytes_]) -> NDArray[np.uint64]:
        parts = codes.astype("S16").view(np.uint64).reshape(codes.size, 2)
        numbers = np.zeros(codes.size, np.uint64)
        for part in parts.T:
            numbers = (numbers ^ part) * self._MIXED
        return numbers
