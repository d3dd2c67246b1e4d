"""Cousins of the corpus: lists as officers, WPS, old exports and careless hands really send them.

Each case is a table (or a file), the Excel rows that may be stored, and what is told: ``(row, code)``, row None for
the whole file. What is certain is read in silence, what is doubtful is told with its row and never guessed.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from core.periods import Month
from enterprises.rules.monthly import MONTHLY_SPEC, LastFigure, judge_monthly
from intake.rules.reading import Frame, read_frame
from intake.workbooks import WorkbookRefused, read_workbook

from . import crafted
from .monthly_rows import HEADINGS, code, context, read, read_cell, row, told
from .mutations import GOOD_XML, check_mutation, plain_chinese, write_mutation

GOOD = [row(1), row(2), row(3)]
WITHOUT = [heading.removesuffix("(万元)") for heading in HEADINGS]


def summed(label: str, revenue: object = 3007.5, tax: object = 60.75, column: int = 0) -> list[object]:
    """A row of sums of ``GOOD`` with its label in a column."""
    cells: list[object] = [None] * 5 + [revenue, tax]
    cells[column] = label
    return cells


def stored(frame: Frame) -> list[int]:
    """Excel rows that a commit would take."""
    blocked = frame.blocked_rows()
    return [number for number in frame.rows if number not in blocked]


# ---------------------------------------------------------------- tables

#: name → (rows, layout found beside them, rows stored, what is told except hints)
TABLES: dict[str, tuple[list[list[object]], dict[str, object], list[int], list[tuple[int | None, str]]]] = {
    "data from column B on": ([[None, *line] for line in [HEADINGS, *GOOD]], {}, [2, 3, 4], []),
    "headings on three rows": (
        [["基本情况", *[None] * 3, "报告期", "主要指标(万元)"], WITHOUT, [None] * 5 + ["本月", "本月"], *GOOD],
        {"merges": [(1, 1, 1, 4), (1, 6, 1, 7)]},
        [4, 5, 6],
        [],
    ),
    "this month beside the sum of the year": (
        [[*HEADINGS[:6], None, HEADINGS[6]], [None] * 5 + ["累计", "本月"], [*row(1)[:5], 3000, 1000.5, 20.25]],
        {"merges": [(1, 6, 1, 7)]},
        [3],
        [],
    ),
    "headings in traditional characters": (
        [["序號", "統一社會信用代碼", "企業名稱", "所屬縣區", "統計月份", "營業收入（萬元）", "實繳稅金（萬元）"], *GOOD],
        {},
        [2, 3, 4],
        [],
    ),
    "headings with numbers and marks": (
        [[f"{n}.{heading}★" for n, heading in enumerate(HEADINGS)], *GOOD], {}, [2, 3, 4], []
    ),
    "figures headed 3月 in March": (
        [[*HEADINGS[:5], "3月营业收入(万元)", "2026年3月实缴税金(万元)", "入库日期"], *GOOD], {}, [2, 3, 4], []
    ),
    "figures headed 2月 in March": (
        [[*HEADINGS[:5], "2月营业收入(万元)", *HEADINGS[6:]], *GOOD], {}, [], [(None, "COLUMN_MISSING")]
    ),
    "only the sum of the year": (
        [[*HEADINGS[:5], "营业收入(1-3月)", *HEADINGS[6:]], *GOOD], {}, [], [(None, "COLUMN_MISSING")]
    ),
    "a line with two units above headings with none": (
        [["单位：万元、元"], WITHOUT, *GOOD], {}, [], [(None, "UNIT_UNCLEAR"), (None, "UNIT_UNCLEAR")]
    ),
    "a line with two units above headings with their own": ([["单位：万元、元"], HEADINGS, *GOOD], {}, [3, 4, 5], []),
    "each row with its own unit": (
        [[*HEADINGS, "计量单位"], [*row(1), "元"], [*row(2), "万元"]],
        {},
        [3],
        [(2, "UNIT_OF_ROW"), (2, "UNIT_OF_ROW")],
    ),
    "two lists side by side": (
        [[*HEADINGS, None, *HEADINGS], [*row(1), None, *row(2)]], {}, [], [(None, "TABLES_BESIDE")]
    ),
    "month in the title only": (
        [["启东市2026年3月月报"], HEADINGS[:4] + HEADINGS[5:], row(1)[:4] + row(1)[5:]],
        {},
        [],
        [(None, "COLUMN_MISSING")],
    ),
    "sum above the rows": ([HEADINGS, summed("合计"), *GOOD], {}, [3, 4, 5], []),
    "sum wrong in the tax alone": ([HEADINGS, *GOOD, summed("合计", tax=61.75)], {}, [], [(None, "TOTAL_MISMATCH")]),
    "sums by township": (
        [HEADINGS, row(1), row(2), summed("汇龙镇小计", 2004, 40.5), row(3), summed("吕四港镇小计", 1003.5, 20.25), summed("合计")],
        {},
        [2, 3, 5],
        [],
    ),
    "sums of townships without the word": (
        [HEADINGS, summed("汇龙镇", 2004, 40.5, column=2), row(1), row(2), row(3), summed("合计")],
        {},
        [3, 4, 5],
        [(2, "EMPTY")] * 3,
    ),
    "a sum with a code in its row": ([HEADINGS, *GOOD, row(4, c2="合计")], {}, [2, 3, 4], [(5, "NAME_SUM")]),
    "averages, ratios and counts below": (
        [HEADINGS, *GOOD, summed("平均", 1002.5, 20.25), summed("同比增长(%)", 5.1, 2), summed("共3家企业"), summed("其中：规上", 1, 1)],
        {},
        [2, 3, 4],
        [],
    ),
    "parts of the list with a line of their own": (
        [HEADINGS, [None, None, "一、汇龙镇"], row(1), [None, None, "（二）吕四港镇"], row(2)], {}, [3, 5], []
    ),
    "signatures and days in cells of their own": (
        [HEADINGS, *GOOD, [None, "填表人：", "王五", "审核：", "李四"], [None, "日期", "2026-04-08"], [None, None, None, "日期：", date(2026, 4, 8)]],
        {},
        [2, 3, 4],
        [],
    ),
    "pasted lists with their headings": (
        [HEADINGS, row(1), HEADINGS, row(2), ["续表"], HEADINGS, row(3)], {}, [2, 4, 7], []
    ),
    "pasted list in another order": (
        [HEADINGS, row(1), [*HEADINGS[:5], HEADINGS[6], HEADINGS[5], HEADINGS[7]], row(2)], {}, [], [(None, "HEADING_CHANGES")]
    ),
    "another list below": (
        [HEADINGS, *GOOD, ["退规企业"], ["序号", "统一社会信用代码", "企业名称", "退库原因"], [1, code(8), "启东某厂"]],
        {},
        [],
        [(None, "HEADING_CHANGES")],
    ),
    "rows with a number, a district and a month only": (
        [HEADINGS, *GOOD, [4, None, None, "启东市", "2026-03"], [5]], {}, [2, 3, 4], []
    ),
    "a row with figures only": ([HEADINGS, *GOOD, summed("")], {}, [2, 3, 4], [(5, "EMPTY")] * 4),
    "an example left in": ([HEADINGS, row(9, c0="示例", c2="示例企业"), *GOOD], {}, [3, 4, 5], [(2, "NAME_SAMPLE")]),
    "one name under two codes": (
        [HEADINGS, row(1, c2="启东甲厂（一）"), row(2, c2="启东甲厂(一)"), row(3)],
        {},
        [4],
        [(2, "NAME_TWICE"), (3, "NAME_TWICE")],
    ),
    "one code under two names": (
        [HEADINGS, row(1), row(1, c2="启东乙厂")], {}, [], [(2, "DUPLICATE_CONFLICT"), (3, "DUPLICATE_CONFLICT")]
    ),
    "a list on its side": ([list(line) for line in zip(HEADINGS, *GOOD, strict=True)], {}, [], [(None, "HEADING_LYING")]),
    "lines crowded into one cell": ([["\t".join(HEADINGS)], ["\t".join(map(str, row(1)))]], {}, [], [(None, "HEADING_CROWDED")]),
    "units with words beside them": (
        [[*HEADINGS[:5], "营业收入（人民币：万元）", "实缴税金（万元，保留两位小数）", HEADINGS[7]], *GOOD], {}, [2, 3, 4], []
    ),
    "how columns are computed": ([HEADINGS, [None] * 5 + ["①", "②=①×2%"], *GOOD], {}, [3, 4, 5], []),
    "a sum typed in whole 万元": ([HEADINGS, *GOOD, summed("合计", 3008, 61)], {}, [2, 3, 4], []),
    "a sum typed in whole 万元 that lacks a firm": (
        [HEADINGS, *GOOD, summed("合计", 2004, 61)], {}, [], [(None, "TOTAL_MISMATCH")]
    ),
    "合 and 计 in a cell each": ([HEADINGS, *GOOD, ["合", "计", *summed("")[2:]]], {}, [2, 3, 4], []),
    "an example by its number": ([HEADINGS, row(9, c0="例"), *GOOD], {}, [3, 4, 5], [(2, "ROW_SAMPLE")]),
    "a heading over two columns, one of them empty": (
        [[*HEADINGS[:3], None, *HEADINGS[3:]], *([*line[:3], None, *line[3:]] for line in GOOD)],
        {"merges": [(1, 3, 1, 4), (2, 3, 2, 4)]},
        [2, 3, 4],
        [],
    ),
    "a short list of other things below": (
        [HEADINGS, *GOOD, ["用电情况"], ["企业名称", "用电量"], ["启东第1号机械有限公司", 12]], {}, [], [(None, "HEADING_CHANGES")]
    ),
    "everything one column too far right": (
        [HEADINGS, row(1), [None, *row(2)]],
        {},
        [2],
        [(3, c) for c in ("DATE_TEXT", "MONTH_TEXT", "NAME_ODD", "NUMBER_UNCLEAR", "REGION_UNKNOWN", "USCC_LENGTH")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_table(name):
    rows, found, kept, said = TABLES[name]
    frame = read([list(line) for line in rows], **found)
    assert sorted(told(frame), key=str) == sorted(said, key=str)
    assert stored(frame) == kept
    if kept:
        figures = [frame.columns["revenue_wan"][frame.rows.index(number)] for number in kept]
        assert set(figures) <= {100050, 100150, 100250, 100350}
        named = frame.rows + frame.ignored_rows
        assert sorted(named) == list(range(min(named), len(rows) + 1)), (
            "a row is neither a record nor named as ignored"
        )
    plain_chinese(frame)


#: Column of a good row, what stands there, what is read, what is told.
CELLS: list[tuple[int, object, object, str | None]] = [
    *((4, text, Month(2026, 3), None) for text in ("2026年03月份", "2026-3", "3月", "3", 3, "03", "202603月", "2026_03", "'2026-03",
                                                   "2026年3月度", date(2026, 3, 31), "二〇二六年三月")),
    *((4, text, None, "MONTH_TEXT") for text in ("4", 2, "26年3月", "Mar-26", "2026-03-32")),
    (4, "同上", None, "DITTO"),
    *((5, text, 123450, None) for text in ("1234.5 ", "1234.5\u00a0", "'1234.5", "1 234.5", "1234.5 万", "0.12345亿")),
    *((5, text, None, "NUMBER_TEXT") for text in ("12%", "1O00", "约1234", "停产", "0（停产）")),
    *((5, text, None, "NUMBER_BRACKETS") for text in ("(1234.5)", "（1,234.50）", "▲12", "△3.5", "1234.5-")),
    *((5, text, None, "NUMBER_CHINESE") for text in ("三百万", "壹佰贰拾万元", "五", "零")),
    *((4, text, Month(2026, 3), None) for text in ("2026–03", "2026—3", "2026·3", "2026。03")),
    *((1, text, None, "USCC_PERSON") for text in ("320681199001011234", "32068119900101123X", "11010519491231002x")),
    *((1, text, None, "USCC_TELEPHONE") for text in ("13800138000", 13800138000)),
    *((5, text, None, "PLACEHOLDER") for text in ("—", "－", "/", "无")),
    (5, -0.0, 0, None), (5, "0", 0, None), (5, 1e15, None, "NUMBER_LARGE"),
    (7, "未入库", None, None), (7, "尚未纳统", None, None), (7, "2024年5月", None, "DATE_TEXT"), (7, "17/05/2024", None, "DATE_TEXT"),
    *((3, text, None, "REGION_UNKNOWN") for text in ("启东经济开发区", "江苏开发区", "苏州开发区")),
    (3, "南通开发区", None, "REGION_SCOPE"), (3, "〃", None, "DITTO"), (3, "江苏省南通市启东市", "320681", None),
    *((2, f"启东甲厂{end}", None, "NAME_REMARK") for end in ("（注销）", "(已停产)", "（筹）", "（原启东乙厂）", "(曾用名：启东乙厂)")),
    *((2, name, name, None) for name in ("启东甲厂（有限合伙）", "启东新能源（启东）有限公司", "合计机械有限公司", "3M中国有限公司", "原野食品厂（普通合伙）")),
    (2, "'启东甲厂", "启东甲厂", None), (2, "启东甲厂、启东乙厂", None, "NAME_TWO"), (2, "单位：启东甲厂", None, "NAME_ODD"),
    (2, "启东甲厂*", None, "NAME_ODD"), (2, "启东甲厂小计", None, "NAME_SUM"), (2, "XX机械有限公司", None, "NAME_SAMPLE"), (2, "同上", None, "DITTO"),
    (1, code(1).replace("0", "O", 1), None, "USCC_LETTER"), (1, "320681000012345", None, "USCC_OLD"), (1, "12345678-9", None, "USCC_ORGANISATION"),
    (1, " ".join(code(1)), code(1), None), (1, "`" + code(1), code(1), None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "wanted", "fault"), CELLS)
def test_cell(place, value, wanted, fault):
    assert read_cell(place, value) == (wanted, fault)


def test_columns_and_units_that_were_passed_over_are_hinted_at():
    frame = read(
        [["单位：元"], [*HEADINGS, None], [*row(1), "加急"], [None, None, None, "启东市", "2026-03"]]
    )
    hints = {fault.code: fault.message() for fault in frame.faults}
    assert hints["COLUMN_UNNAMED"] == "（I2）：I列有内容但没有列名，没有读取；如需上报请补写列名。"
    assert "按表头读取" in hints["UNIT_OTHER"]
    assert hints["ROWS_IDLE"].startswith("工作表“Sheet1”：第4行只有县区或月份")
    assert stored(frame) == [3]


def test_a_whole_list_sent_under_the_wrong_month_is_told_so_once():
    frame = read([HEADINGS, *(row(n, c4="2026-02") for n in range(1, 13))])
    assert told(frame) == [(None, "MONTH_OTHER")]
    assert "涉及 12 行" in frame.faults[0].message() and "选错了所属期" in frame.faults[0].message()
    stray = read([HEADINGS, row(20, c4="2026-02"), *(row(n) for n in range(1, 12))])
    assert told(stray) == [(2, "MONTH_OTHER")], "a stray row is told at its cell"


def test_a_region_is_explained_with_a_name_of_the_senders_own():
    given = {"scope": frozenset({"320614"}), "own_name": "海门区"}
    frame = read([HEADINGS, row(1, c3="海门县")], settings=given)
    assert "例如海门区" in frame.faults[0].message()


def test_nothing_sold_after_a_month_with_sales_is_asked_once_and_says_why():
    frame = read([HEADINGS, row(1, c5=0, c6=0), row(2, c5=0, c6=0)])
    judge_monthly(
        frame,
        {
            code(1): LastFigure(revenue=50_000, mean_revenue=48_000),
            code(2): LastFigure(revenue=0, mean_revenue=48_000),
        },
    )
    assert told(frame) == [(2, "REVENUE_JUMP")]
    assert "上月 500.00 万元，本月填 0；企业没有报送的整行不报，不要填 0" in frame.faults[0].message()


# ---------------------------------------------------------------- files


def book(
    path: Path, lines: list[list[object]], formats: dict[int, str] | None = None, **options: object
) -> Path:
    """A workbook of one sheet; ``formats``: number format by column counted from 0."""
    with xlsxwriter.Workbook(str(path), options) as made:
        sheet, day = made.add_worksheet(), made.add_format({"num_format": "yyyy-mm-dd"})
        styles = {column: made.add_format({"num_format": text}) for column, text in (formats or {}).items()}
        for i, line in enumerate(lines):
            for j, value in enumerate(line):
                if isinstance(value, date):
                    sheet.write_datetime(i, j, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(i, j, value, styles.get(j) if i else None)
    return path


def frame_of(path: Path) -> Frame:
    return read_frame(read_workbook(path, path.name), MONTHLY_SPEC, context())


#: Number format of 营业收入 → what each of its cells is told.
FORMATS = {
    "#,##0.00": None,
    '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ': None,
    '0.00"万元"': None,
    "[红色][<0]0.00;General": None,
    '0.00"元"': "FORMAT_UNIT",
    "#,##0.00元": "FORMAT_UNIT",
    "0.00%": "FORMAT_PERCENT",
    "0%": "FORMAT_PERCENT",
    "#,##0.0,": "FORMAT_SHRUNK",
    '0!.0,"万"': "FORMAT_SHRUNK",
    "0\\.0000": "FORMAT_SHRUNK",
    ";;;": "FORMAT_UNSEEN",
}


@pytest.mark.parametrize("code_of_format", FORMATS)
def test_a_figure_is_what_the_officer_sees_or_it_is_asked(tmp_path, code_of_format):
    frame = frame_of(book(tmp_path / "a.xlsx", [HEADINGS, *GOOD], {5: code_of_format}))
    fault = FORMATS[code_of_format]
    assert told(frame) == ([(number, fault) for number in (2, 3, 4)] if fault else [])
    assert all("填写“100" in one.message() for one in frame.faults)


def struck_book(path: Path, crossed: set[tuple[int, int]], lines: list[list[object]]) -> Path:
    """A workbook with some cells crossed out (row and column counted from 0)."""
    with xlsxwriter.Workbook(str(path)) as made:
        sheet, line = made.add_worksheet(), made.add_format({"font_strikeout": True})
        for i, cells in enumerate(lines):
            for j, value in enumerate(cells):
                if value is not None and not isinstance(value, date):
                    sheet.write(i, j, value, line if (i, j) in crossed else None)
    return path


def test_rows_that_are_crossed_out_stay_out_and_a_crossed_out_figure_is_asked(tmp_path):
    whole = {(2, column) for column in range(7)}
    path = struck_book(tmp_path / "a.xlsx", whole | {(3, 5)}, [HEADINGS, *GOOD])
    frame = frame_of(path)
    assert told(frame) == [(3, "STRUCK_ROW"), (4, "STRUCK_CELL")]
    assert stored(frame) == [2]
    assert [fault.cell for fault in frame.faults if fault.cls == "A"] == ["B3", "F4"]


def test_a_sum_without_the_rows_that_are_crossed_out_is_right(tmp_path):
    total = [None, None, "合计", None, None, 1001.5 + 1003.5, 40.5]
    path = struck_book(tmp_path / "a.xlsx", {(2, 1), (2, 2)}, [HEADINGS, *GOOD, total])
    assert told(frame_of(path)) == [(3, "STRUCK_ROW")]


def test_a_figure_of_which_a_part_is_crossed_out_is_no_figure(tmp_path):
    """<del>100</del>120 reads as 100120 once its runs are joined."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet, line = made.add_worksheet(), made.add_format({"font_strikeout": True})
        for i, cells in enumerate([HEADINGS, *GOOD]):
            for j, value in enumerate(cells):
                if value is not None and not isinstance(value, date):
                    sheet.write(i, j, value)
        sheet.write_rich_string(1, 5, line, "100", "120")
    frame = frame_of(path)
    assert told(frame) == [(2, "STRUCK_CELL")]
    assert stored(frame) == [3, 4]


def test_days_of_a_workbook_that_counts_from_1904(tmp_path):
    frame = frame_of(
        book(tmp_path / "a.xlsx", [HEADINGS, row(1), row(2, c7=43967), row(3, c7="43967")], date_1904=True)
    )
    assert frame.columns["listed_on"] == [date(2024, 5, 17), None, None]
    assert told(frame) == [(3, "DATE_EPOCH"), (4, "DATE_EPOCH")]


#: What is changed in the sheet, rows stored, rows told; None when the file is refused.
XML = {
    "row of one pixel": (("<row>", '<row ht="0.75" customHeight="1">'), [4], [2, 3]),
    "two values in one cell": (("<v>1001.5</v>", "<v>1001.5</v><v>99</v>"), None, None),
    "value between comments": (("<v>1001.5</v>", "<?a b?><v>10<!-- 9 -->01.5</v>"), [2, 3, 4], []),
    "shared formula without a value": (("<v>1001.5</v>", '<f t="shared" si="0"/>'), [3, 4], [2]),
    "formula of another file with its value": (("<v>1001.5</v>", "<f>[1]Sheet1!A1</f><v>1001.5</v>"), [2, 3, 4], []),
    "text that is no number": (("<v>1001.5</v>", "<v>1001,5</v>"), [3, 4], [2]),
}  # fmt: skip


@pytest.mark.parametrize("name", XML)
def test_sheet_written_by_hand(tmp_path, name):
    (old, new), kept, said = XML[name]
    head, mark, tail = GOOD_XML.partition("</row>")
    count = 2 if old == "<row>" else 1
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(head + mark + tail.replace(old, new, count)))
    if kept is None:
        with pytest.raises(WorkbookRefused, match="单元格有两个值"):
            read_workbook(path, path.name)
        return
    frame = frame_of(path)
    assert stored(frame) == kept
    assert [number for number, _ in told(frame)] == said


def test_a_workbook_with_hidden_sheets_only_says_so(tmp_path):
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(GOOD_XML, states=("hidden",)))
    assert told(frame_of(path)) == [(None, "SHEETS_HIDDEN")]


def lines_of(*lines: list[object], separator: str = ",") -> str:
    return "".join(
        separator.join("" if cell is None else str(cell) for cell in line) + "\r\n" for line in lines
    )


#: The bytes of a csv, rows stored, what is told.
CSV: dict[str, tuple[bytes, list[int], list[tuple[int, str]]]] = {
    "GBK with the end sign of DOS": (lines_of(HEADINGS, *GOOD).encode("gbk") + b"\x1a", [2, 3, 4], []),
    "UTF-16 with tabs": (lines_of(HEADINGS, *GOOD, separator="\t").encode("utf-16"), [2, 3, 4], []),
    "semicolons": (lines_of(HEADINGS, *GOOD, separator=";").encode(), [2, 3, 4], []),
    "old line ends": (lines_of(HEADINGS, *GOOD).replace("\r\n", "\r").encode(), [2, 3, 4], []),
    "a name over two lines": (lines_of(HEADINGS, row(1, c2='"启东第1号\n机械有限公司"'), row(2)).encode(), [2, 3], []),
    "a comma within a figure": (
        lines_of(HEADINGS, row(1, c5="1,001.50"), row(2)).encode(),
        [3],
        [(2, "CSV_WIDTH"), (2, "DATE_TEXT")],
    ),
    "a comma that an empty last field would hide": (
        lines_of(HEADINGS[:7], row(1, c5="1,001.50")[:7], row(2)[:7]).encode(), [3], [(2, "CSV_WIDTH")]
    ),
    "a code that became a number": (lines_of(HEADINGS, row(1, c1="9.13207E+17"), row(2)).encode(), [3], [(2, "USCC_DIGITS_LOST")]),
    "cut in the middle of its last line": (
        lines_of(HEADINGS, row(1), row(2)).encode()[:-13], [2], [(3, "CSV_CUT")]
    ),
    "cut in its last cell": (
        lines_of(HEADINGS, row(1), row(2)).encode()[:-4], [2], [(3, "DATE_TEXT")]
    ),
    "a short row": (lines_of(HEADINGS, row(1)[:6], row(2)).encode(), [3], [(2, "EMPTY")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv(tmp_path, name):
    data, kept, said = CSV[name]
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    frame = frame_of(path)
    assert sorted(told(frame)) == sorted(said)
    assert stored(frame) == kept


# ---------------------------------------------------------------- mischief


@pytest.mark.parametrize("seed", range(40))
def test_mischief_in_a_file_stores_what_stands_there_or_nothing(tmp_path, seed):
    """Letters, cells, rows, members and bytes changed; ``make corpus`` does it two thousand times."""
    check_mutation(write_mutation(tmp_path / "a.xlsx", seed))
