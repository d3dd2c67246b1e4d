"""What a scheme asks for beyond the year's survey: other years, places, landlords and any fact of the portal. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.bulk import Read, read_columns
from core.conditions import Column, FactKey, Kind
from core.facts import load_frame
from core.models import Region
from enterprises.facts.ledgers import claims_of
from enterprises.models import AnnualFigure, Enterprise, Lease, RegistryEvent
from enterprises.rules.land import OUTSIDE, settle
from enterprises.rules.lineage import Past, involved, whole_pasts, with_pasts
from evaluation.policy import QUANTITIES, Scheme
from evaluation.policy.needs import extra_facts, fact_key
from evaluation.policy.quantities import LEDGER_FACTS, Quantity
from evaluation.policy.vocabulary import ABOVE_SCALE, PLACES, ROLES, YEARS_IN_PRODUCTION
from evaluation.rules.figures import NOT_ANY
from evaluation.services.directory import in_directory, years_in_production

Ints = NDArray[np.int64]


def read_facts(
    scheme: Scheme, locality: Region, firm_ids: Ints, region_names: Sequence[str]
) -> dict[str, Column]:
    """By frame key, aligned with the firms; words are sorted, so that no database's order shows in them."""
    found: dict[str, Column] = {}
    survey: dict[int, list[str]] = defaultdict(list)
    asked: dict[str, FactKey] = {}
    for key, fact in extra_facts(scheme).items():
        name, _, period = key.partition("[")
        year = int(period[:-1]) if period else scheme.data_year
        if name in QUANTITIES:
            survey[year].append(name)
        elif name == ABOVE_SCALE:
            inside = np.isin(firm_ids, np.fromiter(in_directory(year), np.int64))
            found[key] = Column(inside, np.ones(firm_ids.size, np.bool_))
        elif name == YEARS_IN_PRODUCTION:
            found[key] = years_in_production(_started(locality, firm_ids), year)
        elif name == "town":
            found[key] = Column.of_texts(_townships(locality, firm_ids))
        elif name == "zone":
            found[key] = _zones(locality, firm_ids, region_names)
        elif name == "region":
            found[key] = Column.of_texts(region_names)
        elif name in LEDGER_FACTS:
            asked[key] = FactKey(LEDGER_FACTS[name], Kind.YEAR, year)
        elif name not in PLACES:
            asked[key] = fact_key(key, fact, scheme.data_year)
    for year, names in survey.items():
        found |= _surveyed(firm_ids, year, names, scheme.data_year)
    if asked:
        frame = load_frame(asked.values(), enterprises=firm_ids, parameters={"year": scheme.data_year})
        found |= {key: frame.columns[str(needed)] for key, needed in asked.items()}
    return {key: _in_order_of_words(found[key]) for key in sorted(found)}


def needs_landlords(scheme: Scheme) -> bool:
    """Whether it matters to whom a firm pays rent."""
    named = {name for condition in scheme.conditions() for name in condition.facts}
    rule = scheme.subject.tenants.known_or("separate") if scheme.subject else "separate"
    return rule != "separate" or bool(named & set(ROLES))


def landlords(firm_ids: Ints, year: int) -> Ints:
    """The firm from which most is leased at the year's end, −1 without one; land before floor, then the lower number."""
    settled, _faults = settle(claims_of(list(Lease.objects.order_by())))
    last = date(year, 12, 31).toordinal()
    most: dict[int, tuple[int, int, int]] = {}
    for lease in settled:
        if OUTSIDE in (lease.lessor, lease.lessee) or not lease.since <= last <= lease.until:
            continue
        rent = (lease.area, lease.floor, -lease.lessor)
        most[lease.lessee] = max(most.get(lease.lessee, rent), rent)
    return np.array([-most[firm][2] if firm in most else NOT_ANY for firm in firm_ids.tolist()], np.int64)


def _surveyed(firm_ids: Ints, year: int, names: list[str], data_year: int) -> dict[str, Column]:
    """Figures of another year's survey of the same firms, those of firms that had gone into them by the end of
    ``data_year`` added; two queries a year."""
    rows = AnnualFigure.objects.filter(year=year, source=AnnualFigure.Source.SURVEY)
    quantities = [QUANTITIES[name] for name in dict.fromkeys(names)]
    read = read_columns(rows.order_by(), "enterprise_id", *(quantity.field for quantity in quantities))
    place = _places(read.columns["enterprise_id"].values, firm_ids)
    # a firm that went into another only later is graded by itself, and so is the other
    before = whole_pasts(step for step in RegistryEvent.objects.steps() if step.on.year <= data_year)
    found = {}
    for quantity in quantities:
        column = read.columns[quantity.field]
        padded = Column(
            np.append(column.values * quantity.per, 0).astype(np.int64), np.append(column.known, False)
        )
        found[f"{quantity.id}[{year}]"] = padded.take(place)
    if before:
        _add_pasts(found, read, firm_ids, quantities, year, before)
    return found


def _add_pasts(
    found: dict[str, Column],
    read: Read,
    firm_ids: Ints,
    quantities: Sequence[Quantity],
    year: int,
    before: Mapping[int, Past],
) -> None:
    """Figures of firms that went into others since are part of the others' own year (同口径)."""
    apart = involved(before)
    columns = [read.columns[quantity.field] for quantity in quantities]
    told = {
        firm: [int(column.values[row]) if column.known[row] else None for column in columns]
        for row, firm in enumerate(read.columns["enterprise_id"].values.tolist())
        if firm in apart
    }
    place = {firm: row for row, firm in enumerate(firm_ids.tolist()) if firm in before}
    for firm, values in with_pasts(told, year, before).items():
        if firm not in place:
            continue
        for quantity, value in zip(quantities, values, strict=True):
            column = found[f"{quantity.id}[{year}]"]
            column.known[place[firm]] = value is not None
            column.values[place[firm]] = (value or 0) * quantity.per


def _places(found: Ints, wanted: Ints) -> Ints:
    """Row of each wanted number; the row behind the last where it was not found."""
    if not found.size:
        return np.zeros(wanted.size, np.int64)
    order = np.argsort(found, kind="stable")
    place = order[np.minimum(np.searchsorted(found, wanted, sorter=order), found.size - 1)]
    return np.where(found[place] == wanted, place, found.size)


def _townships(locality: Region, firm_ids: Ints) -> list[str]:
    rows = Enterprise.objects.filter(region__path__startswith=locality.path).order_by()
    named = dict(rows.values_list("pk", "township"))
    return [named.get(firm, "") for firm in firm_ids.tolist()]


def _zones(locality: Region, firm_ids: Ints, region_names: Sequence[str]) -> Column:
    """The park that a firm is assessed in, or the one that its 乡镇(园区) names; else no park is known."""
    named: dict[str, str] = {}
    for zone in Region.objects.filter(path__startswith=locality.path, kind=Region.Kind.ZONE):
        named |= dict.fromkeys((zone.name, zone.short_name, *zone.aliases), zone.name)
    named.pop("", None)
    pairs = zip(region_names, _townships(locality, firm_ids), strict=True)
    found = [named.get(region) or named.get(town) for region, town in pairs]
    return Column.of_texts(found)


def _started(locality: Region, firm_ids: Ints) -> Column:
    read = read_columns(Enterprise.objects.order_by(), "id", "started_on")
    column = read.columns["started_on"]
    padded = Column(np.append(column.values, 0).astype(np.int64), np.append(column.known, False))
    return padded.take(_places(read.columns["id"].values, firm_ids))


def _in_order_of_words(column: Column) -> Column:
    if not column.words:
        return column
    order = sorted(range(len(column.words)), key=lambda place: column.words[place])
    words = tuple(column.words[place] for place in order)
    if column.values.ndim == 2:
        return Column(column.values[:, order], column.known, words)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(len(order))
    return Column(np.where(column.known, numbers[column.values], 0), column.known, words)
