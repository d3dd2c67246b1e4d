"""The facts of every recipient, row by row of the events, and what the events themselves bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.conditions import Column, FactKey, FactType, Frame, Kind
from core.facts import catalogue, load_frame
from core.models import Region
from core.periods import Month
from core.services.policies import declared_types
from enterprises.models import ScaleEvent
from enterprises.rules.declared import fact_values
from incentives.policy import Awards
from incentives.policy.names import EVENT_FACTS
from incentives.rules.codes import FIRST, FIRST_NOT_KNOWN
from incentives.rules.fact_rows import nothing, overlaid, spread
from incentives.rules.happenings import Happening
from incentives.rules.history import DELISTED, LISTED, History
from incentives.rules.scopes import Column as Whole

_LABELS = dict(ScaleEvent.EntryType.choices)
#: event facts that stand on the directory's events of the firm
OF_HISTORY = frozenset({"in_directory", "entry_year"})


@dataclass(frozen=True, slots=True)
class FactRows:
    """``firms``: primary keys; ``places``: for each event the place of its firm, −1 for another recipient;
    ``told``: facts that lists tell of a recipient, row by row; ``history`` counts firms as ``firms`` does."""

    happenings: Sequence[Happening]
    firms: Sequence[int]
    places: Whole
    told: Sequence[Mapping[FactKey, str]]
    history: History
    regions: Mapping[str, Region]
    #: region → place of its group
    groups: Mapping[str, int]
    #: whether ``told`` holds what documents declare too, so that it is not read once more
    tells_declared: bool = False

    @property
    def size(self) -> int:
        return len(self.happenings)


def load_award_frame(
    keys: Iterable[FactKey], *, rows: FactRows, awards: Awards, types: Mapping[str, FactType]
) -> Frame:
    """Every fact once, a row an event; a fact that nobody offers and no list tells is unknown."""
    wanted = list(dict.fromkeys(keys))
    offered = catalogue()
    own = [key for key in wanted if key.name not in EVENT_FACTS or key.name in offered]
    asks_declared = not rows.tells_declared and any(key.name not in offered for key in own)
    declared = declared_types() if asks_declared else {}
    loadable = [key for key in own if key.name in offered or key.name in declared]
    loaded = load_frame(loadable, enterprises=rows.firms)
    columns = {}
    for key in wanted:
        if str(key) in loaded.columns:
            base = spread(loaded.columns[str(key)], rows.places)
        elif key.name in EVENT_FACTS:
            base = _event_column(key, rows, awards)
        else:
            base = nothing(rows.size)
        texts = [facts.get(key) for facts in rows.told]
        is_told = any(text is not None for text in texts)
        columns[str(key)] = overlaid(base, fact_values(types[key.name], texts)) if is_told else base
    return Frame(rows.size, columns)


def _event_column(key: FactKey, rows: FactRows, awards: Awards) -> Column:
    if key.name in OF_HISTORY:
        return _of_history(key, rows)
    names = {place: group.name for place, group in enumerate(awards.groups)}
    happened = rows.happenings
    tell: dict[str, Callable[[], Column]] = {
        "event_key": lambda: Column.of_texts([one.key or None for one in happened]),
        "entry_type": lambda: Column.of_texts([_LABELS.get(one.entry_type) or None for one in happened]),
        "recipient_region": lambda: Column.of_texts([rows.regions[one.region].name for one in happened]),
        "region_group": lambda: Column.of_texts([names.get(rows.groups[one.region]) for one in happened]),
        "library_year": lambda: _all_known([one.library_year for one in happened]),
        "first_time": lambda: Column(
            np.array([one.first == FIRST for one in happened], np.bool_),
            np.array([one.first != FIRST_NOT_KNOWN for one in happened], np.bool_),
        ),
        "event_month": lambda: Column.of(
            FactType("event_month", "", Kind.MONTH), [Month.from_number(one.month) for one in happened]
        ),
        "event_month_number": lambda: Column.of(
            FactType("event_month_number", "", Kind.NUMBER), [one.month_number for one in happened]
        ),
        "event_date": lambda: Column.of(
            FactType("event_date", "", Kind.DATE), [_day_of(one) for one in happened]
        ),
    }
    return tell[key.name]() if key.name in tell else nothing(rows.size)


def _day_of(one: Happening) -> date | None:
    number = one.first_day
    is_day = one.first_day == one.last_day
    return date(number // 10_000, number // 100 % 100, number % 100) if is_day else None


def _all_known(values: Sequence[int]) -> Column:
    return Column(np.array(values, np.int64), np.ones(len(values), np.bool_))


def _of_history(key: FactKey, rows: FactRows) -> Column:
    if key.name == "in_directory" and key.ordinal is not None:
        return spread(_in_directory(rows.history, len(rows.firms), key.ordinal), rows.places)
    if key.name == "entry_year":
        own = np.array([one.library_year for one in rows.happenings], np.int64)
        listed = np.array([one.event == "listed" for one in rows.happenings], np.bool_)
        first = spread(_entry_year(rows.history, len(rows.firms)), rows.places)
        return Column(np.where(listed, own, first.values), listed | first.known)
    return nothing(rows.size)


def _in_directory(history: History, firms: int, year: int) -> Column:
    """Whether the firm's last event up to the end of the year is no exit; before any event it is not in."""
    within = np.flatnonzero(history.month <= year * 100 + 12)
    order = within[np.argsort(history.month[within], kind="stable")]
    last = np.zeros(firms, np.int64)
    last[history.firm[order]] = np.where(history.kind[order] == DELISTED, 0, 1)
    return Column(last == 1, np.ones(firms, np.bool_))


def _entry_year(history: History, firms: int) -> Column:
    """The library year of a firm's first entry; not known where the lists begin with the firm in the directory."""
    none = np.iinfo(np.int64).max
    first, any_month = np.full(firms, none), np.full(firms, none)
    np.minimum.at(any_month, history.firm, history.month)
    listed = history.kind == LISTED
    np.minimum.at(first, history.firm[listed], history.month[listed] * 10_000 + history.library_year[listed])
    known = (first != none) & (first // 10_000 == any_month)
    return Column(np.where(known, first % 10_000, 0), known)
