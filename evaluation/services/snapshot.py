"""What a round is computed from: the year's survey, the directory at the year's end, years in production. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

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
    firm_ids: Sequence[int]
    regions: Sequence[Region]
    digest: str


def read_snapshot(locality: Region, year: int, edition_sha256: str) -> Snapshot:
    """Every firm of the locality that the year's survey names. Two queries and the regions, whatever their number."""
    regions = list(Region.objects.filter(path__startswith=locality.path).order_by("order", "code"))
    numbers = {region.code: number for number, region in enumerate(regions)}
    rows = list(
        AnnualFigure.objects.filter(
            year=year, source=AnnualFigure.Source.SURVEY, region__path__startswith=locality.path
        )
        .order_by("enterprise__uscc")
        .values_list(
            "enterprise_id",
            "enterprise__uscc",
            "region_id",
            "enterprise__started_on",
            *(quantity.field for quantity in QUANTITIES.values()),
        )
    )
    inside = in_directory(year)
    years = [_years_in_production(row[3], year) for row in rows]
    firms = FirmYears(
        {
            quantity.id: _column([row[4 + place] for row in rows], quantity.per)
            for place, quantity in enumerate(QUANTITIES.values())
        },
        np.array([row[0] in inside for row in rows], np.bool_),
        _column(years, 1),
        np.array([numbers[row[2]] for row in rows], np.int64),
    )
    codes = "\n".join(f"{row[1]} {row[2]}" for row in rows)
    return Snapshot(firms, [row[0] for row in rows], regions, _digest(firms, codes, year, edition_sha256))


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


def _years_in_production(started_on: date | None, year: int) -> int | None:
    """Whole years from the start of production to 31 December; a firm that starts later has none."""
    if started_on is None:
        return None
    # the year ends on its last day: from any day of 2019 to 31 December 2021 are two whole years
    return max(year - started_on.year, 0)


def _column(values: Sequence[int | None], per: int) -> Column:
    known = np.array([value is not None for value in values], np.bool_)
    return Column(np.array([(value or 0) * per for value in values], np.int64), known)


def _digest(firms: FirmYears, codes: str, year: int, edition_sha256: str) -> str:
    """Equal texts and figures, equal fingerprint, on any database and in any order of arrival."""
    fingerprint = hashlib.sha256(f"{edition_sha256}\n{year}\n{codes}".encode())
    for column in (*firms.quantities.values(), firms.years_in_production):
        fingerprint.update(column.values.astype("<i8").tobytes())
        fingerprint.update(column.known.tobytes())
    fingerprint.update(firms.above_scale.tobytes())
    return fingerprint.hexdigest()
