"""Figures that are seen otherwise than they are stored: by their number format, or by a unit of their own row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from .columns import AmountColumn, IntegerColumn
from .findings import Finding, must_mend
from .headings import Hit, plain_heading
from .layout import Table
from .text import squeezed, written
from .units import BASE_UNITS, unit_of

_PLAIN_FORMAT = "请把单元格格式改为常规或数值，再核对填写的数"
PERCENT = must_mend("FORMAT_PERCENT", "单元格是百分比格式，看到的数与实际保存的数不同", _PLAIN_FORMAT)
SHRUNK = must_mend("FORMAT_SHRUNK", "单元格格式把数缩小显示，看到的数与实际保存的数不同", _PLAIN_FORMAT)
UNSEEN = must_mend("FORMAT_UNSEEN", "单元格格式使内容不显示，看不到实际保存的数", _PLAIN_FORMAT)
SIGNED = must_mend(
    "FORMAT_SIGN", "单元格格式自己加了负号或括号，看到的数与实际保存的数正负不同", _PLAIN_FORMAT
)
_FORMATS = {"%": PERCENT, ",": SHRUNK, ";": UNSEEN, "±": SIGNED}
#: What ``shown_cells`` says of a cell that is crossed out.
_STRUCK = "-"
#: … and of the last cell of a csv that ends in the middle of a line.
_OPEN_END = "…"
STRUCK_CELL = must_mend(
    "STRUCK_CELL", "内容加了删除线，分不清是否有效", "有效请取消删除线，作废请改成正确的内容"
)
STRUCK_ROW = must_mend("STRUCK_ROW", "这一行加了删除线，没有采用", "要上报请取消删除线，不上报请删除这一行")
_UNIT_HEADINGS = frozenset(["单位", "计量单位", "金额单位", "货币单位"])


def shown_otherwise(
    table: Table, hit: Hit, rows: Sequence[int], values: Sequence[object]
) -> dict[int, Finding]:
    """Findings by record for the figures of a column whose format shows another number or another unit."""
    shown = table.sheet.shown_cells
    if not shown or not isinstance(hit.column, AmountColumn | IntegerColumn):
        return {}
    found: dict[int, Finding] = {}
    for i, row in enumerate(rows):
        text = shown.get((row, hit.number))
        if text is None or not isinstance(values[i], int | float):
            continue
        finding = _FORMATS.get(text) or _other_unit(hit, text)
        if finding is not None:
            found[i] = finding
    return found


def struck_rows(table: Table) -> frozenset[int]:
    """Records whose firm is crossed out, by name or by code: Excel rows."""
    struck = table.sheet.shown_cells
    firms = [hit.number for key, hit in table.columns.items() if key in ("uscc", "name")] or [
        min((hit.number for hit in table.columns.values()), default=0)
    ]
    return frozenset(
        row
        for row in table.kinds.records
        if struck and any(struck.get((row, number)) == _STRUCK for number in firms)
    )


def struck_cells(table: Table, whole: frozenset[int]) -> Iterator[tuple[int, str]]:
    """``(record, key)`` of cells that are crossed out in rows that are not."""
    struck = table.sheet.shown_cells
    if not struck:
        return
    for i, row in enumerate(table.kinds.records):
        if row not in whole:
            for key, hit in table.columns.items():
                if struck.get((row, hit.number)) == _STRUCK:
                    yield i, key


def open_end(table: Table) -> tuple[int, int] | None:
    """(Excel row, number of fields) of the last line of a csv that ends without a line end."""
    places = [place for place, sign in table.sheet.shown_cells.items() if sign == _OPEN_END]
    return places[0] if places and places[0][0] in table.kinds.records else None


def _other_unit(hit: Hit, word: str) -> Finding | None:
    unit = unit_of(word, hit.column.unit)
    if unit is None or unit.factor == _factor(hit):
        return None
    return must_mend(
        "FORMAT_UNIT",
        f"单元格显示的单位是{word}，本列按{_unit_word(hit)}读取，分不清是多少",
        f"请把单元格格式改为常规，再按{_unit_word(hit)}填写",
    )


def _factor(hit: Hit) -> Decimal:
    return hit.unit.factor if hit.unit is not None else Decimal(1)


def _unit_word(hit: Hit) -> str:
    return hit.unit.word if hit.unit is not None else BASE_UNITS[hit.column.unit]


def own_units(table: Table) -> Iterator[tuple[int, str, str, str]]:
    """``(record, key, unit written in its row, unit of the column)`` where a row names another unit than the heading."""
    for number in [n for n, text in table.heading.unknown if plain_heading(text) in _UNIT_HEADINGS]:
        for i, row in enumerate(table.kinds.records):
            cells = table.sheet.rows[row - 1]
            word = squeezed(written(cells[number - 1])[:20]) if number <= len(cells) else ""
            for key, hit in table.columns.items():
                unit = unit_of(word, hit.column.unit) if word else None
                if unit is not None and unit.factor != _factor(hit):
                    yield i, key, unit.word, _unit_word(hit)
