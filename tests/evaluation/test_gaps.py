"""What a firm is told it lacks is true: with the figure named, the others as they are, it has the grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conditions import Column
from evaluation.policy import Scheme
from evaluation.rules.figures import FINE, FirmYears
from evaluation.rules.gaps import Gap, gap_of
from evaluation.rules.rounds import Evaluation, evaluate
from evaluation.rules.trace import packed_rows, trace_columns, unpacked
from evaluation.rules.wording import Place
from tests.evaluation.methods import BANDS, cohort, scheme, worked
from tests.evaluation.schemes import firms

VA = {
    "id": "va", "label": "人均增加值", "num": "value_added", "den": "staff", "unit": "万元/人", "weight": 40, "baseline": 15,
}  # fmt: skip
CLEAN = {
    "id": "clean", "label": "单位产值能耗", "num": "energy", "den": "value_added", "unit": "吨标煤/万元", "weight": 30,
    "direction": "less_is_better", "baseline": 0.8,
}  # fmt: skip
LAND = {"weight": 30}
SCORES = {
    "clause": "四", "A": {"label": "甲", "at_least": 80, "upto": 30}, "B": {"label": "乙", "at_least": 50, "upto": 70},
    "C": {"label": "丙", "at_least": 20, "upto": 95}, "D": {"label": "丁", "upto": 100},
}  # fmt: skip
GATED = BANDS | {
    "A": {
        "label": "甲",
        "upto": 20,
        "gate": {"when": "va >= 5万元/人", "if_unknown": "out", "refill": "true"},
    }
}
PENALTY = {"clause": "五", "penalty": [{"id": "p", "label": "处罚", "when": "staff >= 50人", "percent": 25}]}
BONUS = {
    "clause": "五",
    "bonus": [{"id": "b", "label": "中心", "when": "staff >= 50人", "points": 3}],
    "caps": {"bonus_total": 2},
}


def _steps(**more: object) -> dict:
    table = [
        {"more_than": 30, "points": 30},
        {"at_least": 10, "points": 15},
        {"otherwise": "true", "points": 1},
    ]
    return {"weight": 30, "scoring": {"kind": "steps", "table": table}, **more}


@cache
def methods() -> dict[str, Scheme]:
    reverse = CLEAN | {"scoring": {"kind": "reverse", "full_at": 0.5, "zero_at": 3}}
    minmax = {"weight": 30, "scoring": {"kind": "minmax", "low": {"value": 2}, "high": {"value": 60}, "all_equal": "full",
                                        "low_points": {"times_weight": 0.2}}}  # fmt: skip
    deviation = {"weight": 30, "scoring": {"kind": "deviation", "at_base": {"times_weight": 0.6}, "per_percent": 0.05,
                                           "per_percent_below": 0.2}}  # fmt: skip
    turned = CLEAN | {"scoring": {"kind": "deviation", "at_base": {"points": 20}, "per_percent": 0.1}}
    growth = {"weight": 30, "den": None, "unit": "比例", "baseline": 0.08, "scoring": {"kind": "growth"}}
    dropped = {"not_reported": "drop_and_reweight", "zero_den": "zero"}
    low = CLEAN | {"scoring": {"kind": "steps", "table": [{"less_than": 0.3, "points": 30}, {"at_most": 1, "points": 10},
                                                          {"otherwise": "true", "points": 0}]}}  # fmt: skip

    def of(*items: dict, **more: object) -> Scheme:
        return scheme(cohorts=[cohort(*items, bands=more.pop("bands", BANDS))], **more)

    return {
        "ratio": of(LAND, VA, CLEAN),
        "capped": of(LAND, VA, CLEAN, scoring={"cap": {"times_weight": 1.2}, "floor": {"points": 0}, "decimals": 2}),
        "reverse": of(LAND, VA, reverse, grading={"ties": "share_worse"}),
        "minmax": of(minmax, VA, CLEAN, grading={"tie_breakers": ["tax"]}),
        "deviation": of(deviation, VA, turned, scoring={"floor": {"points": 0}}),
        "steps": of(_steps(), VA, low, scoring={"item_decimals": 1, "decimals": 1, "rounding": "down"}),
        "growth": of(growth, VA, CLEAN),
        "growth by points": of(growth | {"scoring": {"kind": "growth", "per_point": 0.5, "at_base": {"points": 20}}}, VA, CLEAN),
        "in even": of(LAND, VA, CLEAN, scoring={"decimals": 0, "rounding": "half_even"}),
        "unrounded": of(LAND | {"value_decimals": 0}, VA, CLEAN, scoring={"compare": "unrounded"}),
        "dropped": of(LAND, VA, CLEAN, scoring=dropped),
        "penalty": of(LAND, VA, CLEAN, adjust=PENALTY),
        "bonus": of(LAND, VA, CLEAN, adjust=BONUS, scoring={"total_cap": 90, "item_decimals": 2}),
        "score": of(LAND, VA, CLEAN, bands=SCORES, grading={"mode": "threshold"}, scoring={"decimals": 0}),
        "both": of(LAND, VA, CLEAN, bands=SCORES, grading={"mode": "hybrid", "ties": "share_worse"}),
        "gated": of(LAND, VA, CLEAN, bands=GATED),
        "limits": of(LAND, VA, CLEAN, grading={"best_at_most": 15, "last_at_least": 10}),
        "direct": of({"weight": 100, "scoring": "rank_only"}, scoring={"decimals": 2}),
        "direct by value": of({"weight": 100, "scoring": "rank_only"}, bands=SCORES, grading={"mode": "threshold"}),
        "direct down": of(CLEAN | {"weight": 100, "scoring": "rank_only"}, scoring={"decimals": 3}),
    }  # fmt: skip


def with_values(rows: list[dict], method: Scheme) -> FirmYears:
    """Firms whose indicators are told by value; ``None``: not reported."""
    names = [indicator.id for indicator in method.cohorts[0].indicators]
    blank = {"tax": None, "value_added": None, "energy": None}
    whole = firms(*(blank | {"staff": row["staff"]} for row in rows))
    told = {
        name: Column(
            np.array([int((row[name] or 0) * FINE) for row in rows]),
            np.array([row[name] is not None for row in rows]),
        )
        for name in names
    }
    return replace(whole, given=told)


def gap_in(method: Scheme, whole: FirmYears, result: Evaluation, row: int) -> Gap | None:
    only = method.cohorts[0]
    trace = unpacked(
        packed_rows(whole, result, method)[row].tobytes(), trace_columns(method, whole), method, only
    )
    line = result.pools[int(result.pool[row])].line
    letters = [band.grade for band in only.bands]
    place = Place(
        int(result.total[row]), int(result.rank[row]), line.size, "规上组", letters[result.grade[row]], line.places,
        line.cuts, result.means[0], letters[result.final[row]],
    )  # fmt: skip
    return gap_of(method, only, trace, place)


def number_in(words: str) -> Decimal:
    told = words.replace(",", "").replace("−", "-")
    if told.endswith("%"):
        return Decimal(told[:-1]) / 100
    digits = "".join(sign for sign in told.partition("万元")[0].partition("吨")[0] if sign in "-.0123456789")
    return Decimal(digits)


some = st.one_of(st.none(), st.integers(-2000, 60_000).map(lambda whole: Decimal(whole) / 1000))
energy = st.one_of(st.none(), st.integers(1, 4000).map(lambda whole: Decimal(whole) / 1000))
a_firm = st.fixed_dictionaries(
    {"tax_per_mu": some, "va": some, "clean": energy, "staff": st.sampled_from([10, 90])}
)


@pytest.mark.parametrize("name", list(methods()))
@settings(max_examples=12, deadline=None)
@given(rows=st.lists(a_firm, min_size=2, max_size=16), data=st.data())
def test_who_reaches_the_figure_named_has_the_grade(name, rows, data):
    method = methods()[name]
    rows = [row | {"tax": None} for row in rows]
    whole = with_values(rows, method)
    result = evaluate(whole, method)
    ranked = np.flatnonzero(result.grade > 0)
    if not ranked.size:
        return
    row = int(data.draw(st.sampled_from(ranked.tolist())))
    gap = gap_in(method, whole, result, row)
    if gap is None:
        return
    letters = [band.grade for band in method.cohorts[0].bands]
    assert gap.grade < letters[result.grade[row]]
    for step in gap.steps:
        if step.short:
            continue
        reached = [dict(other) for other in rows]
        reached[row][step.indicator.id] = number_in(step.needed)
        after = evaluate(with_values(reached, method), method)
        passes = reached[row]["va"] is not None and reached[row]["va"] >= 5
        if name == "gated" and gap.gate and not passes:
            continue
        assert letters[after.grade[row]] <= gap.grade, (step.reached, gap.sentence)


@pytest.mark.parametrize(
    ("item", "firm", "told"),
    [
        # 15 of 30 points at the best of the round: who raises the best moves everybody's measure
        ({"scoring": {"kind": "minmax", "low": "min", "high": "max", "all_equal": "full"}}, {"tax": 150},
         "亩均税收的得分随其他企业的数变动，要达到多少不能单独算出；其余各项单靠一项达不到。"),
        ({"scoring": {"kind": "minmax", "low": {"value": 0}, "high": "max", "all_equal": "full"}}, {"tax": 150},
         "亩均税收的得分随其他企业的数变动，要达到多少不能单独算出；其余各项单靠一项达不到。"),
        ({"scoring": {"kind": "place"}}, {"tax": 150},
         "亩均税收的得分随其他企业的数变动，要达到多少不能单独算出；其余各项单靠一项达不到。"),
        ({"cap": {"points": 100}}, {"tax": None}, "亩均税收没有数，不能测算；其余各项单靠一项达不到。"),
        ({"cap": {"points": 60}}, {"tax": 150}, "单靠一项指标达不到。"),
    ],
)  # fmt: skip
def test_why_no_figure_is_named(item, firm, told):
    others = {
        f"企{number}": {"tax": 300 + number, "land_own": 10, "value_added": 900, "staff": 30}
        for number in range(9)
    }
    more = VA | {"cap": {"points": 40}}
    result = worked(
        others | {"甲": {"land_own": 10, "value_added": 90, "staff": 30} | firm},
        cohorts=[cohort({"weight": 60} | item, more)],
    )
    sentence = result["firms"]["甲"]["gap"]
    assert sentence.partition("分，")[2] == told, sentence


@pytest.mark.parametrize(
    ("percent", "told"), [(100, "单靠一项指标达不到。"), (50, "亩均税收达到80.00万元/亩即可。")]
)
def test_a_penalty_may_take_what_an_item_brings(percent, told):
    """Half of every point is lost: 150 points to be won are 300 of the item."""
    penalty = {"id": "p", "label": "处罚", "when": "accident", "percent": percent}
    firms = {f"企{number}": {"tax": 400, "land_own": 10} for number in range(9)} | {
        "甲": {"tax": 200, "land_own": 10, "accident": True}
    }
    result = worked(firms, adjust={"clause": "五", "penalty": [penalty]})
    assert result["firms"]["甲"]["gap"].endswith(told)


def test_an_end_left_out_is_not_the_figure_named():
    """超过30: 30 itself is not enough."""
    result = worked(
        {"甲": {"tax": 400, "land_own": 10}, "乙": {"tax": 200, "land_own": 10}},
        cohorts=[cohort(_steps())],
        grading={"count_rounding": "ceil_cum"},
    )
    assert result["firms"]["乙"]["gap"].endswith("亩均税收达到30.01万元/亩即可。")


def test_a_moved_firm_is_told_that_its_grade_is_another_matter():
    accident = {
        "id": "a", "label": "事故", "kind": "ceiling", "grade": "D", "when": "accident", "if_unknown": "out", "clause": "五",
    }  # fmt: skip
    taxes = {f"企{number}": {"tax": 100 - number, "land_own": 10} for number in range(10)}
    taxes["企5"]["accident"] = True
    result = worked(taxes, moves=[accident])
    assert result["firms"]["企5"]["final"] == "D"
    assert (
        result["firms"]["企5"]["gap"]
        == "距A类差2.00分：亩均税收达到9.90万元/亩即可（等级另有调档，这里只说排名）。"
    )
