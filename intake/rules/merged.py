"""Cells merged over several rows or columns: what may be carried down, and what lies unseen beneath. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .layout import Table
from .text import is_blank, squeezed, written


def merged_cells(table: Table, number: int) -> dict[int, int]:
    """Rows below the first of each vertical merge in a column → that first row."""
    carried: dict[int, int] = {}
    for top, left, bottom, _ in table.sheet.merges:
        if left == number and bottom > top > table.heading.last:
            carried.update((row, top) for row in range(top + 1, bottom + 1))
    return carried


def covered_cells(table: Table, number: int) -> frozenset[int]:
    """Rows below the heading whose cell in this column is covered by a merge and holds something else than what is
    seen there: another program, or a format painted over it, has left it behind."""
    found: set[int] = set()
    rows = table.sheet.rows
    for top, left, bottom, right in table.sheet.merges:
        if not left <= number <= right:
            continue
        seen = _text(rows, top, left)
        for row in range(max(top, table.heading.last + 1), min(bottom, len(rows)) + 1):
            if (row, number) != (top, left) and (own := _text(rows, row, number)) and own != seen:
                found.add(row)
    return frozenset(found)


def _text(rows: Sequence[Sequence[object]], row: int, number: int) -> str:
    cells = rows[row - 1]
    value = cells[number - 1] if number <= len(cells) else None
    return "" if is_blank(value) else squeezed(written(value))
