"""Reads what a month is computed from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

from core.bulk import Read, read_columns
from core.models import PolicyEdition, Region
from core.periods import Month
from core.services.policies import document_of
from cultivation.models import Target
from cultivation.policy import Counting, Targets
from cultivation.rules.figure_columns import FigureColumns, slices
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
from cultivation.services.month_figures import read_figures, with_pasts
from enterprises.models import Enterprise, RegionSpell, RegistryEvent, ScaleEvent
from enterprises.rules.lineage import Past, involved, whole_pasts

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
    """A month's facts as read, to be worked a slice of firms at a time. ``firms``: line, founded, closed, pending by
    row; ``firm_ids``: primary key by row; ``industry``: division of GB/T 4754 by row, 0 unknown; ``events`` in the
    order of rows; ``bases``: of the firms ``apart`` alone, those with another's past; ``regions``: of each line."""

    month: Month
    firms: Table
    firm_ids: Column
    industry: Column
    figures: FigureColumns
    events: Table
    targets: tuple[int | None, ...]
    basis: str
    due_share: str
    bases: Table | None
    apart: Column
    regions: tuple[Region, ...]
    digest: str

    @property
    def facts(self) -> MonthFacts:
        """Of all firms at once: for small localities and for tests."""
        return self.facts_of(slice(0, self.firm_ids.size))

    def facts_of(self, rows: slice) -> MonthFacts:
        """Of these firms alone, their rows counted from 0."""
        place = np.searchsorted(self.events["firm"], (rows.start, rows.stop))
        events = {name: column[place[0] : place[1]] for name, column in self.events.items()}
        events["firm"] = events["firm"] - rows.start
        figures = self.figures.table(rows)
        bases = None
        if self.bases is not None:
            bases = _bases_of(figures, np.arange(rows.start, rows.stop), self.bases, self.apart)
        firms = {name: column[rows] for name, column in self.firms.items()}
        return MonthFacts(self.month, firms, figures, events, self.targets, self.basis, bases, self.due_share)


def read_month(edition: PolicyEdition, month: Month) -> ReadMonth:
    """Facts of the edition's locality up to ``month``; lines are its districts in official order."""
    document = document_of(edition)
    part = document.parts.get("targets")
    basis = part.counting.basis if isinstance(part, Targets) else "gross"
    regions, line_of = lines_of(edition)
    inside = list(line_of)
    events = _read_events(inside, line_of, month)
    if isinstance(part, Targets):
        events["library_year"] = _counted_years(part.counting, events)
    here = _read_firms(Enterprise.objects.filter(region_id__in=inside))
    spells = _spells_on(month.last_day, inside)
    named = np.union1d(events["firm"], spells[0])
    known = np.union1d(here.columns["id"].values, named)
    figures = read_figures(known, line_of, first_month(part, month), month)
    ids = figures.firms
    firms = [here, *_firms_by_key(np.setdiff1d(ids, here.columns["id"].values))]
    table, industry, codes = _firm_table(ids, firms, line_of, month, inside, spells)
    events = _in_order(events, ids)
    before = whole_pasts(RegistryEvent.objects.steps())
    with_pasts(figures, before, month.year, month)
    apart = figures.rows_of(np.array(sorted(involved(before)), np.int64))
    apart = apart[apart >= 0]
    bases = _bases(figures, apart, month, before)
    targets = _read_targets(edition.name, regions, month.year, basis)
    due = due_share(part.counting.due_at(month.month)) if isinstance(part, Targets) else ""
    head = [DEFINITIONS, edition.sha256, month.number, [r.code for r in regions], targets, basis]
    digest = _digest(head, codes, table, figures, events, bases, apart)
    return ReadMonth(
        month, table, ids, industry, figures, events, targets, basis, due, bases, apart, regions, digest
    )


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


def _read_events(inside: Sequence[str], line_of: Mapping[str, int], last: Month) -> Table:
    """Events of the locality's regions, and of firms that are in it today: a firm keeps its past when it moves in."""
    rows = (
        ScaleEvent.objects.filter(
            Q(region_id__in=inside) | Q(enterprise__region_id__in=inside), month__lte=last
        )
        .annotate(number=Cast(F("month"), IntegerField()))
        .order_by()
    )
    read = read_columns(rows, "enterprise_id", "number", "library_year", "kind", "region_id")
    return {
        "firm": read.columns["enterprise_id"].values,
        "month": read.columns["number"].values,
        "kind": _by_word(read.codes["kind"], _KINDS),
        "library_year": read.columns["library_year"].values,
        "line": _by_word(read.codes["region_id"], line_of, OUTSIDE),
    }


def _by_word(codes: NDArray[np.bytes_], numbers: Mapping[str, int], else_: int | None = None) -> Column:
    """The number of each word; ``KeyError`` for one without, where nothing stands for it."""
    words, place = np.unique(codes, return_inverse=True)
    found = [
        numbers[word.decode()] if else_ is None else numbers.get(word.decode(), else_)
        for word in words.tolist()
    ]
    return np.array(found, np.int64)[place.reshape(-1)]


def _in_order(events: Table, ids: Column) -> Table:
    order = np.argsort(events["firm"], kind="stable")
    ordered = {name: column[order] for name, column in events.items()}
    return ordered | {"firm": np.searchsorted(ids, ordered["firm"]).astype(np.int64)}


_FIRM = ("id", "founded_on", "closed", "pending", "uscc", "industry_code", "region_id")


def _read_firms(firms: QuerySet[Enterprise]) -> Read:
    words = Q()
    for word in CLOSED_WORDS:
        words |= Q(status__contains=word)
    pending = Q(verification=Enterprise.Verification.PENDING)
    rows = firms.order_by().annotate(closed=_flag(words), pending=_flag(pending))
    return read_columns(rows, *_FIRM)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _firms_by_key(keys: Column) -> Iterator[Read]:
    """Firms that the locality's figures, events and spells name and that are assessed elsewhere today."""
    for start in range(0, keys.size, _IN_CHUNK):
        chunk = keys[start : start + _IN_CHUNK].tolist()
        yield _read_firms(Enterprise.objects.filter(pk__in=chunk))


def _firm_table(
    ids: Column,
    read: Sequence[Read],
    line_of: Mapping[str, int],
    month: Month,
    inside: Sequence[str],
    spells: tuple[Column, NDArray[np.bytes_]],
) -> tuple[Table, Column, NDArray[np.bytes_]]:
    """Line, founding and state of each firm, its division and its credit code, by key."""
    order = np.argsort(np.concatenate([one.columns["id"].values for one in read]), kind="stable")
    columns = {
        name: np.concatenate([one.columns[name].values for one in read])[order]
        for name in ("founded_on", "closed", "pending")
    }
    known = np.concatenate([one.columns["founded_on"].known for one in read])[order]
    codes = {
        name: np.concatenate([one.codes[name] for one in read])[order]
        for name in ("uscc", "industry_code", "region_id")
    }
    line = _by_word(codes["region_id"], line_of, OUTSIDE)
    elsewhere = np.fromiter(_placed_elsewhere(month.last_day, inside), np.int64)
    line[np.searchsorted(ids, np.intersect1d(elsewhere, ids))] = OUTSIDE
    line[np.searchsorted(ids, spells[0])] = _by_word(spells[1], line_of, OUTSIDE)
    table = {
        "line": line,
        "founded": np.where(known, _day_numbers(columns["founded_on"]), 0),
        "closed": columns["closed"],
        "pending": columns["pending"],
    }
    return table, _divisions(codes["industry_code"]), codes["uscc"]


def _divisions(codes: NDArray[np.bytes_]) -> Column:
    """大类 of GB/T 4754 as numbers; 0 unknown."""
    found, place = np.unique(codes, return_inverse=True)
    numbers = [int(code[:2]) if code[:2].isdigit() else 0 for code in found.tolist()]
    return np.array(numbers, np.int64)[place.reshape(-1)]


def _day_numbers(days: Column) -> Column:
    """20220630 of days since 1970."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    return (months // 12 + 1970) * 10_000 + (months % 12 + 1) * 100 + day


def on_day(day: date) -> Q:
    """Spells of assessment regions that hold on that day."""
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))


def _spells_on(day: date, inside: Sequence[str]) -> tuple[Column, NDArray[np.bytes_]]:
    """Firms of the locality on that day, ascending, and the assessment region of each."""
    spells = RegionSpell.objects.filter(on_day(day), region_id__in=inside).order_by("pk")
    read = read_columns(spells, "enterprise_id", "region_id")
    firms, codes = read.columns["enterprise_id"].values, read.codes["region_id"]
    # the last one of a firm counts
    found, place = np.unique(firms[::-1], return_index=True)
    return found, codes[::-1][place]


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


# ---------------------------------------------------------------- bases


def _bases(figures: FigureColumns, apart: Column, month: Month, before: Mapping[int, Past]) -> Table | None:
    """Of the firms ``apart`` alone, by row; ``None`` where no figure of the locality is of such a firm."""
    told = figures.table(apart)
    own = {"firm": figures.firms[apart][told["firm"]], "revenue": told["revenue"]}
    bases = bases_with_pasts(own, told["month"], month, before)
    if bases is None:
        return None
    rows = figures.rows_of(bases["firm"])
    return {name: column[rows >= 0] for name, column in (bases | {"firm": rows}).items()}


def _bases_of(figures: Table, rows: Column, bases: Table, apart: Column) -> Table:
    """What these rows' figures are compared with: their own, and for those ``apart`` what stands in ``bases``."""
    own = ~np.isin(rows, apart)[figures["firm"]]
    order = np.argsort(rows, kind="stable")
    place = np.minimum(np.searchsorted(rows, bases["firm"], sorter=order), max(rows.size - 1, 0))
    here = rows[order[place]] == bases["firm"] if rows.size else np.zeros(0, np.bool_)
    taken_over = bases | {"firm": order[place]}
    return {
        name: np.concatenate([figures[name][own], taken_over[name][here]])
        for name in ("firm", "month", "revenue")
    }


# ---------------------------------------------------------------- fingerprint


def _digest(
    head: list[object],
    codes: NDArray[np.bytes_],
    firms: Table,
    figures: FigureColumns,
    events: Table,
    bases: Table | None,
    apart: Column,
) -> str:
    """SHA-256 over everything read, in an order that no database decides: firms by credit code."""
    order = np.argsort(codes, kind="stable")
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    digest = hashlib.sha256(msgspec.json.encode([*head, [code.decode() for code in codes[order].tolist()]]))
    _add(digest, {name: column[order] for name, column in firms.items()}, ())
    _add_figures(digest, figures, order)
    _add(digest, events | {"firm": rank[events["firm"]]}, ("kind", "month", "firm"))
    if bases is not None:
        every = np.arange(order.size)
        whole = _bases_of(figures.table(every), every, bases, apart)
        _add(digest, whole | {"firm": rank[whole["firm"]]}, ("month", "firm"))
    return digest.hexdigest()


def _add_figures(digest: hashlib._Hash, figures: FigureColumns, order: Column) -> None:
    """As ``_add`` of the whole table by firm and month, without making it."""
    size = figures.count()
    for name in ("firm", "line", "month", "power", "powered", "revenue", "tax"):
        digest.update(f"{name}:{size};".encode())
        for rows in slices(order.size):
            column = figures.column(name, order[rows])
            digest.update((column + rows.start if name == "firm" else column).astype("<i8").tobytes())


def _add(digest: hashlib._Hash, table: Table, order_by: tuple[str, ...]) -> None:
    order = np.lexsort([table[name] for name in order_by]) if order_by else slice(None)
    for name in sorted(table):
        digest.update(f"{name}:{table[name].size};".encode())
        digest.update(table[name][order].astype("<i8").tobytes())


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)
