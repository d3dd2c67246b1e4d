"""What a firm is told: every sentence is made from codes and numbers, and what it promises is true."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest

from evaluation.rules.basis import basis_of
from evaluation.rules.gaps import gap_of
from evaluation.rules.rounds import evaluate
from evaluation.rules.trace import packed_rows, trace_columns, unpacked
from evaluation.rules.wording import Place, standing_sentences, steps_of
from tests.evaluation.schemes import firms, grades, scheme


def told(rows: list[dict], number: int, **settings: str):
    """Scheme, cohort, trace and place of one of these firms."""
    method = scheme(rank_within="locality", **settings)
    whole = firms(*rows)
    result = evaluate(whole, method)
    cohort = method.cohorts[max(int(result.standing.cohort[number]), 0)]
    trace = unpacked(packed_rows(whole, result, method)[number], trace_columns(method), method, cohort)
    if result.pool[number] < 0:
        return method, cohort, trace, None
    line = result.pools[int(result.pool[number])].line
    place = Place(
        int(result.total[number]),
        int(result.rank[number]),
        line.size,
        "启东市规上组",
        grades(result)[number],
        line.places,
        line.cuts,
        result.means[int(result.standing.cohort[number])],
    )
    return method, cohort, trace, place


TEN = [{"tax": 200 - 10 * number} for number in range(10)]


def test_the_way_to_the_grade_one_sentence_a_step():
    steps = steps_of(*told(TEN, 4))
    assert steps == [
        "2021年末在规上工业企业名录内，按规上组参加评价。",
        "用地 = 自有 10.00 亩 + 租入 0.00 亩 − 租出 0.00 亩 = 10.00 亩。",
        "六项指标分别与基准值相比，合计 74.16 分。亩均增加值 50.00万元/亩，为基准 132.27 的 37.8%，是失分最多的一项（少 12.44 分）。",
        "综合得分 74.16 分，在启东市规上组 10 家中列第 5 位，在前20%与前60%之间，定为 B 级（鼓励提升类）。没有调档事项。",
    ]


def test_what_is_missing_to_the_next_grade_names_the_figure():
    gap = gap_of(*told(TEN, 6))
    assert gap.grade == "B"
    assert gap.points == "1.15"
    assert gap.sentence == "距B类差1.15分：亩均税收达到15.00万元/亩即可。"
    first = gap.steps[0]
    assert (first.now, first.needed, first.more) == ("14.00", "15.00万元/亩", "评价税收再增加 10.00 万元")


@pytest.mark.parametrize("number", range(2, 10))
@pytest.mark.parametrize("ties", ["share_better", "share_worse"])
def test_who_reaches_the_named_figure_gets_the_grade(number, ties):
    """Of every firm that is not A: the others as they are, its tax at the figure named, it has the grade."""
    gap = gap_of(*told(TEN, number, ties=ties))
    needed = Decimal(re.match(r"[\d.,]+", gap.steps[0].needed)[0].replace(",", ""))
    raised = [dict(row) for row in TEN]
    raised[number]["tax"] = needed * 10
    after = grades(evaluate(firms(*raised), scheme(rank_within="locality", ties=ties)))
    assert after[number] == gap.grade
    raised[number]["tax"] = (needed - Decimal("0.05")) * 10
    before = grades(evaluate(firms(*raised), scheme(rank_within="locality", ties=ties)))
    assert before[number] > gap.grade


def test_a_capped_item_cannot_close_the_gap_alone():
    far = [{"tax": 300}] * 9 + [{"tax": 10, "value_added": 40}]
    gap = gap_of(*told(far, 9))
    assert gap.steps[-1].short > 0
    assert "仍差" not in gap.sentence
    hopeless = [{"tax": 390, "value_added": 2000, "research": 90}] * 9 + [
        {"tax": 1, "value_added": 1, "research": 0}
    ]
    assert gap_of(*told(hopeless, 9)).sentence.endswith("单靠一项指标达不到。")


def test_the_best_grade_has_nothing_above_it():
    assert gap_of(*told(TEN, 0)) is None


def test_without_places_for_the_best_the_gap_is_to_the_next():
    """Of two firms nobody is A: places 0, 1, 2, 2."""
    assert gap_of(*told(TEN[:2], 1)).grade == "B"
    assert gap_of(*told(TEN[:2], 0)) is None


@pytest.mark.parametrize(
    ("firm", "words"),
    [
        ({"tax": None}, "评价税收未报，亩均税收记 0 分。"),
        ({"emissions": None}, "主要污染物排放量未报，单位排放增加值取同组有数企业该项得分的平均 10.29 分。"),
        (
            {"emissions": "0"},
            "主要污染物排放量为 0.00 吨，不能相除，单位排放增加值取同组有数企业该项得分的平均 10.29 分。",
        ),
        ({"tax": "900"}, "亩均税收按封顶 45.00 分计（不封顶为 103.81 分）。"),
        ({"tax": "-9"}, "亩均税收按最低 0.00 分计（算得 −1.04 分）。"),
        ({"staff": 0}, "年平均职工人数为 0 人，不能相除，全员劳动生产率记 0 分。"),
    ],
)
def test_what_happened_to_an_item_is_said(firm, words):
    assert words in steps_of(*told([firm, {}, {}], 0))


def test_equal_scores_are_said():
    assert "列第 1 位（同分 2 家）" in steps_of(*told([{}, {}, {"tax": 1}], 0))[-1]


def test_why_a_firm_has_no_grade():
    method, _cohort, trace, _place = told([{"years": 1}], 0)
    assert standing_sentences(method, trace)[0] == "列为 T（不适合评价），不定等级，不占名额。"
    assert "年末已投产年数 1 年" in standing_sentences(method, trace)[1]
    small = {"above": False, "taxable_sales": "487.70", "land_own": "2"}
    method, _cohort, trace, _place = told([small], 0)
    assert standing_sentences(method, trace)[0] == "不在评价范围，没有评分。"
    assert "应税销售 487.70 万元，低于 500 万元，差 12.30 万元" in standing_sentences(method, trace)[2]


def test_a_trace_is_the_same_after_packing():
    method = scheme()
    whole = firms({"tax": None, "years": None}, {})
    result = evaluate(whole, method)
    rows = packed_rows(whole, result, method)
    assert (rows.shape[1], rows.dtype) == (len(trace_columns(method)), "<i8")
    trace = unpacked(rows[0], trace_columns(method), method, method.cohorts[0])
    assert trace.figures["tax"] is None
    assert trace.figures["years_in_production"] is None
    assert np.array([item.points for item in trace.items]).tolist() == result.items[0, :, 2].tolist()


def test_the_basis_names_every_setting_without_field_names():
    method = scheme(ties="unknown")
    found = {basis.label: basis for basis in basis_of(method, method.cohorts[0])}
    assert found["列入：规下达到销售或占地规模"].words == "应税销售 ≥ 500万元 或 用地 ≥ 3亩"
    assert found["T：不适合评价"].words == "年末已投产年数 < 2年"
    assert found["亩均税收"].words == "权重 30，基准值 26.01"
    assert found["单位排放增加值：数据未报"].words == "取同组有数企业该项得分的平均"
    assert found["同分"].words == "分数相同，同取较好的等级（文件未载明，暂按）"
    assert not [basis for basis in found.values() if re.search("[a-z]{2}", basis.words)]
