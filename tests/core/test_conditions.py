"""The condition language read like a clerk writes it and judged like an officer would check it."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from core.conditions import (
    Column,
    ConditionFaulty,
    FactType,
    Frame,
    Kind,
    RowVerdict,
    read_condition,
    sentence,
)
from core.periods import Month
from tests.core.condition_facts import FACTS, PARAMETERS, frame, outcomes, read


def told(text, row=0, parameters=None, labels=None, **columns):
    judgement = read(text).judge(frame(**columns), parameters)
    return sentence(judgement.condition, judgement.row(row), labels)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        # 500–2000万元, both ends in; 以上 includes, 超过 does not
        (
            "taxable_sales[2021] between 500万元 and 2000万元",
            ["499.99", "500", "2000", "2000.01"],
            [0, 1, 1, 0],
        ),
        ("taxable_sales[2021] >= 5000万元", ["4999.99", "5000"], [0, 1]),
        ("taxable_sales[2021] > 0.5亿元", ["5000", "5000.01"], [0, 1]),
        ("taxable_sales[2021] <= 3000万元", ["3000", "3000.01"], [1, 0]),
        ("taxable_sales[2021] < 30000000元", ["2999.99", "3000"], [1, 0]),
        ("not taxable_sales[2021] between 500万元 and 2000万元", ["499.99", "500", "2000.01"], [1, 0, 1]),
        ("taxable_sales[2021] in (1万元, 2万元)", ["1", "1.01", "2"], [1, 0, 1]),
        ("taxable_sales[2021] >= 500.005万元", ["500", "500.01"], [0, 1]),
        ("taxable_sales[2021] >= 0", ["-0.01", "0"], [0, 1]),
        ("500万元 <= taxable_sales[2021]", ["499.99", "500"], [0, 1]),
        ("-taxable_sales[2021] >= -3万元", ["3", "3.01"], [1, 0]),
    ],
)
def test_boundaries_are_decided_to_the_last_hundredth(text, values, expected):
    assert outcomes(text, taxable_sales_2021=[Decimal(value) for value in values]) == expected


def test_a_growth_of_9_99_percent_is_not_10_percent():
    columns = {
        "main_revenue_2022": [Decimal("109.99"), 110, Decimal("110.01")],
        "main_revenue_2021": [100, 100, 100],
    }
    for text in (
        "main_revenue[2022] / main_revenue[2021] - 1 >= 10%",
        "(main_revenue[year] - main_revenue[year-1]) / main_revenue[year-1] >= 0.1",
        "main_revenue[2022] >= main_revenue[2021] * 1.1",
    ):
        assert outcomes(text, {"year": 2022}, **columns) == [0, 1, 1]


def test_floats_would_say_otherwise():
    """0.30 − 0.25 is 5 个百分点 exactly, and 0.1 + 0.2 is 0.3."""
    assert outcomes("local_use - 25% >= 5个百分点", local_use=[Decimal("0.30"), Decimal("0.299999")]) == [
        1,
        0,
    ]
    assert outcomes("local_use + 20% == 30%", local_use=[Decimal("0.1")]) == [1]


def test_per_mu_and_floor_area_are_computed_with_their_units():
    assert outcomes("tax[2021] / land >= 24.1万元/亩", tax_2021=[241, 240], land=[10, 10]) == [1, 0]
    assert outcomes("floor_area * 1亩 / 667㎡ >= 3亩", floor_area=[2001, 2000]) == [1, 0]
    assert outcomes("tax_per_mu < 1万元/亩", tax_per_mu=[Decimal("0.9999"), 1]) == [1, 0]
    assert outcomes("power >= 12万千瓦时 and power > 100000度", power=[12, 11]) == [1, 0]
    assert outcomes("energy <= 1吨标煤", energy=[1, Decimal("1.01")]) == [1, 0]
    assert outcomes("equipment >= 300万元", equipment=[Decimal("2999999.99"), 3000000]) == [0, 1]


def test_a_bare_number_stands_for_what_is_counted():
    assert outcomes("staff >= 80", staff=[79, 80]) == [0, 1]
    assert outcomes("score >= 60 and index > 1.5", score=[60], index=[Decimal("1.51")]) == [1]


def test_dates_months_and_years():
    days = [date(2022, 2, 28), date(2022, 3, 1)]
    assert outcomes("started_on <= cutoff - 2年", {"cutoff": date(2024, 2, 29)}, started_on=days) == [1, 0]
    assert outcomes("cutoff - started_on < 731天", {"cutoff": date(2024, 2, 29)}, started_on=days) == [0, 1]
    assert outcomes("started_on + 1个月 == 2022-03-28", started_on=days) == [1, 0]
    assert outcomes("started_on + 1个月 == 2022-02-28", started_on=[date(2022, 1, 31)]) == [1]
    assert outcomes("started_on between 2022-02-28 and 2022-02-28", started_on=days) == [1, 0]
    assert outcomes("listed_in >= 2022-06", listed_in=[Month(2022, 5), Month(2022, 6)]) == [0, 1]
    assert outcomes("month - listed_in <= 3年", {"month": Month(2025, 6)}, listed_in=[Month(2022, 6)]) == [1]
    assert outcomes(
        "entry_year in (2022, 2023) and year - entry_year <= 1年", {"year": 2023}, entry_year=[2022, 2021]
    ) == [1, 0]
    assert outcomes("years_in_production < 2年", years_in_production=[1, 2]) == [1, 0]
    assert outcomes("years_in_production < 24个月", years_in_production=[1, 2]) == [1, 0]


def test_texts_tags_and_flags():
    assert outcomes('region_kind == "县(市)"', region_kind=["县(市)", "区", None, ""]) == [1, 0, -1, -1]
    assert outcomes(
        "region_kind in ('县(市)', '区') and region_kind != group",
        {"group": "区"},
        region_kind=["县(市)", "区"],
    ) == [1, 0]
    assert outcomes('industry not in ("1512", "2511")', industry=["1512", "3411"]) == [0, 1]
    assert outcomes('honours has "专精特新"', honours=[["瞪羚", "专精特新"], ["瞪羚"], [], None]) == [
        1,
        0,
        0,
        -1,
    ]
    assert outcomes('not honours has "未见过的"', honours=[["瞪羚"]]) == [1]
    assert outcomes("above_scale", above_scale=[True, False, None]) == [1, 0, -1]
    assert outcomes("not above_scale or above_scale == true", above_scale=[True, False, None]) == [1, 1, -1]
    assert outcomes("staff is known and not (staff is unknown)", staff=[1, None]) == [1, 0]


def test_chinese_words_and_signs_mean_the_same():
    english = read(
        'taxable_sales[2021] >= 500万元 and (not above_scale or region_kind in ("区")) and staff is known'
    )
    chinese = read(
        "taxable_sales[2021] ≥ 500 万元 且 （非 above_scale 或 region_kind 属于 （“区”）） 并且 staff 已知"
    )
    assert english == chinese
    assert hash(english) == hash(chinese)
    assert {english: 1}[chinese] == 1


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("not (staff>=80 and above_scale)", "staff < 80人 or not above_scale"),
        ("((staff >= 80人)) or (land > 3亩 and above_scale)", "staff >= 80人 or land > 3亩 and above_scale"),
        ("staff >= 80 and (land > 3亩 or above_scale)", "staff >= 80人 and (land > 3亩 or above_scale)"),
        ("(tax[2021]+tax[2020])/2 >= 1.50万元", "(tax[2021] + tax[2020]) / 2 >= 1.5万元"),
        ("tax[2021]-(tax[2020]-tax[2019]) > 0", "tax[2021] - (tax[2020] - tax[2019]) > 0万元"),
        ("started_on <= cutoff - 18 个月", "started_on <= cutoff - 18个月"),
        ("not tax[2021] between 1万元 and 2万元", "not tax[2021] between 1万元 and 2万元"),
        (
            "quarter_revenue[2022Q1]/quarter_revenue[2021Q1]-1>=10%",
            "quarter_revenue[2022Q1] / quarter_revenue[2021Q1] - 1 >= 10%",
        ),
        ("month_revenue[month-12] >= 1万元", "month_revenue[month-12] >= 1万元"),
        (
            "max( tax[2019],tax[2020] ,1万元)*2<=tax[2021]",
            "max(tax[2019], tax[2020], 1万元) * 2 <= tax[2021]",
        ),
        ("tax[2021] / land >= 3元/亩·月 * 12个月", "tax[2021] / land >= 3元/亩·月 * 12个月"),
        ("true", "true"),
    ],
)
def test_a_condition_writes_itself_down_and_is_read_back_the_same(text, canonical):
    assert read(text).text == canonical
    assert read(canonical) == read(text)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["第 1 个字：条件是空的；没有条件请写 true"]),
        (
            "taxable_sales[2021] >= 3亩",
            ["第 21 个字：应税销售（taxable_sales）的单位是 万元，不能与 3亩 比较或加减"],
        ),
        ("land >= 667㎡", ["第 6 个字：用地（land）的单位是 亩，不能与 667㎡ 比较或加减"]),
        ("tax[2021] >= 500", ["第 11 个字：税收（tax）的单位是 万元，数字后面请写单位，如 500万元"]),
        ("staf > 3", ["第 1 个字：没有名为 staf 的事实，是不是 staff（从业人员）？"]),
        ("tax >= 5万元", ["第 1 个字：税收（tax）要写明年度，如 tax[2021]"]),
        ("staff[2021] > 3", ["第 1 个字：从业人员（staff）不分期，去掉方括号"]),
        ("tax[2021-06] > 3万元", ["第 5 个字：方括号里应是年度，如 2021"]),
        ("2 < staff < 4", ["第 11 个字：一个判断只能有一个比较号；两头都有界限请写 between … and …"]),
        (
            "staff 不低于 80人",
            [
                "第 7 个字：“不低于”请改写成 >=，原文写在 wording 里",
                "第 11 个字：“80人”前面缺少 and、or 或比较号",
            ],
        ),
        ("region_kind == '县市'", ["第 16 个字：地区类别没有“县市”，是不是“县(市)”？"]),
        ("started_on > 2021-02-30", ["第 14 个字：没有 2021-02-30 这一天"]),
        ("tax[2021] between 5万元 and 2万元", ["第 11 个字：下限 5万元 大于上限 2万元"]),
        ("tax[2021] / 0 > 1万元", ["第 11 个字：除数应大于 0"]),
        ("staff", ["第 1 个字：这里应是一个判断，缺少比较，如 >= 500万元"]),
        ("(staff > 3", ["第 11 个字：括号没有闭合"]),
        ("staff > 3)", ["第 10 个字：多出“)”"]),
        ("above_scale > 3", ["第 13 个字：规上（above_scale）是“是或否”，不能与 3 比较"]),
        ("region_kind > '区'", ["第 13 个字：文字只能用 ==、!= 或 in 比较"]),
        ("max(tax[2021]) > 1万元", ["第 1 个字：max 里写两项以上，如 max(甲, 乙)"]),
        ("sum(tax, 2) > 1万元", ["第 8 个字：写成 sum(sales[month-11 to month]) 的样子"]),
        ("avg(staff[2019 to 2021]) > 3", ["第 11 个字：从业人员（staff）不分期，去掉方括号"]),
        (
            "sum(tax[2021 to 2019]) > 1万元",
            ["第 1 个字：从第一期写到最后一期，2 至 36 期，两头用同一个写法，如 month-11 to month"],
        ),
        (
            "if(above_scale, 1, 2) > 1",
            [
                "第 1 个字：没有 if(…) 这种写法，只有 min（取低）、max（取高）、sum（逐期合计）、avg（逐期平均）；分情形、取整写在规则的别的键里"
            ],
        ),
        (
            "local_use > 50",
            ["第 11 个字：本地使用比例（local_use）的单位是 %，请写 50%；确是 50 倍的写 50倍"],
        ),
        ("industry == '1", ["第 13 个字：引号没有成对，请补上另一半"]),
    ],
)
def test_faults_say_where_and_what_to_do(text, faults):
    condition, found = read_condition(text, FACTS, PARAMETERS)
    assert condition is None
    assert [str(fault) for fault in found] == faults


def test_all_faults_are_told_at_once():
    with pytest.raises(ConditionFaulty) as refused:
        read("stuff > 3 and land >= 1万元 and (tax[2021] > and staff >= 2年) or tax > 1亩")
    assert [fault.position for fault in refused.value.faults] == [1, 20, 44, 54, 64]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "staff > 3",
        "not " * 900 + "above_scale",
        "staff > 1" + " + 1" * 900,
        "-" * 900 + "1 > staff",
        "x" * 6000,
    ],
)
def test_nesting_and_length_are_refused_in_words(text):
    assert read_condition(text, FACTS)[1]


@pytest.mark.parametrize(
    "text", ["__import__('os')", "staff.__class__ > 3", "lambda: 1", "staff > 3; staff", "`staff`"]
)
def test_nothing_is_python(text):
    assert read_condition(text, FACTS)[1]


def test_unknown_names_what_is_missing_and_only_where_it_matters():
    judgement = read("taxable_sales[year-1] >= 500万元 and staff >= 80").judge(
        frame(taxable_sales_2021=[None, None, 600, 100], staff=[90, 70, None, None]), {"year": 2022}
    )
    assert judgement.outcome.tolist() == [-1, 0, -1, 0]
    assert [judgement.missing(row) for row in range(4)] == [("taxable_sales[2021]",), (), ("staff",), ()]


def test_a_parameter_that_is_not_set_blocks_by_name():
    judgement = read("staff >= 80 and taxable_sales[2021] >= line").judge(
        frame(staff=[80, 70], taxable_sales_2021=[1, 1])
    )
    assert judgement.outcome.tolist() == [-1, 0]
    assert judgement.missing(0) == ("line",)
    assert sentence(judgement.condition, judgement.row(0)) == "不能判定：缺门槛。"


def test_a_base_of_zero_or_less_gives_no_growth_and_says_so():
    text = "main_revenue[2022] / main_revenue[2021] - 1 >= 10%"
    columns = {"main_revenue_2022": [5, 5, 5], "main_revenue_2021": [0, -1, None]}
    assert outcomes(text, **columns) == [-1, -1, -1]
    assert told(text, 0, **columns) == "不能判定：2021年主营业务收入不大于零，无法作分母。"
    assert told(text, 2, **columns) == "不能判定：缺2021年主营业务收入。"


def test_what_a_condition_needs():
    condition = read(
        "main_revenue[year] / main_revenue[year-1] - 1 >= 10% and staff >= 80 and month_revenue[2022-06] > 0"
    )
    assert condition.facts == ("main_revenue", "staff", "month_revenue")
    keys = condition.needs({"year": 2022})
    assert [str(key) for key in keys] == [
        "main_revenue[2022]",
        "main_revenue[2021]",
        "staff",
        "month_revenue[2022-06]",
    ]
    assert [key.period for key in keys] == [2022, 2021, None, Month(2022, 6)]
    with pytest.raises(ValueError, match="year"):
        condition.needs()


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        (
            "taxable_sales[2021] >= 500万元",
            {"taxable_sales_2021": [Decimal("487.70")]},
            "不符合：2021年应税销售 487.70 万元，低于 500 万元，差 12.30 万元。",
        ),
        (
            "main_revenue[2022] / main_revenue[2021] - 1 >= 10%",
            {"main_revenue_2022": [Decimal("109.99")], "main_revenue_2021": [100]},
            "不符合：2022年主营业务收入比2021年增长 9.99%，低于 10%，差 0.01 个百分点。",
        ),
        (
            "main_revenue[2022] / main_revenue[2021] - 1 >= 10%",
            {"main_revenue_2022": [Decimal("10999999.99")], "main_revenue_2021": [10000000]},
            "不符合：2022年主营业务收入比2021年增长 9.9999%，低于 10%，差 0.0001 个百分点。",
        ),
        (
            "taxable_sales[2021] between 500万元 and 2000万元 and not above_scale",
            {"taxable_sales_2021": [Decimal("2000.01")], "above_scale": [True]},
            "不符合：2021年应税销售 2,000.01 万元，高于 2,000 万元，超出 0.01 万元（应在 500 万元至 2,000 万元 之间）；规上：是。",
        ),
        (
            "taxable_sales[2021] > 5000万元",
            {"taxable_sales_2021": [5000]},
            "不符合：2021年应税销售 5,000.00 万元，正好是 5,000 万元（应高于它）。",
        ),
        (
            "not tax[2021] > 3万元",
            {"tax_2021": [4]},
            "不符合：2021年税收 4.00 万元，高于 3 万元，超出 1.00 万元。",
        ),
        (
            "tax[2021] / land >= 24.1万元/亩",
            {"tax_2021": [240], "land": [10]},
            "不符合：2021年税收÷用地 24.00 万元/亩，低于 24.1 万元/亩，差 0.10 万元/亩。",
        ),
        (
            "max(tax[2020], tax[2019]) >= 40万元",
            {"tax_2020": [31], "tax_2019": [1]},
            "不符合：2020年税收、2019年税收中较高的 31.00 万元，低于 40 万元，差 9.00 万元。",
        ),
        ("staff >= 80", {"staff": [83]}, "符合：从业人员 83 人，不低于 80 人。"),
        (
            "started_on <= 2020-12-31",
            {"started_on": [date(2021, 1, 2)]},
            "不符合：投产日期是2021年1月2日，晚于 2020年12月31日，差 2 天。",
        ),
        ("region_kind == '县(市)'", {"region_kind": ["区"]}, "不符合：地区类别是“区”，应是“县(市)”。"),
        ("honours has '瞪羚'", {"honours": [[]]}, "不符合：荣誉没有“瞪羚”。"),
        (
            "entry_year in (2022, 2023)",
            {"entry_year": [2021]},
            "不符合：入库年度是2021年，应是2022年、2023年。",
        ),
        ("staff is known", {"staff": [None]}, "不符合：从业人员未知。"),
        (
            "staff >= 80 or tax[2021] >= 3万元",
            {"staff": [83], "tax_2021": [1]},
            "符合：从业人员 83 人，不低于 80 人。",
        ),
        ("true", {"staff": [1]}, "符合。"),
    ],
)
def test_a_verdict_is_told_with_figures_and_only_with_what_decided_it(text, columns, expected):
    assert told(text, **columns) == expected


def test_labels_can_be_replaced():
    assert told("staff >= 80", staff=[83], labels={"staff": "职工"}) == "符合：职工 83 人，不低于 80 人。"


def test_a_verdict_that_was_kept_tells_the_same_story():
    judgement = read("taxable_sales[year-1] >= 500万元 and region_kind == '区' and staff >= 80").judge(
        frame(taxable_sales_2021=[Decimal("487.70"), 600], region_kind=["区", None], staff=[90, None]),
        {"year": 2022},
    )
    for row in range(2):
        verdict = judgement.row(row)
        kept = RowVerdict.from_json(verdict.as_json())
        condition = read(judgement.condition.text)
        assert kept == verdict
        assert sentence(condition, kept) == sentence(judgement.condition, verdict)


def test_the_gap_is_counted_in_the_last_place_of_the_unit():
    leaf = (
        read("taxable_sales[2021] >= 500万元")
        .judge(frame(taxable_sales_2021=[Decimal("487.70"), 500, 600]))
        .leaves[0]
    )
    assert (leaf.criterion.unit.label, leaf.criterion.places) == ("万元", 2)
    assert leaf.gap.tolist() == [-1230, 0, 10000]
    assert leaf.value.tolist() == [48770, 50000, 60000]
    assert leaf.bound.tolist() == [50000] * 3


def test_deciding_leaves():
    judgement = read("staff >= 80 and (land >= 3亩 or above_scale)").judge(
        frame(staff=[80, 70, 70, None], land=[3, 3, 1, 3], above_scale=[False, True, False, True])
    )
    assert judgement.outcome.tolist() == [1, 0, 0, -1]
    assert [mask.tolist() for mask in judgement.deciding] == [
        [True, True, True, True],
        [True, False, True, False],
        [False, False, True, False],
    ]


def test_figures_too_wide_for_int64_are_compared_exactly_beside_small_ones():
    """Cross-multiplied, these leave int64; one giant must not change how the others are judged."""
    later, earlier = Decimal("9999999999.99"), Decimal("9999999999.98")
    columns = {
        "main_revenue_2022": [later, earlier, 2, 3],
        "main_revenue_2021": [earlier, later, 2, 4],
        "tax_2022": [later, later, 2, 3],
        "tax_2021": [earlier, earlier, 2, 3],
    }
    text = "main_revenue[2022] / main_revenue[2021] >= tax[2022] / tax[2021]"
    leaf = read(text).judge(frame(**columns)).leaves[0]
    assert leaf.outcome.tolist() == [1, 0, 1, 0]
    assert leaf.gap[0] == 0
    assert leaf.gap[1] < 0


def test_a_frame_of_no_firms_is_judged():
    assert (
        outcomes("tax[2021] / land >= 1万元/亩 and region_kind == '区'", tax_2021=[], land=[], region_kind=[])
        == []
    )


def test_columns_refuse_what_is_not_whole():
    with pytest.raises(ValueError, match="float64"):
        Column(np.array([0.1]), np.array([True]))
    with pytest.raises(TypeError):
        Column.of(FACTS["tax"], [0.1])
    with pytest.raises(ValueError, match="places"):
        Column.of(FACTS["tax"], [Decimal("0.001")])
    with pytest.raises(ValueError, match="rows"):
        Frame(2, {"staff": Column.of(FACTS["staff"], [1])})
    with pytest.raises(ValueError, match="words"):
        Column(np.array([2]), np.array([True]), ("甲", "乙"))


@pytest.mark.parametrize("given", [{"unit": "尺"}, {"name": "and"}, {"name": "2x"}, {"per": Kind.DATE}])
def test_a_fact_type_is_checked_when_it_is_made(given):
    with pytest.raises(ValueError):
        FactType(**{"name": "x", "label": "甲", "kind": Kind.COUNT, **given})


def test_a_parameter_of_another_kind_is_refused():
    for wrong in ({"line": 0.5}, {"year": "2022"}, {"cutoff": "2022-01-01"}):
        name = next(iter(wrong))
        text = {"line": "tax[2021] >= line", "year": "entry_year == year", "cutoff": "started_on < cutoff"}[
            name
        ]
        with pytest.raises((TypeError, ValueError)):
            read(text).bind(wrong)
