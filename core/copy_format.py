"""PostgreSQL's binary COPY format, written and read a column at a time. Pure.

A row is a count of fields, then each field's length and content, all big-endian; −1 instead of a length is NULL.
A block of rows is laid out as one table of bytes, wide enough for the longest value of each column; what a shorter
value leaves over is then left out in one step. So no row is ever touched alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
#: signature, no flags, no extension
HEAD = SIGNATURE + bytes(8)
TAIL = b"\xff\xff"
NULL = -1
#: PostgreSQL counts days from 2000-01-01, numpy from 1970-01-01
DAYS_BEFORE_2000 = 10_957
#: in place of NULL where rows are read: no figure comes near it
MISSING = int(np.iinfo(np.int64).min)

Bytes2D = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Cells:
    """One column of a block: a row of bytes each, of which the first ``lengths`` count; ``NULL`` for none."""

    content: Bytes2D
    lengths: NDArray[np.int64]

    def repeated(self, rows: int) -> Cells:
        """The only cell, ``rows`` times."""
        return Cells(
            np.broadcast_to(self.content, (rows, self.content.shape[1])), np.broadcast_to(self.lengths, rows)
        )


def whole_cells(values: NDArray[np.int64], known: NDArray[np.bool_], width: int) -> Cells:
    """Whole numbers of ``width`` bytes. Raises ``OverflowError`` for one that has no place in them."""
    limit = 2 ** (8 * width - 1)
    if values.size and not (-limit <= int(values.min()) and int(values.max()) < limit):
        raise OverflowError(f"a number does not fit into {width} bytes")
    content = values.astype(f">i{width}").view(np.uint8).reshape(values.size, width)
    return Cells(content, np.where(known, width, NULL))


def text_cells(texts: Sequence[bytes | None]) -> Cells:
    """Bytes of any length; ``None`` is NULL."""
    lengths = np.fromiter((NULL if text is None else len(text) for text in texts), np.int64, len(texts))
    width = max(int(lengths.max(initial=0)), 1)
    kept = np.array([text or b"" for text in texts], f"S{width}")
    return Cells(kept.view(np.uint8).reshape(len(texts), width), lengths)


def word_cells(column: Column) -> Cells:
    """Texts that are numbers of words."""
    words = text_cells([word.encode() for word in column.words] or [b""])
    return Cells(words.content[column.values], np.where(column.known, words.lengths[column.values], NULL))


def byte_cells(table: Bytes2D) -> Cells:
    """A row of bytes each, all of one length."""
    return Cells(table, np.broadcast_to(np.int64(table.shape[1]), len(table)))


def block(columns: Sequence[Cells]) -> bytes:
    """Rows as COPY takes them, between ``HEAD`` and ``TAIL``."""
    rows = len(columns[0].lengths)
    laid = np.empty((rows, 2 + sum(4 + cells.content.shape[1] for cells in columns)), np.uint8)
    counts = np.ones(laid.shape, np.bool_)
    laid[:, :2] = np.frombuffer(len(columns).to_bytes(2, "big"), np.uint8)
    place, is_ragged = 2, False
    for cells in columns:
        width = cells.content.shape[1]
        laid[:, place : place + 4] = cells.lengths.astype(">i4").view(np.uint8).reshape(rows, 4)
        laid[:, place + 4 : place + 4 + width] = cells.content
        if (cells.lengths != width).any():
            counts[:, place + 4 : place + 4 + width] = np.arange(width) < cells.lengths[:, None]
            is_ragged = True
        place += 4 + width
    return (laid[counts] if is_ragged else laid).tobytes()


def fixed_rows(data: memoryview, widths: Sequence[int]) -> list[Bytes2D]:
    """The columns of a whole COPY whose fields always have these widths, as rows of bytes.

    Raises ``ValueError`` when a field is NULL or of another width.
    """
    if bytes(data[: len(SIGNATURE)]) != SIGNATURE:
        raise ValueError("no COPY in binary")
    return fixed_block(data[len(HEAD) : len(data) - len(TAIL)], widths)


def row_width(widths: Sequence[int]) -> int:
    """Bytes of a row whose fields have these widths."""
    return 2 + sum(4 + width for width in widths)


def fixed_block(data: memoryview | bytes, widths: Sequence[int]) -> list[Bytes2D]:
    """The same of some rows in the midst of a COPY."""
    row = row_width(widths)
    body = np.frombuffer(data, np.uint8)
    if body.size % row:
        raise ValueError("rows are not of one width")
    table = body.reshape(-1, row)
    columns, place = [], 2
    for width in widths:
        lengths = np.ascontiguousarray(table[:, place : place + 4]).view(">i4")
        if (lengths != width).any():
            raise ValueError(f"a field is not {width} bytes wide")
        columns.append(table[:, place + 4 : place + 4 + width])
        place += 4 + width
    return columns


def whole_numbers(field: Bytes2D) -> NDArray[np.int64]:
    """Fields of four or eight bytes as numbers."""
    return np.ascontiguousarray(field).view(f">i{field.shape[1]}").ravel().astype(np.int64)
