"""The forecast of a year: what an officer can check by hand, what must never happen, and that it earns its place."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.forecast import AS_OF, table
from cultivation.rules.forecast import ACTUAL, BASES, BASIS_WORDS, NONE, RUN_RATE, SEASONAL, forecast
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.running_year import Months, change, expected, silent_months

_ = None
#: Spring Festival year: 60 a month, January and February 30 each, December 90
SEASON = [30, 30, 60, 60, 60, 60, 60, 60, 60, 60, 60, 90]


def one(*years: list, month: int = 12, line: float | None = 2000):
    cells = [cell for year in years for cell in [*year, *[_] * (MONTHS - len(year))]]
    values = np.array([[cell or 0 for cell in cells]], np.float64)
    return forecast(values, np.array([[cell is not _ for cell in cells]]), month, line)


def test_a_year_that_is_complete_is_its_own_forecast():
    found = one([200] * 10 + [0, 0])
    assert (found.expected[0], found.low[0], found.high[0]) == (2000, 2000, 2000)
    assert found.basis[0] == ACTUAL
    assert found.crossing[0] == 10


def test_without_history_it_is_the_run_rate():
    found = one([170] * 6, month=6)
    assert found.expected[0] == pytest.approx(2040)
    assert (BASES[found.basis[0]], found.crossing[0]) == ("run_rate", 12)
    assert found.low[0] < 2040 < found.high[0]


def test_seasons_seen_twice_and_again_are_followed():
    """With 30, 30 in spring, six months give 300; the run-rate would say 600, the year ends at 690."""
    found = one(SEASON, SEASON, SEASON[:6], month=6)
    assert found.basis[0] == SEASONAL
    assert found.expected[0] == pytest.approx(690, rel=0.02)


def test_january_and_february_in_one_figure_are_two_months():
    split = one(SEASON, SEASON[:6], month=6)
    joint = one(SEASON, [_, 60 + 35, *SEASON[2:6]], month=6)
    assert joint.expected[0] == pytest.approx(split.expected[0] + 35, rel=0.03)
    assert joint.filled[0] == 0
    first = one([100] * 12, [_, 200], month=2)
    assert first.expected[0] == pytest.approx(1200, rel=0.05), "known from last year alone"


def test_a_missing_month_is_not_zero_and_a_zero_is_no_gap():
    gap, full, zero = (one([100, 100, 100, cell, 100, 100], month=6) for cell in (_, 100, 0))
    assert gap.expected[0] == pytest.approx(full.expected[0])
    assert (gap.filled[0], full.filled[0], zero.filled[0]) == (1, 0, 0)
    assert zero.expected[0] < full.expected[0] - 100


def test_a_firm_that_began_in_may_had_no_months_before():
    found = one([_, _, _, _, 100, 100, 100, 100], month=8)
    assert found.expected[0] == pytest.approx(800)
    assert found.filled[0] == 0


def test_one_large_order_is_not_the_new_level():
    found = one([100] * 12, [100, 100, 100, 100, 100, 1000], month=6)
    assert 1500 + 600 <= found.expected[0] < 1500 + 900


def test_a_level_that_has_shifted_is_followed():
    found = one([100] * 12, [100, 100, 200, 200, 200, 200, 200, 200], month=8)
    assert 1400 + 4 * 160 < found.expected[0] <= 1400 + 4 * 205


def test_a_firm_that_stands_still_is_not_expected_to_go_on():
    running, stopped = one([100] * 12, [100] * 6, month=6), one([100] * 12, [100, 100, 100, 0, 0, 0], month=6)
    assert stopped.expected[0] < 300 + 0.3 * (running.expected[0] - 300)


def test_silence_is_told_as_no_forecast():
    found = one([100] * 12, [], month=6)
    assert (found.basis[0], found.expected[0], found.crossing[0]) == (NONE, 0, 0)


def test_the_month_in_which_2000_is_passed():
    assert one([250] * 6, month=6).crossing[0] == 8
    assert one([250] * 8, month=8).crossing[0] == 8
    assert one([100] * 6, month=6).crossing[0] == 0


cells = st.lists(st.one_of(st.none(), st.integers(0, 10**12)), min_size=24, max_size=24)


@settings(max_examples=100, deadline=None)
@given(st.lists(cells, min_size=1, max_size=5), st.integers(1, 12), st.randoms(use_true_random=False))
def test_whatever_comes_the_figures_are_sane(rows, month, random):
    values = np.array([[cell or 0 for cell in row] for row in rows], np.int64)
    known = np.array([[cell is not None for cell in row] for row in rows])
    found = forecast(values, known, month, 2000)
    for column in (found.expected, found.low, found.high, found.path):
        assert np.isfinite(column).all()
    assert (found.low <= found.expected * (1 + 1e-12)).all()
    assert (found.expected <= found.high * (1 + 1e-12)).all()
    assert (np.diff(found.path, axis=1) >= -1e-6 * (1 + found.path[:, 1:])).all()
    seen = np.where(known, values, 0)[:, 12 : 12 + month].sum(axis=1)
    told = found.basis != NONE
    assert (found.expected[told] >= seen[told] * (1 - 1e-12)).all(), "never less than what is reported"
    order = list(range(len(rows)))
    random.shuffle(order)
    again = forecast(values[order], known[order], month, 2000)
    assert (again.expected == found.expected[order]).all(), "a firm's forecast rests on its own figures alone"
    later = values.copy()
    later[:, 12 + month :] = 7
    assert (forecast(later, known, month, 2000).expected == found.expected).all(), (
        "the future is not looked at"
    )


@cache
def tabled(history: int) -> dict[str, list[tuple[float, float, float, float]]]:
    """Worked once for all tests that look at it."""
    return table(200, history)


def ratios(history: int) -> dict[tuple[str, int], float]:
    """Our error as a multiple of the run-rate's, by process and month."""
    found = tabled(history)
    return {
        (name, month): cell[0] / cell[1]
        for name, cells in found.items()
        for month, cell in zip(AS_OF, cells, strict=True)
    }


@pytest.mark.parametrize(("history", "mean", "worst"), [(2, 0.75, 1.2), (1, 0.82, 1.4), (0, 1.0, 1.0 + 1e-9)])
def test_it_is_better_than_the_run_rate_on_whatever_it_is_tried(history, mean, worst):
    """Processes that are not the demo's, at the end of six months of the year; the table is bench.forecast's."""
    found = ratios(history)
    assert np.mean(list(found.values())) < mean + 1e-9
    assert [where for where, ratio in found.items() if ratio > worst] == []


def test_growth_and_a_shifted_level_are_followed_from_march_on():
    found = ratios(2)
    for name in ("growth", "fast growth", "decline", "level shift", "new year shift", "seasonal growth"):
        for month in (3, 4, 6, 9):
            assert found[name, month] < 1.06, (name, month)


def test_last_year_is_left_behind():
    cells = np.array([cell[:3] for cells in tabled(2).values() for cell in cells])
    ours, _, last_year = cells.mean(axis=0)
    assert ours < 0.75 * last_year


def test_where_the_run_rate_was_nearer_in_the_years_before_it_is_shown_and_said():
    """A season that never came again: in June of the year before, the run-rate told its end exactly."""
    found = one([10] * 6 + [190] * 6, [100] * 12, [100] * 6, month=6)
    assert BASES[found.basis[0]] == "nearer_run_rate"
    assert found.expected[0] == pytest.approx(1200)
    assert "回测" in BASIS_WORDS["nearer_run_rate"]


def test_a_step_at_new_year_is_no_season():
    flat = [98, 102, 101, 99, 100, 100, 97, 103, 100, 100, 99, 101]
    found = one(flat, [2 * cell for cell in flat[:3]], month=3)
    assert found.expected[0] == pytest.approx(2400, rel=0.04)


def test_half_of_the_interval_is_no_decoration():
    """About three years in four end inside the interval that is shown."""
    held = [cell[3] for history in (0, 1, 2) for cells in tabled(history).values() for cell in cells]
    assert 0.65 < np.mean(held) < 0.9


# ---------------------------------------------------------------- signals of a year


def months(*rows: dict[int, int]) -> Months:
    row = np.array([number for number, cells in enumerate(rows) for _ in cells], np.int64)
    month = np.array([month for cells in rows for month in cells], np.int64)
    value = np.array([value for cells in rows for value in cells.values()], np.int64)
    return Months.of_rows(len(rows), 2022, row, month, value)


def test_change_compares_months_reported_in_both_years():
    read = months({202101: 100, 202102: 100, 202201: 90}, {202201: 50}, {202101: 0, 202201: 5})
    values, known = change(read, 2)
    assert (values.tolist(), known.tolist()) == ([-100_000, 0, 0], [True, False, False])


def test_silent_months_count_from_the_last_return():
    read = months({202112: 5}, {202205: 5}, {202206: 0}, {}, {201901: 5})
    values, known = silent_months(read, 6)
    assert (values.tolist(), known.tolist()) == ([6, 1, 0, 0, 41], [True, True, True, False, True])
    assert read.latest() == 6


def test_amounts_are_whole_hundredths():
    found = expected(months({202200 + month: 16_667 for month in range(1, 7)}), 6, 200_000)
    assert found.expected[0] == 200_004
    assert found.crossing[0] == 12
    assert found.basis[0] == RUN_RATE
