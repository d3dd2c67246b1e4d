"""Sentences and rows that few methods reach: what is told of them is right all the same."""

from __future__ import annotations

import numpy as np
import pytest

from core.policies.cases import CaseFaulty
from evaluation.rules.basis import basis_of
from evaluation.rules.subjects import row_of
from tests.evaluation.methods import QUANTITIES, cohort, scheme, ten, worked

BY_SCORE = {
    "clause": "四", "A": {"label": "甲", "at_least": 80, "upto": 20}, "B": {"label": "乙", "at_least": 40, "upto": 60},
    "D": {"label": "丁", "upto": 100},
}  # fmt: skip


def test_a_band_is_told_by_its_share_and_its_score():
    method = scheme(cohorts=[cohort(bands=BY_SCORE)], grading={"mode": "hybrid"})
    words = {basis.label: basis.words for basis in basis_of(method, method.cohorts[0])}
    assert words["A 甲"] == "累计前 20%（含），且80 分以上"
    assert words["D 丁"] == "累计前 100%（含）"
    lines = {
        grade: {key: value for key, value in band.items() if key != "upto"}
        for grade, band in BY_SCORE.items()
        if grade != "clause"
    }
    method = scheme(cohorts=[cohort(bands={"clause": "四"} | lines)], grading={"mode": "threshold"})
    assert {basis.label: basis.words for basis in basis_of(method, method.cohorts[0])}["D 丁"] == "其余企业"


def test_the_first_the_middle_and_the_last_are_told_where_they_stand():
    firms = worked(ten(*range(1000, 0, -50)))["firms"]
    told = [firms[f"企{number}"]["steps"][-1] for number in (1, 10, 20)]
    assert [sentence.split("，")[2] for sentence in told] == [
        "在前20%以内",
        "在前20%与前60%之间",
        "在前95%以外",
    ]


def test_bonus_and_penalty_are_told_apart_and_a_group_takes_one_of_each():
    items = {
        "clause": "五",
        "bonus": [{"id": name, "label": label, "when": "true", "points": points, "group": "g"} for name, label, points in (("a", "中心", 5), ("b", "上市", 2))],
        "penalty": [{"id": "p", "label": "处罚", "when": "true", "points": 3, "group": "g"}],
        "groups": {"g": {"take": "highest"}},
    }  # fmt: skip
    firm = worked(ten(100), adjust=items)["firms"]["企1"]
    assert firm["total"] == 52
    assert "加分：中心 5.00 分。" in firm["steps"]
    assert "扣分：处罚 3.00 分。" in firm["steps"]


def test_what_cannot_be_divided_by_is_named_with_its_figure():
    made = QUANTITIES | {
        "eval_land": {
            "label": "评价用地",
            "unit": "亩",
            "department": "资规",
            "formula": "land - land",
            "blank": "zero",
        }
    }
    item = {"den": "eval_land"}
    clean = {
        "id": "clean", "label": "单位税收能耗", "num": "energy", "den": "tax", "unit": "吨标煤/万元",
        "direction": "less_is_better", "weight": 20, "baseline": 1,
    }  # fmt: skip
    steps = worked(
        {"甲": {"tax": 9, "land_own": 1, "energy": 0}, "乙": {"tax": 0, "land_own": 1, "energy": 5}},
        cohorts=[cohort(item, clean)], quantities=made,
    )["firms"]  # fmt: skip
    assert "评价用地为 0.00 亩，不能相除，亩均税收记 0 分。" in steps["甲"]["steps"]
    assert "能耗为 0.00 吨标煤，不能相除，单位税收能耗记 0 分。" in steps["甲"]["steps"]
    assert "税收为 0.00 万元，不能相除，单位税收能耗记 0 分。" in steps["乙"]["steps"]


def test_each_cohort_tells_its_own_baselines_and_levels_their_first_grade():
    cohorts = [
        cohort({"baseline": 20}, id="above", when="above_scale"),
        cohort({"baseline": 10}, id="below", when="not above_scale"),
    ]
    level = {"id": "city", "label": "市级", "rank_within": "locality", "clause": "三"}
    firms = {"甲": {"tax": 100, "land_own": 10, "above_scale": True}} | ten(*range(10, 0, -1))
    result = worked(firms, cohorts=cohorts, levels=[level])
    assert result["baselines"] == {"above": {"tax_per_mu": 20}, "below": {"tax_per_mu": 10}}
    assert [result["firms"][name]["levels"]["city"]["initial"] for name in ("企1", "企3")] == ["A", "B"]


def test_a_baseline_of_last_year_asks_for_that_year():
    item = {"baseline": {"kind": "max", "period": "last_year"}}
    with pytest.raises(CaseFaulty) as refused:
        worked(ten(100), cohorts=[cohort(item)])
    assert "取自2021年度" in str(refused.value.faults[0])


def test_a_shared_parcel_counts_beside_the_larger_of_two_areas():
    """证载 12, 实际 10, 2.5 of the parcel shared: 14.5亩."""
    land = {
        "clause": "二", "area": "own + leased_in - leased_out", "blank_lease": "zero", "leased_floor": "share_of_parcel",
        "basis": "larger",
    }  # fmt: skip
    firm = {"tax": 1, "land_own": 10, "land_certificate": 12, "parcel_share": 2.5}
    result = worked({"甲": firm, "乙": firm | {"parcel_share": -2.5}}, land=land)["firms"]
    assert (result["甲"]["land"], result["乙"]["land"]) == (14.5, 9.5)


@pytest.mark.parametrize(("year", "final", "kept"), [("2022", "C", True), ("2021", "D", False)])
def test_a_lowest_grade_is_told_only_where_it_lifts(year, final, kept):
    """The last of ten is D; a class that leaves it C at least says so, and says nothing of whom it does not concern."""
    newcomer = {
        "id": "N", "label": "新列规", "when": f"accident[{year}]", "if_unknown": "out", "floor": "C", "clause": "一",
    }  # fmt: skip
    everybody = {"id": "all", "label": "全部", "when": "true", "if_unknown": "in", "clause": "一"}
    firms = ten(*range(2000, 0, -100), 企20={"accident": True}, 企19={"accident": True})
    result = worked(firms, scope={"include": [everybody], "special": [newcomer]})["firms"]
    assert (result["企20"]["final"], result["企20"]["kept"]) == (final, kept)
    assert (result["企19"]["final"], result["企19"]["kept"]) == ("C", False)


def test_a_landlord_outside_the_list_is_nobodys():
    assert row_of(np.array([1, 5]), np.array([5, 7, -1, 1])).tolist() == [1, -1, -1, 0]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"scoring": {"kind": "minmax", "all_equal": "middle", "low": {"percentile": 5}, "high": {"mean": 2}, "low_points": {"points": 20}}},
         "5%位值到平均值的 2 倍之间按比例计 20 分到 权重的 1 倍，全部相等时都记两端的中间分"),
        ({"scoring": {"kind": "minmax", "all_equal": "full", "high": {"value": 30}}},
         "最低到30之间按比例计 零分到 权重的 1 倍，全部相等时都记高值一端的分"),
        ({"direction": "less_is_better", "scoring": {"kind": "reverse", "full_at": 1, "zero_at": 2}},
         "基准值 20，在 1 倍以内记满分，到 2 倍记零分，其间按比例"),
        ({"direction": "less_is_better"}, "基准值 20，越低越好"),
        ({"scoring": {"kind": "steps", "table": [{"at_least": 30, "points": 100}, {"more_than": 20, "times_weight": 0.5}, {"otherwise": "true", "points": 0}]}},
         "分档：≥30 记 100 分，＞20 记 权重的 0.5 倍，其余记 0 分"),
        ({"den": None, "unit": "比例", "baseline": 0.08, "scoring": {"kind": "growth", "per_point": 0.5}},
         "增减幅度与基准值 8%比较，每个百分点 0.5 分"),
        ({"scoring": {"kind": "deviation", "at_base": {"times_weight": 0.6}, "per_percent": 0.3, "per_percent_below": 0.5}},
         "基准值 20，与基准相同记 权重的 0.6 倍，每高 1% 加 0.3 分，每低 1% 减 0.5 分"),
        ({"direction": "less_is_better", "scoring": {"kind": "deviation", "per_percent": 0.3}},
         "基准值 20，与基准相同记 权重的 1 倍，每低 1% 加 0.3 分，每高 1% 减 0.3 分"),
        ({"scoring": {"kind": "place", "last": {"points": 10}}},
         "按位次：第一位记 权重的 1 倍，依（家数−位次）÷（家数−1）到 10 分"),
        ({"scoring": {"kind": "place", "table": [{"upto": 10, "points": 100}, {"otherwise": "true", "points": 5}]}},
         "按位次：前10% 记 100 分，其余记 5 分"),
        ({"scoring": "rank_only"}, "按指标值直接排序，不计分"),
        ({"baseline": {"kind": "percentile", "percentile": 90, "factor": 2, "population": ["cohort", "county"], "period": "last_year"}},
         "基准值为上一年度本组本县区(园区)百分位值（90%）的 2 倍"),
        ({"baseline": {"kind": "fixed", "by": "town", "values": {"东镇": 20, "西镇": "unknown"}, "value": 30}},
         "基准值东镇 20，西镇 未载明，其他 30"),
        ({"baseline": "unknown"}, "基准值未载明"),
    ],
)  # fmt: skip
def test_each_way_of_scoring_in_words(item, words):
    own = {"clause": "四", "rank_within": "region"}
    method = scheme(cohorts=[cohort(item, grading=own)])
    found = {basis.label: basis.words for basis in basis_of(method, method.cohorts[0])}
    assert found["亩均税收"] == f"权重 100，{words}"
    assert found["排名范围"] == "本县区(园区)"
