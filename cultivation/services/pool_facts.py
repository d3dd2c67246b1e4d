"""Reads what a pool is screened from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, FactKey, Frame, Kind
from core.facts import catalogue, load_frame, needed_by
from core.models import PolicyEdition
from cultivation.policy.pool import PoolRule
from cultivation.rules.screening import DEFINITIONS, STATUSES, codes_of
from enterprises.models import Enterprise

#: a fact as a row keeps it: a whole number, a truth, a word, or words
Kept = int | bool | str | list[str]


@dataclass(frozen=True, slots=True)
class ReadPool:
    """``firm_ids``: primary key by row; ``region``: place in ``regions`` (codes) by row."""

    frame: Frame
    firm_ids: NDArray[np.int64]
    region: NDArray[np.int64]
    regions: tuple[str, ...]
    digest: str


def read_pool(edition: PolicyEdition, rule: PoolRule, year: int) -> ReadPool:
    """The facts that the pool's lines ask for, of every firm that is assessed in the edition's locality."""
    firms = list(
        Enterprise.objects.filter(region__path__startswith=edition.locality.path)
        .order_by("pk")
        .values_list("pk", "uscc", "region_id")
    )
    ids = np.fromiter((pk for pk, _, _ in firms), np.int64)
    regions = tuple(sorted({code for _, _, code in firms}))
    place = {code: number for number, code in enumerate(regions)}
    region = np.fromiter((place[code] for _, _, code in firms), np.int64)
    parameters = {"year": year}
    frame = load_frame(needed_by(rule.conditions(), parameters), enterprises=ids, parameters=parameters)
    codes = [uscc for _, uscc, _ in firms]
    digest = _digest([DEFINITIONS, edition.sha256, rule.kind, year, list(regions)], codes, region, frame)
    return ReadPool(frame, ids, region, regions, digest)


def kept_facts(frame: Frame, row: int) -> dict[str, Kept]:
    """The facts of one firm as JSON keeps them; what is not known is absent."""
    return {key: _kept(column, row) for key, column in frame.columns.items() if column.known[row]}


def _kept(column: Column, row: int) -> Kept:
    value = column.values[row]
    if column.values.ndim == 2:
        return [word for word, held in zip(column.words, value, strict=True) if held]
    if column.words:
        return column.words[int(value)]
    return bool(value) if column.values.dtype.kind == "b" else int(value)


def reasons_of(
    rule: PoolRule, table: Mapping[str, NDArray[Any]], frame: Frame, row: int, year: int
) -> dict[str, Any]:
    """Codes of the lines that say something of the firm, and its facts: ``pool_reasons`` tells them in words."""
    lines = {
        "named_by": codes_of(rule.sources, int(table["named_by"][row])),
        "outside": codes_of(rule.sources, int(table["outside"][row])),
        "failed": codes_of(rule.requires, int(table["failed"][row])),
        "held": codes_of(rule.requires, int(table["not_known"][row])),
        "told": codes_of(rule.checks, int(table["told"][row])),
    }
    return {
        "year": year,
        "status": STATUSES[int(table["status"][row])],
        **{name: codes for name, codes in lines.items() if codes},
        "facts": kept_facts(frame, row),
    }


def frame_of(keys: tuple[FactKey, ...], rows: list[Mapping[str, Any]]) -> Frame:
    """The frame that ``kept_facts`` were taken from, for these rows."""
    types = catalogue()
    columns = {str(key): _column(types[key.name].kind, [row.get(str(key)) for row in rows]) for key in keys}
    return Frame(len(rows), columns)


def _column(kind: Kind, cells: list[Any]) -> Column:
    if kind is Kind.TEXT:
        return Column.of_texts(cells)
    if kind is Kind.TAGS:
        return Column.of_tags(cells)
    dtype = bool if kind is Kind.FLAG else np.int64
    known = np.array([cell is not None for cell in cells], dtype=bool)
    return Column(np.array([cell or 0 for cell in cells], dtype=dtype), known)


def _digest(head: list[Any], codes: list[str], region: NDArray[np.int64], frame: Frame) -> str:
    """SHA-256 over everything read, in an order that no database decides: firms by credit code."""
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__), np.int64)
    digest = hashlib.sha256(msgspec.json.encode([*head, sorted(codes)]))
    digest.update(region[order].astype("<i8").tobytes())
    for key in sorted(frame.columns):
        column = frame.columns[key]
        digest.update(f"{key}:{column.values.dtype.kind};".encode())
        digest.update(column.known[order].tobytes())
        digest.update(_plain(column, order))
    return digest.hexdigest()


def _plain(column: Column, order: NDArray[np.int64]) -> bytes:
    """Values by row; words themselves, since their numbers depend on the order in which rows were read."""
    if column.words:
        return msgspec.json.encode([_kept(column, int(row)) if column.known[row] else None for row in order])
    values = column.values[order]
    return values.tobytes() if values.dtype.kind == "b" else values.astype("<i8").tobytes()
