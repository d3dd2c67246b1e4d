"""Whether an event is its recipient's first, by the whole history of the firm and of those before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from enterprises.models import Honour, ScaleEvent
from enterprises.services.storing import in_chunks
from incentives.rules.codes import EARLIER_EVENT, FIRST, FIRST_NOT_KNOWN
from incentives.rules.happenings import Happening
from incentives.rules.history import Entries
from incentives.services.asked import Asked, day_number
from incentives.services.firm_events import honour_key
from incentives.services.firm_pasts import PastEvents, Pasts


def with_first_times(
    happenings: Sequence[Happening], past: PastEvents, pasts: Pasts, asked: Asked
) -> list[Happening]:
    """Entries by the directory's events, honours by the lists of honours; the rest as the lists tell, or by what
    the same lists tell of an earlier time."""
    found = list(happenings)
    for place, first, when in (*_entries(found, past, pasts), *_honours(found, pasts, asked)):
        found[place] = replace(found[place], first=first, first_when=when)
    return _told_before(found)


def _entries(
    happenings: Sequence[Happening], past: PastEvents, pasts: Pasts
) -> Iterable[tuple[int, int, int]]:
    rows = [place for place, one in enumerate(happenings) if one.event == "listed" and one.who.firm]
    again = ScaleEvent.EntryType.AGAIN
    told = [happenings[place] for place in rows]
    entries = Entries(
        firm=_whole(past.number[one.who.firm or 0] for one in told),
        month=_whole(one.month for one in told),
        library_year=_whole(one.library_year for one in told),
        again=_whole(int(one.entry_type == again) for one in told),
    )
    own = {at: pasts[place] for at, place in enumerate(rows) if place in pasts}
    judged = past.first_times(entries, own)
    return zip(rows, judged.code.tolist(), judged.when.tolist(), strict=True)


def _honours(happenings: Sequence[Happening], pasts: Pasts, asked: Asked) -> Iterable[tuple[int, int, int]]:
    """A title that neither the firm nor one before it held; nothing is known before a list of honours came in."""
    rows = [
        place
        for place, one in enumerate(happenings)
        if one.event == "honour" and one.who.firm and one.first == FIRST_NOT_KNOWN
    ]
    firms = {happenings[place].who.firm or 0 for place in rows}
    firms |= {firm for place in rows for firm in pasts.get(place, {})}
    granted = _granted(firms, asked) if rows else {}
    is_known = bool(granted) or (bool(rows) and Honour.objects.exists())
    for place in rows if is_known else ():
        one = happenings[place]
        heirs = {one.who.firm or 0: date.max, **pasts.get(place, {})}
        days = [
            day
            for firm, until in heirs.items()
            for day in granted.get((firm, one.key), ())
            if day_number(day) < one.first_day and day <= until
        ]
        first = min(days, default=None)
        yield ((place, FIRST, 0) if first is None else (place, EARLIER_EVENT, first.year * 100 + first.month))


def _granted(firms: Iterable[int], asked: Asked) -> Mapping[tuple[int, str], list[date]]:
    keys = asked.keys_of("honour")
    found: dict[tuple[int, str], list[date]] = defaultdict(list)
    for chunk in in_chunks(sorted(firms)):
        rows = Honour.objects.filter(enterprise_id__in=chunk).order_by()
        for firm, title, level, day in rows.values_list("enterprise_id", "title", "level", "granted_on"):
            found[firm, honour_key(title, Honour.Level(level).label, keys)].append(day)
    return found


def _told_before(happenings: list[Happening]) -> list[Happening]:
    """Of what only lists and claims know, the later of two of a year is not the first."""
    seen: dict[tuple[str, str, str, str], Happening] = {}
    found = []
    for one in happenings:
        if one.first == FIRST_NOT_KNOWN:
            at = (one.event, one.who.kind, one.who.code, one.key)
            former = seen.setdefault(at, one)
            if former.first_day < one.first_day:
                one = replace(one, first=EARLIER_EVENT, first_when=former.month)
        found.append(one)
    return found


def _whole(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)
