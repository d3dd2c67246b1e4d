"""Places and grades: cumulative rounding, ties, the base of the shares, small cohorts."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.rules.grading import places_of, ranked
from evaluation.rules.rounds import LOCALITY, CannotScore, evaluate
from evaluation.rules.standing import GRADED, OUT_OF_SCOPE, SPECIAL
from tests.evaluation.schemes import firms, grades, scheme, scheme_of, text_with

BANDS = scheme().cohort("above").bands


def graded(count: int, **settings: str):
    """Firms that differ by their tax alone, the first the best; ranked in the whole locality."""
    rows = [{"tax": 200 - number} for number in range(count)]
    return evaluate(firms(*rows), scheme(rank_within="locality", **settings))


@pytest.mark.parametrize(
    ("rounding", "counts"),
    [("floor_cum", "ABBBBCCCD"), ("ceil_cum", "AABBBBCCC"), ("half_up_cum", "AABBBCCCC")],
)
def test_nine_firms_at_20_60_95(rounding, counts):
    """Whether anybody is D depends on the rounding word: 1/4/3/1, 2/4/3/0, 2/3/4/0."""
    assert grades(graded(9, count_rounding=rounding)) == counts


@pytest.mark.parametrize(
    ("count", "places"), [(1, (0, 1, 1, 1)), (7, (1, 4, 7, 7)), (13, (3, 8, 12, 13)), (39, (8, 23, 37, 39))]
)
def test_small_cohorts_are_cut_by_cumulative_places(count, places):
    assert places_of(count, BANDS, "half_up_cum") == places
    result = graded(count)
    assert sorted(grades(result)) == list(grades(result)), "in the order of the scores"
    assert result.pools[0].line.places == places


def test_shares_are_rounded_cumulatively_not_band_by_band():
    """30 firms at 20/60/95: 6, 18, 28.5 → 29 places, 30 in all; band by band they would be 31."""
    assert places_of(30, BANDS, "half_up_cum") == (6, 18, 29, 30)


def test_equal_scores_share_a_rank_and_the_next_is_skipped():
    places = ranked(np.array([50, 70, 50, 90, 10]))
    assert list(places.rank) == [3, 2, 3, 1, 5]
    assert list(places.last) == [4, 2, 4, 1, 5]


def test_a_tie_at_the_cut_is_not_split():
    rows = [{"tax": tax} for tax in (200, 150, 150, 150, 100, 90, 80, 70, 60, 50)]
    assert grades(evaluate(firms(*rows), scheme(rank_within="locality")))[:5] == "AAAAB"
    worse = scheme(rank_within="locality", ties="share_worse")
    assert grades(evaluate(firms(*rows), worse))[:5] == "ABBBB"


@pytest.mark.parametrize(
    ("count", "ties", "grade"),
    [(1, "share_better", "B"), (2, "share_better", "B"), (9, "share_better", "A"), (40, "share_better", "A"),
     (2, "share_worse", "C"), (9, "share_worse", "C"), (40, "share_worse", "D")],
)  # fmt: skip
def test_all_equal_firms_get_one_grade(count, ties, grade):
    """The best, or the last, that has a place: of two firms 20 % is no place at all."""
    result = evaluate(firms(*[{}] * count), scheme(rank_within="locality", ties=ties))
    assert set(grades(result)) == {grade}
    assert set(result.rank) == {1}


def test_the_base_may_count_firms_without_grade():
    """Ten graded and five new firms: 20 % of 10 or of 15."""
    rows = [{"tax": 200 - number} for number in range(10)] + [{"years": 1}] * 5
    for base, best in (("graded", 2), ("listed", 3)):
        result = evaluate(firms(*rows), scheme(rank_within="locality", quota_base=base))
        assert grades(result).count("A") == best
        assert grades(result)[10:] == "-----"


def test_cohorts_and_regions_are_ranked_apart():
    rows = [{"tax": 100 + number, "above": above, "region": region}
            for above in (True, False) for region in (0, 1) for number in range(20)]  # fmt: skip
    result = evaluate(firms(*rows), scheme())
    assert [(pool.cohort, pool.region, pool.line.size) for pool in result.pools] == [
        (0, 0, 20), (0, 1, 20), (1, 0, 20), (1, 1, 20),
    ]  # fmt: skip
    assert [int(rank) for rank in result.rank] == list(range(20, 0, -1)) * 4


def test_a_pool_below_the_least_size_is_ranked_with_the_whole_locality():
    """Three weak firms of a small park: by themselves one would be A."""
    rows = [{"tax": 100 + number} for number in range(20)] + [{"tax": 10 + n, "region": 1} for n in range(3)]
    result = evaluate(firms(*rows), scheme(min_size="20"))
    assert [(pool.region, pool.line.size) for pool in result.pools] == [(0, 20), (LOCALITY, 23)]
    assert list(result.rank[20:]) == [23, 22, 21]
    assert grades(result)[:20] == grades(evaluate(firms(*rows[:20]), scheme()))
    stays = evaluate(firms(*rows), scheme(min_size="20", small_pool="stay"))
    assert list(stays.rank[20:]) == [3, 2, 1]


# ---------------------------------------------------------------- who is evaluated


@pytest.mark.parametrize(
    ("firm", "state"),
    [
        ({}, GRADED),
        ({"years": 1}, SPECIAL),
        ({"years": 2}, GRADED),
        ({"years": None}, GRADED),
        ({"above": True, "taxable_sales": "10", "land_own": "1"}, GRADED),
        ({"above": False, "taxable_sales": "500", "land_own": "1"}, GRADED),
        ({"above": False, "taxable_sales": "499.99", "land_own": "3"}, GRADED),
        ({"above": False, "taxable_sales": "499.99", "land_own": "2.99"}, OUT_OF_SCOPE),
        ({"above": False, "taxable_sales": "499.99", "land_own": "2.99", "years": 1}, OUT_OF_SCOPE),
        ({"above": False, "taxable_sales": None, "land_own": "2.99"}, OUT_OF_SCOPE),
        ({"above": False, "taxable_sales": None, "land_own": "3"}, GRADED),
        ({"above": False, "taxable_sales": "1", "land_own": "2", "land_leased_in": "1"}, GRADED),
    ],
)
def test_scope_and_special_class_at_their_bounds(firm, state):
    """以上 includes its end; a fact that is missing admits nobody and excuses nobody."""
    assert evaluate(firms(firm), scheme()).standing.state[0] == state


def test_no_firm_in_a_cohort_is_no_pool():
    result = evaluate(firms({"years": 0}), scheme())
    assert result.pools == ()
    assert grades(result) == "-"


def test_without_weights_nothing_is_scored_and_the_gap_is_named():
    text = text_with().replace("weight: 30, baseline: 26.01", "weight: unknown, baseline: unknown")
    with pytest.raises(CannotScore, match="规上组“亩均税收”的权重、规上组“亩均税收”的基准值"):
        evaluate(firms({}), scheme_of(text))


def test_unknown_rules_let_a_draft_run_on_stated_provisional_ones():
    known = evaluate(firms({"tax": "9000"}, {}), scheme(**{"cap": "none", "floor": "none"}))
    open_ = {
        "cap": "unknown",
        "floor": "unknown",
        "ties": "unknown",
        "count_rounding": "unknown",
        "decimals": "unknown",
    }
    assert list(evaluate(firms({"tax": "9000"}, {}), scheme(**open_)).total) == list(known.total)
