"""Region × tier × industry, on columns small enough to add up by hand (docs/month-figures.md 统计)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Month
from cultivation.rules.months import MonthFacts, month_statistics
from cultivation.rules.statistic_lines import JOINT_CHAIN, NO_BASE, NO_CHAIN, NOT_COMPARABLE, StatisticLine
from cultivation.rules.statistic_rows import STATISTIC_SELECTIONS
from cultivation.rules.statistics import SUMMED, StatisticsFacts, by_dimension, chosen, statistics_of, summed

JUNE = Month(2022, 6)


def table(names, rows):
    keys = names.split()
    columns = zip(*rows, strict=True) if rows else [()] * len(keys)
    return {key: np.array(values, np.int64) for key, values in zip(keys, columns, strict=True)}


def drawn(firms, figures=(), events=(), month=JUNE, is_joint=False):
    """firms: line, tier, industry · figures: firm, month, revenue, tax, power (None: not given), in the firm's region."""
    lines = [line for line, _, _ in firms]
    told = [
        (firm, number, lines[firm], revenue, tax, power or 0, int(power is not None))
        for firm, number, revenue, tax, power in figures
    ]
    own = table("line founded closed pending", [(line, 0, 0, 0) for line in lines])
    read = table("firm month line revenue tax power powered", told)
    changes = table("firm month line kind library_year", list(events))
    facts = MonthFacts(month, own, read, changes, (None,) * (max(lines) + 1), "gross")
    dimensions = table(
        "line tier industry eligible near risk member", [(*f, 0, 0, 0, f[1] > 0) for f in firms]
    )
    return statistics_of(StatisticsFacts(month, is_joint, dimensions, read, month_statistics(facts).tables))


def line(*args, **kwargs):
    found = drawn(*args, **kwargs)
    joint_start = kwargs.get("is_joint", False) and kwargs.get("month", JUNE).month <= 3
    return StatisticLine(summed(found.cells), joint_start)


def test_a_month_is_told_by_region_tier_and_industry():
    found = drawn(
        [(0, 1, 34), (0, 0, 17), (1, 1, 34)],
        [(0, 202206, 100_00, 5_00, 20), (1, 202206, 50_00, 1_00, None), (2, 202206, 30_00, 2_00, 7)],
    )
    by_industry = by_dimension(found.cells, "industry")
    assert (by_industry[34]["revenue"], by_industry[17]["revenue"]) == (130_00, 50_00)
    here = summed(chosen(found.cells, line=0, tier=1))
    assert (here["firms"], here["revenue"], here["tax"], here["power"]) == (1, 100_00, 5_00, 20)
    assert summed(chosen(found.cells, line=0, industry=17))["power"] == 0


def test_growth_against_last_year_and_last_month_is_over_firms_with_both():
    told = line(
        [(0, 0, 34), (0, 0, 34)],
        [
            (0, 202206, 120_00, 6_00, 30), (0, 202205, 100_00, 5_00, 20), (0, 202106, 100_00, 8_00, 40),
            (1, 202206, 900_00, 0, None),
        ],
    )  # fmt: skip
    assert told.values["revenue"] == 1020_00
    assert told.rate("revenue", "yoy").ratio == Decimal("0.2000")
    assert told.rate("revenue", "mom").ratio == Decimal("0.2000")
    assert told.rate("tax", "yoy").ratio == Decimal("-0.2500")
    assert told.rate("power", "yoy").ratio == Decimal("-0.2500")


def test_power_that_one_side_does_not_give_is_not_compared():
    told = line([(0, 0, 34)], [(0, 202206, 1, 0, 30), (0, 202106, 1, 0, None)])
    assert told.rate("power", "yoy").exact is None
    assert told.rate("revenue", "yoy").exact == 0


@pytest.mark.parametrize(
    ("figures", "kind", "reason"),
    [
        ([(0, 202206, 100, 0, None)], "yoy", NOT_COMPARABLE),
        ([(0, 202206, 100, 0, None), (0, 202106, 0, 0, None)], "yoy", NO_BASE),
        ([(0, 202206, 100, 0, None), (0, 202106, 5, 0, None)], "mom", NO_CHAIN),
    ],
)
def test_growth_without_a_base_is_none_with_its_reason_never_zero(figures, kind, reason):
    rate = line([(0, 0, 0)], figures).rate("revenue", kind)
    assert (rate.exact, rate.reason) == (None, reason)


def test_cumulative_growth_compares_month_by_month():
    told = line(
        [(0, 0, 34)],
        [
            (0, 202201, 10_00, 0, None),
            (0, 202206, 30_00, 0, None),
            (0, 202106, 24_00, 0, None),
            (0, 202107, 9, 0, None),
        ],
    )
    assert told.values["revenue_ytd"] == 40_00
    assert told.rate("revenue", "ytd_yoy").ratio == Decimal("0.2500")


def test_january_and_february_are_one_where_the_programme_says_so():
    figures = [
        (0, 202201, 10, 0, None),
        (0, 202202, 20, 0, None),
        (0, 202101, 15, 0, None),
        (0, 202102, 5, 0, None),
    ]
    apart = line([(0, 0, 0)], figures, month=Month(2022, 2))
    together = line([(0, 0, 0)], figures, month=Month(2022, 2), is_joint=True)
    assert (apart.values["revenue"], together.values["revenue"]) == (20, 30)
    assert apart.rate("revenue", "yoy").exact == 3
    assert together.rate("revenue", "yoy").ratio == Decimal("0.5000")
    assert apart.rate("revenue", "mom").exact == 1
    march = line([(0, 0, 0)], [*figures, (0, 202203, 9, 0, None)], month=Month(2022, 3), is_joint=True)
    for told in (together, march):
        assert (told.rate("revenue", "mom").exact, told.rate("revenue", "mom").reason) == (None, JOINT_CHAIN)
    assert march.values["revenue"] == 9


FIRM = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
FIGURE = st.tuples(
    st.sampled_from([202106, 202205, 202206]),
    st.integers(-50, 900),
    st.integers(0, 90),
    st.none() | st.integers(0, 50),
)


@given(st.lists(st.tuples(FIRM, st.lists(FIGURE, unique_by=lambda one: one[0])), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_every_number_is_the_list_behind_it_however_it_is_cut(firms):
    figures = [(row, *figure) for row, (_, months) in enumerate(firms) for figure in months]
    events = [(0, 202206, firms[0][0][0], 1, 2022)]
    found = drawn([firm for firm, _ in firms], figures, events)
    for dimension in ("line", "tier", "industry"):
        for value, sums in by_dimension(found.cells, dimension).items():
            told = StatisticLine(sums)
            for selection in STATISTIC_SELECTIONS.values():
                rows = chosen(found.tables[selection.table], **{dimension: value})
                kept = {name: column[selection.keeps(rows, JUNE)] for name, column in rows.items()}
                if selection.is_count:
                    number = kept["firm"].size
                elif selection.table == "events":
                    number = int(np.where(kept["kind"] == 1, 1, -1).sum())
                else:
                    number = int(kept[selection.adds].sum())
                assert number == told.number(selection.number), selection.label
    whole = summed(found.cells)
    for dimension in ("line", "tier", "industry"):
        parts = by_dimension(found.cells, dimension).values()
        assert all(whole[name] == sum(part[name] for part in parts) for name in SUMMED)
