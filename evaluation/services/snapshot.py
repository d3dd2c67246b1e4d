"""What a round is computed from: the year's survey, the directory at the year's end, years in production. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.bulk import Read, read_columns
from core.conditions import Column
from core.models import Region
from enterprises.models import AnnualFigure
from evaluation.policy import QUANTITIES, Scheme
from evaluation.rules.baselines import needs_last_year
from evaluation.rules.figures import FirmYears
from evaluation.services.directory import in_directory, years_in_production
from evaluation.services.ruled_figures import Ruled, with_figures
from evaluation.services.snapshot_facts import landlords, needs_landlords, read_facts
from evaluation.services.years_before import years_as


@dataclass(frozen=True, eq=False)
class Snapshot:
    """``firms`` row by row in the order of credit codes; ``FirmYears.region`` counts ``regions``.

    ``previous``: the firms of the year before, where the scheme takes a baseline from them.
    """

    firms: FirmYears
    firm_ids: NDArray[np.int64]
    regions: Sequence[Region]
    digest: str
    previous: FirmYears | None = None


def read_snapshot(
    locality: Region, scheme: Scheme, edition_sha256: str, ruled: Ruled | None = None
) -> Snapshot:
    """Every firm of the locality that the year's survey names, with all that the scheme asks of it; ``ruled``: figures that
    stand in place of the survey's.

    Two queries and the regions for a scheme of the survey's own figures, whatever the number of firms.
    """
    regions = list(Region.objects.filter(path__startswith=locality.path).order_by("order", "code"))
    firms, read = _firms_of(locality, scheme, regions)
    firms = with_figures(firms, ruled or {})
    previous = None
    digest = _digest(firms, read, scheme.data_year, edition_sha256)
    if needs_last_year(scheme):
        before = replace(scheme, data_year=scheme.data_year - 1)
        previous, read_before = _firms_of(locality, before, regions)
        digest = _digest(previous, read_before, before.data_year, digest)
    return Snapshot(firms, read.columns["enterprise_id"].values, regions, digest, previous)


def _firms_of(locality: Region, scheme: Scheme, regions: Sequence[Region]) -> tuple[FirmYears, Read]:
    year = scheme.data_year
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
    numbers = _numbers(read.codes["region_id"], regions)
    firms = FirmYears(
        {
            quantity.id: _scaled(read.columns[quantity.field], quantity.per)
            for quantity in QUANTITIES.values()
        },
        np.isin(firm_ids, np.fromiter(in_directory(year), np.int64)),
        years_in_production(read.columns["enterprise__started_on"], year),
        numbers,
        read_facts(scheme, locality, firm_ids, [regions[number].name for number in numbers.tolist()]),
        years_as=years_as(scheme, locality, firm_ids),
        key=firm_ids,
        landlord=landlords(firm_ids, year) if needs_landlords(scheme) else None,
    )
    return firms, read


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
    for name, column in firms.facts.items():
        fingerprint.update(f"\n{name} {'|'.join(column.words)}\n".encode())
        fingerprint.update(np.ascontiguousarray(column.values).tobytes() + column.known.tobytes())
    for name, column in firms.years_as.items():
        fingerprint.update(f"\n{name} ".encode() + column.values.astype("<i8").tobytes())
    if firms.landlord is not None:
        codes = np.append(read.codes["enterprise__uscc"], b"")
        ids = read.columns["enterprise_id"].values
        place = {number: row for row, number in enumerate(ids.tolist())}
        rented = [place.get(number, len(ids)) for number in firms.landlord.tolist()]
        fingerprint.update(b"\n".join(codes[rented].tolist()))
    return fingerprint.hexdigest()
