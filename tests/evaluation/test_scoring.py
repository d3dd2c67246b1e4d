"""Scores: the published vectors, missing figures, and what no order of rows or size of a figure may change."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rules.figures import FINE, rounded
from evaluation.rules.rounds import evaluate
from evaluation.rules.scoring import BEYOND_LIMIT, CAPPED, FLOORED, NOT_REPORTED, SCORED, ZERO_DEN
from tests.evaluation.schemes import firms, grades, scheme, scheme_of_2022, scores

VECTORS = yaml.safe_load((Path(__file__).parent / "vectors.yaml").read_text(encoding="utf-8"))
TOLERANCE = Decimal("0.0001")
#: so large that the hundredth to which a quantity is kept does not show in the fourth place of a score
WHOLE = Decimal(10) ** 8
OPEN = {"cap": "none", "floor": "none"}


def vectors():
    for name, cases in VECTORS.items():
        cohort, year = name.split("_")
        for case in cases:
            yield pytest.param(cohort, int(year), case, id=f"{name} {case['id']}")


def firm_with(cohort: str, values: dict[str, Decimal]) -> dict:
    """Quantities of a firm whose indicators have these values."""
    if cohort == "below":
        tax, land = values["tax_per_mu"] * WHOLE, WHOLE
        return {"above": False, "land_own": land, "tax": tax, "power": tax / values["tax_per_elec"]}
    land = WHOLE / values["va_per_mu"]
    return {
        "value_added": WHOLE,
        "land_own": land,
        "tax": land * values["tax_per_mu"],
        "energy": WHOLE / values["va_per_energy"],
        "emissions": WHOLE / values["va_per_emission"],
        "staff": round(WHOLE / values["productivity"]),
        "main_revenue": WHOLE,
        "research": WHOLE * values["rd_ratio"],
    }


@pytest.mark.parametrize(("cohort", "year", "case"), list(vectors()))
def test_published_vectors_come_out(cohort, year, case):
    given_settings = OPEN | ({"floor": case["floor"]} if "floor" in case else {})
    method = (scheme if year == 2021 else scheme_of_2022)(**given_settings)
    indicators = method.cohort(cohort).indicators
    if "at_baseline" in case:
        share = Decimal(str(case["at_baseline"]))
        values = {indicator.id: indicator.printed_baseline * share for indicator in indicators}
    else:
        values = {name: Decimal(str(value)) for name, value in case["values"].items()}
    result = evaluate(firms(firm_with(cohort, values)), method)
    assert abs(scores(result)[0] - Decimal(str(case["score"]))) <= TOLERANCE
    for place, points in enumerate(case.get("points", [])):
        assert abs(Decimal(int(result.items[0, place, 2])) / FINE - Decimal(str(points))) <= TOLERANCE


def test_missing_emissions_get_the_mean_score_of_the_firms_with_data():
    """H7: 6 and 10 points, the third firm gets 8; the mean is of the whole cohort, not of one region."""
    method = scheme(**OPEN)
    baseline = Decimal("4861.08")
    rows = [
        {"value_added": baseline * 60, "emissions": 100, "region": 0},
        {"value_added": baseline * 100, "emissions": 100, "region": 1},
        {"value_added": baseline * 80, "emissions": None, "region": 1},
    ]
    result = evaluate(firms(*rows), method)
    assert [int(points) for points in result.items[:, 3, 2]] == [6 * FINE, 10 * FINE, 8 * FINE]
    assert result.items[2, 3, 0] == NOT_REPORTED
    assert result.means[0][3] == 8 * FINE


def test_no_emissions_are_not_unreported_emissions():
    """0, empty and a figure are three states, though the demo treats the first two alike."""
    result = evaluate(firms({"emissions": 0}, {"emissions": None}, {}), scheme())
    assert list(result.items[:, 3, 0]) == [ZERO_DEN, NOT_REPORTED, SCORED]


def test_when_nobody_has_the_figure_the_item_is_worth_nothing():
    result = evaluate(firms({"emissions": None}, {"emissions": None}), scheme())
    assert list(result.items[:, 3, 2]) == [0, 0]
    assert result.means[0][3] is None


@pytest.mark.parametrize(
    ("rule", "points"),
    [("zero", 70), ("mean_score", 100), ("drop_and_reweight", 100)],
)
def test_each_rule_for_an_unreported_figure(rule, points):
    """A firm at every baseline without its tax: 70 of 100 points, the mean of the others, or the rest grown."""
    method = scheme(not_reported=rule)
    values = {indicator.id: indicator.printed_baseline for indicator in method.cohort("above").indicators}
    full = firm_with("above", values)
    result = evaluate(firms(full, full | {"tax": None}), method)
    assert abs(scores(result)[1] - points) <= TOLERANCE
    assert scores(result)[0] == 100


def test_without_any_figure_dropping_leaves_zero():
    nothing = dict.fromkeys(["tax", "value_added", "research", "main_revenue"])
    result = evaluate(firms(nothing, nothing), scheme(not_reported="drop_and_reweight"))
    # 排放 has a rule of its own (mean of nobody), so all the others are dropped and grow nothing
    assert scores(result) == [0, 0]


def test_cap_and_floor_keep_what_was_computed_beside_what_counts():
    result = evaluate(firms({"tax": "5000"}, {"tax": "-50"}), scheme())
    assert list(result.items[:, 0, 0]) == [CAPPED, FLOORED]
    assert list(result.items[:, 0, 2]) == [45 * FINE, 0]
    assert result.items[0, 0, 1] > 500 * FINE
    assert result.items[1, 0, 1] < -5 * FINE


def test_one_giant_outlier_without_cap_is_marked_and_harms_nobody():
    giant = {"tax": "9999999999", "land_own": "0.01"}
    alone = evaluate(firms({}, {"tax": "90"}), scheme(**OPEN))
    result = evaluate(firms({}, {"tax": "90"}, giant), scheme(**OPEN))
    assert result.items[2, 0, 0] == BEYOND_LIMIT
    assert list(result.total[:2]) == list(alone.total)
    assert result.rank[2] == 1


def test_land_is_own_plus_leased_in_less_leased_out():
    base = evaluate(firms({"land_own": "8"}), scheme()).total[0]
    rented = firms(
        {"land_own": "6", "land_leased_in": "4", "land_leased_out": "2"},
        {"land_own": None, "land_leased_in": "8", "land_leased_out": None},
    )
    assert list(evaluate(rented, scheme()).total) == [base, base]


def test_a_firm_that_leases_out_all_its_land_has_nothing_to_divide_by():
    result = evaluate(firms({"land_own": "5", "land_leased_out": "5"}), scheme())
    assert list(result.items[0, :2, 0]) == [ZERO_DEN, ZERO_DEN]
    assert list(result.items[0, :2, 2]) == [0, 0]


def test_scores_are_rounded_half_up_by_magnitude():
    fine = np.array([1234500, 1234499, -1234500, 0], np.int64) * 10
    assert list(rounded(fine, 4)) == [1235, 1234, -1235, 0]
    assert list(rounded(np.array([12345 * FINE // 1000]), 2)) == [1235]


# ---------------------------------------------------------------- what always holds

amounts = st.one_of(st.none(), st.integers(-10_000, 10**9).map(lambda whole: Decimal(whole) / 100))
positive = st.one_of(st.none(), st.integers(0, 10**7).map(lambda whole: Decimal(whole) / 100))


@st.composite
def any_firm(draw):
    row = {name: draw(amounts) for name in ("tax", "value_added", "research")}
    names = ("land_own", "land_leased_in", "land_leased_out", "energy", "power", "emissions", "main_revenue")
    row |= {name: draw(positive) for name in names}
    row |= {"staff": draw(st.one_of(st.none(), st.integers(0, 500))), "above": draw(st.booleans())}
    row |= {"region": draw(st.integers(0, 2)), "years": draw(st.one_of(st.none(), st.integers(0, 9)))}
    return row | {"taxable_sales": draw(positive)}


METHODS = [
    scheme(),
    scheme(**OPEN, not_reported="drop_and_reweight", ties="share_worse", quota_base="listed", min_size="3"),
    scheme(not_reported="mean_score", zero_den="drop_and_reweight", rank_within="locality", decimals="2"),
]


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(any_firm(), min_size=1, max_size=25), method=st.sampled_from(METHODS), data=st.data())
def test_a_permutation_of_rows_changes_nothing(rows, method, data):
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    whole = firms(*rows)
    straight, turned = evaluate(whole, method), evaluate(whole.take(order), method)
    for name in ("total", "rank", "last", "grade"):
        assert list(getattr(straight, name)[order]) == list(getattr(turned, name))
    assert (straight.items[order] == turned.items).all()
    assert straight.pools == turned.pools
    assert straight.means == turned.means


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(any_firm(), min_size=1, max_size=25), method=st.sampled_from(METHODS))
def test_the_parts_equal_the_total_and_nobody_is_lost(rows, method):
    result = evaluate(firms(*rows), method)
    graded = result.grade >= 0
    sums = result.items[:, :, 2].sum(axis=1)
    assert list(rounded(sums[graded], method.places)) == list(result.total[graded])
    for number, pool in enumerate(result.pools):
        inside = result.pool == number
        assert sum(pool.line.counts) == pool.line.size >= inside.sum()
        assert sum(pool.line.bars) == pool.line.size
    assert (graded == (result.pool >= 0)).all()
    assert len(grades(result)) == len(rows)


full_firm = st.fixed_dictionaries(
    {
        "tax": st.integers(-1000, 100_000).map(lambda whole: Decimal(whole) / 100),
        "land_own": st.integers(1, 10_000).map(lambda whole: Decimal(whole) / 100),
        "value_added": st.integers(0, 100_000).map(lambda whole: Decimal(whole) / 100),
        "emissions": st.one_of(st.none(), st.just(Decimal("0.50"))),
        "above": st.booleans(),
        "region": st.integers(0, 1),
    }
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(full_firm, min_size=1, max_size=25),
    more=st.integers(1, 10**6),
    method=st.sampled_from(METHODS),
    data=st.data(),
)
def test_more_tax_never_lowers_a_grade(rows, more, method, data):
    who = data.draw(st.integers(0, len(rows) - 1))
    before = evaluate(firms(*rows), method)
    raised = [dict(row) for row in rows]
    raised[who]["tax"] += Decimal(more) / 100
    after = evaluate(firms(*raised), method)
    assert after.total[who] >= before.total[who]
    assert after.grade[who] <= before.grade[who]
    assert after.rank[who] <= before.rank[who]
