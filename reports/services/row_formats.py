"""Rows as a client wants them: JSON, one JSON a line, or CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from reports.services.tiers import Row

BOM = b"\xef\xbb\xbf"
#: rows that leave in one piece: few enough to begin soon, enough not to be slowed by sending
_PIECE = 500
#: what a spreadsheet would work out when it opens the file
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
#: words of DRF (faults, labels) are texts of a kind of their own
_encoder = msgspec.json.Encoder(enc_hook=str)


def json_bytes(value: Any) -> bytes:
    return _encoder.encode(value)


def ndjson_stream(rows: Iterable[Row]) -> Iterator[bytes]:
    """One object a line, in pieces of some hundred lines."""
    for piece in _pieces(rows):
        yield _encoder.encode_lines(piece)


def csv_stream(rows: Iterable[Row], fields: Iterable[str], *, bom: bool) -> Iterator[bytes]:
    """A line of field names, then the rows; unknown is empty. ``bom`` for spreadsheets that need it for Chinese."""
    fields = tuple(fields)
    if bom:
        yield BOM
    lines = chain([fields], ([_cell(row[field]) for field in fields] for row in rows))
    for piece in _pieces(lines):
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows(piece)
        yield buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        is_harmless = not value.startswith(_FORMULA) or _NUMBER.fullmatch(value)
        return value if is_harmless else "'" + value
    if isinstance(value, list):
        return _cell("+".join(map(str, value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _pieces(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while piece := list(islice(rows, _PIECE)):
        yield piece
