"""Reads what a pool is screened from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from core.conditions import Column, Frame
from core.facts import load_frame
from core.models import PolicyEdition, Region
from core.services.policies import document_of
from cultivation.policy.pool import PoolRule
from cultivation.rules.pool_places import Place, own_columns, place_of
from cultivation.rules.pool_reasons import kept_value
from cultivation.rules.screening import DEFINITIONS
from enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class ReadPool:
    """``firm_ids``: primary key by row; ``region``: place in ``regions`` (codes) by row."""

    frame: Frame
    firm_ids: NDArray[np.int64]
    region: NDArray[np.int64]
    regions: tuple[str, ...]
    digest: str


def read_pool(
    edition: PolicyEdition, rule: PoolRule, year: int, lowered: Mapping[str, Decimal] | None = None
) -> ReadPool:
    """The facts that the pool's lines ask for, of every firm that is assessed in the edition's locality; of none
    while a draft's locality does not exist yet.

    ``lowered``: entry lines in 万元 that counties have set, by region.
    """
    lowered = lowered or {}
    firms = list(_firms_of(edition).order_by("pk").values_list("pk", "uscc", "region_id"))
    ids = np.fromiter((pk for pk, _, _ in firms), np.int64)
    regions = tuple(sorted({code for _, _, code in firms}))
    place = {code: number for number, code in enumerate(regions)}
    region = np.fromiter((place[code] for _, _, code in firms), np.int64)
    places = _places(edition, regions)
    frame = _frame(rule, year, ids, own_columns(rule, places, region, lowered))
    codes = [uscc for _, uscc, _ in firms]
    head = [DEFINITIONS, edition.sha256, rule.kind, year, list(regions)]
    digest = _digest(head, codes, region, frame)
    return ReadPool(frame, ids, region, regions, digest)


def _firms_of(edition: PolicyEdition) -> QuerySet[Enterprise]:
    locality = edition.locality
    if locality is None or locality.pk != document_of(edition).locality:
        return Enterprise.objects.none()
    mine = Enterprise.objects.filter(region__path__startswith=locality.path)
    # a firm for which another stands is looked at as that other
    return mine.exclude(pk__in=mine.stood_for().order_by().values("pk"))


def _frame(rule: PoolRule, year: int, ids: NDArray[np.int64], own: Mapping[str, Column]) -> Frame:
    """Facts of the registry, and those that the pool knows by the firm's region."""
    asked = rule.asks(year)
    loaded = [key for key in asked if key.name not in own]
    frame = load_frame(loaded, enterprises=ids, parameters=rule.given(year))
    brought = {str(key): own[key.name] for key in asked if key.name in own}
    return Frame(frame.size, {**frame.columns, **brought})


def _places(edition: PolicyEdition, codes: Sequence[str]) -> list[Place]:
    """Where each region stands in the document's tree; a township counts to the district that the document names."""
    tree = document_of(edition).regions
    known = Region.objects.in_bulk(codes)
    return [
        place_of(
            tree, code, known[code].name, known[code].kind, known[code].path.strip("/").split("/")[-2::-1]
        )
        for code in codes
    ]


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
        return msgspec.json.encode(
            [kept_value(column, int(row)) if column.known[row] else None for row in order]
        )
    values = column.values[order]
    return values.tobytes() if values.dtype.kind == "b" else values.astype("<i8").tobytes()
