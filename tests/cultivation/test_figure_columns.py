"""Monthly figures kept in few bytes: what is taken out of them is what was put in."""

from __future__ import annotations

import numpy as np

from core.periods import Month
from cultivation.rules.figure_columns import FigureColumns

FIRST, DETAIL, LAST = Month(2019, 1), Month(2021, 1), Month(2022, 2)


def put(figures: FigureColumns, firm: int, month: int, revenue: int, **rest: int) -> None:
    row = figures.rows_of(np.array([firm]))
    columns = {"revenue": revenue, **rest}
    figures.put(row, np.array([month]), {name: np.array([value]) for name, value in columns.items()})


def test_large_amounts_negative_ones_and_firms_that_come_late_are_kept():
    figures = FigureColumns(np.array([10, 30]), FIRST, DETAIL, LAST)
    put(figures, 10, 202202, -5, tax=2, power=7, powered=1, line=1)
    put(figures, 30, 202001, 4)
    figures = figures.widened(np.array([20]))
    # 30亿元 in whole hundredths of 万元 needs more than four bytes
    put(figures, 20, 202101, 3_000_000_000, tax=1, power=0, powered=0, line=0)
    table = figures.table(slice(0, 3))
    cells = zip(
        *(table[name].tolist() for name in ("firm", "month", "line", "revenue", "tax", "powered")),
        strict=True,
    )
    assert list(cells) == [(0, 202202, 1, -5, 2, 1), (1, 202101, 0, 3_000_000_000, 1, 0)]
    assert figures.rows_of(np.array([30, 11, 10])).tolist() == [2, -1, 0]


def test_months_of_a_year_stand_in_its_own_columns():
    figures = FigureColumns(np.array([10]), FIRST, DETAIL, LAST)
    put(figures, 10, 202001, 4)
    put(figures, 10, 202202, 6, tax=2, power=0, powered=0, line=0)
    put(figures, 10, 202101, 5, tax=1, power=8, powered=1)
    for year, places in ((2022, (12, 24, 37)), (2021, (24, 36))):
        revenue = figures.months(slice(0, 1), year)["revenue"]
        assert np.flatnonzero(revenue.known[0]).tolist() == list(places)
        assert revenue.values[0, list(places)].tolist() == [4, 5, 6][: len(places)]
    power = figures.months(slice(0, 1), 2022)["power"]
    assert np.flatnonzero(power.known[0]).tolist() == [24]
    # a figure without a line lies outside the locality
    assert figures.table(slice(0, 1))["month"].tolist() == [202202]
