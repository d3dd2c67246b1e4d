"""The month's definitions, on columns small enough to add up by hand (docs/month-figures.md)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.amounts import AmountOutOfRange
from core.periods import Month
from cultivation.rules.measures import LAGGING, NORMAL, SLOW
from cultivation.rules.month_rows import SELECTIONS, packed, selected, unpacked
from cultivation.rules.months import (
    DELISTED,
    IN_DIRECTORY,
    LISTED,
    OUTSIDE,
    SUMMED,
    MonthFacts,
    month_statistics,
    sum_by,
    total_of,
)

JUNE = Month(2022, 6)


def table(names: str, rows: list[tuple[int, ...]]) -> dict[str, np.ndarray]:
    keys = names.split()
    columns = zip(*rows, strict=True) if rows else [()] * len(keys)
    return {key: np.array(values, np.int64) for key, values in zip(keys, columns, strict=True)}


def facts(firms, figures=(), events=(), targets=(10, 10), month=JUNE, basis="gross") -> MonthFacts:
    """firms: line, founded, closed, pending · figures: firm, month, line, revenue, tax · events: firm, month, line, kind, year."""
    return MonthFacts(
        month,
        table("line founded closed pending", [(*firm, 0, 0, 0)[:4] for firm in firms]),
        table("firm month line revenue tax", list(figures)),
        table("firm month line kind library_year", list(events)),
        tuple(targets),
        basis,
    )


def lines(*args, **kwargs):
    return month_statistics(facts(*args, **kwargs)).lines


def test_silent_is_due_minus_reporting_and_zero_reports_are_reports():
    here, there = lines(
        [(0,), (0,), (0,), (1,)],
        [(0, 202206, 0, 120_00, 5_00), (1, 202206, 0, 0, 0)],
    )
    assert (here.firms, here.reporting, here.zero_reports, here.silent) == (3, 2, 1, 1)
    assert (there.firms, there.reporting, there.silent) == (1, 0, 1)
    assert (here.revenue_wan, here.tax_paid_wan) == (120_00, 5_00)


def test_not_due_before_founding_nor_after_closing_nor_while_unconfirmed():
    (line,) = lines(
        [(0, 20220701), (0, 20220630), (0, 0, 1), (0, 0, 0, 1), (0, 0, 0, 1)],
        [(4, 202103, 0, 1, 0)],
        targets=(10,),
    )
    assert line.firms == 2  # founded by the month's end; 待核 that has reported before
    assert line.silent == 2


def test_a_closed_firm_that_reported_is_due_and_reporting():
    (line,) = lines([(0, 0, 1)], [(0, 202206, 0, 5_00, 0)], targets=(10,))
    assert (line.firms, line.reporting, line.silent) == (1, 1, 0)


def test_a_figure_counts_where_it_stands_when_the_firm_has_moved():
    here, there = lines([(1,)], [(0, 202206, 0, 7_00, 0), (0, 202106, 0, 5_00, 0)])
    assert (here.firms, here.reporting, here.revenue_wan) == (1, 1, 7_00)
    assert (there.firms, there.silent) == (0, 0)


def test_growth_is_over_firms_with_figures_in_both_months():
    (line,) = lines(
        [(0,), (0,), (0,)],
        [
            (0, 202206, 0, 110_00, 0),
            (0, 202106, 0, 100_00, 0),
            (1, 202206, 0, 900_00, 0),
            (2, 202106, 0, 50_00, 0),
        ],
        targets=(10,),
    )
    assert line.comparable_firms == 1
    assert line.revenue_yoy == Decimal("0.1000")


@pytest.mark.parametrize(
    ("base", "reason"), [([], "没有两年同月都报数的企业"), ([(0, 202106, 0, 0, 0)], "上年同月基数为零或负数")]
)
def test_growth_without_a_base_is_none_with_a_reason(base, reason):
    (line,) = lines([(0,)], [(0, 202206, 0, 100, 0), *base], targets=(10,))
    assert line.revenue_yoy is None
    assert line.yoy_reason == reason


def test_cumulative_growth_compares_the_months_reported_in_both_years():
    (line,) = lines(
        [(0,)],
        [
            (0, 202201, 0, 10_00, 1_00), (0, 202202, 0, 20_00, 1_00), (0, 202206, 0, 30_00, 1_00),
            (0, 202102, 0, 16_00, 0), (0, 202106, 0, 24_00, 0), (0, 202107, 0, 99_00, 0),
        ],
        targets=(10,),
    )  # fmt: skip
    assert (line.revenue_ytd_wan, line.tax_paid_ytd_wan) == (60_00, 3_00)
    assert (line.revenue_ytd_comparable_wan, line.revenue_ytd_base_wan) == (50_00, 40_00)
    assert line.revenue_ytd_yoy == Decimal("0.2500")


def test_entries_and_exits_count_by_library_year_up_to_the_month():
    (line,) = lines(
        [(0,)] * 6,
        events=[
            (0, 202112, 0, LISTED, 2022),  # approved in December for the library year 2022
            (1, 202201, 0, LISTED, 2021),  # January, but the year before
            (2, 202206, 0, LISTED, 2022),
            (3, 202207, 0, LISTED, 2022),  # after the month
            (4, 202101, 0, IN_DIRECTORY, 2020), (4, 202206, 0, DELISTED, 2022),
            (5, 202101, 0, IN_DIRECTORY, 2020),
        ],
        targets=(10,),
    )  # fmt: skip
    assert (line.newly_listed, line.newly_listed_ytd) == (1, 2)
    assert (line.delisted, line.delisted_ytd, line.net_added_ytd) == (1, 1, 1)
    assert line.above_scale_total == 4  # firms 0, 1, 2 and 5


def test_the_directory_stands_where_the_firm_is_at_the_months_end():
    here, there = lines([(1,)], events=[(0, 202201, 0, LISTED, 2022)])
    assert (here.newly_listed_ytd, here.above_scale_total) == (1, 0)
    assert (there.newly_listed_ytd, there.above_scale_total) == (0, 1)


def test_half_the_year_against_the_target():
    (line,) = lines([(0,)] * 71, events=[(i, 202203, 0, LISTED, 2022) for i in range(71)], targets=(130,))
    assert line.attainment == Decimal("0.5462")
    assert line.schedule_gap == Decimal("0.0462")
    assert line.light == NORMAL


@pytest.mark.parametrize(("listed", "light"), [(50, NORMAL), (49, SLOW), (41, SLOW), (40, LAGGING)])
def test_lights_turn_at_the_stated_distances(listed, light):
    (line,) = lines(
        [(0,)] * listed, events=[(i, 202206, 0, LISTED, 2022) for i in range(listed)], targets=(100,)
    )
    assert line.light == light


def test_equal_attainment_has_equal_rank_and_the_next_is_skipped():
    listed = [(0, 3), (1, 6), (2, 1), (3, 2), (4, 0)]
    events = [(i, 202201, line, LISTED, 2022) for line, n in listed for i in range(n)]
    ranks = [line.rank for line in lines([(0,)] * 6, events=events, targets=(10, 20, 10, None, 10))]
    assert ranks == [1, 1, 3, None, 4]


def test_ranking_compares_exact_fractions_not_four_places():
    events = [(i, 202201, line, LISTED, 2022) for line, n in ((0, 33333), (1, 33334)) for i in range(n)]
    first, second = lines([(0,)] * 33334, events=events, targets=(1_000_000, 1_000_000))
    assert first.attainment == second.attainment
    assert (first.rank, second.rank) == (2, 1)


def test_a_net_programme_counts_entries_minus_exits():
    (line,) = lines(
        [(0,)] * 3,
        events=[(0, 202201, 0, LISTED, 2022), (1, 202202, 0, LISTED, 2022), (2, 202203, 0, DELISTED, 2022)],
        targets=(4,),
        basis="net",
    )
    assert line.attainment == Decimal("0.2500")


def test_output_since_entry_stops_at_the_exit():
    statistics = month_statistics(
        facts(
            [(0,)],
            [(0, month, 0, 10_00, 0) for month in (202201, 202202, 202203, 202204, 202205)],
            [(0, 202202, 0, LISTED, 2022), (0, 202204, 0, DELISTED, 2022)],
            targets=(10,),
        )
    )
    assert statistics.tables["events"]["revenue"].tolist() == [20_00, 0]


def test_output_since_entry_reaches_up_to_the_month_itself_and_no_further():
    figures = [(0, month, 0, 10_00, 0) for month in (202204, 202205, 202206, 202207)]
    statistics = month_statistics(facts([(0,)], figures, [(0, 202205, 0, LISTED, 2022)], targets=(10,)))
    assert statistics.tables["events"]["revenue"].tolist() == [20_00]


def test_sums_that_leave_64_bits_are_refused():
    with pytest.raises(AmountOutOfRange):
        sum_by(np.zeros(3, np.int64), np.full(3, 2**62, np.int64), 1)


def test_an_empty_city_is_a_line_of_zeroes():
    (line,) = lines([], targets=(10,))
    assert {getattr(line, name) for name in SUMMED} == {0}


line_numbers = st.integers(0, 2)
months = st.sampled_from([202101, 202105, 202106, 202112, 202201, 202205, 202206])
cities = st.fixed_dictionaries(
    {
        "firms": st.lists(
            st.tuples(
                st.integers(OUTSIDE, 2),
                st.sampled_from([0, 20220615, 20220705]),
                st.booleans(),
                st.booleans(),
            ),
            min_size=1,
            max_size=12,
        ),
        "figures": st.dictionaries(
            st.tuples(st.integers(0, 11), months),
            st.tuples(line_numbers, st.integers(-50, 10**9), st.integers(0, 10**6)),
            max_size=40,
        ),
        "events": st.dictionaries(
            st.tuples(st.integers(0, 11), months, st.integers(0, 2)),
            st.tuples(line_numbers, st.integers(2021, 2022)),
            max_size=25,
        ),
    }
)


def _facts(city, *, merged: bool) -> MonthFacts:
    """The city with its three districts, or the same firms with the whole city as one line."""
    size = len(city["firms"])

    def line(number: int) -> int:
        return min(number, 0) if merged else number

    return facts(
        [
            (line(place), founded, int(closed), int(pending))
            for place, founded, closed, pending in city["firms"]
        ],
        [(f, m, line(at), rev, tax) for (f, m), (at, rev, tax) in city["figures"].items() if f < size],
        [(f, m, line(at), kind, year) for (f, m, kind), (at, year) in city["events"].items() if f < size],
        targets=(30,) if merged else (10, 10, 10),
    )


@settings(max_examples=150, deadline=None)
@given(cities)
def test_districts_sum_to_the_city_in_every_number_also_for_firms_that_move(city):
    districts = month_statistics(_facts(city, merged=False)).lines
    (whole,) = month_statistics(_facts(city, merged=True)).lines
    summed = total_of(districts, months_passed=6, basis="gross")
    assert {name: getattr(summed, name) for name in SUMMED} == {name: getattr(whole, name) for name in SUMMED}


@settings(max_examples=100, deadline=None)
@given(cities)
def test_every_list_adds_up_to_its_number(city):
    statistics = month_statistics(_facts(city, merged=False))
    tables = unpacked(packed(statistics.tables))
    for which, selection in SELECTIONS.items():
        for number, line in enumerate(statistics.lines):
            rows = selected(tables, selection, JUNE, [number])
            if selection.is_count:
                assert rows["firm"].size == getattr(line, selection.number), which
    for number, line in enumerate(statistics.lines):
        rows = selected(tables, SELECTIONS["net_added_ytd"], JUNE, [number])
        assert np.where(rows["kind"] == LISTED, 1, -1).sum() == line.net_added_ytd
        assert selected(tables, SELECTIONS["ytd"], JUNE, [number])["revenue"].sum() == line.revenue_ytd_wan
        assert (
            selected(tables, SELECTIONS["comparable"], JUNE, [number])["base"].sum() == line.revenue_base_wan
        )


@settings(max_examples=60, deadline=None)
@given(cities, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(city, random):
    shuffled = {**city}
    for key in ("figures", "events"):
        rows = list(city[key].items())
        random.shuffle(rows)
        shuffled[key] = dict(rows)
    assert (
        month_statistics(_facts(city, merged=False)).lines
        == month_statistics(_facts(shuffled, merged=False)).lines
    )
