"""The ``pool`` part of a document: what 南通's says, what is refused, all faults at once and by line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.policies import UNKNOWN, read_document
from cultivation.policy import Pools
from tests.cultivation.conftest import POLICY

NANTONG = POLICY.read_text(encoding="utf-8")
HEAD = NANTONG.partition("\npool:")[0]
SMALL = """
pool:
  clause: 三（一）
  pools:
    - kind: scale_up
      title: 小升规培育库
      year: 2022
      sources:
        - {code: band, label: 规下名单, when: "main_revenue[year-1] >= 1000万元"}
"""


def read(part: str):
    return read_document(HEAD + "\n" + part)


def faults(part: str) -> list[str]:
    document, found = read(part)
    assert document is None
    return [fault.message for fault in found]


@pytest.fixture
def rule():
    document, found = read_document(NANTONG)
    assert found == []
    part = document.parts["pool"]
    assert isinstance(part, Pools)
    return part.of_kind("scale_up")


def test_nantong_has_the_two_lists_that_the_plan_prints(rule):
    tax_list, delisted = rule.sources
    assert tax_list.when.text == "tax_list_sales[2021] between 500万元 and 2000万元"
    assert tax_list.basis.wording == "税务部门提供2021年应税销售在500—2000万元的工业企业名单"
    assert tax_list.basis.clause == delisted.basis.clause == "三、重点任务 1.全面调查摸底"
    assert rule.planned.years == (2022, 2023, 2024)


def test_what_the_plan_does_not_print_is_marked_as_the_demos_own(rule):
    assert [tier.name for tier in rule.tiers] == ["提升", "培育", "储备"]
    assert all(tier.basis.is_demo and tier.basis.note for tier in rule.tiers)
    assert {tier.basis.label for tier in rule.tiers} == {"未载明·演示取值"}
    assert rule.blanks() == []


def test_planned_years_stay_within_the_plan(rule):
    assert [rule.planned.of(2022, after) for after in (0, 1, 2, 5)] == [2022, 2023, 2024, 2024]
    assert rule.planned.of(2021, 0) == 2022


def test_a_pool_may_be_one_list_and_nothing_else():
    document, found = read(SMALL)
    assert found == []
    rule = document.parts["pool"].rules[0]
    assert (rule.requires, rule.tiers, rule.planned, rule.quota) == ((), (), None, None)


def test_unknown_is_legal_and_named():
    part = SMALL.replace("main_revenue[year-1] >= 1000万元", "unknown") + "      quota: unknown\n"
    document, found = read(part)
    assert found == []
    rule = document.parts["pool"].rules[0]
    assert rule.sources[0].when is UNKNOWN
    assert rule.blanks() == ["规下名单", "在库数量要求"]


def test_a_quota_is_a_multiple_of_a_target():
    part = SMALL + "      quota: {ratio: 1.2, of: newly_listed, rounding: up_each}\n"
    quota = read(part)[0].parts["pool"].rules[0].quota
    assert (quota.ratio, quota.metric, quota.rounding) == (Decimal("1.2"), "newly_listed", "up_each")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1000万元", "1000亩", "主营业务收入"),
        ("main_revenue", "main_revenu", "没有名为 main_revenu 的事实"),
        ("kind: scale_up", "kind: scaleup", "是不是 scale_up"),
        ("code: band", "code: 名单", "代号用小写字母"),
        ("year: 2022", "year: 1850", "年度 1850 不对"),
        ("  clause: 三（一）\n", "", "没有出处"),
        ("label: 规下名单", "lable: 规下名单", "不认识的键“lable”"),
    ],
)
def test_what_is_refused(old, new, message):
    assert any(message in fault for fault in faults(SMALL.replace(old, new)))


def test_a_choice_of_ones_own_says_why():
    part = SMALL.replace("label: 规下名单,", "label: 规下名单, src: demo,")
    assert faults(part) == ["演示取值要在 note（说明）写明理由"]


def test_codes_kinds_and_tiers_stand_once():
    again = '        - {code: band, label: 又一名单, when: "staff[2021] >= 20人"}\n'
    tiers = """      tiers:
        list:
          - {name: 储备, when: "true"}
          - {name: 储备, when: "true"}
"""
    other = SMALL.split("  pools:\n")[1]
    told = faults(SMALL + again + tiers + other)
    assert any(message.startswith("代号“band”写了两次") for message in told)
    assert any(message.startswith("层级“储备”写了两次") for message in told)
    assert any(message.startswith("类别“scale_up”写了两次") for message in told)


def test_all_faults_are_told_at_once_each_with_its_line():
    part = SMALL.replace("1000万元", "1000亩").replace("kind: scale_up", "kind: Pool")
    _, found = read(part + "      quota: {ratio: 0, of: newly_listed, rounding: nearest}\n")
    first = HEAD.count("\n") + 2
    assert [fault.line - first for fault in found] == [4, 8, 9, 9]


def test_the_measure_is_an_amount():
    assert "排序指标应是一个以万元计的事实" in faults(SMALL + "      measure: staff[2021]\n")[0]


def test_the_example_of_the_manual_is_a_document():
    manual = (POLICY.parents[3] / "docs/pool-format.md").read_text(encoding="utf-8")
    document, found = read(manual.partition("```yaml\n")[2].partition("```")[0])
    assert found == []
    assert [tier.name for tier in document.parts["pool"].rules[0].tiers] == ["提升", "培育"]
