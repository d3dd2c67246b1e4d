"""Reads what a year's awards are computed from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from django.db.models import F, IntegerField, Q
from django.db.models.functions import Cast

from core.conditions import Condition, FactKey, Frame
from core.facts import load_frame
from core.models import PolicyEdition, Region
from enterprises.models import DelistedEntry, Enterprise, ScaleEvent
from incentives.policy import Awards, Rule
from incentives.rules.awarding import Candidates
from incentives.rules.history import (
    DELISTED,
    IN_DIRECTORY,
    LISTED,
    Column,
    Entries,
    History,
    first_times,
)

#: Raised when the meaning of a rule changes in code, so that the same lists count as changed inputs.
DEFINITIONS = 1
_KINDS = {
    ScaleEvent.Kind.IN_DIRECTORY.value: IN_DIRECTORY,
    ScaleEvent.Kind.LISTED.value: LISTED,
    ScaleEvent.Kind.DELISTED.value: DELISTED,
}
_IN_CHUNK = 900


@dataclass(frozen=True, slots=True)
class Firm:
    pk: int
    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class ReadAwards:
    """``firms``: by the firm number of the entries; ``regions``: the region of each entry."""

    candidates: Candidates
    firms: tuple[Firm, ...]
    regions: tuple[str, ...]
    digest: str


def read_awards_facts(edition: PolicyEdition, awards: Awards, year: int, granted: object) -> ReadAwards:
    """Entries of the locality that belong to ``year`` by library or by month, and what the rules ask of them.

    ``granted``: what other years have granted already; it is part of the fingerprint.
    """
    sharing_of = _sharing_by_region(edition, awards)
    rows = _read_entries(list(sharing_of), year)
    firms = _read_firms(sorted({row[0] for row in rows}))
    number = {firm.pk: place for place, firm in enumerate(firms)}
    entries = Entries(
        firm=_whole(number[row[0]] for row in rows),
        month=_whole(row[1] for row in rows),
        library_year=_whole(row[2] for row in rows),
        again=_whole(int(row[3] == ScaleEvent.EntryType.AGAIN) for row in rows),
    )
    history = _read_history(number)
    regions = tuple(row[4] for row in rows)
    loaded = load_frame(_keys(awards, year), enterprises=[firm.pk for firm in firms])
    candidates = Candidates(
        entries=entries,
        first=first_times(entries, history, len(firms)),
        sharing=_whole(sharing_of[code] for code in regions),
        frame=loaded.take(entries.firm),
    )
    digest = _digest(edition, year, candidates, firms, regions, granted)
    return ReadAwards(candidates, firms, regions, digest)


def conditions_of(rule: Rule) -> list[Condition]:
    found = [rule.conditions, *(part.when for part in rule.parts)]
    return [condition for condition in found if condition is not None]


def _keys(awards: Awards, year: int) -> list[FactKey]:
    """The facts that the rules ask for, each once."""
    keys: dict[FactKey, None] = {}
    for rule in awards.rules:
        for condition in conditions_of(rule) if rule.can_run else ():
            keys |= dict.fromkeys(condition.needs(rule.years(year)))
    return list(keys)


def _sharing_by_region(edition: PolicyEdition, awards: Awards) -> dict[str, int]:
    """Region code → place of the cost shares, −1 for none; a township is shared like its district."""
    below = list(Region.objects.filter(path__startswith=edition.locality.path).order_by("path"))
    place = {sharing.group: number for number, sharing in enumerate(awards.sharings)}
    groups = {code: place.get(group.name, -1) for group in awards.groups for code in group.regions}
    found: dict[str, int] = {}
    for region in below:  # parents come before what lies below them
        found[region.code] = groups.get(region.code, found.get(region.parent_id or "", -1))
    return found


def _read_entries(inside: Sequence[str], year: int) -> list[tuple[Any, ...]]:
    """(firm, month, library year, entry type, region) of each LISTED event, in an order no database decides."""
    of_year = Q(library_year=year) | Q(month__gte=year * 100 + 1, month__lte=year * 100 + 12)
    rows = (
        ScaleEvent.objects.filter(of_year, region_id__in=inside, kind=ScaleEvent.Kind.LISTED)
        .annotate(number=_number())
        .order_by("region__order", "region_id", "month", "enterprise__uscc")
        .values_list("enterprise_id", "number", "library_year", "entry_type", "region_id")
    )
    return list(rows)


def _read_firms(ids: Sequence[int]) -> tuple[Firm, ...]:
    rows: list[Firm] = []
    for chunk in _chunks(ids):
        found = Enterprise.objects.filter(pk__in=chunk).order_by()
        rows += [Firm(*row) for row in found.values_list("pk", "uscc", "name")]
    return tuple(sorted(rows, key=lambda firm: firm.uscc))


def _read_history(number: Mapping[int, int]) -> History:
    """Every event of these firms, wherever it happened: a firm keeps its past when it moves."""
    events: list[tuple[Any, ...]] = []
    leavers: list[tuple[int, int]] = []
    for chunk in _chunks(sorted(number)):
        found = ScaleEvent.objects.filter(enterprise_id__in=chunk).annotate(number=_number()).order_by()
        events += found.values_list("enterprise_id", "kind", "number", "library_year")
        listed = DelistedEntry.objects.filter(enterprise_id__in=chunk).order_by()
        leavers += listed.values_list("enterprise_id", "year")
    events.sort()
    leavers.sort()
    return History(
        firm=_whole(number[event[0]] for event in events),
        kind=_whole(_KINDS[event[1]] for event in events),
        month=_whole(event[2] for event in events),
        library_year=_whole(event[3] for event in events),
        leaver=_whole(number[firm] for firm, _year in leavers),
        leaver_year=_whole(year for _firm, year in leavers),
    )


def _digest(
    edition: PolicyEdition,
    year: int,
    candidates: Candidates,
    firms: Sequence[Firm],
    regions: Sequence[str],
    granted: object,
) -> str:
    """SHA-256 over everything that decides: firms by credit code, entries in their order, facts, earlier grants."""
    entries, first = candidates.entries, candidates.first
    named = [[firm.uscc, firm.name] for firm in firms]
    digest = hashlib.sha256(
        msgspec.json.encode([DEFINITIONS, edition.sha256, year, named, list(regions), granted])
    )
    columns = [entries.firm, entries.month, entries.library_year, first.code, first.when, candidates.sharing]
    for column in columns:
        _add(digest, column)
    _add_frame(digest, candidates.frame)
    return digest.hexdigest()


def _add(digest: Any, column: Any) -> None:
    digest.update(f"{column.size};".encode())
    digest.update(np.ascontiguousarray(column).astype("<i8").tobytes())


def _add_frame(digest: Any, frame: Frame) -> None:
    for key in sorted(frame.columns):
        column = frame.columns[key]
        digest.update(msgspec.json.encode([key, list(column.words)]))
        _add(digest, column.known)
        _add(digest, column.values)


def _number() -> Cast:
    """The month as its number, without a ``Month`` object a row."""
    return Cast(F("month"), IntegerField())


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), _IN_CHUNK):
        yield ids[start : start + _IN_CHUNK]


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)
