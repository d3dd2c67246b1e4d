"""The ``evaluation`` part: what the shipped document says, and that every fault of a document is told at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.policies import read_document
from evaluation.policy import Bound, Scheme, is_missing, unknown_settings
from tests.evaluation.schemes import TEXT, scheme, scheme_of, text_with


def faults_of(text: str) -> list[str]:
    document, faults = read_document(text)
    assert (document is None) is bool(faults)
    return [f"{fault.line} {fault.key}: {fault.message}" for fault in faults]


def line_of(words: str, text: str = TEXT) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_the_shipped_method_is_whole_and_leaves_nothing_unknown():
    document, faults = read_document(TEXT)
    assert faults == []
    assert document.unknown_keys == ()
    assert unknown_settings(document) == ()
    assert scheme_of(TEXT).unscorable == ()


def test_huangyan_2021_stands_in_it():
    method = scheme()
    above, below = method.cohorts
    assert [(i.id, i.weight.known, i.baseline.known.value) for i in above.indicators] == [
        ("tax_per_mu", 30, Decimal("26.01")),
        ("va_per_mu", 20, Decimal("132.27")),
        ("va_per_energy", 20, Decimal("2.54")),
        ("va_per_emission", 10, Decimal("4861.08")),
        ("productivity", 10, Decimal("17.45")),
        ("rd_ratio", 10, Decimal("0.0305")),
    ]
    assert [(i.id, i.weight.known, i.baseline.known.value) for i in below.indicators] == [
        ("tax_per_mu", 50, Decimal("16.601058")),
        ("tax_per_elec", 50, Decimal("0.236565")),
    ]
    for cohort in method.cohorts:
        assert [(band.grade, band.upto.known) for band in cohort.bands] == [
            ("A", 20), ("B", 60), ("C", 95), ("D", 100),
        ]  # fmt: skip


def settings_of(method: Scheme):
    grading = method.grading
    yield from (method.land.area, method.land.blank_lease, method.decimals)
    for name in ("rank_within", "count_rounding", "quota_base", "ties", "min_size", "small_pool"):
        yield getattr(grading, name)
    for cohort in method.cohorts:
        yield from (band.upto for band in cohort.bands)
        for indicator in cohort.indicators:
            for name in ("weight", "baseline", "cap", "floor", "not_reported", "zero_den"):
                yield getattr(indicator, name)


def test_every_setting_has_a_clause_or_says_why_the_demo_chose_it():
    origins = [setting.origin for setting in settings_of(scheme())]
    assert len(origins) == 65
    for origin in origins:
        assert bool(origin.clause) != origin.is_demo
        assert origin.note or not origin.is_demo
    method = scheme()
    chosen = [
        method.decimals,
        method.grading.ties,
        method.grading.count_rounding,
        method.cohorts[0].indicators[0].cap,
    ]
    assert all(setting.origin.is_demo for setting in chosen)
    assert method.special[0].origin.is_demo
    assert not any(i.baseline.origin.is_demo for cohort in method.cohorts for i in cohort.indicators)


def test_it_is_a_trial_that_binds_nothing():
    method = scheme()
    assert (method.status, method.binding, method.is_trial, method.data_year) == (
        "trial_demo",
        False,
        True,
        2021,
    )


def test_bounds_may_be_none_points_or_a_multiple_of_the_weight():
    first = scheme(cap="none", floor="{points: -5}").cohorts[0].indicators[0]
    assert first.cap.value == Bound()
    assert (first.most(), first.least()) == (None, Decimal(-5))
    assert scheme().cohorts[0].indicators[0].most() == 45


def test_unknown_is_legal_and_named():
    document, faults = read_document(
        text_with(cap="unknown", min_size="unknown").replace("baseline: 2.54", "baseline: unknown")
    )
    assert faults == []
    assert unknown_settings(document) == ("单项封顶", "规上组“单位能耗增加值”的基准值", "最小组")
    method = document.parts["evaluation"]
    assert method.unscorable == ("规上组“单位能耗增加值”的基准值",)
    assert is_missing(method.grading.min_size)
    assert method.cohorts[0].indicators[0].most() is None


def test_every_fault_is_told_at_once_with_its_line():
    text = (
        TEXT.replace("weight: 30, baseline: 26.01", "weight: 31, baseline: 0")
        .replace("unit: 万元/吨标煤", "unit: 万元/吨")
        .replace("when: years_in_production < 2年", "when: years_in_production < 2亩")
        .replace("count_rounding: {value: half_up_cum", "count_rounding: {value: round")
        .replace("B: {label: 鼓励提升类, upto: 60}", "B: {label: 鼓励提升类, upto: 10}", 1)
        .replace("    note: 数据部门按通常的职责分工填写\n", "", 1)
    )
    told = faults_of(text)
    for words, part in [
        ("full: {value: 100", "各项权重相加为 101，与满分 100 不符"),
        ("weight: 31", "基准值应大于 0"),
        ("unit: 万元/吨,", "分子分母相除的单位是万元/吨标煤，写的是万元/吨"),
        ("when: years_in_production", "条件“years_in_production < 2亩”"),
        ("count_rounding: {value: round", "名额取舍只能是"),
        ("upto: 10}", "一级不小于一级"),
        ("src: demo\n    tax:", "演示取值要在 note（说明）写明理由"),
    ]:
        near = [fault for fault in told if part in fault]
        assert near, (part, told)
        assert abs(int(near[0].split()[0]) - line_of(words, text)) <= 2, near
    assert len(told) >= 7


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    decimals: {value: 4, src: demo", "    decimals: {value: 9, src: demo", "得分最多 4 位小数"),
        (
            "    decimals: {value: 4, src: demo, note: 黄岩未载明；先取四位小数再排名}",
            "    decimals: 4",
            "没有出处",
        ),
        ("num: tax, den: land", "num: taxes, den: land", "不在 quantities（指标数据）里"),
        ("tax: {label: 评价税收, unit: 万元", "tax: {label: 评价税收, unit: 元", "税收的单位是万元"),
        ("if_unknown: out", "if_unknown: perhaps", "数据不明时只能是：in、out"),
        ("id: below\n        label: 规下达到", "id: above\n        label: 规下达到", "代号“above”写了两次"),
        ("upto: 100}", "upto: 99}", "最后一级的累计比例应是 100"),
        (
            "cap: {value: {times_weight: 1.5}",
            "cap: {value: {times: 1.5}",
            "times_weight（权重的倍数）写其中一个",
        ),
        ("direction: more_is_better", "direction: sideways", "方向只能是：more_is_better、less_is_better"),
        ("data_year: 2021", "data_year: 221", "评价年度不对"),
        ("    ties: ", "    tie: ", "不认识的键“tie”，是不是 ties"),
        (
            "src: demo, note: 淮安未载明；不足20家",
            "clause: 淮安, src: demo, note: 不足20家",
            "条款和演示取值只写一个",
        ),
    ],
)
def test_a_fault_says_how_to_mend_it(old, new, told):
    assert old in TEXT
    assert any(told in fault for fault in faults_of(TEXT.replace(old, new, 1)))


def test_a_part_without_its_blocks_names_each_of_them():
    start = TEXT.index("evaluation:")
    told = faults_of(TEXT[:start] + "evaluation: {status: trial}\n")
    for name in ("data_year", "binding", "scope", "land", "quantities", "scoring", "cohorts", "grading"):
        assert any(f"缺少 {name}" in fault for fault in told), name
