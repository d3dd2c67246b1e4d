"""What an officer does with a file: reads what is told, mends just the red cells of the annotated copy, sends it again."""

from __future__ import annotations

from copy import copy as copy_of
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from enterprises.rules.monthly import MONTHLY_SPEC, judge_monthly
from intake.rules.headings import plain_heading
from intake.rules.reading import Frame, ReadingContext, read_frame
from intake.workbooks import WorkbookRefused, read_workbook
from intake.workbooks.annotate import annotate_workbook
from tests.intake.monthly_rows import code

RED = "FFC7CE"


@dataclass(slots=True)
class Seen:
    """What one upload came to; ``frame`` is None where the file was refused before it was read."""

    frame: Frame | None
    message: str = ""

    @property
    def told(self) -> list[tuple[int | None, str]]:
        """(row, code) of everything that keeps a row or the file out."""
        faults = self.frame.faults if self.frame else []
        return sorted(((f.row, f.code) for f in faults if f.cls != "D"), key=str)

    @property
    def stored(self) -> list[tuple[object, ...]]:
        """The records that would enter the registry, with their Excel rows."""
        if self.frame is None:
            return []
        blocked = self.frame.blocked_rows()
        columns = list(self.frame.columns.values())
        return [
            (row, *values)
            for row, *values in zip(self.frame.rows, *columns, strict=True)
            if row not in blocked
        ]


def look(path: Path, upload_name: str, context: ReadingContext) -> Seen:
    """A monthly list without history, read and judged."""
    try:
        workbook = read_workbook(path, upload_name)
    except WorkbookRefused as refused:
        return Seen(None, refused.message)
    frame = read_frame(workbook, MONTHLY_SPEC, context)
    judge_monthly(frame, {})
    return Seen(frame)


def annotated(path: Path, seen: Seen, upload_name: str) -> Path:
    """The copy that the page offers."""
    assert seen.frame is not None
    copy = path.with_name(f"{path.stem}_标注.xlsx")
    annotate_workbook(path, seen.frame.faults, copy, upload_name=upload_name)
    return copy


def mend(copy: Path, seen: Seen, context: ReadingContext) -> int:
    """Put right what the red cells ask for, and nothing else; the number of cells that were mended.

    A wrong cell gets what belongs under its heading, a repeated row goes, a hidden or crossed-out one is shown again,
    a sum is added up anew.
    """
    assert seen.frame is not None
    book = load_workbook(copy)
    page = book[seen.frame.sheet]
    for area in list(page.merged_cells.ranges):
        if area.min_row > _heading_row(seen.frame, page):
            page.unmerge_cells(str(area))
    repeated, kept = repeated_rows(seen.frame)
    keys = {number: key for key, (number, _) in seen.frame.headings.items()}
    red = [
        cell
        for cells in page.iter_rows()
        for cell in cells
        if cell.fill.fgColor.rgb == f"FF{RED}" or cell.fill.fgColor.rgb == f"00{RED}"
    ]
    for cell in red:
        if cell.row in kept:
            continue
        page.row_dimensions[cell.row].hidden = False
        cell.number_format = "General"
        cell.value = _right(keys.get(cell.column, ""), cell.row, context)
        for other in page[cell.row]:
            font = copy_of(other.font)
            font.strike = False
            other.font = font
    _add_up(page, seen.frame, context)
    for row in sorted(repeated, reverse=True):
        page.delete_rows(row)
    book.save(copy)
    return len(red)


def repeated_rows(frame: Frame) -> tuple[set[int], set[int]]:
    """Rows that go because another says the same or otherwise, and rows that stay of those that contradict each other."""
    gone = {fault.row for fault in frame.faults if fault.code == "DUPLICATE_EXACT" and fault.row}
    first: dict[object, int] = {}
    for fault in frame.faults:
        if fault.code == "DUPLICATE_CONFLICT" and fault.row:
            firm = frame.columns["uscc"][frame.rows.index(fault.row)]
            if first.setdefault(firm, fault.row) != fault.row:
                gone.add(fault.row)
    return gone, set(first.values())


def _heading_row(frame: Frame, page: Worksheet) -> int:
    written = {plain_heading(heading) for _, heading in frame.headings.values()}
    for cells in page.iter_rows(max_row=40):
        if sum(plain_heading(cell.value) in written for cell in cells) >= 2:
            return cells[0].row
    return 1


def _right(key: str, row: int, context: ReadingContext) -> object:
    """What would be right under a heading."""
    return {
        "uscc": code(50_000 + row),
        "name": f"启东改正{row}号机械有限公司",
        "region": "启东市",
        "month": str(context.period),
        "revenue_wan": 1000.5,
        "tax_paid_wan": 20.25,
        "listed_on": date(2024, 5, 17),
    }.get(key)


def _add_up(page: Worksheet, frame: Frame, context: ReadingContext) -> None:
    """Sums follow their rows, as a formula in the officer's own file would."""
    for fault in frame.faults:
        if fault.code == "TOTAL_MISMATCH" and fault.cell:
            cell = page[fault.cell]
            rows = [
                value
                for row in frame.rows
                if isinstance(value := page.cell(row, cell.column).value, int | float)
            ]
            cell.value = float(sum(Decimal(str(value)) for value in rows))
