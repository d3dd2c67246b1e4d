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


def test_a_landlord_outside_the_list_is_nobodys():
    assert row_of(np.array([1, 5]), np.array([5, 7, -1, 1])).tolist() == [1, -1, -1, 0]
