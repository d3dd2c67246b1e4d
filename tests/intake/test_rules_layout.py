"""Whole sheets: headings in any shape, merged cells, totals, notes, hidden rows, duplicates."""

from __future__ import annotations

import pytest

from core.periods import Month
from enterprises.rules.monthly import MONTHLY_SPEC
from intake.rules.faults import ANNOTATION_HEADING
from intake.rules.reading import read_frame
from intake.workbooks.raw import RawSheet, RawWorkbook

from .monthly_rows import (
    CODE,
    HEADINGS,
    LISTED,
    MONTH,
    NAME,
    REGION,
    REVENUE,
    TAX,
    code,
    context,
    read,
    row,
    told,
)

GOOD = [row(n) for n in range(1, 5)]


def codes(frame) -> list[object]:
    blocked = frame.blocked_rows()
    return [c for c, number in zip(frame.columns["uscc"], frame.rows, strict=True) if number not in blocked]


def hints(frame) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.column) for fault in frame.faults if fault.cls == "D"]


def test_a_plain_sheet_has_nothing_to_tell():
    frame = read([HEADINGS, *GOOD])
    assert (frame.faults, frame.ignored_rows, frame.rows) == ([], [], [2, 3, 4, 5])
    assert frame.columns["revenue_wan"] == [100150, 100250, 100350, 100450]
    assert frame.raw["revenue_wan"][0] == "1001.5"
    assert frame.columns["staff"] == [None] * 4
    assert frame.headings["revenue_wan"] == (6, "营业收入(万元)")


@pytest.mark.parametrize(
    "written",
    [
        "营业收入\n（万元）", " 营 业 收 入 (万元)*", "营业收入【万元】", "营业收入万元", "营业收入/万元", "营业收入(单位：万元)", "本月营业收入(万元)",
        "营业收入（万元）（必填）", "营业收入：万元",
    ],
)  # fmt: skip
def test_one_heading_in_many_forms(written):
    frame = read([[*HEADINGS[:5], written, *HEADINGS[6:]], *GOOD])
    assert frame.faults == []
    assert frame.columns["revenue_wan"][0] == 100150


@pytest.mark.parametrize(
    ("heading", "written", "hundredths"),
    [
        ("营业收入(元)", 10015000, 100150),
        ("营业收入(千元)", 10015, 100150),
        ("营业收入(亿元)", 0.10015, 100150),
        ("营业收入(元)", "1001.5万元", 100150),
    ],
)
def test_the_unit_in_the_heading_counts_unless_the_cell_states_its_own(heading, written, hundredths):
    frame = read([[*HEADINGS[:5], heading, *HEADINGS[6:]], row(1, c5=written)])
    assert told(frame) == []
    assert frame.columns["revenue_wan"] == [hundredths]


def test_power_in_kilowatt_hours_and_staff_with_its_unit():
    headings = [*HEADINGS, "用电量(千瓦时)", "从业人员（人）"]
    frame = read([headings, [*row(1), 123456, "1,200人"], [*row(2), "12.5万度", 30.5]])
    assert frame.columns["power_wan_kwh"] == [1235, 1250]
    assert frame.columns["staff"] == [1200, None]
    assert told(frame) == [(3, "NUMBER_FRACTION")]


@pytest.mark.parametrize(
    "written",
    ["营业收入(累计)", "1-3月营业收入(万元)", "累计营业收入(万元)", "营业收入(美元)", "营业收入增长(%)"],
)
def test_a_heading_that_says_something_else_is_not_taken_for_the_column(written):
    frame = read([[*HEADINGS[:5], written, *HEADINGS[6:]], *GOOD])
    assert told(frame) == [(None, "COLUMN_MISSING")]
    assert frame.refused and frame.rows == []
    assert "营业收入(万元)" in frame.faults[-1].message()


def test_a_heading_without_a_unit_is_read_as_wan_and_told():
    frame = read([[*HEADINGS[:5], "营业收入", *HEADINGS[6:]], *GOOD])
    assert told(frame) == []
    assert hints(frame) == [("UNIT_UNSTATED", "营业收入")]


def test_the_unit_line_above_the_heading_counts():
    plain = [*HEADINGS[:5], "营业收入", "实缴税金", "入库日期"]
    lines = [["启东市运行监测表"], ["填报单位：启东市工信局", None, None, None, None, None, "单位：元"]]
    frame = read([*lines, plain, row(1, c5=10015000, c6=202500)])
    assert frame.faults == []
    assert (frame.columns["revenue_wan"], frame.columns["tax_paid_wan"]) == ([100150], [2025])


def test_headings_on_two_rows_with_units_below():
    top = [*HEADINGS[:5], "营业收入", "实缴税金", "入库日期"]
    below = [None, None, None, None, None, "元", "(万元)", None]
    frame = read([top, below, row(1, c5=10015000)])
    assert told(frame) == [] and frame.rows == [3]
    assert frame.columns["revenue_wan"] == [100150]


def test_a_group_heading_over_this_month_and_the_sum_takes_this_month():
    top = [*HEADINGS[:5], "营业收入(万元)", None, "实缴税金(万元)"]
    below = [None] * 5 + ["累计", "本月", None]
    merges = [(1, 6, 1, 7)] + [(1, number, 2, number) for number in (1, 2, 3, 4, 5, 8)]
    line = [*row(1)[:5], 9000, 1001.5, 20.25]
    frame = read([top, below, line], merges=merges)
    assert told(frame) == []
    assert frame.columns["revenue_wan"] == [100150]
    assert frame.headings["revenue_wan"][0] == 7


def test_a_group_heading_in_a_csv_that_knows_no_merges():
    top = [*HEADINGS[:5], "主要指标(元)", "", "入库日期"]
    below = ["", "", "", "", "", "营业收入", "实缴税金", ""]
    line = [str(cell) for cell in row(1, c5="10015000", c6="202500", c7="2024-05-17")]
    frame = read([top, below, line], kind="csv")
    assert told(frame) == []
    assert (frame.columns["revenue_wan"], frame.columns["tax_paid_wan"]) == ([100150], [2025])


def test_a_stray_text_under_the_heading_is_no_second_heading_row():
    frame = read([HEADINGS, ["请如实填写"], *GOOD])
    assert (frame.faults, frame.ignored_rows, len(frame.rows)) == ([], [2], 4)


def test_the_row_that_numbers_the_columns_is_passed_over():
    frame = read([HEADINGS, ["甲", "乙", "丙", "丁", "戊", "1", "2", "3"], *GOOD])
    assert (told(frame), frame.ignored_rows, len(frame.rows)) == ([], [2], 4)


def test_silent_columns_and_unknown_ones():
    frame = read([[*HEADINGS, "备注", ANNOTATION_HEADING, "is_approved"], [*row(1), "x", "第2行有误", 1]])
    assert hints(frame) == [("COLUMN_UNKNOWN", "is_approved")]
    assert frame.blocked_rows() == set()


def test_the_templates_heading_goes_before_an_alias_and_two_equal_ones_are_refused():
    frame = read([[*HEADINGS, "纳税人识别号"], [*row(1), "x"]])
    assert told(frame) == [] and frame.columns["uscc"] == [code(1)]
    frame = read([[*HEADINGS, "营业收入（万元）"], [*row(1), 5]])
    assert told(frame) == [(None, "COLUMN_TWICE")]


@pytest.mark.parametrize(
    ("sheets", "fault"),
    [
        ([RawSheet("一")], "EMPTY_FILE"),
        ([RawSheet("一", rows=[[" "], [None, "\u3000"]])], "EMPTY_FILE"),
        ([RawSheet("一", rows=[["随便写写"], [1, 2, 3]])], "NO_HEADING"),
        ([RawSheet("一", rows=[HEADINGS])], "NO_DATA"),
        ([RawSheet("一", rows=[HEADINGS, ["合计", None, None, None, None, 0, 0]])], "NO_DATA"),
        ([RawSheet("一", rows=[HEADINGS, *GOOD]), RawSheet("二", rows=[HEADINGS, row(9)])], "SHEETS"),
        ([RawSheet("一", visible=False, rows=[HEADINGS, *GOOD])], "SHEETS_HIDDEN"),
    ],
)
def test_files_that_cannot_be_used(sheets, fault):
    frame = read_frame(RawWorkbook(sheets, "xlsx"), MONTHLY_SPEC, context())
    assert told(frame) == [(None, fault)]
    assert frame.refused and frame.rows == [] and frame.blocked_rows() == set()


def test_an_empty_template_sheet_or_a_summary_beside_the_data_does_not_matter():
    summary = [["县区", "营业收入(万元)", "实缴税金(万元)"], ["启东市", 1, 2]]
    sheets = [
        RawSheet("说明", rows=[["填表说明"]]),
        RawSheet("空表", rows=[HEADINGS]),
        RawSheet("汇总", rows=summary),
    ]
    frame = read_frame(
        RawWorkbook([*sheets, RawSheet("数据", rows=[HEADINGS, *GOOD])], "xlsx"), MONTHLY_SPEC, context()
    )
    assert told(frame) == [] and frame.sheet == "数据" and len(frame.rows) == 4


def test_hidden_sheets_are_hinted_at_but_not_the_templates_lists():
    hidden = [RawSheet("旧数据", visible=False), RawSheet("选项", visible=False)]
    frame = read_frame(
        RawWorkbook([RawSheet("一", rows=[HEADINGS, *GOOD]), *hidden], "xlsx"), MONTHLY_SPEC, context()
    )
    assert [(fault.code, fault.sheet, fault.cls) for fault in frame.faults] == [
        ("SHEET_HIDDEN", "旧数据", "D")
    ]
    assert len(codes(frame)) == 4


def test_merged_districts_and_months_are_carried_down_but_not_amounts():
    rows = [HEADINGS, row(1), row(2, c3=None, c4=None), row(3, c3=None, c4=None, c5=None)]
    frame = read(rows, merges=[(2, 4, 4, 4), (2, 5, 4, 5), (3, 6, 4, 6)])
    assert frame.columns["region"] == ["320681"] * 3
    assert frame.columns["month"] == [Month(2026, 3)] * 3
    assert told(frame) == [(3, "CELL_MERGED"), (4, "CELL_MERGED")]
    assert frame.columns["revenue_wan"] == [100150, None, None]


def test_a_merge_does_not_make_records_of_blank_rows():
    rows = [HEADINGS, row(1), [None], [None, None, "  "], row(2, c3=None)]
    frame = read(rows, merges=[(2, 4, 5, 4)])
    assert (told(frame), frame.ignored_rows, frame.columns["region"]) == ([], [3, 4], ["320681"] * 2)


def test_hidden_rows_stay_out_and_do_not_hurt_the_visible():
    frame = read([HEADINGS, row(1), row(1, c5=7), row(2)], hidden_rows={3})
    assert told(frame) == [(3, "HIDDEN_ROW")]
    assert codes(frame) == [code(1), code(2)]
    assert "隐藏" in frame.faults[-1].message()


def test_all_faults_of_all_rows_in_one_run():
    frame = read([HEADINGS, row(1, c1=None, c5="无", c3="火星"), row(2), row(3, c4="2026-02", c7="不详日期")])
    assert told(frame) == [
        (2, "EMPTY"), (2, "REGION_UNKNOWN"), (2, "PLACEHOLDER"), (4, "MONTH_OTHER"), (4, "DATE_TEXT")
    ]  # fmt: skip
    messages = [fault.message() for fault in frame.faults]
    assert (
        messages[2]
        == "第2行“营业收入(万元)”（F2）：填写“无”，是占位符号，必填项没有填写实际内容；请填写实际内容；确实没有的整行不报。"
    )


def test_formula_gaps_and_errors_are_told_once_each():
    frame = read(
        [HEADINGS, row(1, c5=None), row(2, c1=None), row(3, c7=None)],
        formula_gaps={(2, 6)},
        error_cells={(3, 2): "#REF!", (4, 8): "#N/A"},
    )
    assert told(frame) == [(2, "FORMULA_GAP"), (3, "CELL_ERROR"), (4, "CELL_ERROR")]
    assert "公式" in frame.faults[0].message() and "#REF!" in frame.faults[1].message()


def _total(word: str, revenue: object, tax: object = None) -> list[object]:
    return [word, None, None, None, None, revenue, tax, None]


@pytest.mark.parametrize("word", ["合计", "合  计", "总计", "合计：", "启东市合计", "合计（4家）", "共计"])
def test_totals_that_are_right_are_passed_over(word):
    frame = read([HEADINGS, *GOOD, _total(word, 4012, 81)])
    assert (told(frame), frame.ignored_rows) == ([], [6])


def test_totals_at_the_top_and_subtotals_are_not_counted_twice():
    rows = [
        HEADINGS,
        _total("合计", 4012),
        GOOD[0],
        GOOD[1],
        _total("小计", 2004),
        GOOD[2],
        GOOD[3],
        _total("小计", 2008),
        _total("总计", 4012),
    ]
    frame = read(rows)
    assert (frame.faults, frame.ignored_rows, len(frame.rows)) == ([], [2, 5, 8, 9], 4)


def test_a_wrong_total_refuses_the_file_and_says_both_figures():
    frame = read([HEADINGS, *GOOD, _total("合计", 4013)])
    assert told(frame) == [(None, "TOTAL_MISMATCH")]
    message = frame.faults[0].message()
    assert (
        "合计写的是 4,013.00" in message and "4,012.00" in message and "第6行" in message and "F6" in message
    )
    assert codes(frame) == []


def test_a_total_is_compared_exactly_not_after_rounding_each_row():
    rows = [row(n, c5=100.004) for n in range(1, 11)]
    assert told(read([HEADINGS, *rows, _total("合计", 1000.04)])) == []
    assert told(read([HEADINGS, *rows, _total("合计", 1000)])) == []
    assert told(read([HEADINGS, *rows, _total("合计", 1000.06)])) == [(None, "TOTAL_MISMATCH")]


def test_a_total_that_leaves_out_hidden_rows_is_right_too():
    frame = read([HEADINGS, *GOOD, _total("合计", 3009.5)], hidden_rows={3})
    assert told(frame) == [(3, "HIDDEN_ROW")]


def test_a_total_over_an_unreadable_figure_is_not_judged():
    frame = read([HEADINGS, row(1, c5="约100"), row(2), _total("合计", 9999)])
    assert told(frame) == [(2, "NUMBER_TEXT")]


def test_a_firm_whose_name_contains_the_word_is_a_firm():
    frame = read(
        [HEADINGS, row(1, c2="启东总计科技有限公司"), row(2, c2="注塑厂南通分厂"), row(3, c2="南通合计")]
    )
    assert frame.rows == [2, 3, 4]


@pytest.mark.parametrize(
    "line",
    [
        ["填表人：张三", None, "审核人：李四", None, "联系电话：0513-00000000"],
        ["制表人 张三"],
        ["注：本表数据为快报数"],
        ["备注：1.单位为万元"],
        ["单位负责人（签章）："],
        ["续表"],
        ["单位：万元"],
        ["第1页，共2页"],
        ["以下空白"],
        HEADINGS,
        [5],
        [None, None, "2026年4月8日"],
    ],
)
def test_lines_that_are_no_records(line):
    frame = read([HEADINGS, GOOD[0], line, GOOD[1]])
    assert (told(frame), frame.ignored_rows, frame.rows) == ([], [3], [2, 4])


def test_numbered_lines_under_a_note_go_with_it():
    notes = [[None, "注：1.单位为万元"], [None, "2.代码为18位"], [None, None, "（3）不含税"]]
    frame = read([HEADINGS, *GOOD, *notes])
    assert (told(frame), frame.ignored_rows) == ([], [6, 7, 8])


@pytest.mark.parametrize(
    "line",
    [
        [None, None, "南通海启精密机械有限公司"],
        [5, None, "注塑厂", None, None, 12.5, 1, None],
        ["小写", None, None, None, None, 5],
    ],
)
def test_rows_that_might_be_firms_are_told_not_lost(line):
    frame = read([HEADINGS, GOOD[0], line])
    assert 3 in frame.rows
    assert (3, "EMPTY") in told(frame)


def test_a_later_heading_with_another_unit_is_refused():
    other = [*HEADINGS[:5], "营业收入(元)", *HEADINGS[6:]]
    assert told(read([HEADINGS, GOOD[0], other, GOOD[1]])) == [(None, "HEADING_CHANGES")]
    swapped = [*HEADINGS[:5], HEADINGS[6], HEADINGS[5], HEADINGS[7]]
    assert told(read([HEADINGS, GOOD[0], swapped, GOOD[1]])) == [(None, "HEADING_CHANGES")]


def test_exact_repetition_keeps_the_first_and_contradictions_keep_none():
    frame = read([HEADINGS, row(1), row(2), row(1, c0=3, c1=code(1).lower()), row(2, c5=7)])
    assert told(frame) == [(3, "DUPLICATE_CONFLICT"), (4, "DUPLICATE_EXACT"), (5, "DUPLICATE_CONFLICT")]
    assert codes(frame) == [code(1)]
    assert "与第2行完全重复" in frame.faults[1].message()


def test_two_months_of_one_firm_are_no_repetition():
    frame = read([HEADINGS, row(1), row(1, c4="2026-02")], settings={"period": None})
    assert told(frame) == []


def test_a_note_answers_b_and_c_faults_of_its_row_but_never_a():
    frame = read(
        [
            [*HEADINGS, "情况说明"],
            [*row(1), "有"],
            [*row(2), "设备大修停产一月"],
            [*row(3), "设备大修停产一月"],
            row(4),
        ]
    )
    assert frame.notes == ["有", "设备大修停产一月", "设备大修停产一月", ""]
    for place, cls in ((0, "B"), (0, "C"), (1, "C"), (2, "A"), (3, "D")):
        frame.fault(place, "revenue_wan", "X", cls, "r", "c")
    assert frame.blocked_rows() == {2, 4}


def test_long_and_unseen_text_is_made_visible_and_short_in_messages():
    frame = read([HEADINGS, row(1, c2="公司" * 5000), row(2, c2="启东\u202e厂机")])
    messages = [fault.message() for fault in frame.faults]
    assert len(messages[0]) < 200 and "过长" in messages[0]
    assert "〔U+202E〕" in messages[1] and "\u202e" not in messages[1]


def test_columns_named_here_are_those_of_the_heading():
    assert [HEADINGS[place] for place in (CODE, NAME, REGION, MONTH, REVENUE, TAX, LISTED)] == [
        "统一社会信用代码", "企业名称", "所属县区", "统计月份", "营业收入(万元)", "实缴税金(万元)", "入库日期"
    ]  # fmt: skip
