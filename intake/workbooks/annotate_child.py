"""The child process that marks up a workbook with openpyxl: bounded memory and time, one file written.

Run as a bare script: ``python -I annotate_child.py < job.json``; says ``done`` when the copy is written whole.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.dimensions import ColumnDimension

RED = PatternFill("solid", fgColor="FFC7CE")
RED_TEXT = Font(color="9C0006", bold=True)
REASON_WIDTH = 60
AUTHOR = "升规通"
SHEET_MEMBER = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
#: A formula cell as openpyxl writes it: no type, and no value behind the formula.
FORMULA_CELL = re.compile(
    r'<c(?P<before> r="(?P<place>[A-Z]+\d+)"(?: s="\d+")?)>(?P<formula><f[^<]*</f>)<v ?(?:/>|></v>)</c>'
)


def mark_sheet(page: Any, marks: dict[str, Any]) -> None:
    areas = page.merged_cells.ranges
    for row, column in marks["cells"]:
        shown = next(((a.min_row, a.min_col) for a in areas if covers(a, row, column)), (row, column))
        page.cell(*shown).fill = RED
    column = marks["column"]
    if not column:
        return
    for row in range(1, page.max_row + 1):
        if row > marks["heading_row"] and page.cell(row, column).value is not None:
            page.cell(row, column).value = None
    heading = page.cell(marks["heading_row"], column, marks["heading"])
    heading.font = RED_TEXT
    heading.comment = Comment(marks["whole_file"], AUTHOR) if marks["whole_file"] else None
    for row, text in marks["texts"]:
        cell = page.cell(row, column, text)
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    show_column(page, column)


def covers(area: Any, row: int, column: int) -> bool:
    return bool(area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col)


def show_column(page: Any, column: int) -> None:
    """Officers often hide every column to the right of the table: the reasons must be seen."""
    widths = page.column_dimensions
    for group in list(widths.values()):
        if not (group.min and group.max and group.min <= column <= group.max):
            continue
        first, last = group.min, group.max
        del widths[group.index]
        for left, right in ((first, column - 1), (column + 1, last)):
            if left <= right:
                letter = get_column_letter(left)
                widths[letter] = ColumnDimension(
                    page, index=letter, min=left, max=right, width=group.width, hidden=group.hidden
                )
    widths[get_column_letter(column)].width = REASON_WIDTH


def results_of(source: str, book: Any) -> dict[int, dict[str, Any]]:
    """What each formula last came to: sheet number from 1 -> cell -> value. openpyxl itself would drop them."""
    formulas = {
        number: [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"]
        for number, page in enumerate(book.worksheets, 1)
    }
    if not any(formulas.values()):
        return {}
    calculated = load_workbook(source, keep_links=False, data_only=True)
    return {
        number: {place: calculated.worksheets[number - 1][place].value for place in places}
        for number, places in formulas.items()
        if places
    }


def restore_results(saved: str, out: str, results: dict[int, dict[str, Any]], epoch: Any) -> None:
    """Put the results back behind the formulas, or the copy would come back as 公式未计算."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            match = SHEET_MEMBER.fullmatch(info.filename)
            if match and (known := results.get(int(match[1]))):
                fill = partial(with_result, known=known, epoch=epoch)
                data = FORMULA_CELL.sub(fill, data.decode()).encode()
            new.writestr(info, data)


def with_result(cell: re.Match[str], known: dict[str, Any], epoch: Any) -> str:
    value = known.get(cell["place"])
    kind = ""
    if value is None:
        return cell[0]
    if isinstance(value, bool):
        kind, value = ' t="b"', int(value)
    elif isinstance(value, (date, datetime, time)):
        value = to_excel(value, epoch)
    elif isinstance(value, str):
        kind = ' t="e"' if value in ERROR_CODES else ' t="str"'
        value = escape(value)
    return f"<c{cell['before']}{kind}>{cell['formula']}<v>{value}</v></c>"


def main() -> None:
    job = json.load(sys.stdin)
    for which, value in (
        (resource.RLIMIT_AS, job["memory_bytes"]),
        (resource.RLIMIT_CPU, job["cpu_seconds"]),
    ):
        resource.setrlimit(which, (value, value))
    book = load_workbook(job["source"], keep_links=False, rich_text=True)
    for name, marks in job["sheets"].items():
        mark_sheet(book[name], marks)
    results = results_of(job["source"], book)
    if book.calculation:
        book.calculation.fullCalcOnLoad = False
    saved = f"{job['out']}.part" if results else job["out"]
    book.save(saved)
    if results:
        restore_results(saved, job["out"], results, book.epoch)
        Path(saved).unlink()
    sys.stdout.write("done")


if __name__ == "__main__":
    main()
