"""Target tables: those of the two shipped documents cell by cell, and every sum that can be missed."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

import cultivation.policy  # noqa: F401  (registers the reader)
from core.policies import UNKNOWN, read_document

POLICIES = Path(__file__).parents[2] / "config" / "policies"

NANTONG = {
    "海安市": 130,
    "如皋市": 140,
    "如东县": 140,
    "启东市": 150,
    "崇川区": 50,
    "通州区": 140,
    "海门区": 140,
    "开发区": 60,
    "苏锡通": 25,
    "通州湾": 25,
}
PINGDINGSHAN = {
    "汝州市": 19,
    "舞钢市": 10,
    "宝丰县": 17,
    "郏县": 24,
    "鲁山县": 22,
    "叶县": 18,
    "新华区": 5,
    "卫东区": 4,
    "湛河区": 5,
    "石龙区": 4,
    "城乡一体化示范区": 1,
    "高新区": 9,
}

DOCUMENT = """\
schema: 1
id: haibin-2030
title: 海滨市升规行动方案
locality: "990100"
issuer: unknown
number: unknown
issued_on: unknown
in_force: {from: unknown, until: unknown}
source: {document: 测试文件}
regions:
  clause: 附件
  tree:
    - {code: "990100", name: 海滨市, kind: city}
    - {code: "990101", name: 东港区, short_name: 东港, kind: district}
    - {code: "990102", name: 西山县, kind: county}
targets:
  clause: 附件
  counting: {entry_year: approval_library, schedule: even_by_month, basis: gross, clause: 三（二）}
  tables:
    - metric: newly_listed
      unit: 家
      years: [2030, 2031]
      rows:
        东港区: [10, 12]
        西山县: [5, 6]
      stated_total: [15, 18]
  totals:
    - metric: newly_listed
      region: 海滨市
      from: 2030
      until: 2031
      unit: 家
      amount: 33
"""


def shipped(locality: str, name: str):
    document, faults = read_document((POLICIES / locality / f"{name}.yaml").read_text(encoding="utf-8"))
    assert faults == []
    return document, document.parts["targets"]


def changed(*pairs: tuple[str, str]) -> str:
    text = DOCUMENT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def faults_of(*pairs: tuple[str, str]) -> list[tuple[int, str, str]]:
    _, faults = read_document(changed(*pairs))
    return [(fault.line, fault.key, fault.message) for fault in faults]


def the_fault_of(*pairs: tuple[str, str]) -> tuple[int, str, str]:
    (fault,) = faults_of(*pairs)
    return fault


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_nantong_reproduces_the_annex_exactly(year):
    _, targets = shipped("nantong", "nantong-2022")
    goals = targets.yearly("newly_listed", year)
    assert [(goal.region_name, goal.amount) for goal in goals] == [
        *NANTONG.items(),
        ("南通市", 1000),
    ]
    assert {goal.unit for goal in goals} == {"家"}
    assert all("附件" in goal.clause for goal in goals)


def test_nantong_adds_to_3000_firms_and_asks_for_1000_yi_of_output():
    _, targets = shipped("nantong", "nantong-2022")
    firms, output = targets.totals()
    assert (firms.first_year, firms.last_year, firms.amount) == (2022, 2024, 3000)
    assert firms.amount == sum(targets.yearly("newly_listed", year)[-1].amount for year in (2022, 2023, 2024))
    assert (output.metric, output.amount, output.unit) == ("output_of_new", 1000, "亿元")
    assert output.amount_wan == Decimal(10_000_000)
    assert targets.counting.clause is UNKNOWN


def test_nantong_does_not_make_up_what_the_reprint_lacks():
    document, _ = shipped("nantong", "nantong-2022")
    assert document.number is UNKNOWN
    assert document.issued_on is UNKNOWN
    assert {"issuer", "number", "issued_on"} <= set(document.unknown_keys)


def test_pingdingshan_reproduces_the_twelve_regions_and_138():
    document, targets = shipped("pingdingshan", "pingdingshan-2022")
    goals = targets.yearly("newly_listed", 2022)
    assert [(goal.region_name, goal.amount) for goal in goals] == [*PINGDINGSHAN.items(), ("平顶山市", 138)]
    assert (document.number, document.issued_on.isoformat()) == ("平政办〔2022〕15号", "2022-05-24")
    (five_years,) = targets.totals()
    assert (five_years.first_year, five_years.last_year) == (2021, 2025)
    assert (five_years.amount, five_years.comparison) == (500, "at_least")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("启东", "320681"),
        ("南通开发区", "320671"),
        ("苏锡通园区", "3206SX"),
        ("苏锡通科技产业园区", "3206SX"),
        ("通州湾示范区", "3206TW"),
        ("示范区", "3206TW"),
        ("通州湾", "3206TW"),
        ("通州区", "320612"),
        ("通州", "320612"),
    ],
)
def test_nantong_knows_its_regions_by_the_words_in_use(word, code):
    document, _ = shipped("nantong", "nantong-2022")
    assert document.regions.find(word).code == code


def test_the_sample_is_faultless_and_flat():
    document, faults = read_document(DOCUMENT)
    assert faults == []
    targets = document.parts["targets"]
    assert targets.years("newly_listed") == (2030, 2031)
    assert [(g.region, g.first_year, g.amount, g.origin) for g in targets.goals[:2]] == [
        ("990101", 2030, Decimal(10), "row"),
        ("990101", 2031, Decimal(12), "row"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        (
            "[15, 18]",
            "[15, 19]",
            26,
            "targets.tables[1].stated_total",
            "2031 年合计写 19，各项相加为 18（少 1）",
        ),
        ("amount: 33", "amount: 30", 28, "targets.totals[1]", "2030—2031 年总数写 30，各项相加为 33（多 3）"),
        ("[10, 12]", "[10]", 24, "targets.tables[1].rows.东港区", "应是 2 个数（2030、2031 年）"),
        ("[10, 12]", '[10, "12"]', 24, "targets.tables[1].rows.东港区[2]", "应是数字"),
        ("[10, 12]", "[10, 1_2]", 24, "targets.tables[1].rows.东港区[2]", "应是数字"),
        ("[10, 12]", "[-10, 32]", 24, "targets.tables[1].rows.东港区[1]", "不能是负数"),
        ("[10, 12]", "[10.5, 12]", 24, "targets.tables[1].rows.东港区[1]", "家数应是整数"),
        ("西山县: [5", "西山: [5", 25, "targets.tables[1].rows.西山", "不在地区清单里"),
        ("西山县: [5", "海滨市: [5", 25, "targets.tables[1].rows.海滨市", "请写在 stated_total"),
        ("region: 海滨市", "region: 海边市", 29, "targets.totals[1].region", "不在地区清单里"),
        ("metric: newly_listed", "metric: listed", 20, "targets.tables[1].metric", "只能是"),
        ("unit: 家", "unit: 亿元", 21, "targets.tables[1].unit", "只能是：家"),
        ("[2030, 2031]", "[2031, 2030]", 22, "targets.tables[1].years", "由早到晚"),
        ("from: 2030\n", "from: 2032\n", 28, "targets.totals[1]", "截止年度不能早于起始年度"),
        ("      stated_total: [15, 18]\n", "", 20, "targets.tables[1].stated_total", "缺少 stated_total"),
        (", clause: 三（二）", ", clause: unknown", 18, "targets.counting", "请在 note"),
        ("basis: gross", "basis: 毛", 18, "targets.counting.basis", "只能是：gross、net"),
        ("amount: 33", "amount: 33\n      comparison: at_least", 34, "targets.totals[1].comparison", "原文"),
        ("amount: 33", "amount: 33\n      wording: 33家以上", 34, "targets.totals[1].wording", "at_least"),
    ],
)
def test_a_fault_in_the_targets_is_told_with_line_key_and_cure(old, new, line, key, says):
    told = faults_of((old, new))
    assert any((at, name) == (line, key) and says in message for at, name, message in told), told


@pytest.mark.parametrize(
    "head",
    [
        ("[2030, 2031]", "[2031, 2030]"),
        ("metric: newly_listed", "metric: listed"),
        ("      stated_total: [15, 18]\n", ""),
        ("unit: 家", "unit: 亿元"),
    ],
)
def test_a_fault_in_the_head_of_a_table_hides_none_in_its_rows(head):
    told = faults_of(head, ("[10, 12]", "[-10, 12]"), ("西山县: [5", "西山: [5"))
    keys = {key for _, key, _ in told}
    assert {"targets.tables[1].rows.东港区[1]", "targets.tables[1].rows.西山"} <= keys, told


def test_a_region_under_two_names_is_one_region_and_the_second_row_is_told():
    told = faults_of(("        西山县", "        东港: [0, 0]\n        西山县"))
    assert told == [(25, "targets.tables[1].rows.东港", "东港区在本表写了两次（第 24 行已有），请只留一行")]


def test_a_figure_stands_nowhere_without_its_clause():
    told = faults_of(("  clause: 附件\n  counting", "  counting"))
    assert {message.split("，")[0] for _, _, message in told} == {"数字没有出处"}
    assert len(told) == 7  # four cells, two sums, one total


def test_a_clause_may_stand_on_the_figure_itself():
    document, faults = read_document(changed(("[10, 12]", "[{amount: 10, clause: 附件 注1}, 12]")))
    assert faults == []
    goals = document.parts["targets"].goals
    assert [goal.clause for goal in goals[:2]] == ["附件 注1", "附件"]


def test_the_same_target_may_be_stated_once_only():
    again = "amount: 33\n    - {metric: newly_listed, region: 东港, from: 2030, until: 2030, unit: 家, amount: 11}"
    _, key, message = the_fault_of(("amount: 33", again))
    assert key == "targets.totals[2]"
    assert "东港区 2030 年新增规上工业企业数写 11，第 24 行写 10，请核对" in message


def test_at_least_500_may_be_exceeded_by_its_years_but_not_missed():
    more = "amount: {amount}\n      comparison: at_least\n      wording: 30家以上"
    document, _ = read_document(changed(("amount: 33", more.format(amount=30))))
    assert document is not None
    _, _, message = the_fault_of(("amount: 33", more.format(amount=34)))
    assert "各项相加为 33（少 1）" in message


def test_an_unknown_cell_excuses_a_shortfall_and_never_an_excess():
    document, faults = read_document(changed(("[10, 12]", "[unknown, 12]")))
    assert faults == []
    assert document.parts["targets"].goals[0].amount is UNKNOWN
    assert document.unknown_keys[-1] == "targets.tables[1].rows.东港区[1]"
    _, _, message = the_fault_of(("[10, 12]", "[unknown, 12]"), ("[5, 6]", "[16, 6]"))
    assert "2030 年合计写 15，各项相加为 16（多 1）" in message


def test_years_of_a_stock_do_not_add_up():
    document, faults = read_document(
        changed(
            ("metric: newly_listed\n      unit", "metric: total\n      unit"),
            (
                "metric: newly_listed\n      region",
                "metric: total\n      region",
            ),
            ("amount: 33", "amount: 18"),
        )
    )
    assert (document is not None, faults) == (True, [])


def test_targets_need_the_tree_that_they_name():
    start, end = DOCUMENT.index("regions:"), DOCUMENT.index("targets:")
    _, key, message = the_fault_of((DOCUMENT[start:end], ""))
    assert key == "targets"
    assert "regions" in message


def test_the_examples_of_the_format_page_are_faultless():
    page = (POLICIES.parents[1] / "docs" / "policy-format.md").read_text(encoding="utf-8")
    # 每年更新的数 shows a few lines out of a table that stands above
    examples = [
        text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "yearly: true" not in text
    ]
    assert len(examples) == 6
    envelope = DOCUMENT[: DOCUMENT.index("regions:")].replace("990100", "320600")
    document, faults = read_document(envelope + "".join(examples))
    assert faults == []
    assert len(document.parts["targets"].goals) == 10
    assert [metric.code for metric in document.parts["targets"].metrics][:2] == ["parks", "tax_per_mu"]
    assert len(document.parts["calendar"].steps) == 4
    rules = document.parts["dispatch"]
    assert (rules.is_joint, rules.amount("fall"), rules.amount("lagging")) == (False, 20, None)
    assert (rules.thresholds["fall"].origin, rules.thresholds["silent"].words) == ("未载明·演示取值", "2个月")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{code: fall, amount: 0}", "大于 0"),
        ("{code: silent, amount: 1.5}", "整数"),
        ("{code: speed, amount: 1}", "代号只能是"),
        ("{code: fall}", "缺少 amount"),
    ],
)
def test_a_threshold_at_fault_is_told_with_its_line(line, says):
    part = f"dispatch:\n  clause: 三\n  thresholds:\n    - {line}\n"
    _, faults = read_document(DOCUMENT + part)
    assert [fault.line for fault in faults] == [DOCUMENT.count("\n") + 4]
    assert says in faults[0].message


# ---- what a further city may write


def with_targets(extra: str, tree: str = ""):
    text = DOCUMENT.replace("targets:\n", tree + "targets:\n", 1) + extra
    return read_document(text)


TOWNS = """\
    - {code: "990102001", name: 河口镇, kind: township, parent: "990102"}
    - {code: "990102002", name: 山前乡, kind: township, parent: "990102"}
"""
TOWN_TABLE = """\
    - metric: newly_listed
      unit: 家
      of: 西山县
      years: [2030, 2031]
      rows:
        河口镇: [3, 4]
        山前乡: [2, 2]
      stated_total: [5, 6]
  totals:
"""


def towns(**changes: str):
    text = DOCUMENT.replace("targets:\n", TOWNS + "targets:\n", 1).replace("  totals:\n", TOWN_TABLE, 1)
    for old, new in changes.values():
        text = text.replace(old, new)
    return read_document(text)


def test_a_county_stands_in_the_citys_table_and_as_the_sum_of_its_towns():
    """S4-18: both kinds of targets at 3 levels, roll-up."""
    document, found = towns()
    assert found == []
    by_year = {
        (g.region_name, g.first_year): g.amount for g in document.parts["targets"].goals if g.is_yearly
    }
    assert by_year["河口镇", 2030] + by_year["山前乡", 2030] == by_year["西山县", 2030] == 5
    assert by_year["东港区", 2030] + by_year["西山县", 2030] == by_year["海滨市", 2030] == 15


def test_towns_that_miss_their_county_are_told_from_both_sides():
    _, found = towns(a=("山前乡: [2, 2]", "山前乡: [3, 2]"))
    assert any("2030 年合计写 5，各项相加为 6（多 1）" in fault.message for fault in found)
    _, found = towns(a=("山前乡: [2, 2]", "山前乡: [3, 2]"), b=("[5, 6]\n  totals", "[6, 6]\n  totals"))
    assert any("西山县 2030 年新增规上工业企业数合计写 6，第 " in fault.message for fault in found)
    _, found = towns(a=("山前乡: [2, 2]", "山前乡: [3, 2]"), b=("[5, 6]\n  totals", "unknown\n  totals"))
    assert any("西山县 2030 年新增规上工业企业数写 5，各项相加为 6" in fault.message for fault in found)


def test_a_zone_listed_beside_the_district_that_holds_it_is_added_to_it():
    document, found = read_document(
        DOCUMENT.replace(
            "kind: county}",
            'kind: county}\n    - {code: "9901TP", name: 高新园, kind: zone, parent: "990101"}',
        ).replace("        西山县: [5, 6]\n", "        西山县: [3, 3]\n        高新园: [2, 3]\n")
    )
    assert found == []
    assert len(document.parts["targets"].yearly("newly_listed", 2030)) == 4


def test_every_year_the_same_figure_is_written_once():
    extra = "    - {metric: net_added, region: 海滨市, from: 2030, until: 2032, each_year: true, unit: 家, amount: 10}\n"
    document, found = with_targets(extra)
    assert found == []
    assert [g.first_year for g in document.parts["targets"].goals if g.metric == "net_added"] == [
        2030,
        2031,
        2032,
    ]


def test_a_document_brings_its_own_metrics():
    metrics = "  metrics:\n    - {code: parks, label: 小微企业园数, unit: 个, years_add: false}\n"
    goals = "".join(
        f"    - {{metric: parks, region: 海滨市, from: {year}, until: {year}, unit: 个, amount: {amount}}}\n"
        for year, amount in ((2030, 20), (2031, 30))
    )
    text = DOCUMENT.replace("  tables:\n", metrics + "  tables:\n", 1)
    document, found = read_document(text + goals)
    assert found == []
    assert document.parts["targets"].metric("parks").label == "小微企业园数"
    _, found = read_document(text.replace("parks", "total", 1) + goals)
    assert any("指标代号 total 已有" in fault.message for fault in found)
    _, found = read_document(text.replace("unit: 个, years", "unit: 座, years") + goals)
    assert any("单位只能是" in fault.message for fault in found)


@pytest.mark.parametrize(
    ("written", "month", "library", "year"),
    [
        ("approval_library", 1, 2029, 2029),
        ("approval_date, cut_off: 12-31", 12, 2029, 2030),
        ("approval_date, cut_off: next-01-31", 1, 2030, 2029),
        ("approval_date, cut_off: next-01-31", 2, 2029, 2030),
        ("approval_date, cut_off: 11-30", 12, 2030, 2031),
        ("approval_date, cut_off: 11-30", 11, 2030, 2030),
    ],
)
def test_the_cut_off_decides_the_year_an_entry_counts_for(written, month, library, year):
    document, found = read_document(DOCUMENT.replace("approval_library", written))
    assert found == []
    assert document.parts["targets"].counting.counted_year(2030, month, library) == year


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("approval_date, cut_off: 12-30", "截止日写月末"),
        ("approval_date, cut_off: 年底", "截止日写月末"),
        ("approval_library, cut_off: 11-30", "按审批库年度计的，截止日由审批库决定"),
    ],
)
def test_a_cut_off_that_cannot_be_kept_is_told(written, told):
    _, found = read_document(DOCUMENT.replace("approval_library", written))
    assert any(told in fault.message for fault in found)


def test_a_table_that_is_not_broken_down_still_has_its_total():
    rows = "      rows:\n        东港区: [10, 12]\n        西山县: [5, 6]\n"
    document, found = read_document(DOCUMENT.replace(rows, "      rows: unknown\n"))
    assert found == []
    assert [g.region_name for g in document.parts["targets"].yearly("newly_listed", 2030)] == ["海滨市"]
