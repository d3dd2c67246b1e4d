"""Blank or prefilled sheets to fill in (填报模板): text codes, drop-downs, a frozen heading, a hidden version."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from intake.workbooks.package import VERSION_NAME

#: Excel refuses a drop-down list written in place beyond this many characters, commas included.
INLINE_LIST_CHARACTERS = 255
CHOICES_SHEET = "选项"
#: Rows that carry formats and drop-downs below the prefilled ones.
SPARE_ROWS = 2_000
#: Excel's own numbers of the formats @, #,##0.00 and 0.
TEXT_FORMAT = 49
#: kind of a column -> number format. Codes and months are text, or Excel turns them into numbers and dates.
FORMATS: Mapping[str, str | int] = {
    "text": TEXT_FORMAT,
    "amount": 4,
    "integer": 1,
    "date": "yyyy-mm-dd",
}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column. ``heading`` bears its unit, as in 营业收入(万元); ``kind`` is a key of ``FORMATS``."""

    heading: str
    required: bool = False
    width: int = 14
    kind: str = "text"
    choices: tuple[str, ...] = ()
    hint: str = ""
    #: Shown for comparison while filling in; nothing in it is read.
    is_reference: bool = False


#: Heading, whether it must be filled in, (example, rule).
HelpLine = tuple[str, bool, tuple[str, str]]
HELP_SHEET = "填表说明"


def write_template(
    title: str,
    columns: Sequence[TemplateColumn],
    rows: Iterable[Sequence[object]] = (),
    *,
    version: str,
    help_lines: Sequence[HelpLine] = (),
    marks: Mapping[tuple[object, int], str] = MappingProxyType({}),
) -> bytes:
    """The .xlsx as bytes. The first row holds the headings (required ones with *), then the prefilled rows.

    ``marks``: (value of the row's first cell, column) → what is asked about that cell; it is shaded and bears a comment.
    A sample row would be taken for data: the sample of each column stands on a sheet of its own, one line a column.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet(sheet_title(title))
        last_row = _write_rows(book, page, columns, rows, marks)
        _add_choices(book, page, columns, last_row + SPARE_ROWS)
        if help_lines:
            _add_help(book, help_lines)
        page.freeze_panes(1, 0)
        page.activate()
        book.define_name(VERSION_NAME, '="{}"'.format(version.replace('"', "")))
    return buffer.getvalue()


def sheet_title(title: str) -> str:
    """Excel allows 31 characters and none of []:*?/\\ in a sheet's name."""
    return "".join("－" if letter in "[]:*?/\\" else letter for letter in title).strip("'")[:31] or "填报"


def _write_rows(
    book: Workbook,
    page: Worksheet,
    columns: Sequence[TemplateColumn],
    rows: Iterable[Sequence[object]],
    marks: Mapping[tuple[object, int], str],
) -> int:
    look = {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1}
    required = book.add_format(look | {"bg_color": "#DCE6F1", "font_color": "#9C0006"})
    optional = book.add_format(look | {"bg_color": "#F2F2F2"})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    marked = {
        kind: book.add_format(
            {"num_format": code, "bg_color": "#FFF2CC", "border": 2, "border_color": "#C00000"}
        )
        for kind, code in FORMATS.items()
    }
    reference = book.add_format(
        {"num_format": FORMATS["amount"], "font_color": "#666666", "bg_color": "#F7F7F7"}
    )
    for number, column in enumerate(columns):
        page.set_column(number, number, column.width, formats[column.kind])
        heading = f"{column.heading}*" if column.required else column.heading
        page.write_string(0, number, heading, required if column.required else optional)
        if column.hint:
            page.write_comment(0, number, column.hint, {"author": "升规通", "x_scale": 2})
    page.set_row(0, 32)
    row_number = 0
    for row_number, row in enumerate(rows, 1):
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            note = marks.get((row[0], number))
            style = reference if column.is_reference else (marked if note else formats)[column.kind]
            if note:
                page.write_blank(row_number, number, None, style)
                page.write_comment(row_number, number, note, {"author": "升规通", "x_scale": 2})
            _write_value(page, row_number, number, value, style)
    return row_number


def _add_help(book: Workbook, lines: Sequence[HelpLine]) -> None:
    """One line a column: what stands in its heading's cell, an example, how to fill it in."""
    page = book.add_worksheet(HELP_SHEET)
    bold, wrapped = (
        book.add_format({"bold": True}),
        book.add_format({"text_wrap": True, "num_format": TEXT_FORMAT}),
    )
    for column, (width, title) in enumerate(((24, "列"), (10, "是否必填"), (26, "示例"), (60, "怎么填"))):
        page.set_column(column, column, width, wrapped)
        page.write_string(0, column, title, bold)
    for row, (heading, required, (example, rule)) in enumerate(lines, 1):
        for column, text in enumerate((heading, "必填" if required else "选填", example, rule)):
            page.write_string(row, column, text, wrapped)


def _write_value(page: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, style)
    elif isinstance(value, str):
        page.write_string(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _add_choices(book: Workbook, page: Worksheet, columns: Sequence[TemplateColumn], last_row: int) -> None:
    """Drop-downs; lists too long to stand in the cell's rule go to a hidden sheet."""
    hidden: Worksheet | None = None
    place = 0
    for number, column in enumerate(columns):
        if not column.choices:
            continue
        source: object = list(column.choices)
        if len(",".join(column.choices)) > INLINE_LIST_CHARACTERS or any(
            "," in choice for choice in column.choices
        ):
            if hidden is None:
                hidden = book.add_worksheet(CHOICES_SHEET)
                hidden.hide()
            hidden.write_column(0, place, column.choices)
            letter = xlsxwriter.utility.xl_col_to_name(place)
            source = f"='{CHOICES_SHEET}'!${letter}$1:${letter}${len(column.choices)}"
            place += 1
        page.data_validation(
            1,
            number,
            last_row,
            number,
            {
                "validate": "list",
                "source": source,
                "error_title": "请从列表中选择",
                "error_message": f"“{column.heading}”只能填写列表中的内容。",
            },
        )
