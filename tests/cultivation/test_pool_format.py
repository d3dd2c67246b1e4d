"""What a further city may write of its pools: lines, groups, numbers by year, who is kept out of help, who decides."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.policies import read_document
from core.policies.cases import read_cases, work_cases
from tests.cultivation.test_policy_targets import DOCUMENT

MANUAL = Path(__file__).parents[2] / "docs/pool-format.md"
POOL = """
pool:
  clause: 三（一）
  region_groups:
    - {name: 市区, regions: [东港], clause: 三（二）}
    - {name: 县域, regions: [西山县], clause: 三（二）}
  pools:
    - kind: seedlings
      title: 种子企业库
      year: 2030
      line: {standard: 2000, share: 0.5, by_group: {市区: 1200}, may_lower: short_of_quota, lowest: 700}
      parameters:
        sales: {label: 应税销售下限, by_year: {2030: 500万元, 2032: 0.06亿元}}
        power_line: {label: 年用电量下限, value: unknown, unit: 万千瓦时}
        share: {label: 研发占比, value: 3%}
      sources:
        - {code: revenue, label: 营业收入, when: "revenue[year-1] >= line and revenue[year-1] < standard"}
        - {code: sales, label: 应税销售, when: "tax_list_sales[year-1] >= sales"}
        - {code: power, label: 用电量, when: "power[year-1] > power_line"}
        - {code: research, label: 研发, when: "research_cost[year-1] / main_revenue[year-1] >= share"}
      least: 2
      requires:
        - {code: below_scale, label: 规下企业, when: not above_scale}
        - {code: industry, label: 工业, when: 'industry_section in ("B", "C", "D")'}
      flags:
        - {code: overcapacity, label: 产能严重过剩, when: 'industry_division == "31"'}
      tiers:
        list:
          - {name: 一层, when: "revenue[year-1] >= 1500万元"}
          - {name: 二层, when: "revenue[year-1] < 1500万元"}
      quota: {ratio: 1.2, of: newly_listed, rounding: up_each}
      movement: {admit: application, promote: application, demote: rule, withdraw: application}
"""


def worked(given: str, pool: str = POOL) -> dict:
    document, faults = read_document(DOCUMENT + pool)
    assert faults == []
    text = f"policy: haibin-2030\ncases:\n  - name: 一例\n    part: pool\n    given:\n{given}"
    cases, faults = read_cases(text, document)
    assert faults == []
    (result,) = work_cases(document, cases)
    assert result.faults == ()
    return dict(result.got)


def firm(**facts: object) -> str:
    given = {"region": "西山县", "above_scale": "false", "industry_section": "C", "industry_division": '"34"'}
    return "{" + ", ".join(f"{name}: {value}" for name, value in {**given, **facts}.items()) + "}"


def faults_of(old: str, new: str) -> list[str]:
    document, found = read_document(DOCUMENT + POOL.replace(old, new))
    assert document is None
    return [fault.message for fault in found]


def one(**facts: object) -> dict:
    return worked(f"      firms:\n        甲: {firm(**facts)}\n")["firms"]["甲"]


BOTH = {"tax_list_sales": "{2029: 500}"}


@pytest.mark.parametrize(
    ("revenue", "region", "status"),
    [
        ("999.99", "西山县", "off"),
        ("1000", "西山县", "in"),
        ("1999.99", "西山县", "in"),
        ("2000", "西山县", "off"),
        ("1199.99", "东港区", "off"),
        ("1200", "东港", "in"),
    ],
)
def test_the_line_of_a_group_holds_in_its_regions(revenue, region, status):
    assert one(revenue=f"{{2029: {revenue}}}", region=region, **BOTH)["status"] == status


def test_two_sources_of_four_are_asked_for_and_one_is_not_enough():
    assert one(revenue="{2029: 1800}")["status"] == "off"
    named = one(revenue="{2029: 1800}", **BOTH)
    assert (named["status"], named["sources"]) == ("in", ["revenue", "sales"])


def test_a_number_by_year_holds_until_the_next_one():
    def status(year: int, sales: str) -> str:
        given = firm(revenue=f"{{{year - 1}: 1800}}", tax_list_sales=f"{{{year - 1}: {sales}}}")
        return worked(f"      year: {year}\n      firms:\n        甲: {given}\n")["firms"]["甲"]["status"]

    assert status(2031, "500") == "in"
    assert (status(2032, "599.99"), status(2032, "600")) == ("off", "in")


def test_a_number_that_is_not_printed_names_nobody():
    found = worked(f"      firms:\n        甲: {firm(power='{2029: 900}')}\n")
    assert found["firms"]["甲"]["sources"] == []
    assert found["unknown"] == ["年用电量下限"]


def test_a_firm_kept_out_of_help_is_in_the_pool_and_in_its_numbers():
    given = firm(revenue="{2029: 1800}", industry_division='"31"', **BOTH)
    found = worked(f"      firms:\n        甲: {given}\n")
    assert found["firms"]["甲"]["status"] == "in"
    assert found["firms"]["甲"]["flagged"] == ["overcapacity"]
    assert found["counts"]["in"] == found["counts"]["by_flag"]["overcapacity"] == 1


def test_what_takes_an_application_is_only_suggested():
    rows = {
        "新来": ("1800", None),
        "可升": ("1800", "二层"),
        "该降": ("1300", "一层"),
        "该出": ("2500", "一层"),
    }
    firms = "".join(
        f"        {name}: {firm(revenue=f'{{2029: {sum_}}}', **BOTH)}\n" for name, (sum_, _) in rows.items()
    )
    inside = "".join(f"        {name}: {{tier: {tier}}}\n" for name, (_, tier) in rows.items() if tier)
    found = worked(f"      firms:\n{firms}      members:\n{inside}")["firms"]
    assert {name: found[name]["change"] for name in rows} == {
        "新来": "waiting",
        "可升": "suggested",
        "该降": "moved",
        "该出": "proposed",
    }


def test_a_county_short_of_its_quota_may_lower_its_line_within_what_the_document_allows():
    """S1-25: county lowers its line, with reason, logged."""

    def told(inside: int, line: str) -> tuple[bool, str | None]:
        given = f"      targets: {{西山县: 10}}\n      in_pool: {{西山县: {inside}}}\n      lowered: {{西山县: {line}}}\n"
        found = worked(given)["lowering"]["西山县"]
        return found["lawful"], found["reason"]

    for inside, short in ((11, {"西山县": 1}), (12, {}), (13, {})):
        quota = worked(f"      targets: {{西山县: 10}}\n      in_pool: {{西山县: {inside}}}\n")["quota"]
        assert (quota["short"], quota["short_whole"]) == (short, sum(short.values()))
    assert told(11, "800") == (True, None)
    assert told(12, "800") == (False, "按现行入库线已有 12 家，不少于应在库 12 家，不能下调")
    assert told(11, "1000") == (False, "下调后的入库线应低于 1,000 万元")
    assert told(11, "699.99") == (False, "方案规定最低下调到 700 万元")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: seedlings", "kind: scaleup", "没有“scaleup”这一类，是不是 scale_up？"),
        ("kind: seedlings", "kind: 种子", "小写字母、数字、下划线"),
        ("regions: [东港]", "regions: [西山县]", "西山县已在“市区”组，一个地区只能在一组"),
        ("regions: [东港]", "regions: [南海区]", "“南海区”不在地区清单里"),
        ("share: 0.5,", "share: 50,", "比例写成小数"),
        ("share: 0.5,", "share: 0.5, amount: 900,", "标准 2000 × 比例 0.5 = 1000 万元"),
        ("lowest: 700", "lowest: 1700", "最低限 1700 高于入库线"),
        ("by_group: {市区: 1200}", "by_group: {城区: 1200}", "没有“城区”这个地区分组"),
        ("value: 3%", "value: 百分之三", "写数字和单位"),
        ("2032: 0.06亿元", "2032: 6%", "各年取值的单位不同类"),
        ("least: 2", "least: 5", "应在 1 和名单来源数 4 之间"),
        ("admit: application", "admit: automatic", "入库只能是：rule、application"),
        ("rounding: up_each", "rounding: nearest", "取整只能是"),
        ('"power[year-1] > power_line"', '"power[year-1] > sales"', "用电量"),
        ("        sales: {label", "        line: {label", "参数名用小写字母"),
    ],
)
def test_what_is_refused_is_told_with_how_to_mend_it(old, new, told):
    assert any(told in fault for fault in faults_of(old, new)), faults_of(old, new)


def test_the_second_example_of_the_manual_is_a_document_too():
    example = MANUAL.read_text(encoding="utf-8").split("```yaml\n")[2].partition("```")[0]
    document, found = read_document(DOCUMENT + "\n" + example)
    assert found == []
    rule = document.parts["pool"].rules[0]
    assert rule.line.amount == Decimal(1000)
    assert [flag.code for flag in rule.flags] == ["overcapacity"]
