"""Reads what a pool is screened from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from core.bulk import read_columns
from core.conditions import Column, FactKey, Frame
from core.facts import load_frame
from core.models import PolicyEdition, Region
from core.periods import Month
from core.services.policies import document_of
from cultivation.models import PoolMembership
from cultivation.policy.pool import PoolRule
from cultivation.rules.pool_places import Place, Standing, own_columns, place_of
from cultivation.rules.pool_reasons import kept_value
from cultivation.rules.screening import DEFINITIONS
from enterprises.models import Enterprise, MonthlyFigure


@dataclass(frozen=True, slots=True)
class ReadPool:
    """``firm_ids``: primary key by row; ``region``: place in ``regions`` (codes) by row. ``locality`` and ``given``
    are what the facts of the registry were asked with."""

    frame: Frame
    firm_ids: NDArray[np.int64]
    codes: NDArray[np.bytes_]
    region: NDArray[np.int64]
    regions: tuple[str, ...]
    locality: str
    given: Mapping[str, Any]
    head: tuple[Any, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything read. Computed anew each time: a simulation asks for none."""
        return _digest([*self.head, list(self.regions)], self.codes, self.region, self.frame)


def read_pool(
    edition: PolicyEdition,
    rule: PoolRule,
    year: int,
    lowered: Mapping[str, Decimal] | None = None,
    like: ReadPool | None = None,
) -> ReadPool:
    """The facts that the pool's lines ask for, of every firm that is assessed in the edition's locality; of none
    while a draft's locality does not exist yet.

    ``lowered``: entry lines in 万元 that counties have set, by region. ``like``: another edition's reading a moment
    ago, whose firms and facts serve again where they are of the same locality.
    """
    locality = document_of(edition).locality
    if like is None or like.locality != locality:
        ids, codes, region, regions, like = *_read_firms(edition), None
    else:
        ids, codes, region, regions = like.firm_ids, like.codes, like.region, like.regions
    given = rule.given(year)
    standing = standing_in(edition.name, rule.kind, ids) if rule.asks_for_members else None
    own = own_columns(rule, _places(edition, regions), region, lowered or {}, standing)
    read = like.frame.columns if like and like.given == given else {}
    frame = _frame(rule.asks(year), given, ids, own, read)
    # only a rule that names the month reads anything else in another one
    month = (str(rule.month),) if rule.month else ()
    head = (DEFINITIONS, edition.sha256, rule.kind, year, *month)
    return ReadPool(frame, ids, codes, region, regions, locality, given, head)


def standing_in(programme: str, kind: str, ids: NDArray[np.int64]) -> Standing:
    """Since which year each firm is a member of the pool, and when it last left; one query."""
    rows = PoolMembership.objects.of_pool(programme, kind).order_by("pk")
    since: dict[int, int] = {}
    left: dict[int, int] = {}
    for firm, begun, ended in rows.values_list("enterprise_id", "since", "until"):
        if ended is None:
            since[firm] = begun.year
        else:
            left[firm] = max(left.get(firm, 0), ended.year)
    return Standing(
        *(np.array([found.get(firm, 0) for firm in ids.tolist()], np.int64) for found in (since, left))
    )


def at_latest_month(rule: PoolRule, year: int) -> PoolRule:
    """The rule at the last month that anybody has reported up to the end of ``year``; as it is where it names none."""
    if not rule.asks_for_month:
        return rule
    latest = MonthlyFigure.objects.filter(month__lte=Month(year, 12)).aggregate(latest=Max("month"))["latest"]
    return rule.at(latest or Month(year - 1, 12))


def _read_firms(
    edition: PolicyEdition,
) -> tuple[NDArray[np.int64], NDArray[np.bytes_], NDArray[np.int64], tuple[str, ...]]:
    """Primary keys, credit codes, and the place of each firm's region in the regions that there are; one query."""
    read = read_columns(_firms_of(edition).order_by("pk"), "id", "uscc", "region_id")
    found, region = np.unique(read.codes["region_id"], return_inverse=True)
    regions = tuple(code.decode() for code in found.tolist())
    return read.columns["id"].values, read.codes["uscc"], region.astype(np.int64), regions


def _firms_of(edition: PolicyEdition) -> QuerySet[Enterprise]:
    locality = edition.locality
    if locality is None or locality.pk != document_of(edition).locality:
        return Enterprise.objects.none()
    mine = Enterprise.objects.filter(region__path__startswith=locality.path)
    # a firm for which another stands is looked at as that other
    return mine.exclude(pk__in=mine.stood_for().order_by().values("pk"))


def _frame(
    asked: Iterable[FactKey],
    given: Mapping[str, Any],
    ids: NDArray[np.int64],
    own: Mapping[str, Column],
    read: Mapping[str, Column],
) -> Frame:
    """Facts of the registry, and those that the pool knows by the firm's region (``own``)."""
    asked = list(asked)
    brought = {str(key): own[key.name] for key in asked if key.name in own}
    brought |= {str(key): read[str(key)] for key in asked if key.name not in own and str(key) in read}
    loaded = [key for key in asked if str(key) not in brought]
    frame = load_frame(loaded, enterprises=ids, parameters=given)
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


def _digest(head: list[Any], codes: NDArray[np.bytes_], region: NDArray[np.int64], frame: Frame) -> str:
    """SHA-256 over everything read, in an order that no database decides: firms by credit code."""
    order = np.argsort(codes, kind="stable")
    digest = hashlib.sha256(msgspec.json.encode(head))
    digest.update(b"\n".join(codes[order].tolist()))
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
