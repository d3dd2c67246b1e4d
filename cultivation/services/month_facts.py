"""Reads what a month is computed from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast
from numpy.typing import NDArray

from core.bulk import read_columns
from core.models import PolicyEdition, Region
from core.periods import Month
from core.services.policies import document_of
from cultivation.models import Target
from cultivation.policy import Counting, Targets
from cultivation.rules.measures import BASIS_NET, due_share
from cultivation.rules.months import (
    DEFINITIONS,
    DELISTED,
    IN_DIRECTORY,
    LISTED,
    OUTSIDE,
    Column,
    MonthFacts,
    Table,
)
from cultivation.services.month_bases import bases_with_pasts
from enterprises.models import Enterprise, MonthlyFigure, RegionSpell, RegistryEvent, ScaleEvent
from enterprises.rules.lineage import whole_pasts

#: Words of 企业状态 after which nobody is asked for a return; a firm that stands still (停产、停业) still is.
CLOSED_WORDS = ("注销", "吊销", "迁出", "撤销", "破产")
_KINDS = {
    ScaleEvent.Kind.IN_DIRECTORY.value: IN_DIRECTORY,
    ScaleEvent.Kind.LISTED.value: LISTED,
    ScaleEvent.Kind.DELISTED.value: DELISTED,
}
_METRICS = {"gross": Target.Metric.NEWLY_LISTED, "net": Target.Metric.NET_ADDED}
_IN_CHUNK = 900


@dataclass(frozen=True, slots=True)
class ReadMonth:
    """``firm_ids``: primary key by row of the firms' columns; ``regions``: the region of each line."""

    facts: MonthFacts
    firm_ids: Column
    regions: tuple[Region, ...]
    digest: str


def read_month(edition: PolicyEdition, month: Month) -> ReadMonth:
    """Facts of the edition's locality up to ``month``; lines are its districts in official order."""
    document = document_of(edition)
    part = document.parts.get("targets")
    basis = part.counting.basis if isinstance(part, Targets) else "gross"
    regions, line_of = lines_of(edition)
    inside = list(line_of)
    figures, months = _read_figures(inside, line_of, first_month(part, month), month)
    events = _read_events(inside, line_of, month)
    if isinstance(part, Targets):
        events["library_year"] = _counted_years(part.counting, events)
    firms, firm_ids, codes = _read_firms(inside, line_of, month, np.union1d(figures["firm"], events["firm"]))
    bases = bases_with_pasts(figures, months, month, whole_pasts(RegistryEvent.objects.steps()))
    for table in (figures, events):
        table["firm"] = np.searchsorted(firm_ids, table["firm"]).astype(np.int64)
    if bases is not None:
        here = np.isin(bases["firm"], firm_ids)
        bases = {name: column[here] for name, column in bases.items()}
        bases["firm"] = np.searchsorted(firm_ids, bases["firm"]).astype(np.int64)
    targets = _read_targets(edition.name, regions, month.year, basis)
    due = due_share(part.counting.due_at(month.month)) if isinstance(part, Targets) else ""
    facts = MonthFacts(month, firms, figures | {"month": months}, events, targets, basis, bases, due)
    digest = _digest(facts, codes, [region.code for region in regions], edition.sha256)
    return ReadMonth(facts, firm_ids, regions, digest)


def _counted_years(counting: Counting, events: Table) -> Column:
    """The year whose target each event counts for: its approval-library year, or by its month and the cut-off."""
    if counting.entry_year == "approval_library":
        return events["library_year"]
    pairs = zip(events["month"].tolist(), events["library_year"].tolist(), strict=True)
    return _whole(counting.counted_year(month // 100, month % 100, year) for month, year in pairs)


def lines_of(edition: PolicyEdition) -> tuple[tuple[Region, ...], dict[str, int]]:
    """The regions that get a line, and the line of every region of the locality (townships: their district's).

    The locality itself gets a line only where it has no districts, or for firms assessed by it directly: those
    must not fall out of the sum, so it stands last and is dropped again while it is empty.
    """
    locality = edition.locality
    below = list(Region.objects.filter(path__startswith=locality.path).order_by("order", "code"))
    districts = [region for region in below if region.parent_id == locality.pk]
    regions = (*districts, locality)
    line_of = {locality.pk: len(districts)}
    for line, district in enumerate(districts):
        line_of |= {region.pk: line for region in below if region.path.startswith(district.path)}
    return regions, line_of


def first_month(part: object, month: Month) -> Month:
    """January of last year, or of the first year of a multi-year target that is running, if that is earlier."""
    years = [month.year - 1]
    if isinstance(part, Targets):
        years += [goal.first_year for goal in part.goals if goal.first_year <= month.year <= goal.last_year]
    return Month(min(years), 1)


def _read_figures(
    inside: Sequence[str], line_of: Mapping[str, int], first: Month, last: Month
) -> tuple[Table, Column]:
    rows = (
        MonthlyFigure.objects.filter(region_id__in=inside)
        .for_months(first, last)
        .annotate(number=_number())
        .order_by()
    )
    names = ("enterprise_id", "number", "revenue_wan", "tax_paid_wan", "power_wan_kwh", "region_id")
    read = read_columns(rows, *names)
    power = read.columns["power_wan_kwh"]
    table = {
        "firm": read.columns["enterprise_id"].values,
        "revenue": read.columns["revenue_wan"].values,
        "tax": read.columns["tax_paid_wan"].values,
        "power": power.values,
        "powered": power.known.astype(np.int64),
        "line": _lines_of_codes(read.codes["region_id"], line_of),
    }
    return table, read.columns["number"].values


def _lines_of_codes(codes: NDArray[np.bytes_], line_of: Mapping[str, int]) -> Column:
    """The line of each region code; every code is one of the locality's."""
    known = sorted(line_of)
    lines = np.array([line_of[code] for code in known], np.int64)
    return lines[np.searchsorted(np.array([code.encode() for code in known]), codes)]


def _read_events(inside: Sequence[str], line_of: Mapping[str, int], last: Month) -> Table:
    """Events of the locality's regions, and of firms that are in it today: a firm keeps its past when it moves in."""
    rows = (
        ScaleEvent.objects.filter(
            Q(region_id__in=inside) | Q(enterprise__region_id__in=inside), month__lte=last
        )
        .annotate(number=_number())
        .order_by()
        .values_list("enterprise_id", "number", "kind", "library_year", "region_id")
    )
    firm, number, kind, year, region = _columns(rows, 5)
    return {
        "firm": _whole(firm),
        "month": _whole(number),
        "kind": _whole(_KINDS[word] for word in kind),
        "library_year": _whole(year),
        "line": _whole(line_of.get(code, OUTSIDE) for code in region),
    }


def _read_firms(
    inside: Sequence[str], line_of: Mapping[str, int], month: Month, named: Column
) -> tuple[Table, Column, list[str]]:
    """Firms of the locality at the month's end, and those that its figures and events name; ordered by key."""
    fields = ("pk", "uscc", "founded_on", "status", "verification", "region_id")
    firms = list(Enterprise.objects.filter(region_id__in=inside).order_by().values_list(*fields))
    region_then = _regions_on(month.last_day, inside)
    known = {firm[0] for firm in firms}
    missing = sorted({*map(int, named), *region_then} - known)
    for start in range(0, len(missing), _IN_CHUNK):
        chunk = missing[start : start + _IN_CHUNK]
        firms += Enterprise.objects.filter(pk__in=chunk).order_by().values_list(*fields)
    firms.sort()
    elsewhere = _placed_elsewhere(month.last_day, inside)
    closed = {status: int(any(word in status for word in CLOSED_WORDS)) for status in {f[3] for f in firms}}
    columns: dict[str, list[int]] = {"line": [], "founded": [], "closed": [], "pending": []}
    for pk, _uscc, founded, status, verification, region in firms:
        code = region_then.get(pk) or (None if pk in elsewhere else region)
        columns["line"].append(line_of.get(code, OUTSIDE) if code else OUTSIDE)
        columns["founded"].append(_day_number(founded) if founded else 0)
        columns["closed"].append(closed[status])
        columns["pending"].append(int(verification == Enterprise.Verification.PENDING))
    table = {name: _whole(values) for name, values in columns.items()}
    return table, _whole(firm[0] for firm in firms), [firm[1] for firm in firms]


def on_day(day: date) -> Q:
    """Spells of assessment regions that hold on that day."""
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))


def _regions_on(day: date, inside: Sequence[str]) -> dict[int, str]:
    """The assessment region of each firm of the locality on that day."""
    spells = RegionSpell.objects.filter(on_day(day), region_id__in=inside).order_by("pk")
    return dict(spells.values_list("enterprise_id", "region_id"))


def _placed_elsewhere(day: date, inside: Sequence[str]) -> set[int]:
    """Firms that are in the locality today but were not on that day."""
    spells = RegionSpell.objects.filter(on_day(day), enterprise__region_id__in=inside).exclude(
        region_id__in=inside
    )
    return set(spells.order_by().values_list("enterprise_id", flat=True))


def _read_targets(programme: str, regions: Sequence[Region], year: int, basis: str) -> tuple[int | None, ...]:
    metric = _METRICS[BASIS_NET if basis == BASIS_NET else "gross"]
    rows = Target.objects.of_programme(programme).yearly(metric, year)
    by_region = dict(rows.values_list("region_id", "value"))
    # the locality's own target is what the districts share: it stands in no line beside them
    own = None if len(regions) > 1 else by_region.get(regions[-1].code)
    return (*(by_region.get(region.code) for region in regions[:-1]), own)


def _digest(facts: MonthFacts, codes: Sequence[str], lines: Sequence[str], edition: str) -> str:
    """SHA-256 over everything read, in an order that no database decides: firms by credit code."""
    rank = np.empty(len(codes), np.int64)
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__), np.int64)
    rank[order] = np.arange(len(codes))
    digest = hashlib.sha256(
        msgspec.json.encode(
            [DEFINITIONS, edition, facts.month.number, list(lines), facts.targets, facts.basis, sorted(codes)]
        )
    )
    _add(digest, {name: column[order] for name, column in facts.firms.items()}, ())
    _add(digest, facts.figures | {"firm": rank[facts.figures["firm"]]}, ("month", "firm"))
    _add(digest, facts.events | {"firm": rank[facts.events["firm"]]}, ("kind", "month", "firm"))
    if facts.bases is not None:
        _add(digest, facts.bases | {"firm": rank[facts.bases["firm"]]}, ("month", "firm"))
    return digest.hexdigest()


def _add(digest: hashlib._Hash, table: Table, order_by: tuple[str, ...]) -> None:
    order = np.lexsort([table[name] for name in order_by]) if order_by else slice(None)
    for name in sorted(table):
        digest.update(f"{name}:{table[name].size};".encode())
        digest.update(table[name][order].astype("<i8").tobytes())


def _number() -> Cast:
    """The month as its number: a ``Month`` object for each of a million rows would be made for nothing."""
    return Cast(F("month"), IntegerField())


def _columns(rows: QuerySet, width: int) -> Sequence[Sequence]:
    return list(zip(*rows, strict=True)) or [()] * width


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)


def _day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
