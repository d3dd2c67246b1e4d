"""The annotated copy (校验结果): the sender's workbook with its faulty cells in red and a last column of reasons.

openpyxl keeps the layout but loads everything; it runs in a child of its own, bounded like the reading one, and only
on files that the guard let through. Where it cannot, or the file is a CSV or very large, the values are written anew.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from intake.rules.faults import ANNOTATION_HEADING
from intake.workbooks.limits import DEFAULT_LIMITS, MIB, Limits
from intake.workbooks.raw import RawSheet, RawWorkbook
from intake.workbooks.reading import read_workbook
from intake.workbooks.serials import OPEN_END, PERCENT, SHRUNK, SIGNED, STRUCK, UNSEEN
from intake.workbooks.sheet_xml import column_letters, split_reference
from intake.workbooks.template import TEXT_FORMAT

CHILD = Path(__file__).with_name("annotate_child.py")
#: XML that openpyxl marks up within some seconds; larger files are written anew from their values.
LAYOUT_BYTES = 8 * MIB
CHILD_SECONDS = 30
#: Reasons written beside one row; more help nobody.
REASONS_A_ROW = 20
MESSAGE_CHARACTERS = 8_000
HEADING_SEARCHED_ROWS = 40
_MARKED_CLASSES = ("A", "B", "C")
_UNSAFE_START = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


#: How a number that is seen differently from what is stored is written again.
_CODES = {PERCENT: "0.00%", SHRUNK: "#,##0.0,", UNSEEN: ";;;", SIGNED: '"-"0.00'}


class FaultLike(Protocol):
    """What a fault must tell to be written into a workbook."""

    cls: str
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None

    def message(self) -> str: ...


@dataclass(slots=True)
class SheetMarks:
    """What is written into one sheet; rows and columns from 1. ``column`` 0: no room for the column of reasons."""

    heading_row: int
    column: int
    heading: str = ANNOTATION_HEADING
    whole_file: list[str] = field(default_factory=list)
    reasons: dict[int, list[str]] = field(default_factory=dict)
    cells: set[tuple[int, int]] = field(default_factory=set)

    def texts(self) -> dict[int, str]:
        return {row: safe_text("\n".join(reasons[:REASONS_A_ROW])) for row, reasons in self.reasons.items()}


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula and that XML can hold."""
    text = _NOT_IN_XML.sub("", text)[:MESSAGE_CHARACTERS]
    return f"'{text}" if text.startswith(_UNSAFE_START) else text


def annotate_workbook(
    source: Path,
    faults: Sequence[FaultLike],
    out: Path,
    *,
    upload_name: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write the annotated .xlsx to ``out``. Raises ``WorkbookRefused`` when the source may not be opened at all.

    A column that an earlier annotated copy left is used again. Faults of the whole file stand as a note on its heading.
    """
    workbook = read_workbook(source, upload_name or source.name, limits)
    marks = plan_marks(workbook, faults, limits)
    if (
        workbook.kind == "xlsx"
        and _xml_bytes(source) <= LAYOUT_BYTES
        and _mark_up(source, marks, out, limits)
    ):
        return
    write_values(workbook, marks, out)


# -------------------------------------------------------------------- where the marks go


def plan_marks(workbook: RawWorkbook, faults: Sequence[FaultLike], limits: Limits) -> dict[str, SheetMarks]:
    """Sort the faults by sheet, row and cell."""
    sheets = {sheet.name: sheet for sheet in workbook.sheets if sheet.visible and sheet.rows}
    if not sheets:
        return {}
    named = [fault.sheet for fault in faults if fault.sheet in sheets and fault.row is not None]
    usual = named[0] if named else max(sheets, key=lambda name: len(sheets[name].rows))
    marks: dict[str, SheetMarks] = {}
    for fault in faults:
        name = fault.sheet if fault.sheet in sheets else usual
        assert name is not None
        if name not in marks:
            headings = {f.column for f in faults if f.column and f.sheet in (name, None)}
            marks[name] = _place_column(sheets[name], headings, limits)
        _add_fault(marks[name], sheets[name], fault)
    return marks


def _place_column(sheet: RawSheet, headings: set[str], limits: Limits) -> SheetMarks:
    searched = sheet.rows[:HEADING_SEARCHED_ROWS]
    for number, cells in enumerate(searched, 1):
        if ANNOTATION_HEADING in cells:
            return SheetMarks(number, cells.index(ANNOTATION_HEADING) + 1)
    known = {_plain(heading) for heading in headings}

    def likeness(item: tuple[int, list[object]]) -> tuple[int, int]:
        texts = [_plain(cell) for cell in item[1] if isinstance(cell, str)]
        return sum(text in known for text in texts), len(set(texts))

    heading_row = max(enumerate(searched, 1), key=likeness)[0]
    width = max(len(cells) for cells in sheet.rows)
    right = max((merge[3] for merge in sheet.merges if merge[0] <= len(sheet.rows)), default=0)
    column = max(width, right) + 1
    return SheetMarks(heading_row, column if column <= limits.columns else 0)


def _plain(text: str) -> str:
    return re.sub(r"[\s*()（）]", "", text)


def _add_fault(marks: SheetMarks, sheet: RawSheet, fault: FaultLike) -> None:
    if fault.row is None:
        marks.whole_file.append(fault.message())
        return
    marks.reasons.setdefault(fault.row, []).append(fault.message())
    if fault.cls not in _MARKED_CLASSES:
        return
    if fault.cell:
        marks.cells.add(split_reference(fault.cell))
    elif fault.column:
        wanted = _plain(fault.column)
        for column, text in enumerate(sheet.rows[marks.heading_row - 1], 1):
            if isinstance(text, str) and _plain(text) == wanted:
                marks.cells.add((fault.row, column))


# -------------------------------------------------------------------- the same layout, through openpyxl


def _xml_bytes(source: Path) -> int:
    with zipfile.ZipFile(source) as archive:
        return sum(info.file_size for info in archive.infolist() if info.filename.endswith(".xml"))


def _mark_up(source: Path, marks: dict[str, SheetMarks], out: Path, limits: Limits) -> bool:
    """Whether the child wrote ``out``; a file that openpyxl cannot carry is left to ``write_values``."""
    job = {
        "source": str(source.resolve()),
        "out": str(out.resolve()),
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": min(limits.cpu_seconds, CHILD_SECONDS),
        "sheets": {
            name: {
                "heading": sheet.heading,
                "heading_row": sheet.heading_row,
                "column": sheet.column,
                "whole_file": safe_text("\n".join(sheet.whole_file)),
                "texts": sorted(sheet.texts().items()),
                "cells": sorted(sheet.cells),
            }
            for name, sheet in marks.items()
        },
    }
    command = [sys.executable, "-I", str(CHILD)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, the job goes through its standard input
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and done.stdout.strip() == b"done"


# -------------------------------------------------------------------- values alone, through XlsxWriter


def write_values(workbook: RawWorkbook, marks: dict[str, SheetMarks], out: Path) -> None:
    """All visible sheets with values, dates, merges and hidden rows; memory stays flat whatever the size."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        formats = _Formats(book)
        for sheet in workbook.sheets:
            if sheet.visible:
                _write_sheet(book.add_worksheet(sheet.name), sheet, marks.get(sheet.name), formats)


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        red = {"bg_color": "#FFC7CE"}
        self._book = book
        self._shown: dict[tuple[str, bool, bool], Format] = {}
        self.plain = book.add_format({"num_format": TEXT_FORMAT})
        self.plain_red = book.add_format({"num_format": TEXT_FORMAT} | red)
        self.number_red = book.add_format(red)
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.day_red = book.add_format({"num_format": "yyyy-mm-dd"} | red)
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.moment_red = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"} | red)
        self.reason = book.add_format({"text_wrap": True, "font_color": "#9C0006"})
        self.heading = book.add_format({"bold": True, "font_color": "#9C0006"})

    def shown(self, sign: str, value: object, red: bool) -> Format | None:
        """A format under which the value looks as it did: as a percentage, shrunk, hidden, with a unit, crossed out."""
        key = (sign, isinstance(value, str), red)
        if key not in self._shown:
            looks: dict[str, object] = {"bg_color": "#FFC7CE"} if red else {}
            if sign == STRUCK:
                looks |= {"font_strikeout": True}
            elif sign in _CODES:
                looks |= {"num_format": _CODES[sign]}
            elif sign != OPEN_END:
                looks |= {"num_format": f'0.00"{sign}"'}
            if isinstance(value, str):
                looks["num_format"] = TEXT_FORMAT
            self._shown[key] = self._book.add_format(looks)
        return None if isinstance(value, (date, datetime)) else self._shown[key]

    def of(self, value: object, red: bool) -> Format | None:
        if isinstance(value, datetime):
            return self.moment_red if red else self.moment
        if isinstance(value, date):
            return self.day_red if red else self.day
        if isinstance(value, str) or value is None:
            return self.plain_red if red else self.plain
        return self.number_red if red else None


def _write_sheet(page: Worksheet, sheet: RawSheet, marks: SheetMarks | None, formats: _Formats) -> None:
    marks = marks or SheetMarks(0, 0)
    texts = marks.texts()
    # merge_range would write cells of rows that are already gone; the ranges alone keep what was merged.
    page.merge.extend([top - 1, left - 1, bottom - 1, right - 1] for top, left, bottom, right in sheet.merges)
    if marks.column:
        page.set_column(marks.column - 1, marks.column - 1, 60)
    for number, cells in enumerate(sheet.rows, 1):
        if number in sheet.hidden_rows:
            page.set_row(number - 1, None, None, {"hidden": True})
        for column, value in enumerate(cells, 1):
            place = (number, column)
            red = place in marks.cells
            if column == marks.column:
                continue
            if place in sheet.formula_gaps:
                # as it came: a formula without its result, not an empty cell
                page.write_formula(number - 1, column - 1, '=""', formats.of(None, red), "")
                continue
            written = sheet.error_cells.get(place) if value is None else value
            if written is not None or red:
                style = (
                    formats.shown(sheet.shown_cells[place], written, red)
                    if place in sheet.shown_cells
                    else None
                )
                _write_cell(page, number - 1, column - 1, written, style or formats.of(written, red))
        if number == marks.heading_row and marks.column:
            page.write_string(number - 1, marks.column - 1, marks.heading, formats.heading)
            if marks.whole_file:
                page.write_comment(number - 1, marks.column - 1, safe_text("\n".join(marks.whole_file)))
        elif number in texts and marks.column:
            page.write_string(number - 1, marks.column - 1, texts[number], formats.reason)


def _write_cell(page: Worksheet, row: int, column: int, value: object, style: Format | None) -> None:
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, (date, datetime)):
        page.write_datetime(row, column, value, style)
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value, style)
    else:
        page.write_string(row, column, _NOT_IN_XML.sub("", str(value))[:32_767], style)


__all__ = [
    "ANNOTATION_HEADING",
    "FaultLike",
    "annotate_workbook",
    "column_letters",
    "safe_text",
    "write_values",
]
