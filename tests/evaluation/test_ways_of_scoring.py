"""Every way of scoring, of measuring by others, and of filling what is missing, with figures worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.policies import UNKNOWN
from evaluation.policy import unknown_settings
from tests.evaluation.methods import QUANTITIES, cohort, document, faults, points, ten, worked


def scored(scoring, *values, **item):
    """Points of 100 for firms with these values of 亩均税收."""
    firms = {f"企{number}": {"values": {"tax_per_mu": value}} for number, value in enumerate(values)}
    result = worked(firms, cohorts=[cohort({"scoring": scoring, **item})])
    return [float(point) for point in points(result).values()]


# ---------------------------------------------------------------- ways of scoring


@pytest.mark.parametrize(
    ("scoring", "values", "expected"),
    [
        ({"kind": "minmax", "all_equal": "full"}, [10, 20, 40], [0, 33.3333, 100]),
        ({"kind": "minmax", "all_equal": "full", "low_points": {"times_weight": 0.6}}, [10, 20, 40], [60, 73.3333, 100]),
        ({"kind": "minmax", "all_equal": "full", "low": {"value": 0}, "high": {"value": 20}}, [-5, 10, 40], [0, 50, 100]),
        ({"kind": "minmax", "all_equal": "full", "low": {"value": 0}, "high": {"value": 20}, "beyond": "extend"}, [-5, 10, 40], [-25, 50, 200]),
        ({"kind": "minmax", "all_equal": "full", "low": {"mean": 0.5}, "high": {"mean": 2}}, [10, 20, 30], [0, 33.3333, 66.6667]),
        ({"kind": "minmax", "all_equal": "full", "low": {"percentile": 25}, "high": {"percentile": 75}}, [0, 10, 20, 30, 40], [0, 0, 50, 100, 100]),
        ({"kind": "minmax", "all_equal": "full"}, [7, 7], [100, 100]),
        ({"kind": "minmax", "all_equal": "middle"}, [7, 7], [50, 50]),
        ({"kind": "minmax", "all_equal": "zero"}, [7], [0]),
        ({"kind": "steps", "table": [{"at_least": 30, "points": 100}, {"more_than": 20, "points": 80}, {"otherwise": "true", "points": 10}]}, [30, 29.99, 20, 20.01], [100, 80, 10, 80]),
        ({"kind": "steps", "table": [{"at_least": 24.1, "times_weight": 0.5}, {"otherwise": "true", "times_weight": 0}]}, [24.1, 24.0999], [50, 0]),
        # of a baseline of 20: 10 % above, at it, half of it
        ({"kind": "deviation", "at_base": {"times_weight": 0.6}, "per_percent": 0.5}, [22, 20, 10], [65, 60, 35]),
        ({"kind": "deviation", "at_base": {"points": 60}, "per_percent": 0.5, "per_percent_below": 1}, [22, 20, 10], [65, 60, 10]),
        ("place", [10, 50, 30, 30, 20], [0, 100, 75, 75, 25]),
        ("place", [7], [100]),
        ({"kind": "place", "over": "all"}, [10, 50, 30, 30, 20], [20, 100, 80, 80, 40]),
        ({"kind": "place", "first": {"points": 90}, "last": {"points": 40}}, [10, 50, 30], [40, 90, 65]),
        ({"kind": "place", "table": [{"upto": 20, "points": 100}, {"upto": 60, "times_weight": 0.5}, {"otherwise": "true", "points": 5}]},
         [10, 50, 30, 30, 20], [5, 100, 50, 50, 5]),
    ],
)  # fmt: skip
def test_more_is_better(scoring, values, expected):
    assert scored(scoring, *values) == expected


@pytest.mark.parametrize(
    ("scoring", "values", "expected"),
    [
        ("ratio", [20, 10, 40], [100, 200, 50]),
        ({"kind": "minmax", "all_equal": "full"}, [10, 20, 40], [100, 66.6667, 0]),
        ({"kind": "reverse", "full_at": 1, "zero_at": 2}, [20, 30, 40, 60, 10], [100, 50, 0, 0, 100]),
        ({"kind": "reverse", "full_at": 1, "zero_at": 2, "beyond": "extend"}, [10, 60], [150, -100]),
        ({"kind": "reverse", "full_at": 0, "zero_at": 2}, [0, 20, 40], [100, 50, 0]),
        ({"kind": "steps", "table": [{"at_most": 1, "points": 100}, {"less_than": 2, "points": 50}, {"otherwise": "true", "points": 0}]}, [1, 1.01, 2], [100, 50, 0]),
        ({"kind": "deviation", "per_percent": 0.5}, [10, 20, 30], [125, 100, 75]),
        ("place", [10, 50, 30], [100, 0, 50]),
    ],
)  # fmt: skip
def test_less_is_better(scoring, values, expected):
    assert scored(scoring, *values, direction="less_is_better") == expected


def test_a_ratio_of_nothing_cannot_be_divided_by_and_follows_its_rule():
    """越低越好 with a value of 0: full marks only where the scheme says so."""
    assert scored("ratio", 0, direction="less_is_better", zero_den="full") == [100]
    assert scored("ratio", 0, direction="less_is_better") == [0]


GROWTH = {"scoring": {"kind": "growth"}, "unit": "比例", "baseline": 0.1}


@pytest.mark.parametrize(
    ("item", "now", "before", "expected"),
    [
        (GROWTH, 132, 120, 100),
        (GROWTH, 120, 120, 90.9091),
        (GROWTH | {"scoring": {"kind": "growth", "per_point": 2, "at_base": {"points": 60}}}, 144, 120, 80),
        (GROWTH | {"scoring": {"kind": "growth", "per_point": 2, "at_base": {"points": 60}}}, 108, 120, 20),
        (GROWTH | {"change": "reduction", "baseline": 0.05}, 108, 120, 104.7619),
        ({"change": "growth", "unit": "比例", "baseline": 0.2}, 132, 120, 50),
        (GROWTH, 132, 0, 0),
        (GROWTH, 132, None, 0),
    ],
)
def test_growth_is_of_the_same_firm_a_year_before(item, now, before, expected):
    firm = {
        "tax": {2022: now, 2021: "unknown" if before is None else before},
        "land_own": {2022: 10, 2021: 10},
    }
    assert float(points(worked({"甲": firm}, cohorts=[cohort(item)]))["甲"]) == expected


def test_growth_may_be_held_against_the_growth_of_the_whole():
    """甲 100→150, 乙 300→330: together 400→480, 20 %; 甲 30 points above, 乙 10 below."""
    item = {
        "num": "tax", "den": None, "unit": "比例", "scoring": {"kind": "growth", "per_point": 1, "at_base": {"points": 50}},
        "baseline": {"kind": "ratio_of_sums"},
    }  # fmt: skip
    firms = {"甲": {"tax": {2022: 150, 2021: 100}}, "乙": {"tax": {2022: 330, 2021: 300}}}
    result = worked(firms, cohorts=[cohort(item)])
    assert [float(point) for point in points(result).values()] == [80, 40]
    assert float(result["baselines"]["all"]["tax_per_mu"]) == 0.2


def test_last_years_rows_serve_for_growth():
    item = GROWTH | {"baseline": 0}
    result = worked(ten(120), last_year=ten(100), cohorts=[cohort(item)])
    assert points(result)["企1"] == 120


@pytest.mark.parametrize(
    ("years_by", "missing", "figures", "value"),
    [
        ("mean_of_ratios", "skip", {2022: (30, 10), 2021: (10, 1), 2020: (8, 4)}, "5"),
        ("ratio_of_sums", "skip", {2022: (30, 10), 2021: (10, 1), 2020: (8, 4)}, "3.2"),
        ("mean_of_ratios", "skip", {2022: (30, 10), 2021: (10, 2)}, "4"),
        ("mean_of_ratios", "not_reported", {2022: (30, 10), 2021: (10, 2)}, None),
    ],
)
def test_several_years(years_by, missing, figures, value):
    item = {"years": 3, "years_by": years_by, "years_missing": missing}
    firm = {
        "tax": {year: tax for year, (tax, _land) in figures.items()},
        "land_own": {year: land for year, (_tax, land) in figures.items()},
    }
    got = worked({"甲": firm}, cohorts=[cohort(item)])["firms"]["甲"]["items"]["tax_per_mu"]
    assert got["value"] == (None if value is None else Decimal(value))
    assert got["state"] == ("scored" if value else "not_reported")


def test_a_single_quantity_counts_by_itself():
    item = {"num": "tax", "den": None, "unit": "万元", "baseline": 200}
    found = worked(ten(100, 60), cohorts=[cohort(item)])
    assert points(found) == {"企1": 50, "企2": 30}


def test_a_place_is_among_those_who_have_a_value():
    """企3 reported nothing: it takes no place, and of the other two one is the first and one the last."""
    firms = ten(100, 60) | {"企3": {"tax": None, "land_own": 10}}
    assert points(worked(firms, cohorts=[cohort({"scoring": "place"})])) == {"企1": 100, "企2": 0, "企3": 0}


def test_the_value_may_be_rounded_first():
    assert scored("ratio", 19.994, value_decimals=2) == [99.95]
    assert scored("ratio", 19.994) == [99.97]


GREEN = {
    "id": "per_energy", "label": "单位能耗税收", "num": "tax", "den": "energy", "unit": "万元/吨标煤", "weight": 20, "baseline": 1,
}  # fmt: skip
PER_HEAD = GREEN | {
    "id": "per_head", "label": "人均税收", "den": "staff", "unit": "万元/人", "baseline": 4, "instead_of": "per_energy",
}  # fmt: skip


@pytest.mark.parametrize(
    ("firm", "missing", "told", "total"),
    [
        ({"energy": 200, "staff": 50}, "zero", ("scored", "replaced"), 50),  # 100 ÷ 10 ÷ 20 × 80 + 0.5 × 20
        ({"staff": 50}, "zero", ("replaced", "scored"), 50),  # 2 ÷ 4 × 20
        ({"energy": 0, "staff": 100}, "zero", ("replaced", "scored"), 45),
        ({}, "zero", ("not_reported", "replaced"), 40),
        ({}, "drop_and_reweight", ("not_reported", "replaced"), 50),  # 40 × 100 ÷ 80
        ({"staff": 50}, "drop_and_reweight", ("replaced", "scored"), 50),
    ],
)
def test_one_indicator_may_stand_in_for_another(firm, missing, told, total):
    """单位能（电）耗税收: by energy where it is told, else by the other; worth the same, and never both."""
    items = [{"weight": 80}, GREEN, PER_HEAD]
    result = worked(
        {"甲": {"tax": 100, "land_own": 10} | firm}, cohorts=[cohort(*items) | {"indicators": _hundred(items)}],
        scoring={"not_reported": missing},
    )["firms"]["甲"]  # fmt: skip
    assert tuple(result["items"][name]["state"] for name in ("per_energy", "per_head")) == told
    assert result["total"] == total
    assert any("改按代替的一项计分" in step for step in result["steps"]) is (told[0] == "replaced")


def _hundred(items):
    return cohort(*items)["indicators"] | {"full": 100}


def test_who_stands_in_is_worth_as_much():
    other = PER_HEAD | {"weight": 10}
    assert any(
        "两项的权重应相同" in f
        for f in faults(
            cohorts=[cohort(GREEN, other) | {"indicators": _hundred([{"weight": 80}, GREEN, other])}]
        )
    )
    lost = PER_HEAD | {"instead_of": "per_water"}
    assert any("不是本组的一项指标" in f for f in faults(cohorts=[cohort({"weight": 80}, GREEN, lost)]))


# ---------------------------------------------------------------- baselines


@pytest.mark.parametrize(
    ("baseline", "resolved"),
    [
        ({"kind": "mean_of_ratios"}, 5.5),
        ({"kind": "ratio_of_sums"}, 1.818182),
        ({"kind": "mean_of_ratios", "factor": 2}, 11),
        ({"kind": "max"}, 10),
        ({"kind": "min"}, 1),
        ({"kind": "percentile", "percentile": 50}, 5.5),
        ({"kind": "percentile", "percentile": 90}, 9.1),
        ({"kind": "target", "value": 30, "factor": 2}, 60),
        ({"kind": "mean_of_ratios", "value": 7}, 7),
    ],
)
def test_mean_of_ratios_is_not_ratio_of_sums(baseline, resolved):
    """10/1 and 10/10: 5.5 or 20/11."""
    firms = {"甲": {"tax": 10, "land_own": 1}, "乙": {"tax": 10, "land_own": 10}}
    result = worked(firms, cohorts=[cohort({"baseline": baseline})])
    assert float(result["baselines"]["all"]["tax_per_mu"]) == resolved
    assert abs(result["firms"]["甲"]["total"] - Decimal(1000) / Decimal(str(resolved))) < Decimal("0.001")


PEOPLE = {
    "甲": {"tax": 100, "land_own": 10, "region": "东县", "above_scale": True, "industry_code": "C3311"},
    "乙": {"tax": 300, "land_own": 10, "region": "东县", "above_scale": False, "industry_code": "C1711"},
    "丙": {"tax": 500, "land_own": 10, "region": "西县", "above_scale": True, "industry_code": "C1712"},
}


@pytest.mark.parametrize(
    ("population", "baselines"),
    [
        ("cohort", [30, 30, 30]),
        ("county", [20, 20, 50]),
        ("locality", [30, 30, 30]),
        ("industry", [10, 40, 40]),
        (["county", "industry"], [10, 30, 50]),
    ],
)
def test_whose_mean_it_is(population, baselines):
    item = {"baseline": {"kind": "mean_of_ratios", "population": population}}
    result = worked(PEOPLE, cohorts=[cohort(item)], industry_groups={"机械": ["33"], "纺织": ["C17"]})
    assert [float(firm["items"]["tax_per_mu"]["baseline"]) for firm in result["firms"].values()] == baselines


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        ({"by": "industry_group", "values": {"机械": 20, "纺织": 60}}, [50, 50, 83.3333]),
        ({"by": "industry_group", "values": {"机械": 20}, "value": 50, "factor": 2}, [25, 30, 50]),
        ({"by": "industry_group", "values": {"机械": 20}}, [50, 0, 0]),
        ({"by": "industry_group", "values": {"机械": 20, "纺织": "unknown"}, "value": 50}, [50, 0, 0]),
        ({"by": "region", "values": {"东县": 10, "西县": 100}}, [100, 300, 50]),
    ],
)
def test_a_printed_number_for_each_industry_or_place(baseline, expected):
    """Ranked together, each against its own line; whom no number is printed for scores by the rule for a zero denominator."""
    result = worked(
        PEOPLE,
        cohorts=[cohort({"baseline": {"kind": "fixed", **baseline}})],
        industry_groups={"机械": ["33"], "纺织": ["17"]},
    )
    assert [float(point) for point in points(result).values()] == expected


def test_the_mean_of_ones_own_cohort():
    two = [
        cohort({"baseline": {"kind": "mean_of_ratios", "population": "cohort"}}, id=name, when=when)
        for name, when in (("above", "above_scale"), ("below", "not above_scale"))
    ]
    result = worked(PEOPLE, cohorts=two)
    assert result["baselines"] == {"above": {"tax_per_mu": 30}, "below": {"tax_per_mu": 30}}


def test_last_years_mean_is_of_last_years_firms():
    item = {"baseline": {"kind": "mean_of_ratios", "factor": 2, "period": "last_year"}}
    result = worked(ten(200), last_year=ten(100, 300), cohorts=[cohort(item)])
    assert result["baselines"]["all"]["tax_per_mu"] == 40
    assert result["firms"]["企1"]["total"] == 50
    frozen = worked(ten(200), given={"baselines": {"all": {"tax_per_mu": 25}}}, cohorts=[cohort(item)])
    assert frozen["firms"]["企1"]["total"] == 80


def test_a_baseline_of_nobody_or_below_zero_scores_by_the_rule_for_a_zero_denominator():
    item = {"baseline": {"kind": "mean_of_ratios"}, "zero_den": {"points": 12}}
    result = worked(ten(-100, -50), cohorts=[cohort(item)])
    assert [firm["items"]["tax_per_mu"]["state"] for firm in result["firms"].values()] == ["no_baseline"] * 2
    assert [firm["total"] for firm in result["firms"].values()] == [12, 12]


# ---------------------------------------------------------------- empty states


@pytest.mark.parametrize(
    ("told", "state", "expected"),
    [
        ({"emissions": 2}, "scored", 50),
        ({"emissions": 0}, "zero_den", 100),
        ({"emissions": "not_applicable"}, "not_applicable", 30),
        ({}, "not_reported", -2),
        ({"emissions": 2, "value_added": -100}, "negative", 0),
    ],
)
def test_a_value_zero_not_applicable_and_not_reported_are_different_things(told, state, expected):
    item = {
        "num": "value_added", "den": "emissions", "unit": "万元/吨", "baseline": 100, "zero_den": "full",
        "not_applicable": {"points": 30}, "not_reported": {"points": -2}, "negative": "zero",
    }  # fmt: skip
    result = worked({"甲": {"value_added": 100} | told}, cohorts=[cohort(item)])
    assert result["firms"]["甲"]["items"]["tax_per_mu"]["state"] == state
    assert result["firms"]["甲"]["total"] == expected


def test_a_condition_may_say_that_a_quantity_does_not_apply():
    quantities = {
        "clause": "二", "tax": {"label": "税收", "unit": "万元", "department": "税务"},
        "land": {"label": "用地", "unit": "亩", "department": "自然资源", "not_applicable": "applied"},
    }  # fmt: skip
    two = [cohort({"weight": 60, "not_applicable": "drop_and_reweight"}, {"id": "tax_all", "label": "税收", "den": None, "unit": "万元", "weight": 40, "baseline": 100})]  # fmt: skip
    result = worked({"甲": {"tax": 50, "land_own": 10, "applied": True}}, quantities=quantities, cohorts=two)
    assert result["firms"]["甲"]["total"] == 50
    assert result["firms"]["甲"]["items"]["tax_per_mu"]["state"] == "not_applicable"


def test_without_a_rule_of_its_own_not_applicable_follows_not_reported():
    result = worked(
        {"甲": {"tax": 5, "land": "not_applicable"} | {"land_own": 1}}, scoring={"not_reported": "full"}
    )
    assert result["firms"]["甲"]["total"] == 100


# ---------------------------------------------------------------- made quantities and land


def test_tax_is_what_the_scheme_says_it_is():
    """实缴 100 + 免抵 20 − 留抵退税 30 = 90; blanks count 0 where the scheme says so, not otherwise."""
    made = {"label": "评价税收", "unit": "万元", "department": "税务", "includes": ["tax", "export_exempt"], "excludes": ["vat_refund"]}  # fmt: skip
    firms = {
        "甲": {"tax": 100, "export_exempt": 20, "vat_refund": 30, "land_own": 10},
        "乙": {"tax": 100, "land_own": 10},
        "丙": {"land_own": 10},
    }
    for blank, expected in (("zero", [45, 50, 0]), ("not_reported", [45, 0, 0])):
        quantities = QUANTITIES | {"assessed": made | {"blank": blank}}
        result = worked(firms, quantities=quantities, cohorts=[cohort({"num": "assessed"})])
        assert [float(firm["total"]) for firm in result["firms"].values()] == expected
    assert result["firms"]["甲"]["quantities"] == {"assessed": 90}


def test_a_formula_may_divide_and_ask_for_other_years():
    formula = {"label": "两年税收平均", "unit": "万元", "department": "税务", "formula": "(tax[year] + tax[year-1]) / 2", "blank": "not_reported"}  # fmt: skip
    result = worked(
        {"甲": {"tax": {2022: 100, 2021: 50}, "land_own": 10}},
        quantities=QUANTITIES | {"mean_tax": formula},
        cohorts=[cohort({"num": "mean_tax"})],
    )
    assert result["firms"]["甲"]["quantities"] == {"mean_tax": 75}
    assert result["firms"]["甲"]["total"] == Decimal("37.5")


@pytest.mark.parametrize(
    ("rule", "more", "firm", "mu"),
    [
        ({}, {}, {"land_own": 6, "land_leased_in": 4, "land_leased_out": 2}, "8"),
        ({"leased_floor": "floor/sqm_per_mu", "sqm_per_mu": 667}, {}, {"floor_leased_in": 2001}, "3"),
        ({"leased_floor": "floor/sqm_per_mu", "sqm_per_mu": 666.67}, {}, {"floor_leased_in": 2000.01}, "3"),
        (
            {"leased_floor": "floor/FAR/sqm_per_mu", "sqm_per_mu": 667},
            {},
            {"floor_leased_in": 4002, "far": 2},
            "3",
        ),
        (
            {"leased_floor": "floor/sqm_per_mu", "sqm_per_mu": 667},
            {},
            {"land_own": 10, "floor_leased_out": 2001},
            "7",
        ),
        ({"leased_floor": "none"}, {}, {"land_own": 10, "floor_leased_out": 2001}, "10"),
        ({"leased_floor": "share_of_parcel"}, {}, {"land_own": 1, "parcel_share": 2.5}, "3.5"),
        ({"basis": "certificate"}, {}, {"land_own": 10, "land_certificate": 12}, "12"),
        ({"basis": "larger"}, {}, {"land_own": 10, "land_certificate": 12}, "12"),
        ({"basis": "larger"}, {}, {"land_own": 10}, "10"),
    ],
)
def test_land(rule, more, firm, mu):
    land = {"clause": "二", "area": "own + leased_in - leased_out", "blank_lease": "zero", **rule}
    assert worked({"甲": {"tax": 1, **firm}}, land=land)["firms"]["甲"]["land"] == Decimal(mu)


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"scoring": "minmax"}, "minmax 要在指标上写全"),
        ({"scoring": {"kind": "minmax"}}, "缺少 all_equal"),
        ({"scoring": {"kind": "minmax", "all_equal": "full", "low": "lowest"}}, "低值写 min、max"),
        ({"scoring": {"kind": "reverse", "full_at": 1, "zero_at": 2}}, "direction 请写 less_is_better"),
        ({"scoring": {"kind": "reverse", "full_at": 2, "zero_at": 1}, "direction": "less_is_better"}, "记零分的倍数应大于"),
        ({"scoring": {"kind": "steps", "table": [{"at_least": 1, "points": 1}]}}, "最后一行写 {otherwise"),
        ({"scoring": {"kind": "steps", "table": [{"at_least": 1, "points": 1}, {"at_least": 2, "points": 2}, {"otherwise": "true", "points": 0}]}}, "没有由好到差"),
        ({"scoring": {"kind": "steps", "table": [{"at_most": 1, "points": 1}, {"otherwise": "true", "points": 0}]}}, "用 at_least、more_than"),
        ({"scoring": {"kind": "ladder"}}, "计分办法只能是"),
        ({"baseline": {"kind": "average"}}, "算法只能是"),
        ({"baseline": {"kind": "target"}}, "目标值要写 value"),
        ({"baseline": {"kind": "max", "population": "province"}}, "取数范围只能是"),
        ({"baseline": -3}, "基准值应大于 0"),
        ({"years": 9, "years_by": "ratio_of_sums", "years_missing": "skip"}, "取 1 到 5 年"),
        ({"years": 2}, "缺少 years_by"),
        ({"den": None, "unit": "万元/亩"}, "单位是万元，写的是万元/亩"),
        ({"not_reported": "mean"}, "只能是：zero、full"),
        ({"id": "亩均税收"}, "代号用英文字母"),
        ({"id": "taxable_sales"}, "与数据同名"),
        ({"scoring": "deviation"}, "deviation 要在指标上写全"),
        ({"scoring": {"kind": "deviation"}}, "缺少 per_percent"),
        ({"scoring": {"kind": "place", "table": [{"at_least": 1, "points": 1}, {"otherwise": "true", "points": 0}]}}, "每一档写 upto（位次前百分之几）"),
        ({"baseline": {"kind": "fixed", "by": "industry_group", "values": {"机械": 20}}}, "机械”，行业组里没有；有：其他"),
        ({"baseline": {"kind": "fixed", "by": "tax", "values": {"机械": 20}}}, "它不是一项文字"),
        ({"baseline": {"kind": "max", "by": "town", "values": {"机械": 20}}}, "by（按什么分列）只用于公布的数"),
        ({"baseline": {"kind": "fixed", "by": "town"}}, "缺少 values"),
    ],
)  # fmt: skip
def test_a_fault_of_an_indicator_says_how_to_mend_it(item, told):
    assert any(told in fault for fault in faults(cohorts=[cohort(item)])), faults(cohorts=[cohort(item)])


def test_unknown_may_stand_for_the_kind_of_mean():
    """“平均值”: a draft takes the mean of ratios, and the key that is open blocks publishing by its name."""
    item = {"baseline": {"kind": "unknown", "factor": 2}}
    assert unknown_settings(document(cohorts=[cohort(item)])) == ("all组“亩均税收”的基准值",)
    by_place = {"scoring": {"kind": "deviation", "per_percent": "unknown"}}
    assert unknown_settings(document(cohorts=[cohort(by_place)])) == ("all组“亩均税收”的每百分之一的得分",)
    assert worked(ten(100), cohorts=[cohort(item)])["firms"]["企1"]["total"] == 50


# ---------------------------------------------------------------- land by the ledgers

PARCELS = [
    {
        "owner": "房东",
        "certificate": "证1",
        "area": 20,
        "actual": 22,
        "floor": 20000,
        "far": 2,
        "since": "2015-01-01",
    },
    {"owner": "房客", "certificate": "证2", "area": 1},
]


def lease(by: str, **more):
    terms = {"lessor": "房东", "lessee": "房客", "certificate": "证1", "since": "2022-07-01"}
    return {"stated_by": by, **terms, **({"area": 5} if "floor" not in more else {}), **more}


@pytest.mark.parametrize(
    ("rule", "leases", "mu", "told"),
    [
        ({}, [lease("房东"), lease("房客")], ("17", "6"), []),
        ({"basis": "certificate"}, [lease("房东"), lease("房客")], ("15", "6"), []),
        ({"time_weighting": "months_in_use"}, [lease("房东"), lease("房客")], ("19.50", "3.50"), []),
        ({}, [lease("房东", until="2022-12-30"), lease("房客", until="2022-12-30")], ("22", "1"), []),
        ({}, [lease("房客")], ("17", "6"), ["ONE_SIDED 房客、房东 证1"]),
        ({}, [lease("房东"), lease("房客", area=4)], ("unknown", "unknown"), ["ENDS_DIFFER 房东、房客 证1"]),
        ({}, [lease("房东", area=25), lease("房客", area=25)], ("-3", "26"), ["AREA_OVER 房东 证1"]),
        ({"leased_floor": "floor/sqm_per_mu", "sqm_per_mu": 667}, [lease(by, floor=2001) for by in ("房东", "房客")], ("19", "4"), []),
        ({"leased_floor": "floor/FAR/sqm_per_mu", "sqm_per_mu": 667}, [lease(by, floor=4002) for by in ("房东", "房客")], ("19", "4"), []),
        ({}, [{"stated_by": "房东", "lessor": "房东", "lessee": "某村民", "certificate": "证1", "area": 2, "since": "2020-01-01"}], ("20", "1"), []),
    ],
)  # fmt: skip
def test_a_lease_counts_once_at_both_ends(rule, leases, mu, told):
    """Own + leased in − leased out of dated rows of both parties; what they contradict is said, never guessed."""
    land = {
        "clause": "二",
        "area": "own + leased_in - leased_out",
        "blank_lease": "zero",
        "source": "ledger",
        **rule,
    }
    firms = {"房东": {"tax": 1}, "房客": {"tax": 1}}
    result = worked(firms, land=land, given={"parcels": PARCELS, "leases": leases})
    found = [firm["land"] for firm in result["firms"].values()]
    assert found == [UNKNOWN if value == "unknown" else Decimal(value) for value in mu]
    assert result["land_faults"] == told


def test_months_need_dates():
    land = {
        "clause": "二",
        "area": "own + leased_in - leased_out",
        "blank_lease": "zero",
        "time_weighting": "months_in_use",
    }
    assert any("source: ledger" in fault for fault in faults(land=land))
