"""Rows of a batch against rows in the database: which are new, changed, the same; then one set-based write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import models

from core.bulk import merge_columns
from core.conditions import Column
from intake.models import Batch
from intake.services.replaced import objects_of, read_replaced

T = TypeVar("T")
#: Values in one ``IN`` list: SQLite takes 999 parameters a statement, a few are needed besides.
CHUNK = 900
#: What a commit leaves out of an upsert: identity and who sent the row are not values that people compare.
_ALWAYS_WRITTEN = ("region_id", "batch_id")

Key = tuple[Any, ...]
Values = tuple[Any, ...]


def in_chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Store:
    """A table of firms' rows: ``key`` (after the firm) and ``values`` are field names.

    ``fixed`` are fields that this list always writes alike and that belong to the key (a source).
    """

    model: type[models.Model]
    key: tuple[str, ...]
    values: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Wanted:
    """One row as a list states it. ``place`` is its place in the records, ``region`` a region code."""

    place: int
    firm_id: int | None
    key: Key
    values: Values
    region: str


class Stored(NamedTuple):
    """What stands in the database for a firm and key."""

    values: Values
    region: str
    batch_id: int


@dataclass(slots=True)
class Difference:
    """What storing would do. ``changed`` pairs a row with what stands in the database now."""

    new: list[Wanted] = field(default_factory=list)
    changed: list[tuple[Wanted, Stored]] = field(default_factory=list)
    same: list[Wanted] = field(default_factory=list)

    @property
    def written(self) -> list[Wanted]:
        return [*self.new, *(row for row, _ in self.changed)]


def stored_rows(store: Store, firm_ids: Iterable[int], keys: Iterable[Key]) -> dict[Key, Stored]:
    """(firm id, *key) → what stands there, for these firms and no other keys than those asked for."""
    names = ("enterprise_id", *store.key, *store.values, "region_id", "batch_id")
    first = {key[0] for key in keys}
    narrow: dict[str, Any] = dict(store.fixed)
    # months or years of one list are few; a long history is not dragged in with them
    if len(first) <= 60:
        narrow[f"{store.key[0]}__in"] = sorted(first)
    width = 1 + len(store.key)
    rows = store.model._default_manager.filter(enterprise_id__among=set(firm_ids), **narrow).order_by()
    return {row[:width]: Stored(row[width:-2], row[-2], row[-1]) for row in rows.values_list(*names)}


def compare(store: Store, rows: Sequence[Wanted], unsaid: frozenset[str] = frozenset()) -> Difference:
    """Split rows by what the database holds; values of ``unsaid`` fields are kept as they stand."""
    known = (row.firm_id for row in rows if row.firm_id is not None)
    stored = stored_rows(store, known, (row.key for row in rows)) if rows else {}
    kept = [place for place, name in enumerate(store.values) if name in unsaid]
    difference = Difference()
    for row in rows:
        at = stored.get((row.firm_id, *row.key)) if row.firm_id is not None else None
        if at is None:
            difference.new.append(row)
            continue
        old = at.values
        if kept:
            row.values = tuple(old[p] if p in kept else value for p, value in enumerate(row.values))
        if row.values == old:
            difference.same.append(row)
        else:
            difference.changed.append((row, at))
    return difference


def write(store: Store, difference: Difference, batch: Batch) -> None:
    """Insert what is new and replace what changed; the same rows are not touched."""
    rows = difference.written
    if not rows:
        return
    values = zip(store.values, zip(*(row.values for row in rows), strict=True), strict=True)
    keys = zip(store.key, zip(*(row.key for row in rows), strict=True), strict=True)
    columns: dict[str, Any] = {name: list(column) for name, column in (*keys, *values)}
    merge_columns(
        store.model,
        columns
        | dict(store.fixed)
        | {
            "enterprise_id": [row.firm_id for row in rows],
            "region_id": Column.of_texts(row.region for row in rows),
            "batch_id": batch.pk,
        },
        unique=["enterprise_id", *store.key, *store.fixed],
        update=[*store.values, *_ALWAYS_WRITTEN],
    )


def rows_before(store: Store, difference: Difference) -> tuple[list[str], Iterator[list[Any]]]:
    """Columns and rows as they stood before they were replaced: what an undo puts back."""
    columns = ["enterprise_id", *store.key, *store.fixed, *store.values, "region_id", "batch_id"]
    fixed = list(store.fixed.values())
    rows = (
        [row.firm_id, *row.key, *fixed, *old.values, old.region, old.batch_id]
        for row, old in difference.changed
    )
    return columns, rows


def rows_replaced(store: Store, batch: Batch) -> dict[Key, Stored]:
    """(firm id, *key) → what a committed batch replaced there."""
    table = read_replaced(batch).get("rows")
    if table is None:
        return {}
    found: dict[Key, Stored] = {}
    for row in objects_of(store.model, table):
        at = [getattr(row, name) for name in ("enterprise_id", *store.key)]
        values = tuple(getattr(row, name) for name in store.values)
        found[tuple(at)] = Stored(values, row.region_id, row.batch_id)  # type: ignore[attr-defined]
    return found


def unsaid_fields(columns: Mapping[str, list[Any]], fields: Mapping[str, str]) -> frozenset[str]:
    """Fields whose column the list leaves empty from top to bottom: it says nothing of them, so they stay.

    ``fields`` maps column keys to field names.
    """
    return frozenset(
        name for key, name in fields.items() if all(value is None for value in columns.get(key, ()))
    )
