"""The ``awards`` part: what the two cities' documents say, and every fault at once with its line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from core.policies import read_document
from incentives.policy import Awards
from tests.incentives.conftest import policy_text

PINGDINGSHAN = policy_text()


def awards_of(text: str) -> Awards:
    document, faults = read_document(text)
    assert not faults
    part = document.parts["awards"]
    assert isinstance(part, Awards)
    return part


def faults_of(old: str, new: str, text: str = PINGDINGSHAN) -> list[str]:
    assert old in text
    document, faults = read_document(text.replace(old, new))
    assert document is None
    return [f"{fault.line} {fault.key}: {fault.message}" for fault in faults]


def test_pingdingshan_pays_five_and_three_and_shares_by_region():
    awards = awards_of(PINGDINGSHAN)
    rule = awards.rules[0]
    assert [(part.id, part.fen) for part in rule.parts] == [("entry", 5_000_000), ("revenue", 3_000_000)]
    assert rule.parts[1].when.text == "main_revenue[revenue_year] >= 5000万元"
    assert rule.years(2022) == {"year": 2022, "revenue_year": 2021}
    half, whole = awards.sharing_of("410402"), awards.sharing_of("410404")
    assert half.parts == (("city", Fraction(1, 2)), ("district", Fraction(1, 2)))
    assert (half.label, whole.label) == ("市级 50%，县区 50%", "县区全部承担")
    assert awards.sharing_of("410400") is None


def test_what_is_not_printed_is_marked():
    rule = awards_of(PINGDINGSHAN).rules[0]
    assert rule.parameters[0].mark.label == "未载明·演示取值"
    assert rule.occasion.mark.src == "demo"
    assert awards_of(PINGDINGSHAN).groups[0].mark.label == "推定"


def test_an_amount_that_is_not_printed_blocks_its_rule_alone():
    awards = awards_of(PINGDINGSHAN)
    runs = {rule.id: rule.can_run for rule in awards.rules}
    assert (runs["first-listing"], runs["county-extra"]) == (True, False)
    assert awards.rule("county-extra").unknowns == ("金额",)
    blocked = awards_of(PINGDINGSHAN.replace("yuan: 30000", "yuan: unknown")).rules[0]
    assert blocked.unknowns == ("“满5000万元加奖”的金额",)


def test_nantong_prints_no_amount_at_all():
    awards = awards_of(policy_text("nantong/nantong-2022"))
    assert [rule.can_run for rule in awards.rules] == [False, False]
    assert {rule.clause for rule in awards.rules} == {"四、保障措施 2"}


def test_a_third_is_exact():
    text = PINGDINGSHAN.replace("{city: 0.5, district: 0.5}", "{city: 1/3, district: 2/3}")
    assert awards_of(text).sharing_of("410402").label == "市级 1/3，县区 2/3"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{city: 0.5, district: 0.5}", "{city: 0.5, district: 0.4}", "各级比例相加应为 1，现在是 9/10"),
        ("{city: 0.5, district: 0.5}", "{city: 50%, district: 50%}", "比例写成 0.5、1 或 1/3 的样子"),
        ("{city: 0.5, district: 0.5}", "{nation: 1}", "不认识的一级“nation”"),
        ("regions: [新华区, 卫东区", "regions: [新华区, 卫西区", "“卫西区”不在地区清单里"),
        ("regions: [新华区, ", "regions: [新华, 石龙区, ", "石龙区已在“市内五区”组里"),
        ("regions: [新华区, 卫东区, 湛河区,", "regions: [卫东区, 湛河区,", "新华区没有写由谁承担"),
        ("- group: 市内五区", "- group: 五区", "地区分组只能是"),
        ("yuan: 30000", "yuan: 30000.005", "最多两位小数"),
        ("yuan: 30000", "yuan: -1", "大于 0"),
        ("yuan: 30000", "yuan: 3万", "应是数字"),
        (">= 5000万元", ">= 5000亩", "不能与"),
        ("main_revenue[revenue_year]", "main_revenu[revenue_year]", "是不是 main_revenue"),
        ("main_revenue[revenue_year]", "main_revenue[last_year]", "第"),
        ("value: year-1", "value: 去年", "年度写成 year"),
        ("        src: demo\n        note: 文件没有写明按哪个年度计入，演示按审批库年度。\n", "        src: demo\n", "写明理由"),
        ("event: listed", "event: listing", "事项只能是：listed"),
        ("id: county-extra", "id: first-listing", "规则代号 first-listing 已在第"),
        ("id: first-listing", "id: 首次", "规则代号用小写字母"),
        ("id: revenue", "id: entry", "部分代号 entry 写了两次"),
        ("type: sum", "type: total", "形式只能是：fixed、by_key"),
        ("recipient: enterprise\n      wording: 对首次", "recipient: firm\n      wording: 对首次", "奖补对象只能是：enterprise"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_line(old, new, told):
    found = faults_of(old, new)
    assert any(told in fault for fault in found), found
    assert all(int(fault.split()[0]) > 70 for fault in found)


def test_every_fault_is_told_at_once():
    text = PINGDINGSHAN.replace("yuan: 30000", "yuan: 三万").replace("value: year-1", "value: 去年")
    assert len(faults_of("{city: 0.5, district: 0.5}", "{city: 0.5}", text)) == 3


def test_costs_are_not_shared_where_no_region_is_listed():
    nantong = policy_text("nantong/nantong-2022")
    assert awards_of(nantong).sharing_of("320681") is None
