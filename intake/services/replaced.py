"""What a commit replaced, kept beside the batch's rows so that the batch can be undone (old values, not old → new).

One compressed JSON object: table → its columns and rows as they stood. New rows need no line: they carry the
batch's number.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from django.db import models

from core.periods import Month
from intake.models import Batch
from intake.services.records import RecordsDamaged
from intake.services.uploads import media_path

M = TypeVar("M", bound=models.Model)


class Table(msgspec.Struct):
    """Rows of one table before a batch: ``columns`` are names of attributes (``region_id``)."""

    columns: list[str]
    rows: list[list[Any]]


def replaced_path(batch: Batch) -> Path:
    return media_path(f"batches/replaced/{batch.pk}.json.gz")


def keep_replaced(batch: Batch, **tables: tuple[Sequence[str], Iterable[Sequence[Any]]]) -> None:
    """Write the rows, and their fingerprint to ``batch.replaced_digest``; nothing where nothing is replaced.

    Called by ``SheetType.take`` once a commit.
    """
    kept = {name: Table(list(columns), _plain_rows(rows)) for name, (columns, rows) in tables.items()}
    batch.replaced_digest = ""
    if not any(table.rows for table in kept.values()):
        return
    data = msgspec.json.encode(kept)
    batch.replaced_digest = hashlib.sha256(data).hexdigest()
    path = replaced_path(batch)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 1, mtime=0))


def read_replaced(batch: Batch) -> dict[str, Table]:
    """Raises ``RecordsDamaged`` when the file is not what was written."""
    if not batch.replaced_digest:
        return {}
    path = replaced_path(batch)
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise RecordsDamaged(path.name) from error
    if hashlib.sha256(data).hexdigest() != batch.replaced_digest:
        raise RecordsDamaged(path.name)
    return msgspec.json.decode(data, type=dict[str, Table])


def objects_of(model: type[M], table: Table) -> list[M]:
    """The rows as unsaved objects."""
    fields = [_field(model, name) for name in table.columns]
    return [
        model(
            **{
                field.attname: field.to_python(value) if field.related_model is None else value
                for field, value in zip(fields, row, strict=True)
            }
        )
        for row in table.rows
    ]


def _field(model: type[models.Model], attname: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.attname == attname)


def _plain_rows(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The rows with their months as text."""
    kept = list(map(list, rows))
    for place in [
        place for place, column in enumerate(zip(*kept, strict=True)) if Month in set(map(type, column))
    ]:
        for row in kept:
            if isinstance(row[place], Month):
                row[place] = str(row[place])
    return kept
