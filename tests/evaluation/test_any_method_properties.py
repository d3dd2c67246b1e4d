"""What holds for every method: no order of rows matters, parts make the total, more tax never harms, nothing crashes."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.policy import Scheme
from evaluation.rules.figures import FirmYears, rounded
from evaluation.rules.rounds import Evaluation, evaluate, letters
from evaluation.rules.standing import GRADED
from evaluation.rules.trace import packed_rows, trace_columns, unpacked
from tests.evaluation.methods import BANDS, QUANTITIES, cohort, scheme
from tests.evaluation.schemes import firms

MORE = [
    {"id": "va", "label": "人均增加值", "num": "value_added", "den": "staff", "unit": "万元/人", "weight": 30, "baseline": 15},
    {"id": "clean", "label": "单位产值能耗", "num": "energy", "den": "value_added", "unit": "吨标煤/万元", "weight": 20,
     "direction": "less_is_better", "scoring": {"kind": "reverse", "full_at": 1, "zero_at": 2}, "baseline": {"kind": "mean_of_ratios"},
     "not_reported": "mean_score", "zero_den": "drop_and_reweight"},
]  # fmt: skip
GATED = BANDS | {
    "A": {
        "label": "甲",
        "upto": 20,
        "gate": {"when": "tax_per_mu >= 1万元/亩", "if_unknown": "out", "refill": "true"},
    }
}
BY_SCORE = {
    "clause": "四",
    "A": {"label": "甲", "at_least": 80},
    "B": {"label": "乙", "at_least": 40},
    "C": {"label": "丙", "at_least": 10},
    "D": {"label": "丁"},
}
MOVES = [
    {"id": "veto", "label": "规模过小", "kind": "ceiling", "grade": "C", "when": "value_added < 1万元", "if_unknown": "out",
     "clause": "五", "backfill": "true", "veto": "true"},
    {"id": "lift", "label": "亩均高", "kind": "up", "steps": 1, "when": "tax_per_mu >= 50万元/亩", "if_unknown": "out", "clause": "五"},
    {"id": "bar", "label": "未报能耗", "kind": "entry_threshold", "grade": "D", "when": "energy is unknown", "if_unknown": "out", "clause": "五"},
]  # fmt: skip
SPECIAL = {
    "include": [{"id": "all", "label": "全部", "when": "true", "if_unknown": "in", "clause": "一"}],
    "special": [
        {"id": "T", "label": "新", "when": "years_in_production < 1年", "if_unknown": "out", "score": "true", "clause": "一"},
        {"id": "N", "label": "较新", "when": "years_in_production < 3年", "if_unknown": "out", "floor": "B", "clause": "一"},
    ],
}  # fmt: skip


@cache
def methods() -> list[Scheme]:
    minmax = {
        "weight": 50,
        "scoring": {
            "kind": "minmax",
            "all_equal": "middle",
            "low": {"percentile": 10},
            "high": {"percentile": 90},
        },
    }
    steps = {
        "weight": 100,
        "scoring": {
            "kind": "steps",
            "table": [
                {"at_least": 20, "points": 100},
                {"more_than": 5, "points": 50},
                {"otherwise": "true", "points": 0},
            ],
        },
    }
    penalty = {
        "id": "p",
        "label": "超员",
        "when": "true",
        "per": "staff",
        "free": 100,
        "step": 50,
        "first": 2,
        "each": 1,
        "cap": 20,
    }
    deviation = {
        "id": "per_head", "label": "人均税收", "den": "staff", "unit": "万元/人", "weight": 40, "baseline": 3,
        "scoring": {"kind": "deviation", "at_base": {"times_weight": 0.6}, "per_percent": 0.2, "per_percent_below": 0.5},
    }  # fmt: skip
    computed = {"weight": 50, "baseline": {"kind": "ratio_of_sums", "population": ["cohort", "county"]}}
    return [
        scheme(cohorts=[cohort(minmax, *MORE, bands=GATED)], moves=MOVES, scope=SPECIAL, grading={"rank_within": "region", "min_size": 5, "small_pool": "parent_pool"}),
        scheme(cohorts=[cohort(steps, bands=BY_SCORE)], grading={"mode": "threshold", "tie_breakers": ["tax"]}, moves=MOVES[:2]),
        scheme(cohorts=[cohort({"weight": 100, "scoring": "rank_only"})], grading={"ties": "share_worse", "best_at_most": 15, "last_at_least": 5}),
        scheme(cohorts=[cohort(computed, *MORE)], scoring={"compare": "unrounded", "item_decimals": 2}, quantities=QUANTITIES,
               adjust={"clause": "五", "penalty": [penalty], "bonus": [{"id": "b", "label": "大", "when": "staff >= 200人", "percent": 5}]},
               levels=[{"id": "city", "label": "市级", "rank_within": "locality", "clause": "三"}], grading={"rank_within": "region"}),
        scheme(cohorts=[cohort({"weight": 60, "scoring": "place"}, deviation) | {"grading": {"clause": "四", "tie_breakers": ["tax"]}}],
               scoring={"cap": {"times_weight": 1.5}, "floor": {"points": 0}}),
    ]  # fmt: skip


amounts = st.one_of(st.none(), st.integers(-10_000, 10**7).map(lambda whole: Decimal(whole) / 100))
positive = st.one_of(st.none(), st.integers(0, 10**6).map(lambda whole: Decimal(whole) / 100))
any_firm = st.fixed_dictionaries(
    {
        "tax": amounts, "value_added": amounts, "land_own": positive, "land_leased_in": positive, "land_leased_out": positive,
        "energy": positive, "emissions": positive, "staff": st.one_of(st.none(), st.integers(0, 500)),
        "above": st.booleans(), "region": st.integers(0, 2), "years": st.one_of(st.none(), st.integers(0, 9)),
    }
)  # fmt: skip
rows = st.lists(any_firm, min_size=1, max_size=25)
numbers = st.integers(0, 4)


def told(method: Scheme, of: FirmYears) -> tuple[Evaluation, list[str]]:
    result = evaluate(of, method)
    _initial, final = letters(method, result)
    return result, [final.words[number] for number in final.values.tolist()]


@settings(max_examples=40, deadline=None)
@given(rows=rows, number=numbers, data=st.data())
def test_a_permutation_of_rows_changes_nothing(rows, number, data):
    method = methods()[number]
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    whole = firms(*rows)
    straight, turned = evaluate(whole, method), evaluate(whole.take(order), method)
    for name in (
        "total",
        "rank",
        "last",
        "grade",
        "final",
        "values",
        "baselines",
        "adjusted",
        "moves",
        "kept",
        "refilled",
        "flags",
    ):
        assert (getattr(straight, name)[order] == getattr(turned, name)).all(), name
    assert (straight.items[order] == turned.items).all()
    assert straight.pools == turned.pools
    for one, other in zip(straight.levels, turned.levels, strict=True):
        assert (one.final[order] == other.final).all()


@settings(max_examples=40, deadline=None)
@given(rows=rows, number=numbers)
def test_the_parts_equal_the_total_and_the_trace_keeps_them(rows, number):
    method = methods()[number]
    whole = firms(*rows)
    result, final = told(method, whole)
    packed, columns = packed_rows(whole, result, method), trace_columns(method, whole)
    for row in range(whole.size):
        only = method.cohorts[0] if result.standing.cohort[row] >= 0 else None
        trace = unpacked(packed[row].tobytes(), columns, method, only)
        if result.scored[row]:
            assert int(rounded(np.array([trace.points]), method.places)[0]) == int(result.total[row])
        assert trace.final == result.final[row]
        assert (result.standing.state[row] == GRADED) <= (final[row] in set("ABCD"))
    for pool in result.pools:
        assert sum(pool.line.counts) == pool.line.size


@settings(max_examples=60, deadline=None)
@given(rows=rows, number=st.sampled_from([1, 2, 4]), more=st.integers(1, 10**7), data=st.data())
def test_more_tax_never_lowers_a_grade(rows, number, more, data):
    """Where nothing but the firm's own tax is measured; moves up and thresholds included."""
    method = methods()[number]
    known = [place for place, row in enumerate(rows) if row["tax"] is not None]
    if not known:
        return
    who = data.draw(st.sampled_from(known))
    before = evaluate(firms(*rows), method)
    raised = [dict(row) for row in rows]
    raised[who]["tax"] += Decimal(more) / 100
    after = evaluate(firms(*raised), method)
    assert after.total[who] >= before.total[who]
    assert after.grade[who] <= before.grade[who]
    assert after.final[who] <= before.final[who]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("count", [1, 7, 13, 39])
@pytest.mark.parametrize(
    "kind",
    [
        lambda place: {},
        lambda place: {"tax": None, "value_added": None, "energy": None, "staff": None, "land_own": None},
        lambda place: {"tax": 10**9 if place == 0 else 100, "land_own": "0.01" if place == 0 else 10},
        lambda place: {"tax": -100 - place, "value_added": -50},
        lambda place: {"land_own": 0, "staff": 0, "energy": 0, "emissions": 0},
        lambda place: {"tax": 100 + place},
    ],
    ids=["all equal", "all missing", "a giant", "negative", "nothing to divide by", "apart"],
)
def test_cohorts_of_any_size_and_strangeness_are_graded_by_a_stated_rule(number, count, kind):
    method = methods()[number]
    result, final = told(method, firms(*(kind(place) for place in range(count))))
    assert set(final) <= set("ABCD")
    totals = result.total[result.rank > 0]
    ranks = result.rank[result.rank > 0]
    better = totals[:, None] > totals[None, :]
    assert (~better | (ranks[:, None] < ranks[None, :])).all(), "a higher score has a better place"
