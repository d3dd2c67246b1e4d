"""Lines of the requirements that the engine answers, each with its acceptance phrase; those of the process stand beside
the acts that they are about: S2-04, S2-05 in test_averages, S2-06, S2-12 in test_process_pages, S2-07 in test_survey_locks,
S2-09 in test_process, S2-10 in test_rounds, S2-11, S2-13, S2-14 in test_projects, S0-15 in test_pages too."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.conditions import Kind
from core.policies import read_document
from core.policies.nodes import read_nodes
from evaluation.rules.cases import work_evaluation
from evaluation.rules.policies_told import policies_of
from evaluation.rules.process import calendar_of, day_state
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


def test_s0_14_the_five_records_exist_with_year_and_source_department():
    """占地, 耗能 of the yearly survey by the scheme's own departments, 安全, 环保, 消防 declared by the city's document."""
    nantong = read_document((POLICY.parents[1] / "nantong/nantong-2022.yaml").read_text(encoding="utf-8"))[0]
    told = {fact.type.label: (fact.type.per, fact.source) for fact in nantong.declared.values()}
    assert told["安全生产问题"] == (Kind.YEAR, "应急管理部门")
    assert told["环保问题"] == (Kind.YEAR, "生态环境部门")
    assert told["消防问题"] == (Kind.YEAR, "消防救援部门")
    demo = read_document((POLICY.parent / "tongzhouwan-demo-2021.yaml").read_text(encoding="utf-8"))[0]
    uses = demo.parts["evaluation"].quantities
    assert (uses["land"].department, uses["energy"].department) == ("自然资源部门", "统计部门")


@pytest.mark.parametrize(
    ("due", "step"),
    [((2022, 3, 31), "data_entry"), ((2022, 5, 31), "publish"),
     ((2022, 5, 31), "re_evaluation"), ((2022, 6, 30), "lists"), ((2022, 12, 31), "acceptance")],
)  # fmt: skip
def test_s2_12_reminders_at_each_date_state_per_step(due, step):
    method = read_document(POLICY.read_text(encoding="utf-8"))[0].parts["evaluation"]
    last = date(*due)
    (found,) = [one for one in calendar_of(method) if one.step == step]
    assert (found.due, found.clause) == (last, "四")
    states = [day_state(last, None, last + timedelta(days=days)) for days in (-16, -15, 0, 1)]
    assert states == ["ahead", "soon", "soon", "overdue"]
    assert day_state(last, last, last + timedelta(days=9)) == "done"


def test_s3_14_the_evaluation_is_the_per_mu_reform_and_d_is_the_clean_up():
    """S3-14 is answered by S2: ranked per mu of land, the last band is cleared by project with a measure."""
    method = read_document((POLICY.parent / "tongzhouwan-demo-2021.yaml").read_text(encoding="utf-8"))[
        0
    ].parts["evaluation"]
    first = [cohort.indicators[0] for cohort in method.cohorts]
    assert {(one.num, one.den) for one in first} == {("tax", "land")}
    assert next(told.label for told in policies_of(method, "D")).startswith(
        "兼并重组、分割转让、整合入园或搬迁"
    )
