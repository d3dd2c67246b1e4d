"""A CSV file -> rows of text. Encoding and separator are found out; what is doubtful is refused with its row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from intake.workbooks.limits import Limits
from intake.workbooks.refusals import WorkbookRefused
from intake.workbooks.serials import OPEN_END
from intake.workbooks.sheet_xml import CHUNK_CELLS, Chunk, column_letters
from intake.workbooks.signature import CONTROL, decode

SHEET_NAME = "CSV"
SEPARATORS = ",\t;"
#: How some systems keep Excel from turning a code into a number: ="9132…".
_KEPT_TEXT = re.compile(r'="([^"]*)"')
_SAMPLE_ROWS = 20


def read_csv(data: bytes, limits: Limits, emit: Callable[[Chunk], None]) -> None:
    """Hand the rows on in chunks; every value is text, empty fields are None, rows are counted as Excel shows them."""
    text = decode(data)
    if text is None:
        raise WorkbookRefused("CSV_ENCODING")
    # Old database programs end their exports with the end-of-file sign of DOS.
    text = text.removeprefix("\ufeff").removesuffix("\x1a")
    if control := CONTROL.search(text):
        raise WorkbookRefused("CSV_CONTROL", row=text.count("\n", 0, control.start()) + 1)
    declared = re.match(r"sep=(.)\r?\n", text)
    separator = declared[1] if declared else find_separator(text)
    csv.field_size_limit(max(limits.file_bytes, 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    numbers: list[object] = []
    fields: list[str] = []
    values: list[object] = []
    rows: list[object] = []
    row = value_rows = cells = pending = 0
    try:
        for row, fields in enumerate(reader, 1):
            if declared and row == 1:
                continue
            values = row_values(fields, limits)
            if not values:
                continue
            value_rows += 1
            cells += len(values)
            _check_size(row, len(values), value_rows, cells, limits)
            numbers.append(row)
            rows.append(values)
            pending += len(values)
            if pending >= CHUNK_CELLS:
                emit({"numbers": numbers, "rows": rows})
                numbers, rows, pending = [], [], 0
    except csv.Error as error:
        raise WorkbookRefused("CSV_QUOTES", row=row + 1) from error
    if not value_rows:
        raise WorkbookRefused("EMPTY")
    if numbers:
        emit({"numbers": numbers, "rows": rows})
    if values and not text.endswith(("\n", "\r")):
        # whoever writes a whole file ends its last line: this one may have been cut on its way
        emit({"numbers": [], "rows": [], "shown": [row, len(fields), OPEN_END]})


def row_values(fields: list[str], limits: Limits) -> list[object]:
    longest = limits.cell_characters + 1
    values: list[object] = [None if field == "" else field[:longest] for field in fields]
    for i, field in enumerate(fields):
        if field.startswith('="') and (kept := _KEPT_TEXT.fullmatch(field)):
            values[i] = kept[1] or None
    while values and values[-1] is None:
        values.pop()
    return values


def _check_size(row: int, width: int, value_rows: int, cells: int, limits: Limits) -> None:
    if width > limits.columns:
        cell = f"{column_letters(width)}{row}"
        raise WorkbookRefused("FAR_CELL", sheet=SHEET_NAME, cell=cell, limit=f"{limits.columns} 列")
    if value_rows > limits.rows + limits.extra_rows or row > 2 * limits.rows + limits.extra_rows:
        raise WorkbookRefused("ROWS", sheet=SHEET_NAME, limit=limits.rows)
    if cells > limits.cells:
        raise WorkbookRefused("CELLS", limit=limits.cells)


def find_separator(text: str) -> str:
    """The separator under which the first rows are widest and most alike; a comma when nothing speaks for another."""
    best, best_score = ",", (0, 0)
    sample = "".join(text[:200_000].splitlines(keepends=True)[: _SAMPLE_ROWS * 4])
    for separator in SEPARATORS:
        widths: list[int] = []
        try:
            for fields in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                if any(fields):
                    widths.append(len(fields))
                if len(widths) == _SAMPLE_ROWS:
                    break
        except csv.Error:
            continue
        wide = [width for width in widths if width > 1]
        commonest = max(wide, key=wide.count, default=1)
        score = (wide.count(commonest), commonest)
        if wide and score > best_score:
            best, best_score = separator, score
    return best
