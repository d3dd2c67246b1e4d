"""The canonical file of a batch: its typed rows, one JSON array a line, compressed, beside the original.

The first line says the columns and which of them hold months and dates; equal rows give equal bytes.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from core.periods import Month
from intake.services.sheet_types import Records

#: Lines that are packed at once.
_LINES = 1_000
_READERS: dict[str, Callable[[str], Any]] = {"month": Month.parse, "date": date.fromisoformat}


class RecordsDamaged(Exception):
    """The file is not what was written: cut, changed or gone."""


def write_records(path: Path, records: Records) -> str:
    """Write the file and return the SHA-256 of its lines."""
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = _lines(records)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
        while piece := b"".join(islice(lines, _LINES)):
            digest.update(piece)
            packed.write(piece)
    return digest.hexdigest()


def read_records(path: Path, digest: str) -> Records:
    """The rows as they were written; raises ``RecordsDamaged`` when the digest does not fit."""
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise RecordsDamaged(str(path.name)) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise RecordsDamaged(str(path.name))
    head, *lines = data.splitlines()
    columns, kinds = msgspec.json.decode(head, type=tuple[list[str], dict[str, str]])
    decode = msgspec.json.Decoder(list).decode
    table = list(zip(*map(decode, lines), strict=True)) or [()] * (len(columns) + 1)
    values = {key: list(column) for key, column in zip(columns, table[1:], strict=True)}
    for key, kind in kinds.items():
        values[key] = _each(values[key], _READERS[kind])
    return Records(list(table[0]), values)


def select_rows(records: Records, keep: Callable[[int], bool]) -> Records:
    """The records whose Excel row is kept; the same object when all are."""
    places = [place for place, row in enumerate(records.rows) if keep(row)]
    if len(places) == len(records):
        return records
    return Records(
        [records.rows[place] for place in places],
        {key: [column[place] for place in places] for key, column in records.columns.items()},
    )


def without_rows(records: Records, rows: Collection[int]) -> Records:
    return select_rows(records, lambda row: row not in rows) if rows else records


def each_record(records: Records) -> Iterator[dict[str, Any]]:
    keys = list(records.columns)
    for values in zip(*records.columns.values(), strict=True):
        yield dict(zip(keys, values, strict=True))


def months_of(records: Records) -> set[Month]:
    """Every month that the rows name."""
    return {
        value
        for column in records.columns.values()
        if _kind(column) == "month"
        for value in column
        if value is not None
    }


def _lines(records: Records) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    kinds = {key: kind for key, column in records.columns.items() if (kind := _kind(column))}
    yield encode([list(records.columns), kinds]) + b"\n"
    columns = [
        _each(column, str) if kinds.get(key) == "month" else column for key, column in records.columns.items()
    ]
    for values in zip(records.rows, *columns, strict=True):
        yield encode(values) + b"\n"


def _kind(column: list[Any]) -> str:
    first = next((value for value in column if value is not None), None)
    if isinstance(first, Month):
        return "month"
    return "date" if isinstance(first, date) else ""


def _each(column: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    """Months and dates repeat: each is changed once."""
    changed = {value: change(value) for value in set(column) if value is not None}
    return [changed.get(value) for value in column]
