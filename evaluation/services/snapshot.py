"""What a round is computed from: the year's survey, the directory at the year's end, years in production. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.bulk import Read, read_columns
from core.conditions import Column
from core.models import Region
from core.periods import Month
from enterprises.models import AnnualFigure, ScaleEvent
from enterprises.services.scale import DirectoryEvent, directory_event
from evaluation.policy import QUANTITIES
from evaluation.rules.figures import FirmYears

_CHUNK = 20_000


@dataclass(frozen=True, eq=False)
class Snapshot:
    """``firms`` row by row in the order of credit codes; ``FirmYears.region`` counts ``regions``."""

    firms: FirmYears
    firm_ids: NDArray[np.int64]
    regions: Sequence[Region]
    digest: str


def read_snapshot(locality: Region, year: int, edition_sha256: str) -> Snapshot:
    """Every firm of the locality that the year's survey names. Two queries and the regions, whatever their number."""
    regions = list(Region.objects.filter(path__startswith=locality.path).order_by("order", "code"))
    rows = AnnualFigure.objects.filter(
        year=year, source=AnnualFigure.Source.SURVEY, region__path__startswith=locality.path
    )
    read = read_columns(
        rows.order_by(),
        "enterprise_id",
        "enterprise__uscc",
        "region_id",
        "enterprise__started_on",
        *(quantity.field for quantity in QUANTITIES.values()),
    ).by_code("enterprise__uscc")
    firm_ids = read.columns["enterprise_id"].values
    firms = FirmYears(
        {
            quantity.id: _scaled(read.columns[quantity.field], quantity.per)
            for quantity in QUANTITIES.values()
        },
        np.isin(firm_ids, np.fromiter(in_directory(year), np.int64)),
        _years_in_production(read.columns["enterprise__started_on"], year),
        _numbers(read.codes["region_id"], regions),
    )
    return Snapshot(firms, firm_ids, regions, _digest(firms, read, year, edition_sha256))


def in_directory(year: int) -> set[int]:
    """Firms that the statistical directory holds at the end of the year: 规上 is this list, not a revenue."""
    last = Month(year, 12)
    latest: dict[int, DirectoryEvent] = {}
    events = ScaleEvent.objects.filter(month__lte=last).order_by()
    for firm_id, month, kind in events.values_list("enterprise_id", "month", "kind").iterator(_CHUNK):
        event = directory_event(month, kind)
        if firm_id not in latest or latest[firm_id] < event:
            latest[firm_id] = event
    return {firm_id for firm_id, event in latest.items() if event.is_in}


def _years_in_production(started_on: Column, year: int) -> Column:
    """Whole years from the start of production to 31 December; a firm that starts later has none."""
    started = started_on.values.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    # the year ends on its last day: from any day of 2019 to 31 December 2021 are two whole years
    return Column(np.maximum(year - started, 0), started_on.known)


def _scaled(column: Column, per: int) -> Column:
    return Column(column.values * per, column.known)


def _numbers(codes: NDArray[np.bytes_], regions: Sequence[Region]) -> NDArray[np.int64]:
    """Place of each code in ``regions``."""
    known = np.array([region.code.encode() for region in regions])
    order = np.argsort(known)
    return order[np.searchsorted(known, codes, sorter=order)]


def _digest(firms: FirmYears, read: Read, year: int, edition_sha256: str) -> str:
    """Equal texts and figures, equal fingerprint, on any database and in any order of arrival."""
    fingerprint = hashlib.sha256(f"{edition_sha256}\n{year}\n".encode())
    firm_codes, regions = read.codes["enterprise__uscc"].tolist(), read.codes["region_id"].tolist()
    fingerprint.update(
        b"\n".join([uscc + b" " + region for uscc, region in zip(firm_codes, regions, strict=True)])
    )
    for column in (*firms.quantities.values(), firms.years_in_production):
        fingerprint.update(column.values.astype("<i8").tobytes())
        fingerprint.update(column.known.tobytes())
    fingerprint.update(firms.above_scale.tobytes())
    return fingerprint.hexdigest()
