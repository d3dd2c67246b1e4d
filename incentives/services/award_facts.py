"""Reads what a year's awards are computed from, set-based, into columns; and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import numpy as np

from core.conditions import FactKey, Frame
from core.models import PolicyEdition
from core.services.policies import document_of
from incentives.models import Award
from incentives.policy import Awards
from incentives.policy.names import Names
from incentives.rules.happenings import Happening, Who, Words, each_once, occasions_of
from incentives.rules.history import Column
from incentives.rules.matters import is_later
from incentives.rules.needs import facts_needed
from incentives.rules.occasions import KIND_NUMBERS, Candidates
from incentives.rules.scopes import Earlier, Mask, Scoped
from incentives.services.asked import Asked
from incentives.services.event_facts import OF_HISTORY, FactRows, load_award_frame
from incentives.services.firm_events import firm_events
from incentives.services.firm_pasts import Pasts, read_past_events, read_pasts, told_pasts
from incentives.services.first_times import with_first_times
from incentives.services.other_funds import OtherFund, other_funds
from incentives.services.period_ends import period_ends
from incentives.services.told_events import told_data, told_events

#: Raised when the meaning of a rule changes in code, so that the same lists count as changed inputs.
DEFINITIONS = 3


@dataclass(frozen=True, slots=True)
class ReadAwards:
    """``happenings``: the events row by row; ``recipients``: by the number that the occasions give them."""

    candidates: Candidates
    happenings: tuple[Happening, ...]
    recipients: tuple[Who, ...]
    words: Words
    digest: str
    pasts: Pasts
    others: tuple[OtherFund, ...] = ()

    @property
    def by_calendar(self) -> Mask:
        return np.array([one.by_calendar for one in self.happenings], np.bool_)


def read_awards_facts(
    edition: PolicyEdition,
    awards: Awards,
    year: int,
    granted: Sequence[Award],
    told: object,
    *,
    as_of: int | None = None,
) -> ReadAwards:
    """Every event of the locality that may open a rule in ``year``, and what the rules ask of its recipient.

    ``granted``: awards of other versions and years; ``told``: the same as texts, for the fingerprint; ``as_of``:
    the year up to which later conditions are looked at.
    """
    asked = Asked.of(edition, awards, year)
    gathered = each_once([*firm_events(asked), *told_events(asked), *period_ends(asked)])
    ordered = sorted(gathered, key=lambda one: _official(one, asked))
    pasts = read_pasts(
        [
            (place, one.who.firm, one.month)
            for place, one in enumerate(ordered)
            if one.who.firm and not one.by_calendar
        ]
    )
    keys = _keys(asked, as_of or year)
    firms = _firms_of(ordered)
    with_history = any(key.name in OF_HISTORY for key in keys)
    remembered = firms if with_history else _firms_of([one for one in ordered if one.event == "listed"])
    past = read_past_events({firm: place for place, firm in enumerate(remembered)}, pasts)
    happenings = with_first_times(ordered, past, pasts, asked)
    recipients = tuple(
        sorted({one.who for one in happenings}, key=lambda who: (KIND_NUMBERS[who.kind], who.code))
    )
    others = tuple(other_funds(asked))
    words = _words(happenings, granted, others)
    occasions = occasions_of(
        happenings,
        {who: place for place, who in enumerate(recipients)},
        asked.groups,
        [rule.id for rule in awards.rules],
        words,
    )
    data = told_data(asked)
    places = {firm: place for place, firm in enumerate(firms)}
    rows = FactRows(
        happenings=happenings,
        firms=firms,
        places=np.array([places.get(one.who.firm or 0, -1) for one in happenings], np.int64),
        told=[{**data.get((one.who.kind, one.who.code), {}), **one.facts} for one in happenings],
        history=past.own,
        regions=asked.regions,
        groups=asked.groups,
    )
    types = Names.of(document_of(edition)).facts
    frame = load_award_frame(keys, rows=rows, awards=awards, types=types)
    funds = [[one.name, one.kind, one.code, one.year, one.fen, one.project, one.invoice] for one in others]
    before = [told, told_pasts(pasts), funds] if pasts or funds else told
    digest = _digest(edition, year, happenings, frame, before)
    candidates = Candidates(occasions, frame)
    return ReadAwards(candidates, tuple(happenings), recipients, words, digest, pasts, others)


def earlier_awards(read: ReadAwards, granted: Iterable[Award], year: int) -> Earlier:
    """What these recipients, and the firms whose past is theirs, have had in other years: caps and stacking count it."""
    heirs: dict[int, dict[int, date]] = {}
    others: dict[tuple[str, str], int] = {}
    for place, who in enumerate(read.recipients):
        if who.firm is None:
            others[who.kind, who.code] = place
        else:
            heirs[who.firm] = {place: date.max}
    recipients = read.candidates.occasions.scope.recipient
    for at, past in read.pasts.items():
        place = int(recipients[at])
        for firm, until in past.items():
            of_firm = heirs.setdefault(firm, {})
            of_firm[place] = max(until, of_firm.get(place, until))
    rows: list[tuple[int, Award]] = []
    for award in granted:
        if award.round.year == year or is_later(award.occasion):
            continue  # a later part belongs to the award of its base year
        if award.enterprise_id is None:
            own = others.get((award.recipient_kind, award.recipient_code))
            rows += [] if own is None else [(own, award)]
        else:
            rows += [
                (place, award)
                for place, until in heirs.get(award.enterprise_id, {}).items()
                if had_by(award, until)
            ]
    had = [
        (place, award.round.year, award.rule, award.amount_fen, award.key, award.project, award.invoice)
        for place, award in rows
    ]
    for fund in read.others:
        own = others.get((fund.kind, fund.code))
        places = heirs.get(fund.firm, {}) if fund.firm else {} if own is None else {own: date.max}
        told = (fund.year, fund.name, fund.fen, "", fund.project, fund.invoice)
        had += [(place, *told) for place, until in places.items() if fund.year <= until.year]
    words = tuple(dict.fromkeys(row[2] for row in had))
    scope = Scoped(
        _whole(row[0] for row in had),
        _whole(row[1] for row in had),
        read.words.numbers([row[4] for row in had]),
        read.words.numbers([row[5] for row in had]),
        read.words.numbers([row[6] for row in had]),
    )
    return Earlier(scope, _whole(words.index(row[2]) for row in had), _whole(row[3] for row in had), words)


def had_by(award: Award, until: date) -> bool:
    """Whether what the award is for had happened by that day."""
    month = award.event_month
    return award.round.year <= until.year if month is None else month.first_day <= until


def _official(one: Happening, asked: Asked) -> tuple[Any, ...]:
    """By region, day and recipient, in an order that no database decides."""
    region = asked.regions[one.region]
    named = (one.event, one.key, one.project, one.invoice, one.claim)
    return (
        region.order,
        region.code,
        one.month,
        KIND_NUMBERS[one.who.kind],
        one.who.code,
        one.first_day,
        *named,
    )


def _keys(asked: Asked, as_of: int) -> list[FactKey]:
    keys = [key for rule in asked.rules for key in facts_needed(rule, asked.year, as_of)]
    for cap in asked.awards.caps:
        keys += cap.quantity.needs({"year": asked.year}) if cap.quantity else ()
    return keys


def _firms_of(happenings: Sequence[Happening]) -> list[int]:
    """Each firm once, by code."""
    firms = {one.who.firm: one.who.code for one in happenings if one.who.firm}
    return sorted(firms, key=lambda firm: firms[firm])


def _words(happenings: Sequence[Happening], granted: Sequence[Award], others: Sequence[OtherFund]) -> Words:
    keyed: list[Happening | Award] = [*happenings, *granted]
    named: list[Happening | Award | OtherFund] = [*keyed, *others]
    keys, projects = [one.key for one in keyed], [one.project for one in named]
    return Words.of(keys, projects, [one.invoice for one in named])


def _digest(
    edition: PolicyEdition, year: int, happenings: Sequence[Happening], frame: Frame, granted: object
) -> str:
    """SHA-256 over everything that decides: events in their order with their recipients, facts, earlier grants."""
    told = [
        [
            *one.who[:3], one.event, one.region, one.first_day, one.last_day, one.library_year,
            one.first, one.first_when, one.key, one.project, one.invoice, one.claim, one.by_calendar,
        ]
        for one in happenings
    ]  # fmt: skip
    digest = hashlib.sha256(msgspec.json.encode([DEFINITIONS, edition.sha256, year, told, granted]))
    for key in sorted(frame.columns):
        column = frame.columns[key]
        digest.update(msgspec.json.encode([key, list(column.words)]))
        _add(digest, column.known)
        _add(digest, column.values)
    return digest.hexdigest()


def _add(digest: Any, column: Any) -> None:
    digest.update(f"{column.size};".encode())
    digest.update(np.ascontiguousarray(column).astype("<i8").tobytes())


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)
