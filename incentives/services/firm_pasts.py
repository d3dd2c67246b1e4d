"""What firms did before an event, and what the firms did that went into them: set-based.

A change of name, code or region leaves a firm's number as it is, so its own past needs no search. A merger, a
conversion and a split bring another firm's past with them, up to the day on which they happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import F, IntegerField
from django.db.models.functions import Cast

from core.periods import Month
from enterprises.models import DelistedEntry, Enterprise, ScaleEvent
from enterprises.services.lineage import pasts_of
from enterprises.services.storing import in_chunks
from incentives.rules.history import (
    DELISTED,
    IN_DIRECTORY,
    LISTED,
    Column,
    Entries,
    FirstTimes,
    History,
    first_times,
)

_KINDS = {
    ScaleEvent.Kind.IN_DIRECTORY.value: IN_DIRECTORY,
    ScaleEvent.Kind.LISTED.value: LISTED,
    ScaleEvent.Kind.DELISTED.value: DELISTED,
}
#: row of an event → the firms whose past is its firm's by then → the last day of it that counts
Pasts = Mapping[int, Mapping[int, date]]


def month_number() -> Cast:
    """The month as its number, without a ``Month`` object a row."""
    return Cast(F("month"), IntegerField())


def read_pasts(events: Sequence[tuple[int, int, int]]) -> dict[int, dict[int, date]]:
    """For each event (row, firm, month) with a past beyond the firm's own; one query."""
    asked = {row: (firm, Month.from_number(month).last_day) for row, firm, month in events}
    found = pasts_of(asked.values())
    return {row: found[one] for row, one in asked.items() if one in found}


@dataclass(frozen=True, slots=True)
class PastEvents:
    """``number``: firm → its place. ``events`` and ``leavers`` are those of firms and of those before them."""

    number: Mapping[int, int]
    events: Mapping[int, list[tuple[str, int, int]]]
    leavers: Mapping[int, list[int]]

    @property
    def own(self) -> History:
        """What each firm did itself."""
        return _history(*self._gathered((place, firm, date.max) for firm, place in self.number.items()))

    def first_times(self, entries: Entries, pasts: Pasts) -> FirstTimes:
        """Judges each entry by the firm's past and, where it has one, by that of the firms before it."""
        if not pasts:
            return first_times(entries, self.own, len(self.number))
        firm_at = {place: firm for firm, place in self.number.items()}
        own = entries.firm.copy()
        told = [(place, firm, date.max) for firm, place in self.number.items()]
        for place, (row, past) in enumerate(pasts.items(), start=len(self.number)):
            # an entry with such a past is judged apart: the firm's earlier entries did not have it yet
            own[row] = place
            told.append((place, firm_at[int(entries.firm[row])], date.max))
            told += [(place, firm, until) for firm, until in past.items()]
        judged = Entries(own, entries.month, entries.library_year, entries.again)
        return first_times(judged, _history(*self._gathered(told)), len(self.number) + len(pasts))

    def _gathered(
        self, told: Iterable[tuple[int, int, date]]
    ) -> tuple[list[tuple[int, str, int, int]], list[tuple[int, int]]]:
        """Events and leavings of (place, firm, last day that counts)."""
        events: list[tuple[int, str, int, int]] = []
        leavers: list[tuple[int, int]] = []
        for place, firm, until in told:
            last = until.year * 100 + until.month
            events += [(place, *event) for event in self.events.get(firm, ()) if event[1] <= last]
            leavers += [(place, year) for year in self.leavers.get(firm, ()) if year <= until.year]
        return events, leavers


def read_past_events(number: Mapping[int, int], pasts: Pasts) -> PastEvents:
    """Every event of these firms and of those before them, wherever it happened."""
    wanted = sorted({*number, *(firm for past in pasts.values() for firm in past)})
    events: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    leavers: dict[int, list[int]] = defaultdict(list)
    for chunk in in_chunks(wanted):
        found = ScaleEvent.objects.filter(enterprise_id__in=chunk).annotate(number=month_number()).order_by()
        for firm, *event in found.values_list("enterprise_id", "kind", "number", "library_year"):
            events[firm].append((event[0], event[1], event[2]))
        listed = DelistedEntry.objects.filter(enterprise_id__in=chunk).order_by()
        for firm, year in listed.values_list("enterprise_id", "year"):
            leavers[firm].append(year)
    return PastEvents(number, events, leavers)


def told_pasts(pasts: Pasts) -> list[tuple[int, list[tuple[str, str]]]]:
    """Pasts for a fingerprint: firms by their codes, which every database knows alike."""
    wanted = sorted({firm for past in pasts.values() for firm in past})
    codes: dict[int, str] = {}
    for chunk in in_chunks(wanted):
        codes.update(Enterprise.objects.filter(pk__in=chunk).order_by().values_list("pk", "uscc"))
    return [
        (row, sorted((codes[firm], until.isoformat()) for firm, until in past.items()))
        for row, past in sorted(pasts.items())
    ]


def _history(events: Iterable[tuple[int, str, int, int]], leavers: Iterable[tuple[int, int]]) -> History:
    told, left = sorted(events), sorted(leavers)
    return History(
        firm=_whole(event[0] for event in told),
        kind=_whole(_KINDS[event[1]] for event in told),
        month=_whole(event[2] for event in told),
        library_year=_whole(event[3] for event in told),
        leaver=_whole(place for place, _year in left),
        leaver_year=_whole(year for _place, year in left),
    )


def _whole(values: Iterable[int]) -> Column:
    return np.fromiter(values, np.int64)
