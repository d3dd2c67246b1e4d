"""What careless programs and people with bad intent send: each file is read as it looks, or told with its place.

A case names what is changed of a good list of three firms (rows 2 to 4), the Excel rows that may be stored, and what
is told besides hints; ``WorkbookRefused`` codes stand for files of which nothing is read.
"""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from core.periods import Month
from intake.rules.reading import Frame, read_frame
from intake.workbooks import WorkbookRefused, read_workbook
from tests.intake import crafted
from tests.intake.monthly_rows import HEADINGS, MONTHLY_SPEC, code, context, read, read_cell, row, told
from tests.intake.mutations import GOOD_XML
from tests.intake.test_unseen_files import FORMATS, book, lines_of, stored

GOOD = [row(1), row(2), row(3)]


def frame_of(path: Path) -> Frame:
    return read_frame(read_workbook(path, path.name), MONTHLY_SPEC, context())


# ---------------------------------------------------------------- cells

#: Column, what stands there, what is read, what is told.
CELLS: list[tuple[int, object, object, str | None]] = [
    *((7, text, "2024-05-17", None) for text in (
        "2024年5月17日 上午 10:00", "2024/5/17 下午3:00:00", "2024-05-17 10:00 PM", "2024/05/17 星期五", "2024-05-17（周五）",
        "2024.5.17.", "2024-05-17T00:00:00Z", "二〇二四年五月十七日")),
    *((7, text, None, "DATE_TEXT") for text in ("17-May-24", "24.5.17", "2024年5月17日 至 18日", "上午 10:00")),
    *((4, text, Month(2026, 3), None) for text in ("2026.03.01", "2026/3/1 0:00", "2026-3月", "2026 03", "2026年3月31日 星期二")),
    *((4, text, None, "MONTH_TEXT") for text in ("2026年3月1日-3月31日", "March 2026", "2026.30", "截至3月", "本月", "2603", "03/2026", "2026年3月末")),
    *((4, text, None, "MONTH_SPAN") for text in ("2026年一季度", "2026年1-3月", "上半年")),
    *((5, text, 123450, None) for text in ("1，234.5", "１，２３４．５", "￥1234.5", "人民币1234.5万元", "12345000元", "12,345千元", "+1234.5", "1'234.5")),
    *((5, text, None, "NUMBER_UNCLEAR") for text in ("1.234,5", "1,23.5", "1234.5.6", "12,34,567.8", "1234.5-1300", "١٢٣٤")),
    *((5, text, None, "NUMBER_TEXT") for text in ("1、234.5", "1234.5w", ">1000", "≥1000", "1000以上", "1000左右", "1000+200", "＝1000", "INF", "0x10", "1_001.5", "负1234.5")),
    *((5, text, None, "NUMBER_SCIENTIFIC") for text in ("1.23E+07", "1E3", "1e999")),
    (5, True, None, "CELL_BOOLEAN"), (5, "9" * 40, None, "NUMBER_LARGE"), (5, 1e300, None, "NUMBER_LARGE"), (5, "NaN", None, "PLACEHOLDER"),
    *((1, text, code(1), None) for text in (
        code(1)[:9] + "\u200d" + code(1)[9:], "\ufeff" + code(1), code(1)[:6] + "\u3000" + code(1)[6:], code(1) + "\u202c",
        "".join(chr(ord(letter) + 0xFEE0) for letter in code(1)))),
    *((1, text, None, "USCC_SEVERAL") for text in (f"{code(1)}/{code(2)}", f"{code(1)}\n{code(2)}", f"{code(1)}、{code(2)}")),
    *((1, text, None, "USCC_LENGTH") for text in (f"{code(1)}.0", f"代码：{code(1)}", f"{code(1)}（新）")),
    (2, "启东甲厂\n启东乙厂", None, "NAME_TWO"), (2, "启东某某精密机械\n有限公司", "启东某某精密机械有限公司", None),
    *((2, text, None, "NAME_SAMPLE") for text in ("测试", "测试企业1", "测试公司")), (2, "启东测试技术有限公司", "启东测试技术有限公司", None),
    (2, "启东𠮷野机械有限公司", "启东𠮷野机械有限公司", None), (2, "🏭启东机械", None, "NAME_CHARACTER"), (2, "@SUM(A1)", None, "TEXT_FORMULA"),
    *((3, text, "320681", None) for text in ("启 东 市", "江苏启东", "啟東市", "320681")),
    *((3, text, None, "REGION_UNKNOWN") for text in ("启东市汇龙镇", "启东市/海门区", "QD", "启东县")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "wanted", "fault"), CELLS)
def test_cell(place, value, wanted, fault):
    found, said = read_cell(place, value)
    assert (str(found) if place == 7 and found else found, said) == (wanted, fault)


def test_a_figure_given_as_a_part_of_a_hundred_million_is_told_beside_its_tax():
    """12.5万 in a column of 万元 is 12.50万元: read, and asked since 20.25万元 of tax stand beside it."""
    assert read_cell(5, "12.5万") == (1250, None)


# ---------------------------------------------------------------- rows and columns

#: Lines below a list that are no firm, in the first column or in that of the names.
NOTES = [
    "以下空白", "——以下无正文——", "（续）", "数据来源：税务局", "单位负责人（签章）：", "联系电话：0513-88888888", "注：1.本表由县区填报",
    "备注：本月新增2家", "本页小计", "合 计", "总计：", "共计3户", "制表：张三　审核：李四", "报送时间：2026.4.8", "（盖章）", "此表一式两份", "以上共3家",
    "*****", "-----", "……", "√", "略",
]  # fmt: skip


@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("line", NOTES)
def test_lines_below_the_list_are_no_firms(line, column):
    frame = read([HEADINGS, *GOOD, [None] * column + [line]])
    assert (stored(frame), frame.ignored_rows, told(frame)) == ([2, 3, 4], [5], [])


@pytest.mark.parametrize(
    "line",
    [["-", None, "启东甲厂", None, None, "无"], ["-", None, "启东甲厂"], [None, None, "其中"], [None, None, "汇总", None, None, 3007.5]],
)  # fmt: skip
def test_lines_that_might_be_firms_are_told_not_lost(line):
    frame = read([HEADINGS, *GOOD, line])
    assert stored(frame) == [2, 3, 4] and {number for number, _ in told(frame)} == {5}


#: Headings of 营业收入 → whether it is certain which figure is meant.
HEADINGS_OF_REVENUE = {
    "营业收入(万元)\n（请填写当期数）": True,
    "营业收入（必填）(万元)": True,
    "营 业 收 入 ( 万 元 )": True,
    "营业收入(万元)（请填累计数）": False,
    "营业收入（请按元填写）": False,
    "营业收入(万元)（请填上年数）": False,
    "营业收入(万元)（含增值税）": False,
}


@pytest.mark.parametrize("heading", HEADINGS_OF_REVENUE)
def test_a_note_in_a_heading_is_passed_over_only_where_it_changes_nothing(heading):
    frame = read([[*HEADINGS[:5], heading, *HEADINGS[6:]], *GOOD])
    if HEADINGS_OF_REVENUE[heading]:
        assert (stored(frame), told(frame)) == ([2, 3, 4], [])
        assert frame.columns["revenue_wan"] == [100150, 100250, 100350]
    else:
        assert (stored(frame), told(frame)) == ([], [(None, "COLUMN_MISSING")])


#: A merge over cells that kept their own contents → rows stored, what is told.
MERGES = {
    "a name over two firms": ((2, 3, 3, 3), [2, 4], [(3, "CELL_COVERED")]),
    "a code over two firms": ((2, 2, 3, 2), [2, 4], [(3, "CELL_COVERED")]),
    "a name over its district and month": ((3, 3, 3, 5), [2, 4], [(3, "CELL_COVERED"), (3, "CELL_COVERED")]),
    "the heading over two districts": ((1, 4, 3, 4), [4], [(2, "CELL_COVERED"), (3, "CELL_COVERED")]),
    "one figure over two firms": ((2, 6, 3, 6), [4], [(2, "CELL_MERGED"), (3, "CELL_MERGED")]),
    "the same district over all": ((2, 4, 4, 4), [2, 3, 4], []),
}


@pytest.mark.parametrize("name", MERGES)
def test_what_a_merge_covers_is_not_taken_for_what_is_seen(name):
    """格式刷 and other programs merge cells and leave their contents beneath."""
    area, kept, said = MERGES[name]
    frame = read([HEADINGS, *GOOD], merges=[area])
    assert (stored(frame), told(frame)) == (kept, said)


FORMATS_OF_SIGN = {
    '"-"0': "FORMAT_SIGN",
    "(0.00)": "FORMAT_SIGN",
    "\\-0": "FORMAT_SIGN",
    "▲0": "FORMAT_SIGN",
    '0"%"': "FORMAT_PERCENT",
    '0.00" 千元"': "FORMAT_UNIT",
    "[>1000]0.0,;0": "FORMAT_SHRUNK",
    "0.00_);[Red]\\(0.00\\)": None,
    "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \\-??_ ;_ @_ ": None,
    "[DBNum2]General": None,
    "0.00E+00": None,
    "@": None,
}


@pytest.mark.parametrize("code_of_format", FORMATS_OF_SIGN)
def test_a_sign_that_only_the_format_shows_is_asked(tmp_path, code_of_format):
    assert code_of_format not in FORMATS
    frame = frame_of(book(tmp_path / "a.xlsx", [HEADINGS, *GOOD], {5: code_of_format}))
    fault = FORMATS_OF_SIGN[code_of_format]
    assert told(frame) == ([(number, fault) for number in (2, 3, 4)] if fault else [])


# ---------------------------------------------------------------- sheets written by hand

#: What is changed in the rows below the heading → rows stored (None: refused as damaged), rows told.
SHEETS: dict[str, tuple[str, str, list[int] | None, list[int]]] = {
    "not a number": ("<v>1001.5</v>", "<v>NaN</v>", [3, 4], [2]),
    "endless": ("<v>1001.5</v>", "<v>INF</v>", [3, 4], [2]),
    "beyond all numbers": ("<v>1001.5</v>", "<v>1e999</v>", [3, 4], [2]),
    "blanks around a number": ("<v>1001.5</v>", "<v> 1001.5\n</v>", [2, 3, 4], []),
    "a value without content": ("<v>1001.5</v>", "<v></v>", [3, 4], [2]),
    "a formula whose result is text": ("<c><v>1001.5</v>", '<c t="str"><f>A1</f><v>1001.5</v>', [2, 3, 4], []),
    "a type that does not exist": ("<c><v>1001.5</v>", '<c t="zz"><v>1001.5</v>', None, []),
    "a text that is not in the table": ("<c><v>1001.5</v>", '<c t="s"><v>99</v>', None, []),
    "a text before the table": ("<c><v>1001.5</v>", '<c t="s"><v>-1</v>', None, []),
    "a cell of another row": ("<c><v>1001.5</v>", '<c r="F9"><v>1001.5</v>', None, []),
    "a row without a number": ("<row>", '<row r="two">', None, []),
    "row zero": ("<row>", '<row r="0">', None, []),
    "a row before the last": ("<row>", '<row r="1">', None, []),
    "a second table of cells": ("</sheetData>", "</sheetData><sheetData><row/></sheetData>", None, []),
    "control signs as Excel writes them": ("启东第1号", "启东_x000D_第1号", [2, 3, 4], []),
    "thousands of attributes": ("<row>", "<row " + " ".join(f'a{n}="1"' for n in range(5000)) + ">", [2, 3, 4], []),
    "elements in elements": ("</sheetData>", "</sheetData>" + "<a>" * 5000 + "</a>" * 5000, [2, 3, 4], []),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_sheet(tmp_path, name):
    old, new, kept, said = SHEETS[name]
    head, mark, tail = GOOD_XML.partition("</row>")
    assert old in tail
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(head + mark + tail.replace(old, new, 1)))
    if kept is None:
        with pytest.raises(WorkbookRefused) as refused:
            frame_of(path)
        assert (refused.value.code, "另存为 .xlsx" in refused.value.message) == ("DAMAGED", True)
        return
    frame = frame_of(path)
    assert (stored(frame), [number for number, _ in told(frame)]) == (kept, said)


def test_merges_over_each_other_are_refused_before_anybody_walks_through_them(tmp_path):
    """5,000 merges of the whole sheet: a billion cells to look at, and no program writes it."""
    areas = "".join(f'<mergeCell ref="A{number % 3 + 2}:XFD4"/>' for number in range(5000))
    xml = GOOD_XML.replace("</sheetData>", f"</sheetData><mergeCells>{areas}</mergeCells>")
    with pytest.raises(WorkbookRefused, match="合并单元格互相重叠"):
        frame_of(crafted.write(tmp_path / "a.xlsx", crafted.parts(xml)))


def without(name: str):
    return lambda members: {key: value for key, value in members.items() if key != name}


def with_text(name: str, old: str, new: str):
    return lambda members: members | {name: str(members[name]).replace(old, new)}


RELATIONS = "xl/_rels/workbook.xml.rels"
#: What is done to the members → code of the refusal, "" where the list is read.
PACKAGES = {
    "no content types": (without("[Content_Types].xml"), ""),
    "no relations": (without(RELATIONS), "DAMAGED"),
    "sheet in another place": (with_text(RELATIONS, "worksheets/", "http://198.51.100.1/"), "DAMAGED"),
    "a way round": (with_text(RELATIONS, "worksheets/", "../xl/./worksheets/"), ""),
    "a zip within": (lambda members: members | {"xl/media/a.zip": b"PK\x03\x04" + b"0" * 99}, ""),
    "backslashes": (lambda members: {key.replace("/", "\\"): value for key, value in members.items()}, "MEMBER_NAME"),
    "capitals of their own": (lambda members: {key.replace("sheet1", "Sheet1"): value for key, value in members.items()}, ""),
    "one sheet twice": (with_text("xl/workbook.xml", "</sheets>", '<sheet name="B" sheetId="2" r:id="rId1"/></sheets>'), "SHEETS"),
    "a formula as the sheet's name": (with_text("xl/workbook.xml", "Sheet1", "=cmd|A0"), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_package(tmp_path, name):
    change, refusal = PACKAGES[name]
    path = crafted.write(tmp_path / "a.xlsx", change(crafted.parts(GOOD_XML)))
    try:
        frame = frame_of(path)
    except WorkbookRefused as refused:
        assert refused.code == refusal
        return
    assert [said for _, said in told(frame)] == ([refusal] if refusal else [])
    assert stored(frame) == ([] if refusal else [2, 3, 4])


def zipped(*names: str) -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


OTHERS = {
    "xlsb": (zipped("[Content_Types].xml", "xl/workbook.bin"), "XLSB"),
    "numbers": (zipped("Index/Document.iwa"), "NUMBERS"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "OTHER_OFFICE"),
    "rar": (b"Rar!\x1a\x07\x00" + b"0" * 50, "ARCHIVE"),
    "7z": (b"7z\xbc\xaf'\x1c" + b"0" * 50, "ARCHIVE"),
    "gzip": (gzip.compress(b"x"), "ARCHIVE"),
    "zip of a workbook": (zipped("启东.xlsx"), "ARCHIVE"),
    "picture": (b"\xff\xd8\xff\xe0" + b"0" * 50, "NOT_WORKBOOK"),
    "web archive": (b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n<table></table>", "WEB_TABLE"),
    "rtf": (b"{\\rtf1 abc}", "OTHER_OFFICE"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_under_the_name_of_a_workbook_are_named(tmp_path, name):
    content, refusal = OTHERS[name]
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookRefused) as refused:
        frame_of(path)
    assert refused.value.code == refusal


# ---------------------------------------------------------------- csv

LIST = lines_of(HEADINGS, *GOOD)
TRADITIONAL = lines_of(["序號", "統一社會信用代碼", "企業名稱"], [1, code(1), "啟東某廠"])
#: The bytes → rows stored, and what is told or why nothing is read.
CSV: dict[str, tuple[bytes, list[int], list[str]]] = {
    "a name of four bytes": (lines_of(HEADINGS, row(1, c2="启东𠮷野机械厂"), row(2)).encode("gb18030"), [2, 3], []),
    "UTF-16 turned round": (b"\xfe\xff" + LIST.encode("utf-16-be"), [2, 3, 4], []),
    "UTF-16 without its mark": (LIST.encode("utf-16-le"), [], ["CSV_ENCODING"]),
    "Big5": (TRADITIONAL.encode("big5", "replace"), [], ["NO_HEADING"]),
    "UTF-8 twice": (LIST.encode().decode("latin1").encode(), [], ["NO_HEADING"]),
    "one spoilt byte": (LIST.encode().replace("第1号".encode(), b"\xff"), [], ["CSV_ENCODING"]),
    "all in quotes": (lines_of(*([f'"{cell}"' for cell in line] for line in [HEADINGS, *GOOD])).encode(), [2, 3, 4], []),
    "a quote that never ends": (lines_of(HEADINGS, row(1, c2='"启东甲厂'), row(2)).encode(), [], ["CSV_QUOTES"]),
    "a NUL": (LIST.encode().replace(b"1001.5", b"10\x0001.5"), [], ["CSV_CONTROL"]),
    "columns parted by bars": (lines_of(HEADINGS, *GOOD, separator="|").encode(), [], ["HEADING_CROWDED"]),
    "codes as formulas": (lines_of(HEADINGS, *([*line[:1], f'="{line[1]}"', *line[2:]] for line in GOOD)).encode(), [2, 3, 4], []),
    "codes behind a tab": (lines_of(HEADINGS, *([*line[:1], f"\t{line[1]}", *line[2:]] for line in GOOD)).encode(), [2, 3, 4], []),
    "commas at the ends": (lines_of([*HEADINGS, None, None], *([*line, None, None] for line in GOOD), [None] * 10).encode(), [2, 3, 4], []),
    "a comma for the point": (lines_of(HEADINGS, row(1, c5="1001,50"), row(2), separator=";").encode(), [3], ["NUMBER_UNCLEAR"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv(tmp_path, name):
    data, kept, said = CSV[name]
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    try:
        frame = frame_of(path)
    except WorkbookRefused as refused:
        assert ([refused.code], kept) == (said, [])
        return
    assert (stored(frame), [fault for _, fault in told(frame)]) == (kept, said)
    assert all("另存为 .xlsx" in fault.cure for fault in frame.faults if fault.code == "NO_HEADING")
