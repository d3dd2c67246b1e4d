"""Lines of the requirements that the engine answers, each with its acceptance phrase."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.policies import read_document
from core.policies.nodes import read_nodes
from evaluation.rules.cases import work_evaluation
from tests.evaluation.methods import BANDS, cohort, ten, worked

POLICY = Path(__file__).parents[2] / "config/policies/tongzhouwan/tongzhouwan-evaluation-2022.yaml"


def tongzhouwan(**firms):
    document, faults = read_document(POLICY.read_text(encoding="utf-8"))
    assert faults == []
    return work_evaluation(document, read_nodes(json.dumps({"firms": firms}))[0])["firms"]


def test_s2_01_scope_function_on_dates_and_values_others_listed_as_out_of_scope_with_reason():
    firms = tongzhouwan(
        inside={"taxable_sales": 500, "years_in_production": 3},
        outside={"taxable_sales": 499.99, "land_own": 2, "years_in_production": 3},
    )
    assert firms["inside"]["standing"] == "graded"
    assert firms["outside"]["standing"] == "out"
    assert any(
        "应税销售 499.99 万元，低于 500 万元，差 0.01 万元" in step for step in firms["outside"]["steps"]
    )


def test_s2_02_2001_sqm_rented_is_3_mu_is_in_scope():
    firm = tongzhouwan(firm={"taxable_sales": 1, "floor_leased_in": 2001, "years_in_production": 3})["firm"]
    assert (str(firm["land"]), firm["standing"]) == ("3.00", "graded")


@pytest.mark.parametrize(
    ("town", "tax", "flags"),
    [
        ("三余镇", 10, ["low_sanyu"]),
        ("三余镇", 10.01, []),
        ("其他片区", 30, ["low_elsewhere"]),
        ("其他片区", 30.01, []),
    ],
)
def test_s2_03_list_per_area_with_its_own_line(town, tax, flags):
    years = dict.fromkeys((2019, 2020, 2021), 10)
    firm = {"town": town, "tax": dict.fromkeys(years, tax), "land_own": years, "years_in_production": 9}
    assert tongzhouwan(firm=firm)["firm"]["flags"] == flags


def test_s2_08_score_and_grade_before_and_after_adjustment_with_reason():
    bonus = {"clause": "三", "bonus": [{"id": "rd", "label": "科技创新", "when": "rd_centre", "points": 5}]}
    down = {
        "id": "m",
        "label": "惩罚性降档",
        "kind": "down",
        "steps": 1,
        "when": "accident",
        "if_unknown": "out",
        "clause": "三.2",
    }
    firms = ten(100, 90, 80, 70, 60, 企1={"rd_centre": True, "accident": True})
    firm = worked(firms, cohorts=[cohort(bands=BANDS)], adjust=bonus, moves=[down])["firms"]["企1"]
    assert (firm["items_total"], firm["bonus"], firm["total"]) == (50, {"rd": 5}, 55)
    assert (firm["initial"], firm["final"], firm["moves"]) == ("A", "B", ["m"])
    assert firm["steps"][-1] == "调档：惩罚性降档，下调 1 档，由 A 级改为 B 级（三.2）。"


def test_s0_15_a_grade_of_each_year_comes_from_the_method_of_that_year():
    """资源集约利用绩效评价 of A–D: the same firm under 黄岩's two methods (H4)."""
    scores = []
    for year in (2021, 2022):
        path = POLICY.parents[1] / f"huangyan/huangyan-evaluation-{year}.yaml"
        document, _faults = read_document(path.read_text(encoding="utf-8"))
        given = {"firms": {"甲": {"cohort": "below", "values": {"tax_per_mu": 12, "tax_per_elec": 0.2}}}}
        scores.append(
            str(work_evaluation(document, read_nodes(json.dumps(given))[0])["firms"]["甲"]["total"])
        )
    assert scores == ["78.4140", "94.2715"]
