"""Bands, gates, pools, quota base, ties, moves with refilled places, bonus and penalty, units, levels and effects."""

from __future__ import annotations

from decimal import Decimal

import pytest

from evaluation.policy import unknown_settings
from tests.evaluation.methods import BANDS, QUANTITIES, cohort, document, faults, finals, scheme, ten, worked

TEN = ten(*range(100, 0, -10))
BY_SCORE = {
    "clause": "四", "A": {"label": "甲", "at_least": 45}, "B": {"label": "乙", "at_least": 30},
    "C": {"label": "丙", "at_least": 10}, "D": {"label": "丁"},
}  # fmt: skip
BOTH = {
    "clause": "四", "A": {"label": "甲", "upto": 50, "at_least": 45}, "B": {"label": "乙", "upto": 60, "at_least": 30},
    "C": {"label": "丙", "upto": 95, "at_least": 10}, "D": {"label": "丁", "upto": 100},
}  # fmt: skip


def graded(firms=TEN, bands=BANDS, **blocks):
    return worked(firms, cohorts=[cohort(bands=bands)], **blocks)


# ---------------------------------------------------------------- grades


def test_by_shares_by_score_or_by_both():
    """Scores 50, 45, 40 … 5; ten firms."""
    assert finals(graded()) == "AABBBBCCCC"
    assert finals(graded(bands=BY_SCORE, grading={"mode": "threshold"})) == "AABBBCCCCD"
    assert finals(graded(bands=BOTH, grading={"mode": "hybrid"})) == "AABBBCCCCD"


def test_a_model_grade_stands_before_the_best():
    """A+ 标杆, A, B1, B2, D: names in their order; 甲 is no name."""
    names = {"A+": 10, "A": 20, "B1": 40, "B2": 60, "D": 100}
    bands = {"clause": "四"} | {name: {"label": name, "upto": share} for name, share in names.items()}
    lift = {
        "id": "m",
        "label": "升",
        "kind": "up",
        "steps": 1,
        "when": "tax >= 700万元",
        "if_unknown": "out",
        "clause": "五",
    }
    result = worked(ten(*range(1000, 0, -100)), cohorts=[cohort(bands=bands)], moves=[lift])
    assert [firm["initial"] for firm in result["firms"].values()] == [
        "A+",
        "A",
        "B1",
        "B1",
        "B2",
        "B2",
        *"DDDD",
    ]
    assert [firm["final"] for firm in result["firms"].values()][:4] == ["A+", "A+", "A", "A"]
    assert any(
        "甲乙丙丁等叫法写在 label" in fault
        for fault in faults(cohorts=[cohort(bands=bands | {"甲": {"label": "甲", "upto": 5}})])
    )
    turned = {"clause": "四", "A": {"label": "甲", "upto": 20}, "A+": {"label": "标杆", "upto": 100}}
    assert any("由好到差" in fault for fault in faults(cohorts=[cohort(bands=turned)]))


def test_a_score_threshold_includes_its_end():
    firms = {"甲": {"values": {"tax_per_mu": 9}}, "乙": {"values": {"tax_per_mu": 8.9999}}}
    assert finals(graded(firms, BY_SCORE, grading={"mode": "threshold"})) == "AB"
    assert finals(graded(firms, BY_SCORE, grading={"mode": "threshold"}, scoring={"decimals": 2})) == "AA"


def test_a_line_may_be_a_multiple_of_the_mean_score():
    """120, 100, 80 and 0 points, 75 on the mean: from 90, from 60, from 30."""
    bands = {"clause": "四"} | {
        grade: {"label": grade, "at_least": {"mean": line}} for grade, line in (("A", 1.2), ("B", 0.8), ("C", 0.4))
    } | {"D": {"label": "D"}}  # fmt: skip
    result = worked(ten(240, 200, 160, 0), cohorts=[cohort(bands=bands)], grading={"mode": "threshold"})
    assert finals(result) == "AABD"
    assert "在平均分的 0.8 倍以上" in result["firms"]["企3"]["steps"][-1]
    assert result["firms"]["企3"]["gap"].endswith("（界限是平均分的倍数，会随之略升）。")
    mixed = bands | {"B": {"label": "B", "at_least": 60}}
    assert any(
        "要么都写分数" in fault
        for fault in faults(cohorts=[cohort(bands=mixed)], grading={"mode": "threshold"})
    )


def test_a_directly_sorted_value_must_reach_the_line_itself():
    """29.999 is shown as 30.00 and is not 30."""
    bands = {"clause": "四", "A": {"label": "甲", "at_least": 30}, "B": {"label": "乙"}}
    item = {"weight": 100, "scoring": "rank_only"}
    result = worked(
        ten(300, 299.99),
        cohorts=[cohort(item, bands=bands)],
        grading={"mode": "threshold"},
        scoring={"decimals": 2},
    )
    assert finals(result) == "AB"
    assert result["firms"]["企2"]["gap"] == "距A类差0.0010万元/亩：亩均税收达到30.00万元/亩即可。"


def test_an_industry_of_no_group_is_one_of_the_others():
    firms = {
        name: {"tax": 1, "land_own": 1, "industry_code": code}
        for name, code in (("染", "C1713"), ("机", "C3411"))
    }
    cohorts = [
        cohort(id="dye", when='industry_group == "印染"'),
        cohort(id="rest", when='not industry_group == "印染"'),
    ]
    result = worked(
        firms | {"无": {"tax": 1, "land_own": 1}}, cohorts=cohorts, industry_groups={"印染": ["1713"]}
    )
    assert [firm["cohort"] for firm in result["firms"].values()] == ["dye", "rest", None]


def test_a_grade_may_be_for_the_first_so_many():
    """前3名 A+, then shares of ten: 20 % are two places, which the first three have taken already."""
    bands = {"clause": "四", "A+": {"label": "标杆", "top": 3}} | {
        name: band for name, band in BANDS.items() if name != "clause"
    }
    result = worked(ten(*range(100, 0, -10)), cohorts=[cohort(bands=bands)])
    assert [firm["final"] for firm in result["firms"].values()] == [*["A+"] * 3, *"BBBCCCC"]
    assert "在前3名以内，定为 A+ 级（标杆）" in result["firms"]["企3"]["steps"][-1]
    assert result["firms"]["企5"]["gap"] == "距A+类差10.00分：亩均税收达到8.00万元/亩即可。"
    late = {
        "clause": "四",
        "A": {"label": "甲", "upto": 20},
        "B": {"label": "乙", "top": 9},
        "C": {"label": "丙", "upto": 100},
    }
    assert any("写在按比例的各级前面" in fault for fault in faults(cohorts=[cohort(bands=late)]))
    assert any(
        "只写一个" in fault
        for fault in faults(cohorts=[cohort(bands=bands | {"A": {"label": "甲", "upto": 20, "top": 5}})])
    )
    assert any(
        "不写 top" in fault
        for fault in faults(cohorts=[cohort(bands=bands | {"D": {"label": "丁", "top": 90}})])
    )


def test_the_best_may_be_limited_and_the_last_assured():
    assert finals(graded(grading={"best_at_most": 15})) == "ABBBBBCCCC"
    assert finals(graded(grading={"last_at_least": 15})) == "AABBBBCCDD"
    equal = ten(100, 100, 100, 10)
    assert finals(graded(equal, grading={"best_at_most": 50})) == "BBBC", "equals fall together"


@pytest.mark.parametrize(("refill", "expected"), [("false", "ABBBBBCCCC"), ("true", "ABABBBCCCC")])
def test_a_gate_beside_the_place(refill, expected):
    """企2 has the place of an A and not the R&D centre; its place stays empty, or goes to the next who passes."""
    firms = ten(*range(100, 0, -10), 企1={"rd_centre": True}, 企3={"rd_centre": True})
    bands = BANDS | {
        "A": {"label": "甲", "upto": 20, "gate": {"when": "rd_centre", "if_unknown": "out", "refill": refill}}
    }
    result = graded(firms, bands)
    assert finals(result) == expected


def test_a_gate_may_ask_for_an_indicator():
    bands = BANDS | {
        "A": {
            "label": "甲",
            "upto": 20,
            "gate": {"when": "tax_per_mu >= 10万元/亩", "if_unknown": "out", "refill": "false"},
        }
    }
    result = graded(bands=bands)
    assert finals(result) == "ABBBBBCCCC"
    assert result["firms"]["企2"]["gap"] == "得分已够A类，还须符合“亩均税收 ≥ 10万元/亩”。"


def test_equal_scores_may_be_told_apart_by_named_quantities():
    """Equal tax per mu; the larger tax first, then the lower energy; who did not report comes last."""
    firms = {
        "甲": {"tax": 100, "land_own": 10, "energy": 50}, "乙": {"tax": 200, "land_own": 20, "energy": 50},
        "丙": {"tax": 100, "land_own": 10, "energy": 40}, "丁": {"tax": 100, "land_own": 10},
    }  # fmt: skip
    breakers = ["tax", {"by": "energy", "direction": "less_is_better"}]
    result = graded(firms, grading={"tie_breakers": breakers})
    assert [firm["rank"] for firm in result["firms"].values()] == [3, 1, 2, 4]
    assert [firm["rank"] for firm in graded(firms)["firms"].values()] == [1, 1, 1, 1]


def test_scores_may_be_ranked_unrounded():
    firms = {"甲": {"values": {"tax_per_mu": 10.001}}, "乙": {"values": {"tax_per_mu": 10.002}}}
    rounded = graded(firms, scoring={"decimals": 1})
    assert [firm["rank"] for firm in rounded["firms"].values()] == [1, 1]
    exact = graded(firms, scoring={"decimals": 1, "compare": "unrounded"}, given={"decimals": 1})
    assert [firm["rank"] for firm in exact["firms"].values()] == [2, 1]
    assert [firm["total"] for firm in exact["firms"].values()] == [50, 50]


@pytest.mark.parametrize(
    ("rounding", "decimals", "total"),
    [("half_up", 1, "50.3"), ("down", 1, "50.2"), ("half_even", 1, "50.2"), ("half_up", 0, "50")],
)
def test_rounding(rounding, decimals, total):
    firm = {"甲": {"values": {"tax_per_mu": 10.05}}}
    assert graded(firm, scoring={"rounding": rounding, "decimals": decimals})["firms"]["甲"][
        "total"
    ] == Decimal(total)


def test_items_may_be_rounded_before_they_are_added():
    two = cohort({"weight": 50}, {"id": "va", "label": "增加值", "num": "value_added", "weight": 50})
    firm = {"甲": {"values": {"tax_per_mu": 10.002, "va": 10.002}}}
    assert worked(firm, cohorts=[two])["firms"]["甲"]["total"] == Decimal("50.01")
    assert worked(firm, cohorts=[two], scoring={"item_decimals": 2})["firms"]["甲"]["total"] == Decimal(
        "50.02"
    )


# ---------------------------------------------------------------- who is counted


def special(**more):
    include = [{"id": "all", "label": "全部", "when": "true", "if_unknown": "in", "clause": "一"}]
    one = {
        "id": "T",
        "label": "新投产",
        "when": "years_in_production < 2年",
        "if_unknown": "out",
        "clause": "一",
    }
    return {"include": include, "special": [one | more]}


FIFTEEN = TEN | {f"新{n}": {"tax": 500, "land_own": 10, "years_in_production": 1} for n in range(5)}


@pytest.mark.parametrize(
    ("grading", "more", "best"),
    [
        ({}, {}, 2),
        ({"quota_base": "listed"}, {}, 3),
        ({"quota_base": {"listed_without": ["T"]}}, {}, 2),
        ({}, {"in_quota_base": "true"}, 3),
    ],
)
def test_whom_the_shares_are_taken_of(grading, more, best):
    """Ten ranked and five new firms: 20 % of 10 or of 15."""
    result = worked(FIFTEEN, scope=special(**more), grading=grading)
    assert result["counts"]["A"] == best
    assert result["counts"]["T"] == 5


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"total": None, "rank": None, "final": "T", "manage_as": None}),
        ({"score": "true", "manage_as": "B"}, {"total": 250, "rank": None, "final": "T", "manage_as": "B"}),
        ({"grade": "B"}, {"total": None, "rank": None, "final": "B"}),
        ({"application": "applied"}, {"standing": "graded", "rank": 1, "final": "A"}),
        ({"max_years": 2}, {"standing": "special", "final": "T"}),
        ({"max_years": 1}, {"standing": "graded", "final": "A"}),
    ],
)
def test_an_ungraded_class_is_at_least_four_things(more, expected):
    firms = TEN | {"新厂": {"tax": 500, "land_own": 10, "years_in_production": 1, "years_as": {"T": 1}}}
    firm = worked(firms, scope=special(**more))["firms"]["新厂"]
    assert {name: firm[name] for name in expected} == expected


def test_a_class_may_only_have_a_lowest_grade_and_a_veto_beats_it():
    firms = ten(100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 企10={"years_in_production": 1})
    assert finals(worked(firms, scope=special(floor="B")))[-1] == "B"
    assert worked(firms, scope=special(floor="B"))["firms"]["企10"]["initial"] == "C"
    veto = {
        "id": "v",
        "label": "事故",
        "kind": "set",
        "grade": "D",
        "when": "accident",
        "if_unknown": "out",
        "veto": "true",
        "clause": "五",
    }
    firms["企10"]["accident"] = True
    assert finals(worked(firms, scope=special(floor="B"), moves=[veto]))[-1] == "D"
    assert finals(worked(firms, scope=special(floor="B", veto_beats_floor="false"), moves=[veto]))[-1] == "B"


# ---------------------------------------------------------------- pools


def test_rankings_by_region_and_industry_with_a_wider_one_for_small_groups():
    groups = {"机械": ["33", "34"], "纺织": ["17"]}
    firms = {
        f"{region}{code}{n}": {
            "tax": 100 - n,
            "land_own": 10,
            "region": region,
            "industry_code": f"C{code}11",
        }
        for region, code, count in (("东县", "33", 5), ("东县", "17", 2), ("西县", "33", 5))
        for n in range(count)
    }
    grading = {"rank_within": ["region", "industry_group"], "min_size": 3, "small_pool": "parent_pool"}
    result = worked(firms, industry_groups=groups, grading=grading)
    assert {name: pool["size"] for name, pool in result["pools"].items()} == {
        "东县机械all组": 5, "西县机械all组": 5, "东县all组": 7,
    }  # fmt: skip
    assert result["firms"]["东县170"]["pool"] == "东县all组"
    assert result["firms"]["东县170"]["rank"] == 1


@pytest.mark.parametrize("place", ["town", "zone"])
def test_rankings_by_town_or_park(place):
    firms = ten(
        100, 90, 80, 70, 企1={place: "甲镇"}, 企2={place: "乙镇"}, 企3={place: "甲镇"}, 企4={place: "乙镇"}
    )
    result = worked(firms, grading={"rank_within": place})
    assert [firm["rank"] for firm in result["firms"].values()] == [1, 1, 2, 2]


def test_a_small_pool_may_be_graded_by_score_or_be_asked_about():
    bands = BOTH | {"clause": "四"}
    by_score = graded(ten(100, 95), bands, grading={"min_size": 5, "small_pool": "threshold"})
    assert finals(by_score) == "AA"
    asked = graded(ten(100, 95), grading={"min_size": 5, "small_pool": "ask"})
    assert asked["blocked"] == ["all组"]
    assert finals(asked) == "BC"


def test_a_cohort_may_be_ranked_otherwise_than_the_others():
    own = cohort(id="below", when="not above_scale", grading={"ties": "share_worse", "clause": "四"})
    firms = ten(50, 50, 50, 50, 50) | {
        f"上{n}": {"tax": 50, "land_own": 10, "above_scale": True} for n in range(5)
    }
    result = worked(firms, cohorts=[cohort(id="above", when="above_scale"), own])
    assert finals(result) == "CCCCCAAAAA"


def test_two_levels_grade_the_same_scores_in_different_pools():
    firms = {
        f"{r}{n}": {"tax": t - n, "land_own": 10, "region": r}
        for r, t in (("东县", 100), ("西县", 50))
        for n in range(5)
    }
    level = {"id": "city", "label": "市级", "rank_within": "locality", "clause": "三"}
    result = worked(firms, grading={"rank_within": "region"}, levels=[level])
    assert finals(result) == "ABBCCABBCC"
    assert [firm["levels"]["city"]["rank"] for firm in result["firms"].values()] == list(range(1, 11))
    assert "".join(firm["levels"]["city"]["final"] for firm in result["firms"].values()) == "AABBBBCCCC"


# ---------------------------------------------------------------- bonus and penalty


def adjusted(firm, **adjust):
    told = {"甲": {"tax": 100, "land_own": 10, **firm}, "乙": {"tax": 10, "land_own": 10}}
    quantities_more = {"tenants_below": {"label": "规下承租户", "unit": "个", "department": "乡镇"}}
    result = worked(told, adjust={"clause": "五", **adjust}, quantities=QUANTITIES | quantities_more)
    return result["firms"]["甲"]


def item(name, **more):
    return {"id": name, "label": name, "when": "rd_centre", **more}


@pytest.mark.parametrize(
    ("count", "more", "penalty"),
    [
        (0, {}, None),
        (1, {}, -2),
        (3, {}, -4),
        (30, {}, -31),
        (30, {"cap": 10}, -10),
        (3, {"free": 1}, -3),
        (3, {"step": 2}, -2),
        (5, {"step": 2}, -3),
    ],
)
def test_a_first_amount_and_an_amount_for_each_further_one(count, more, penalty):
    sublet = {
        "id": "sublet",
        "label": "转租",
        "when": "true",
        "per": "tenants_below",
        "first": 2,
        "each": 1,
        **more,
    }
    firm = adjusted({"tenants_below": count}, penalty=[sublet])
    assert firm["penalty"].get("sublet") == penalty
    assert firm["total"] == 50 + (penalty or 0)


def test_points_per_cents_groups_and_caps():
    rd = {"rd_centre": True}
    assert adjusted(rd, bonus=[item("a", points=2)])["total"] == 52
    assert adjusted(rd, bonus=[item("a", percent=5)])["total"] == Decimal("52.5")
    assert adjusted({}, bonus=[item("a", points=2)])["total"] == 50
    two = [item("a", points=2, group="g"), item("b", points=3, group="g")]
    assert adjusted(rd, bonus=two, groups={"g": {"take": "highest"}})["bonus"] == {"b": 3}
    assert adjusted(rd, bonus=two, groups={"g": {"take": "sum", "cap": 4}})["adjusted"] == 4
    assert adjusted(rd, bonus=two, groups={"g": {"take": "sum"}}, caps={"bonus_total": 1})["total"] == 51
    capped = adjusted(rd, penalty=[item("a", points=9)], caps={"penalty_total": 3})
    assert (capped["penalty"], capped["adjusted"], capped["total"]) == ({"a": -9}, -3, 47)


def test_the_whole_score_may_be_capped():
    result = worked(ten(900, -50), scoring={"total_cap": 120, "total_floor": 0})
    assert [firm["total"] for firm in result["firms"].values()] == [120, 0]


def test_what_is_not_printed_adds_nothing_and_blocks_by_name():
    blocks = {"adjust": {"clause": "五", "bonus": [item("加分", when="unknown", points="unknown")]}}
    assert worked(TEN, **blocks)["firms"]["企1"]["bonus"] == {}
    assert unknown_settings(document(**blocks)) == ("“加分”的条件", "“加分”的分值")


# ---------------------------------------------------------------- moves


def move(name, **more):
    return {"id": name, "label": name, "when": "accident", "if_unknown": "out", "clause": "五", **more}


def moved(*moves, who="企1", **firm):
    firms = ten(*range(100, 0, -10), **{who: {"accident": True, **firm}})
    return worked(firms, moves=list(moves))


@pytest.mark.parametrize(
    ("kind", "who", "grade"),
    [
        ({"kind": "set", "grade": "D"}, "企1", "D"),
        ({"kind": "ceiling", "grade": "C"}, "企1", "C"),
        ({"kind": "ceiling", "grade": "B"}, "企8", "C"),
        ({"kind": "floor", "grade": "B"}, "企10", "B"),
        ({"kind": "floor", "grade": "B"}, "企1", "A"),
        ({"kind": "up", "steps": 1}, "企10", "B"),
        ({"kind": "up", "steps": 3}, "企10", "A"),
        ({"kind": "down", "steps": 1}, "企1", "B"),
        ({"kind": "down", "steps": 3}, "企1", "D"),
    ],
)
def test_each_kind_of_move(kind, who, grade):
    firm = moved(move("m", **kind), who=who)["firms"][who]
    assert (firm["final"], firm["moves"]) == (grade, ["m"])
    assert firm["initial"] == finals(worked(TEN))[int(who[1:]) - 1], "the ranking is what it was"


def test_moves_follow_one_another_and_a_lock_ends_them():
    ceiling, lift = move("veto", kind="ceiling", grade="C"), move("lift", kind="up", steps=1)
    assert moved(ceiling, lift)["firms"]["企1"]["final"] == "B"
    assert moved(ceiling | {"locks": "true"}, lift)["firms"]["企1"]["final"] == "C"
    assert moved(lift, ceiling)["firms"]["企1"]["final"] == "C"


def test_a_move_may_be_for_some_grades_by_a_figure_and_for_some_years():
    by_figure = move("lift", kind="up", steps=1, when="tax_per_mu >= 3.5万元/亩", only_from=["C", "D"])
    assert finals(worked(TEN, moves=[by_figure])) == "AABBBBBCCC"
    by_score = move("lift", kind="up", steps=1, when='score >= 15分 and initial_grade == "C"')
    assert finals(worked(TEN, moves=[by_score])) == "AABBBBBBCC"
    once = move("m", kind="floor", grade="B", max_years=1)
    assert moved(once, who="企10")["firms"]["企10"]["final"] == "B"
    assert moved(once, who="企10", years_as={"m": 1})["firms"]["企10"]["final"] == "C"


def test_a_place_left_free_may_be_taken_by_the_next():
    """企1 falls from A to C: 企3 rises to A and 企7 to B, all shares stay as they were."""
    without = moved(move("m", kind="ceiling", grade="C"))
    assert finals(without) == "CABBBBCCCC"
    refilled = moved(move("m", kind="ceiling", grade="C", backfill="true"))
    assert finals(refilled) == "CAABBBBCCC"
    assert {name: firm["refilled"] for name, firm in refilled["firms"].items() if firm["refilled"]} == {
        "企3": True,
        "企7": True,
    }
    assert refilled["counts"] | {"none": 0} == {"A": 2, "B": 4, "C": 4, "D": 0, "none": 0}
    assert "递补：前面的企业调出后空出名额，改为 A 级。" in refilled["firms"]["企3"]["steps"]


@pytest.mark.parametrize(("counted", "base"), [("false", 9), ("true", 10)])
def test_an_entry_threshold_keeps_a_firm_out_of_the_ranking(counted, base):
    result = moved(move("m", kind="entry_threshold", grade="D", in_quota_base=counted))
    firm = result["firms"]["企1"]
    assert (firm["rank"], firm["initial"], firm["final"]) == (None, None, "D")
    assert result["firms"]["企2"]["rank"] == 1
    assert result["pools"]["all组"]["base"] == base


def test_moves_are_told_with_before_and_after():
    firm = moved(move("重大事故", kind="ceiling", grade="C"))["firms"]["企1"]
    assert firm["steps"][-2].endswith("初评为 A 级（甲）。")
    assert firm["steps"][-1] == "调档：重大事故，最高 C 级，由 A 级改为 C 级（五）。"


# ---------------------------------------------------------------- units


LANDLORD = {
    "房东": {"tax": 100, "land_own": 20, "land_leased_out": 10},
    "房客": {"tax": 10, "land_leased_in": 10, "landlord": "房东"},
}


def subject(**more):
    return {"tenants": "separate", "multi_entity": "separate", "clause": "五"} | more


@pytest.mark.parametrize(
    ("tenants", "totals", "grades"),
    [
        ("separate", [50, 5], "BC"),
        ("merge_and_share", [Decimal("27.5")] * 2, "BB"),
        ("follow_landlord", [50, None], "BB"),
    ],
)
def test_tenants(tenants, totals, grades):
    """100万 on 10亩 and 10万 on 10亩; together 110万 on 20亩."""
    result = worked(LANDLORD, subject=subject(tenants=tenants))
    assert [firm["total"] for firm in result["firms"].values()] == totals
    assert finals(result) == grades


def test_tenants_in_a_cohort_of_their_own_or_excepted():
    two = [cohort(id="tenants", when="is_tenant"), cohort(id="others", when="not is_tenant")]
    result = worked(LANDLORD, subject=subject(tenants="own_cohort"), cohorts=two)
    assert [firm["cohort"] for firm in result["firms"].values()] == ["others", "tenants"]
    large = subject(tenants="merge_and_share", tenant_exceptions="land_leased_in >= 10亩")
    assert [firm["total"] for firm in worked(LANDLORD, subject=large)["firms"].values()] == [50, 5]
    assert any("is_tenant" in fault for fault in faults(subject=subject(tenants="own_cohort")))


@pytest.mark.parametrize(
    ("multi", "takes", "grades", "totals"),
    [
        ("separate", {}, "AD", [50, 5]),
        ("merge", {}, "BB", [Decimal("27.5")] * 2),
        ("both", {"both_takes": "better"}, "AB", [50, 5]),
        ("both", {"both_takes": "worse"}, "BD", [50, 5]),
        ("both", {"both_takes": "merged"}, "BB", [50, 5]),
        ("both", {"both_takes": "alone"}, "AD", [50, 5]),
    ],
)
def test_companies_of_one_owner(multi, takes, grades, totals):
    bands = {
        "clause": "四",
        "A": {"label": "甲", "at_least": 40},
        "B": {"label": "乙", "at_least": 20},
        "D": {"label": "丁"},
    }
    firms = {"母": {"tax": 100, "land_own": 10}, "子": {"tax": 10, "land_own": 10, "group": "母"}}
    result = worked(
        firms,
        subject=subject(multi_entity=multi, **takes),
        cohorts=[cohort(bands=bands)],
        grading={"mode": "threshold"},
    )
    assert finals(result) == grades
    assert [firm["total"] for firm in result["firms"].values()] == totals
    if multi == "both":
        assert result["firms"]["母"]["merged"]["total"] == Decimal("27.5")


# ---------------------------------------------------------------- flags, effects, workflow


def test_flags_stand_beside_the_grade():
    flag = {
        "id": "low",
        "label": "低效",
        "when": 'town == "三余镇" and tax_per_mu <= 1万元/亩',
        "clause": "二",
    }
    firms = ten(10, 10, 10.01, 企1={"town": "三余镇"}, 企3={"town": "三余镇"})
    result = worked(firms, flags=[flag])
    assert [firm["flags"] for firm in result["firms"].values()] == [["low"], [], []]


def test_a_trial_binds_nothing():
    effect = {
        "grade": "D",
        "policy": "power",
        "label": "差别电价",
        "value": 0.1,
        "unit": "元/千瓦时",
        "period": "次年",
        "clause": "六",
    }
    firms = ten(*range(200, 0, -10))
    assert worked(firms, effects=[effect])["firms"]["企20"]["effects"] == ["power"]
    for trial in ({"status": "trial"}, {"binding": "false"}, {"status": "draft"}):
        assert worked(firms, effects=[effect], **trial)["firms"]["企20"]["effects"] == []


def test_the_year_is_data():
    workflow = {
        "clause": "四", "steps": ["data_entry", "pre_evaluation", "publish"],
        "deadlines": {"data_entry": "03-31", "publish": "unknown"},
        "publicity": {"days": 5, "kind": "working", "closes_at": "17:30", "silence_is_consent": "true"},
        "publish": {"fields": ["name", "grade"], "order": "code", "cohorts": "separate"},
    }  # fmt: skip
    read = scheme(workflow=workflow).workflow
    assert [(deadline.step, str(deadline.day)) for deadline in read.deadlines] == [
        ("data_entry", "03-31"),
        ("publish", "文件未载明"),
    ]
    assert (read.publicity.days, read.publicity.closes_at, read.publicity.silence_is_consent) == (
        5,
        "17:30",
        True,
    )
    told = faults(
        workflow={
            "clause": "四",
            "steps": ["party"],
            "deadlines": {"publish": "31-31"},
            "publicity": {"days": 5, "kind": "lunar", "closes_at": "25:00", "silence_is_consent": "true"},
        }
    )
    for part in ("没有步骤“party”", "期限写月和日", "日子只能是", "截止时刻写成"):
        assert any(part in fault for fault in told), part


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ({"grading": {"rank_within": "province"}}, "排名范围只能是：locality（全域）、region（本县区(园区)）"),
        ({"cohorts": [cohort(bands={"clause": "四", "A": 20, "B": 100})]}, "写成 A: {label: 优先发展类, upto: 20}"),
        ({"cohorts": [cohort(bands=BANDS | {"B": {"label": "乙", "upto": 40}, "C": {"label": "丙", "upto": 35}, "D": {"label": "丁", "upto": 5}})]}, "累计写成 20、60、95、100"),
        ({"grading": {"rank_within": "industry_group"}}, "要写 industry_groups"),
        ({"grading": {"quota_base": {"listed_without": ["X"]}}}, "“X”不在不定等级情形里"),
        ({"grading": {"tie_breakers": ["beauty"]}}, "同分先比的“beauty”"),
        ({"grading": {"mode": "threshold"}}, "要写 at_least"),
        ({"grading": {"small_pool": "threshold"}}, "各级要写 at_least"),
        ({"moves": [move("m", kind="up", grade="B", steps=1)]}, "不写 grade"),
        ({"moves": [move("m", kind="set", grade="F")]}, "等级只能是"),
        ({"moves": [move("m", kind="up", steps=0)]}, "档数写 1 以上"),
        ({"moves": [move("m", kind="set", grade="D", only_from=["Z"])]}, "没有 Z 级"),
        ({"moves": [move("m", kind="set", grade="D", when="accidents")]}, "没有名为 accidents 的事实"),
        ({"adjust": {"clause": "五", "penalty": [item("p", points=-2)]}}, "写正数"),
        ({"adjust": {"clause": "五", "bonus": [item("p")]}}, "写其中一种"),
        ({"adjust": {"clause": "五", "bonus": [item("p", points=2, group="g")]}}, "不在 groups"),
        ({"scope": special(floor="B", grade="C")}, "不再写 grade"),
        ({"subject": {"tenants": "separate", "multi_entity": "both", "clause": "五"}}, "缺少 both_takes"),
        ({"land": {"clause": "二", "area": "own + leased_in - leased_out", "blank_lease": "zero", "leased_floor": "floor/sqm_per_mu"}}, "缺少 sqm_per_mu"),
    ],
)  # fmt: skip
def test_a_fault_says_how_to_mend_it(blocks, told):
    assert any(told in fault for fault in faults(**blocks)), faults(**blocks)
