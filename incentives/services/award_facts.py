"""Reads what a year's awards are computed from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import numpy as np
from django.db.models import Q

from core.conditions import Frame
from core.models import PolicyEdition, Region
from enterprises.models import Enterprise, ScaleEvent
from enterprises.services.storing import in_chunks
from incentives.models import Award
from incentives.policy import Awards
from incentives.rules.history import Column, Entries, FirstTimes
from incentives.rules.needs import facts_needed
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Candidates, Occasions
from incentives.rules.scopes import Earlier, Scoped
from incentives.services.event_facts import EntryRows, load_award_frame
from incentives.services.firm_pasts import Pasts, month_number, read_past_events, read_pasts, told_pasts

#: Raised when the meaning of a rule changes in code, so that the same lists count as changed inputs.
DEFINITIONS = 2


@dataclass(frozen=True, slots=True)
class Firm:
    pk: int
    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class ReadAwards:
    """``firms``: by the recipient number of the occasions; ``regions``: the region of each occasion."""

    candidates: Candidates
    firms: tuple[Firm, ...]
    regions: tuple[str, ...]
    digest: str
    pasts: Pasts


def read_awards_facts(edition: PolicyEdition, awards: Awards, year: int, granted: object) -> ReadAwards:
    """Entries of the locality that belong to ``year`` by library or by month, and what the rules ask of them.

    ``granted``: what other years have granted already; it is part of the fingerprint.
    """
    group_of = _group_by_region(edition, awards)
    rows = _read_entries(list(group_of), year)
    firms = _read_firms(sorted({row[0] for row in rows}))
    number = {firm.pk: place for place, firm in enumerate(firms)}
    entries = Entries(
        firm=_whole(number[row[0]] for row in rows),
        month=_whole(row[1] for row in rows),
        library_year=_whole(row[2] for row in rows),
        again=_whole(int(row[3] == ScaleEvent.EntryType.AGAIN) for row in rows),
    )
    pasts = read_pasts([(row[0], row[1]) for row in rows])
    past = read_past_events(number, pasts)
    history = past.own
    regions = tuple(row[4] for row in rows)
    first = past.first_times(entries, pasts)
    occasions = _occasions(entries, first, _whole(group_of[code] for code in regions))
    told = EntryRows(entries, tuple(row[3] for row in rows), first, history, regions)
    keys = [key for rule in awards.rules if rule.makes_awards for key in facts_needed(rule, year, year)]
    for cap in awards.caps:
        keys += cap.quantity.needs({"year": year}) if cap.quantity else ()
    frame = load_award_frame(keys, firms=[firm.pk for firm in firms], rows=told, year=year, awards=awards)
    candidates = Candidates(occasions, frame)
    digest = _digest(
        edition, year, candidates, firms, regions, [granted, told_pasts(pasts)] if pasts else granted
    )
    return ReadAwards(candidates, firms, regions, digest, pasts)


def earlier_awards(read: ReadAwards, granted: Iterable[Award], year: int) -> Earlier:
    """What these firms, and those whose past is theirs, have had in other years: caps and stacking count it."""
    heirs: dict[int, dict[int, date]] = {firm.pk: {place: date.max} for place, firm in enumerate(read.firms)}
    recipients = read.candidates.occasions.scope.recipient
    for at, past in read.pasts.items():
        place = int(recipients[at])
        for firm, until in past.items():
            of_firm = heirs.setdefault(firm, {})
            of_firm[place] = max(until, of_firm.get(place, until))
    rows = [
        (place, award.round.year, award.rule, award.amount_fen)
        for award in granted
        if award.round.year != year and award.enterprise_id is not None
        for place, until in heirs.get(award.enterprise_id, {}).items()
        if had_by(award, until)
    ]
    words = tuple(dict.fromkeys(row[2] for row in rows))
    none = np.full(len(rows), -1, np.int64)
    scope = Scoped(_whole(row[0] for row in rows), _whole(row[1] for row in rows), none, none, none)
    return Earlier(scope, _whole(words.index(row[2]) for row in rows), _whole(row[3] for row in rows), words)


def had_by(award: Award, until: date) -> bool:
    """Whether what the award is for had happened by that day."""
    month = award.event_month
    return award.round.year <= until.year if month is None else month.first_day <= until


def _occasions(entries: Entries, first: FirstTimes, group: Column) -> Occasions:
    """Entries into the directory as occasions of firms; an entry is known by its month."""
    size, none = entries.firm.size, np.full(entries.firm.size, -1, np.int64)
    return Occasions(
        event=np.full(size, EVENT_NUMBERS["listed"], np.int64),
        kind=np.full(size, KIND_NUMBERS["enterprise"], np.int64),
        first_day=entries.month * 100 + 1,
        last_day=entries.month * 100 + 31,
        library_year=entries.library_year,
        scope=Scoped(entries.firm, entries.library_year, none, none, none),
        group=group,
        first=first,
    )


def _group_by_region(edition: PolicyEdition, awards: Awards) -> dict[str, int]:
    """Region code → place of its group, −1 for none; a township belongs to the group of its district."""
    below = list(Region.objects.filter(path__startswith=edition.locality.path).order_by("path"))
    groups = {code: place for place, group in enumerate(awards.groups) for code in group.regions}
    found: dict[str, int] = {}
    for region in below:  # parents come before what lies below them
        found[region.code] = groups.get(region.code, found.get(region.parent_id or "", -1))
    return found


def _read_entries(inside: Sequence[str], year: int) -> list[tuple[Any, ...]]:
    """(firm, month, library year, entry type, region) of each LISTED event, in an order no database decides."""
    of_year = Q(library_year=year) | Q(month__gte=year * 100 + 1, month__lte=year * 100 + 12)
    rows = (
        ScaleEvent.objects.filter(of_year, region_id__in=inside, kind=ScaleEvent.Kind.LISTED)
        .annotate(number=month_number())
        .order_by("region__order", "region_id", "month", "enterprise__uscc")
        .values_list("enterprise_id", "number", "library_year", "entry_type", "region_id")
    )
    return list(rows)


def _read_firms(ids: Sequence[int]) -> tuple[Firm, ...]:
    rows: list[Firm] = []
    for chunk in in_chunks(ids):
        found = Enterprise.objects.filter(pk__in=chunk).order_by()
        rows += [Firm(*row) for row in found.values_list("pk", "uscc", "name")]
    return tuple(sorted(rows, key=lambda firm: firm.uscc))


def _digest(
    edition: PolicyEdition,
    year: int,
    candidates: Candidates,
    firms: Sequence[Firm],
    regions: Sequence[str],
    granted: object,
) -> str:
    """SHA-256 over everything that decides: firms by credit code, entries in their order, facts, earlier grants."""
    occasions = candidates.occasions
    first = occasions.first
    named = [[firm.uscc, firm.name] for firm in firms]
    digest = hashlib.sha256(
        msgspec.json.encode([DEFINITIONS, edition.sha256, year, named, list(regions), granted])
    )
    columns = [
        occasions.scope.recipient,
        occasions.month,
        occasions.library_year,
        first.code,
        first.when,
        occasions.group,
    ]
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


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)
