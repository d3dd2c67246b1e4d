"""The rule of a pool as an officer could check it: boundary values, reasons, tiers, and what a screening changes."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions import Column, FactKey, Frame, Kind
from core.facts import catalogue
from core.policies import read_document
from cultivation.policy.pool import Basis, Quota
from cultivation.rules.screening import (
    NO_TIER,
    NO_YEAR,
    STATUSES,
    Members,
    changes_of,
    counts_of,
    quota_of,
    screen,
    selected,
    selections,
)
from tests.cultivation.conftest import POLICY

RULE = read_document(POLICY.read_text(encoding="utf-8"))[0].parts["pool"].of_kind("scale_up")
SALES = FactKey("tax_list_sales", Kind.YEAR, 2021)
SURVEYED = FactKey("taxable_sales", Kind.YEAR, 2021)


def frame(firms: list[dict]) -> Frame:
    """Firms by ``sales`` of the tax list, ``surveyed`` sales, ``delisted`` year, ``above`` scale."""

    def column(key: FactKey, name: str, default=None) -> Column:
        return Column.of(catalogue()[key.name], [firm.get(name, default) for firm in firms])

    columns = {
        SALES: column(SALES, "sales"),
        SURVEYED: column(SURVEYED, "surveyed"),
        FactKey("delisted_year"): column(FactKey("delisted_year"), "delisted"),
        FactKey("above_scale"): column(FactKey("above_scale"), "above", False),
        FactKey("verified"): column(FactKey("verified"), "verified", True),
    }
    return Frame(len(firms), {str(key): value for key, value in columns.items()})


def told(year: int = 2022, **firm) -> tuple[str, str, int]:
    """Status, tier and planned year of one firm."""
    found = screen(RULE, frame([firm]), year)
    tier = RULE.tiers[found.tier[0]].name if found.tier[0] != NO_TIER else ""
    return STATUSES[found.status[0]], tier, int(found.planned_year[0])


CASES = [
    # 应税销售在500—2000万元: both ends in
    ("499.99万元 of the tax list", {"sales": Decimal("499.99")}, ("off", "", NO_YEAR)),
    ("500万元", {"sales": 500}, ("in", "储备", 2024)),
    ("999.99万元", {"sales": Decimal("999.99")}, ("in", "储备", 2024)),
    ("1000万元", {"sales": 1000}, ("in", "培育", 2023)),
    ("1499.99万元", {"sales": Decimal("1499.99")}, ("in", "培育", 2023)),
    ("1500万元", {"sales": 1500}, ("in", "提升", 2022)),
    ("2000万元", {"sales": 2000}, ("in", "提升", 2022)),
    ("2000.01万元", {"sales": Decimal("2000.01")}, ("off", "", NO_YEAR)),
    ("sales of the survey alone make no candidate", {"surveyed": 800}, ("absent", "", NO_YEAR)),
    # 近三年退统
    ("left in 2018", {"delisted": 2018, "surveyed": 800}, ("off", "", NO_YEAR)),
    ("left in 2019, tier by the survey", {"delisted": 2019, "surveyed": 800}, ("in", "储备", 2024)),
    ("left in 2021 with 3000万元", {"delisted": 2021, "surveyed": 3000}, ("in", "提升", 2022)),
    ("left, no figure at all", {"delisted": 2021}, ("in", "", NO_YEAR)),
    ("left in 2018 but in the band", {"delisted": 2018, "sales": 600}, ("in", "储备", 2024)),
    (
        "the tax list decides the tier where both speak",
        {"sales": 900, "surveyed": 1900},
        ("in", "储备", 2024),
    ),
    # 规模以下
    ("above scale now", {"sales": 1800, "above": True}, ("out", "", NO_YEAR)),
    ("on no list", {}, ("absent", "", NO_YEAR)),
    ("on no list, above scale", {"above": True}, ("absent", "", NO_YEAR)),
]


@pytest.mark.parametrize(("name", "firm", "expected"), CASES, ids=[case[0] for case in CASES])
def test_case(name, firm, expected):
    assert told(**firm) == expected


def test_the_next_year_moves_the_window_and_the_plan():
    assert told(2023, delisted=2019, surveyed=800) == ("off", "", NO_YEAR)
    assert told(2023, sales=1800) == ("in", "提升", 2023)
    assert told(2023, sales=600) == ("in", "储备", 2024), "never behind the last year of the plan"


def test_every_line_that_speaks_of_a_firm_is_kept():
    found = screen(RULE, frame([{"sales": 900, "surveyed": 901, "delisted": 2020, "above": True}]), 2022)
    assert (found.named_by[0], found.failed[0], found.told[0]) == (0b11, 0b1, 0b011)
    quiet = screen(RULE, frame([{"surveyed": 901, "above": True, "verified": False}]), 2022)
    assert quiet.told[0] == 0, "a firm on no list is no conflict"


def test_every_firm_is_in_exactly_one_list_and_numbers_are_their_lengths():
    found = screen(RULE, frame([case[1] for case in CASES]), 2022)
    counts = counts_of(RULE, found.table())
    assert sum(counts[name] for name in STATUSES) == counts["all"] == len(CASES)
    assert sum(counts[f"tier:{tier.name}"] for tier in RULE.tiers) + counts["tier:"] == counts["in"]
    assert set(counts) == set(selections(RULE))
    first, second = (f"source:{source.code}" for source in RULE.sources[:2])
    by_list = [selected(RULE, found.table(), name) for name in (first, second)]
    for number, (_name, firm, (status, *_)) in enumerate(CASES):
        if status == "in":
            assert [bool(mask[number]) for mask in by_list] == [
                500 <= firm.get("sales", 0) <= 2000,
                firm.get("delisted", 0) >= 2019,
            ]
    with pytest.raises(KeyError):
        selected(RULE, found.table(), "out:nothing")
    with pytest.raises(KeyError):
        selected(RULE, found.table(), "everything")


firms = st.fixed_dictionaries(
    {},
    optional={
        "sales": st.integers(0, 300_000).map(lambda n: Decimal(n) / 100),
        "surveyed": st.integers(0, 300_000).map(lambda n: Decimal(n) / 100),
        "delisted": st.integers(2015, 2022),
        "above": st.booleans(),
    },
)


@given(st.lists(firms, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_firms_changes_nothing(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = screen(RULE, frame(rows), 2022).table()
    shuffled = screen(RULE, frame([rows[i] for i in order]), 2022).table()
    for name, column in straight.items():
        assert column[order].tolist() == shuffled[name].tolist(), name


@given(firms)
def test_nobody_above_scale_is_in_and_nobody_in_is_without_a_source(row):
    found = screen(RULE, frame([row]), 2022)
    if STATUSES[found.status[0]] == "in":
        assert not row.get("above", False)
        assert found.named_by[0] > 0


# ---- what a screening changes


def members(*rows: dict) -> Members:
    def column(name, default):
        return np.array([row.get(name, default) for row in rows])

    return Members(
        row=column("row", 0).astype(np.int64),
        tier=column("tier", 0).astype(np.int64),
        planned_year=column("planned_year", 2022).astype(np.int64),
        named_by=column("named_by", 0b01).astype(np.int64),
        **{
            name: column(name, False).astype(bool)
            for name in ("tier_by_hand", "year_by_hand", "admitted_by_hand", "is_proposed")
        },
    )


def changed(firm: dict, *rows: dict, barred: tuple[int, ...] = ()):
    found = screen(RULE, frame([firm]), 2022)
    return changes_of(found, members(*rows), np.array(barred, np.int64))


RISEN = {"sales": 1800, "above": True}
READY = {"sales": 1800}


def test_a_candidate_comes_in_once():
    assert changed(READY).admitted.tolist() == [0]
    assert changed(READY, {"row": 0}).admitted.tolist() == []
    assert changed(RISEN).admitted.tolist() == []


def test_whom_a_person_took_out_no_rule_puts_back():
    assert changed(READY, barred=(0,)).admitted.tolist() == []


def test_who_falls_out_goes_and_whom_a_person_placed_is_only_proposed():
    assert changed(RISEN, {"row": 0}).withdrawn.tolist() == [0]
    for flag in ("tier_by_hand", "year_by_hand", "admitted_by_hand"):
        found = changed(RISEN, {"row": 0, flag: True})
        assert (found.withdrawn.tolist(), found.proposed.tolist()) == ([], [0])
    again = changed(RISEN, {"row": 0, "tier_by_hand": True, "is_proposed": True})
    assert again.proposed.tolist() == [], "proposed once"
    back = changed(READY, {"row": 0, "tier_by_hand": True, "is_proposed": True})
    assert back.cleared.tolist() == [0]


def test_the_rule_moves_what_no_person_chose():
    moved = changed({"sales": 1200}, {"row": 0})
    assert (moved.moved.tolist(), moved.tier[0], moved.planned_year[0]) == ([0], 1, 2023)
    kept = changed({"sales": 1200}, {"row": 0, "tier_by_hand": True})
    assert (kept.tier[0], kept.planned_year[0]) == (0, 2023)
    both = changed({"sales": 1200}, {"row": 0, "tier_by_hand": True, "year_by_hand": True})
    assert both.moved.tolist() == []
    assert changed(READY, {"row": 0}).moved.tolist() == []


def test_a_second_source_is_a_change():
    assert changed({"sales": 1800, "delisted": 2021}, {"row": 0}).moved.tolist() == [0]


# ---- quota (S1-24: 138 → 166 city-wide, 169 when each county is rounded up)

PINGDINGSHAN = [19, 10, 17, 24, 22, 18, 5, 4, 5, 4, 1, 9]


@pytest.mark.parametrize(("rounding", "whole"), [("up_total", 166), ("up_each", 169)])
def test_the_number_asked_for_is_rounded_as_the_document_says(rounding, whole):
    quota = Quota(Decimal("1.2"), "newly_listed", rounding, Basis("三（一）"))
    each, found = quota_of(quota, {str(n): target for n, target in enumerate(PINGDINGSHAN)})
    assert sum(PINGDINGSHAN) == 138
    assert found == whole
    assert each["0"] == 23
