"""The shortcuts for plain rows and texts change nothing: with them and without them a file reads the same, or is
refused alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.workbooks import package, sheet_xml
from intake.workbooks.limits import DEFAULT_LIMITS
from intake.workbooks.package import WorkbookParts, read_strings
from intake.workbooks.plain_rows import without_plain_rows
from intake.workbooks.refusals import WorkbookRefused
from intake.workbooks.sheet_xml import SheetReader
from tests.intake.crafted import DECLARED, MAIN, sheet

PLAIN = '<row r="{n}" spans="1:3"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" s="1"/><c r="C{n}"><v>12.5</v></c></row>'
LIMITS = dataclasses.replace(DEFAULT_LIMITS, rows=50, extra_rows=5, columns=8)


def workbook_parts() -> WorkbookParts:
    """Two texts, the second of them struck through; style 2 is a date, 3 is crossed out."""
    return WorkbookParts(
        sheets=[],
        strings=["启东机械", "作废", ""],
        struck_strings={1},
        date_styles={"2": 1},
        struck_styles={"3"},
        shown_styles={},
        since_1904=False,
        calculates_on_load=False,
        template_version="",
    )


def pieces(xml: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(xml), size):
        yield xml[at : at + size]


def read(xml: str | bytes, size: int = 1 << 16) -> object:
    data = xml.encode() if isinstance(xml, str) else xml
    told: list[object] = []
    reader = SheetReader("表", workbook_parts(), LIMITS, told.append)
    try:
        reader.read(pieces(data, size))
    except WorkbookRefused as refused:
        return refused.code, refused.figures
    numbers, rows, beside = [], [], []
    for chunk in told:
        numbers += chunk["numbers"]  # type: ignore[index]
        rows += chunk["rows"]  # type: ignore[index]
        beside.append([chunk[key] for key in ("moments", "gaps", "errors", "hidden", "shown")])  # type: ignore[index]
    return numbers, rows, beside, reader.value_cells, reader.merges, reader.hidden_columns


def slow(xml: str | bytes, monkeypatch) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(sheet_xml, "without_plain_rows", lambda chunks, *_: chunks)
        return read(xml)


def row(n: int, *cells: str, attributes: str = "") -> str:
    return f'<row r="{n}"{attributes}>{"".join(cells)}</row>'


def plain(*numbers: int) -> str:
    return "".join(PLAIN.format(n=n) for n in numbers)


SHEETS = {
    "plain": sheet(plain(1, 2, 5)),
    "blanks between": sheet(plain(1) + "\n  " + plain(2) + "\r\n"),
    "words between": sheet(plain(1) + "多余" + plain(2)),
    "a row in a comment": sheet(plain(1) + "<!--" + plain(2) + "-->" + plain(3)),
    "a comment that begins in a row": sheet(plain(1) + row(2, "<!--") [:-6] + plain(3) + "-->" + "</row>" + plain(4)),
    "a row in raw text": sheet(plain(1) + "<![CDATA[" + plain(2) + "]]>" + plain(3)),
    "a row in an instruction": sheet(plain(1) + "<?x " + plain(2) + "?>" + plain(3)),
    "the data's mark in a comment": sheet(plain(1), before="<!--<sheetData>" + plain(9) + "-->"),
    "a row in a row": sheet(plain(1) + '<row r="2">' + plain(3) + "</row>"),
    "a row behind the data": sheet(plain(1), after=plain(2)),
    "data twice": sheet(plain(1) + "</sheetData><sheetData>" + plain(2)),
    "an empty row by itself": sheet('<row r="1"/>' + plain(2) + '<row r="3"/>' + plain(4)),
    "rows backwards": sheet(plain(2, 1)),
    "a row twice": sheet(plain(1, 1)),
    "rows without numbers": sheet("<row><c><v>1</v></c></row>" + plain(2) + "<row><c><v>3</v></c></row>"),
    "a number lost by zeros": sheet('<row r="01"><c r="A1"><v>1</v></c></row>'),
    "a hidden row": sheet(plain(1) + row(2, '<c r="A2"><v>1</v></c>', attributes=' hidden="1"') + plain(3)),
    "a row of one pixel": sheet(row(1, '<c r="A1"><v>1</v></c>', attributes=' ht="0.75" customHeight="1"')),
    "a row of height 0": sheet(row(1, '<c r="A1"><v>1</v></c>', attributes=' ht="0"')),
    "an attribute twice": sheet(row(1, '<c r="A1"><v>1</v></c>', attributes=' ht="20" ht="20"')),
    "cells out of order": sheet(row(1, '<c r="B1"><v>1</v></c>', '<c r="A1"><v>2</v></c>')),
    "a cell twice": sheet(row(1, '<c r="B1"><v>1</v></c>', '<c r="B1"><v>2</v></c>')),
    "a cell of another row": sheet(row(1, '<c r="A2"><v>1</v></c>')),
    "a column Excel has not": sheet(row(1, '<c r="ZZZ1"><v>1</v></c>')),
    "a column beyond the limit": sheet(plain(1) + row(2, '<c r="J2"><v>1</v></c>')),
    "an empty cell beyond the limit": sheet(plain(1) + row(2, '<c r="J2" s="1"/>')),
    "a row beyond the limit": sheet(plain(1, 99)),
    "too many rows": sheet(plain(*range(1, 60))),
    "a text that is not there": sheet(row(1, '<c r="A1" t="s"><v>9</v></c>')),
    "a text of a number with a point": sheet(row(1, '<c r="A1" t="s"><v>0.0</v></c>')),
    "a text crossed out": sheet(row(1, '<c r="A1" t="s"><v>1</v></c>')),
    "an empty text": sheet(row(1, '<c r="A1" t="s"><v>2</v></c>', '<c r="B1"><v>1</v></c>')),
    "a date": sheet(row(1, '<c r="A1" s="2"><v>44561</v></c>')),
    "a style crossed out": sheet(row(1, '<c r="A1" s="3"><v>5</v></c>')),
    "numbers of many shapes": sheet(
        row(1, *(f'<c r="{c}1"><v>{v}</v></c>' for c, v in zip("ABCDEFG", ["1.0", "1E+3", "-0", ".5", "1e400", "1-2", "9007199254740993"], strict=True)))
    ),
    "a formula": sheet(row(1, '<c r="A1"><f>1+1</f><v>2</v></c>', '<c r="B1"><f>x</f></c>')),
    "an error": sheet(row(1, '<c r="A1" t="e"><v>#REF!</v></c>')),
    "an entity": sheet(row(1, '<c r="A1"><v>&#49;</v></c>')),
    "a prefix": sheet(f'<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>{plain(2)}', prefix="x"),
    "merged cells": sheet(plain(1, 2), after='<mergeCells><mergeCell ref="A1:A2"/></mergeCells>'),
    "cut in a row": sheet(plain(1, 2))[:-70],
    "cut behind a row": sheet(plain(1, 2)).partition("</sheetData>")[0],
    "another encoding": sheet(plain(1)).replace("UTF-8", "ISO-8859-1"),
    "sixteen bits": sheet(plain(1, 2)).replace("UTF-8", "UTF-16").encode("utf-16"),
    "a mark before": b"\xef\xbb\xbf" + sheet(plain(1, 2)).encode(),
    "nothing declared": sheet(plain(1, 2)).removeprefix(DECLARED),
    "another root": f'{DECLARED}<chart xmlns="{MAIN}"><sheetData>{plain(1)}</sheetData></chart>',
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_reads_the_same_with_the_shortcut(name, monkeypatch):
    told = slow(SHEETS[name], monkeypatch)
    assert read(SHEETS[name]) == told
    assert read(SHEETS[name], size=7) == told


CELLS = st.sampled_from(
    [
        '<c r="{c}{n}"><v>12.5</v></c>', '<c r="{c}{n}" t="s"><v>0</v></c>', '<c r="{c}{n}" s="2"><v>44561</v></c>',
        '<c r="{c}{n}"/>', '<c r="{c}{n}" t="str"><v>文字</v></c>', '<c r="{c}{n}"><f>A1</f><v>3</v></c>', "<c><v>7</v></c>",
        '<c r="{c}{n}" t="b"><v>1</v></c>', '<c r="{c}{n}" s="1" t="n"><v>-1e3</v></c>', "<!-- -->",
    ]
)  # fmt: skip
ROWS = st.tuples(
    st.sampled_from(["", ' spans="1:4"', ' ht="15.75"', ' ht="0"', ' hidden="1"', ' x14ac:dyDescent="0.2"']),
    st.lists(CELLS, max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=8), st.integers(1, 200))
def test_any_mixture_of_rows_reads_the_same_with_the_shortcut(mixture, size):
    data = ""
    # every row once more: a row like one that was seen before is read in a single step
    for n, (attributes, cells) in enumerate(mixture * 2, 1):
        written = (cell.format(c="ABCD"[place], n=n) for place, cell in enumerate(cells))
        data += row(n, *written, attributes=attributes)
    with pytest.MonkeyPatch.context() as patch:
        assert read(sheet(data), size) == slow(sheet(data), patch)


def test_plain_rows_are_not_seen_by_the_slow_reader():
    taken = []
    left = without_plain_rows(
        [sheet(plain(1, 2, 3)).encode()], lambda: True, lambda *row: not taken.append(row[0])
    )
    assert b"<row" not in b"".join(left)
    assert taken == ["1", "2", "3"]


TEXTS = st.lists(
    st.sampled_from(
        [
            "<si><t>启东</t></si>", '<si><t xml:space="preserve"> a </t></si>', "<si><t/></si>", "<si><t></t></si>", "<si/>",
            '<si><t>日</t><phoneticPr fontId="1" type="noConversion"/></si>', "<si><t>_x000D_</t></si>", "<si><t>a&amp;b</t></si>",
            '<si><t>日</t><rPh sb="0" eb="1"><t>ri</t></rPh></si>', "<si><r><rPr><strike/></rPr><t>a</t></r><r><t>b</t></r></si>",
            "<!-- <si><t>c</t></si> -->", "<?x <si><t>c</t></si>?>", "<![CDATA[<si><t>c</t></si>]]>", "<si><si><t>d</t></si></si>",
            "<x><si><t>e</t></si></x>", "<si><t>a\r\nb</t></si>", "<si><t>\x01</t></si>", "<si><t>]]></t></si>", "\n", "多余",
        ]
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    TEXTS,
    st.sampled_from([DECLARED, "", "<?xml version='1.0'?><!-- -->"]),
    st.sampled_from([MAIN, "x"]),
    st.integers(1, 99),
)
def test_any_mixture_of_texts_reads_the_same_with_the_shortcut(texts, head, namespace, size):
    def told() -> object:
        struck: set[int] = set()
        try:
            return read_strings(pieces(data, size), LIMITS, struck), struck
        except WorkbookRefused as refused:
            return refused.code

    data = f'{head}<sst xmlns="{namespace}">{"".join(texts)}</sst>'.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "without_plain_strings", lambda chunks, *_: chunks)
        slowly = told()
    assert told() == slowly
