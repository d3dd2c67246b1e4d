"""A list of the evaluation as a workbook: title, headings, rows, a line of source below. Texts are texts, never formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

import xlsxwriter

Cell = str | int | Decimal | None


def list_workbook(
    *, sheet: str, title: str, headings: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]], foot: str
) -> bytes:
    """``headings`` with their widths; a cell without a value is left empty, never 0."""
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    style = {
        "title": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
        "head": book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"}),
        "text": book.add_format({"num_format": "@", "border": 1, "text_wrap": True, "valign": "vcenter"}),
        "number": book.add_format({"border": 1, "valign": "vcenter"}),
    }
    page = book.add_worksheet(sheet)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(1)
    page.freeze_panes(2, 0)
    for column, (_name, width) in enumerate(headings):
        page.set_column(column, column, width)
    page.merge_range(0, 0, 0, len(headings) - 1, title, style["title"])
    for column, (name, _width) in enumerate(headings):
        page.write_string(1, column, name, style["head"])
    last = 1
    for last, cells in enumerate(rows, 2):
        for column, cell in enumerate(cells):
            if isinstance(cell, int | Decimal):
                page.write_number(last, column, float(cell), style["number"])
            else:
                page.write_string(last, column, cell or "", style["text"])
    page.write_string(last + 1, 0, foot)
    book.close()
    return out.getvalue()
