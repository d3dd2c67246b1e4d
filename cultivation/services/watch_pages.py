"""What the pages of the daily lists show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, F, OuterRef, Subquery

from core.models import User
from core.periods import Month
from cultivation.facts import read_months
from cultivation.models import PoolJudgement, WatchEntry, WatchNote
from cultivation.querysets import OfFirmQuerySet
from cultivation.rules.forecast import BASES, BASIS_WORDS
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.running_year import expected, year_before
from cultivation.rules.watch import CODES, RISK, SIGNALS
from cultivation.services.pools import editions_with_pools
from cultivation.services.watch import Standard, standard_of
from enterprises.models import DelistedEntry, Enterprise, Liaison, MonthlyFigure, ScaleEvent

_SORTS = {
    "name": "enterprise__name",
    "region": "enterprise__region__order",
    "last_year": "last_year_wan",
    "ytd": "ytd_wan",
    "expected": "expected_wan",
    "crossing": "crossing",
    "since": "since",
}


@dataclass(slots=True)
class WatchRow:
    """An entry with its words; ``noted``: what was last done; ``answered`` of a warning: by a named person."""

    entry: WatchEntry
    signals: list[str]
    noted: str
    person: str
    on: Any
    responsible: str
    #: of a risk: has it been out of the directory and in again
    burden_before: Decimal | None = None
    burden_after: Decimal | None = None

    @property
    def is_answered(self) -> bool:
        return bool(self.noted)


def current_entries(user: User, kind: str) -> OfFirmQuerySet:
    return WatchEntry.objects.visible_to(user).current().filter(kind=kind)


def entry_counts(user: User) -> dict[str, int]:
    """How many firms stand on each list; one query."""
    rows = WatchEntry.objects.visible_to(user).current().order_by()
    found = dict(rows.values_list("kind").annotate(count=Count("pk")))
    return {kind: found.get(kind, 0) for kind in WatchEntry.Kind.values}


def narrowed(entries: OfFirmQuerySet, *, text: str, region: str, code: str, state: str) -> OfFirmQuerySet:
    """By firm, region, what was last noted, and whether anything was."""
    entries = entries.annotate(last_code=Subquery(_notes().values("code")[:1]))
    if text:
        entries = entries.filter(enterprise__in=Enterprise.objects.matching(text).order_by().values("pk"))
    if region:
        entries = entries.filter(enterprise__region__path__contains=f"{region}/")
    if code:
        entries = entries.filter(last_code=code)
    if state == "open":
        entries = entries.filter(last_code=None)
    return entries


def _notes() -> Any:
    return WatchNote.objects.filter(entry=OuterRef("pk")).order_by("-on", "-pk")


def sorted_entries(entries: OfFirmQuerySet, sort: str) -> OfFirmQuerySet:
    field = _SORTS.get(sort.removeprefix("-"), "enterprise__region__order")
    by = F(field).desc(nulls_last=True) if sort.startswith("-") else F(field).asc(nulls_last=True)
    return entries.select_related("enterprise__region").order_by(by, "enterprise__uscc")


def watch_rows(entries: Sequence[WatchEntry]) -> list[WatchRow]:
    """Two queries more, however many."""
    ids = [entry.pk for entry in entries]
    notes: dict[int, WatchNote] = {}
    for note in WatchNote.objects.filter(entry__in=ids).order_by("on", "pk"):
        notes[note.entry_id] = note
    firms = [entry.enterprise_id for entry in entries]
    people = dict(
        Liaison.objects.filter(enterprise__in=firms, until=None, duty=Liaison.Duty.RESPONSIBLE).values_list(
            "enterprise_id", "person"
        )
    )
    labels = signal_words()
    rows = []
    for entry in entries:
        note = notes.get(entry.pk)
        rows.append(
            WatchRow(
                entry,
                [labels.get(code, code) for code in entry.signals],
                CODES[entry.kind].get(note.code, note.code) if note else "",
                note.person if note else "",
                note.on if note else None,
                people.get(entry.enterprise_id, ""),
                _burden(entry.tax_before_wan, entry.sales_before_wan),
                _burden(entry.tax_after_wan, entry.sales_after_wan),
            )
        )
    return rows


def _burden(tax: int | None, sales: int | None) -> Decimal | None:
    return None if tax is None or not sales else Decimal(tax) / Decimal(sales)


def signal_words() -> dict[str, str]:
    """Codes of signals in words: the portal's own, and the sources of the risk pools in force."""
    words = dict(SIGNALS)
    for _, rule in editions_with_pools():
        if rule.kind == "delisting_risk":
            words |= {line.code: line.label for line in rule.sources}
    return words


# ---------------------------------------------------------------- one firm


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """A month of the chart: ``nature`` 实际 or 预测; amounts in whole hundredths of 万元."""

    month: Month
    revenue: int | None
    cumulative: int | None
    before: int | None
    nature: str


@dataclass(frozen=True, slots=True)
class FirmForecast:
    """``standard``: the line that the policy draws; ``words``: why the forecast is what it is."""

    year: int
    expected: int
    low: int
    high: int
    crossing: int
    basis: str
    words: str
    filled: int
    years: int
    lines: list[ForecastLine]
    standard: Standard | None
    #: last year's revenue, where none of its months is missing
    year_before: int | None

    @property
    def reaches(self) -> bool:
        return self.standard is not None and self.expected >= self.standard.hundredths


def firm_forecast(user: User, firm: Enterprise) -> FirmForecast | None:
    """The firm's running year up to its latest return, from what this reader may see; ``None`` without any."""
    figures = MonthlyFigure.objects.visible_to(user)
    newest = figures.filter(enterprise=firm).order_by("-month").values_list("month", flat=True).first()
    if newest is None:
        return None
    year, month = newest.year, newest.month
    months = read_months(np.array([firm.pk], np.int64), year, figures)["revenue"]
    standard = standard_of(firm.region)
    found = expected(months, month, standard.hundredths if standard else None)
    basis = BASES[int(found.basis[0])]
    if basis == "none":
        return None
    known, values = months.known[0, -MONTHS:], months.values[0, -MONTHS:]
    past_known, past = months.known[0, -2 * MONTHS : -MONTHS], months.values[0, -2 * MONTHS : -MONTHS]
    whole, is_whole = year_before(months)
    lines, so_far, before = [], 0, 0
    for number in range(MONTHS):
        is_fact = bool(known[number]) and number < month
        value = int(values[number]) if is_fact else max(int(found.path[0, number]) - so_far, 0)
        so_far = so_far + value if is_fact else max(int(found.path[0, number]), so_far)
        before += int(past[number]) if past_known[number] else 0
        nature = "实际" if is_fact else "预测"
        lines.append(
            ForecastLine(Month(year, number + 1), value, so_far, before if past_known.any() else None, nature)
        )
    return FirmForecast(
        year,
        int(found.expected[0]),
        int(found.low[0]),
        int(found.high[0]),
        int(found.crossing[0]),
        basis,
        BASIS_WORDS[basis],
        int(found.filled[0]),
        int(found.years[0]),
        lines,
        standard,
        int(whole[0]) if is_whole[0] else None,
    )


@dataclass(frozen=True, slots=True)
class FirmWork:
    """What was found, judged and done at one firm."""

    entries: list[tuple[WatchEntry, list[str], list[tuple[WatchNote, str]]]]
    judgements: list[PoolJudgement]
    exits: list[tuple[int, str]]
    again: int | None


def firm_work(user: User, firm: Enterprise) -> FirmWork:
    """Entries on the daily lists with their notes, judgements, and the exit that an entry followed; five queries."""
    entries = list(WatchEntry.objects.visible_to(user).filter(enterprise=firm).order_by("-pk"))
    notes: dict[int, list[tuple[WatchNote, str]]] = {entry.pk: [] for entry in entries}
    kinds = {entry.pk: entry.kind for entry in entries}
    for note in WatchNote.objects.visible_to(user).filter(entry__enterprise=firm).order_by("-on", "-pk"):
        notes[note.entry_id].append((note, CODES[kinds[note.entry_id]].get(note.code, note.code)))
    labels = signal_words() if any(entry.kind == RISK for entry in entries) else SIGNALS
    shown = [
        (entry, [labels.get(code, code) for code in entry.signals], notes[entry.pk]) for entry in entries
    ]
    judgements = list(
        PoolJudgement.objects.visible_to(user).filter(enterprise=firm).select_related("judged_by")
    )
    events = ScaleEvent.objects.visible_to(user).filter(enterprise=firm).order_by("month", "pk")
    exits, again = [], None
    for event in events:
        if event.kind == ScaleEvent.Kind.DELISTED:
            exits.append((event.library_year, event.cause))
        elif event.kind == ScaleEvent.Kind.LISTED and exits:
            again = event.library_year
    listed = DelistedEntry.objects.visible_to(user).filter(enterprise=firm).values_list("year", "cause")
    known = {year for year, _ in exits}
    exits += [(year, cause) for year, cause in listed if year not in known]
    return FirmWork(shown, judgements, sorted(exits), again)
