"""Programmes as other cities print them, one document each with its cases, and no code of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Role, User
from core.policies import read_document
from core.policies.cases import read_cases, work_cases
from core.services.policies import load_edition
from cultivation.models import PoolMembership, PoolScreening
from cultivation.services.pool_lists import ScreeningResult, region_lines
from cultivation.services.pool_pages import pool_place
from cultivation.services.pool_screening import screen_pool
from enterprises.models import AnnualFigure
from tests import factories

DOCUMENTS = Path(__file__).parent / "documents"
PROGRAMMES = sorted(path.stem for path in DOCUMENTS.glob("*.yaml") if not path.stem.endswith(".cases"))


def text_of(name: str) -> str:
    return (DOCUMENTS / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_document_gives_what_its_cases_say(name):
    document, faults = read_document(text_of(name))
    assert faults == []
    cases, faults = read_cases((DOCUMENTS / f"{name}.cases.yaml").read_text(encoding="utf-8"), document)
    assert faults == []
    assert [(r.case.name, r.differences, r.faults) for r in work_cases(document, cases) if not r.ok] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{by_quarter: [15%, 40%, 70%, 100%]}", "linear", "even_by_quarter（按季均摊），或 {by_quarter:"),
        ("[15%, 40%, 70%, 100%]", "[15%, 40%, 100%]", "应是 4 个百分数"),
        ("[15%, 40%, 70%, 100%]", "[15%, 40%, 35%, 100%]", "后面的不小于前面的"),
        ("{临港区: [60], 北仓", "{临港区: [61], 北仓", "临港区 2023 年新增规上工业企业数写 100，各项相加为 101（多 1）"),
        ("      adds_to: at_least\n", "", "各项相加为 530（多 10），请对照文件逐项核对；文件就是这样印的（往下多分）"),
        ("each_year: true, unit: 户, amount: 420", "unit: 户, amount: 430", "写 430，第 38 行写 420，请核对"),
        ("same_as: newly_listed}\n    - {code: stretch", "same_as: growth}\n    - {code: stretch", "只能是：newly_listed"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told_with_how_to_mend_it(old, new, told):
    text = text_of("dongtang-2023")
    assert old in text
    _, faults = read_document(text.replace(old, new))
    assert any(told in fault.message for fault in faults), faults


@pytest.mark.any_database
def test_who_is_in_the_pool_and_which_month_it_is_are_read_from_the_house(db):
    """Enters from 500万元, stays from 400万元; the window ends at the last month that anybody reported."""
    text = (
        text_of("hanxi-2023").replace("revenue[", "main_revenue[").replace("tax_sales[", "monthly_revenue[")
    )
    load_edition(text=text, actor=User.objects.system())
    staff = factories.user(Role.BUREAU_STAFF, "970200")
    rich, poor, monthly = (factories.enterprise(f"{name}厂", "970201") for name in ("高", "低", "月"))
    figure = factories.annual_figure(rich, 2022, main_revenue_wan="600")
    factories.annual_figure(poor, 2022, main_revenue_wan="450")
    for month in (2, 3, 4):
        factories.monthly_figure(monthly, f"2023-0{month}", "160")

    def inside() -> list[tuple[str, str]]:
        screen_pool(programme="hanxi-2023", actor=staff)
        members = PoolMembership.objects.current().order_by("enterprise")
        return list(members.values_list("enterprise__name", "sources"))

    assert inside() == [("高厂", "enter"), ("月厂", "quarter")]
    AnnualFigure.objects.filter(pk=figure.pk).update(main_revenue_wan=450_00)
    assert inside() == [("高厂", "stay"), ("月厂", "quarter")]
    result = ScreeningResult(PoolScreening.objects.of_pool("hanxi-2023", "scale_up").first(), staff)
    (told,) = result.firms([list(result.table["firm"]).index(monthly.pk)])
    assert (
        told.reasons[0].line
        == "近三个月月均：2023年2月至2023年4月营业收入（月报）平均 160.00 万元，不低于 160 万元"
    )
    figures = region_lines(result, pool_place(staff, "hanxi-2023"))
    assert [(line.region.name, line.quota, line.tiers[0].quota) for line in figures] == [
        ("江口区", 100, 36),
        ("石门县", 150, 49),
    ]
