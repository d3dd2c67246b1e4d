"""The facts that entries into the directory bring with them, beside those that the apps offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.conditions import Column, FactKey, Frame
from core.facts import catalogue, load_frame
from core.models import Region
from enterprises.models import ScaleEvent
from incentives.policy import Awards
from incentives.policy.names import EVENT_FACTS
from incentives.rules.codes import FIRST, FIRST_NOT_KNOWN
from incentives.rules.history import DELISTED, Entries, FirstTimes, History

_LABELS = dict(ScaleEvent.EntryType.choices)


@dataclass(frozen=True, slots=True)
class EntryRows:
    """Entries with what is told beside them; ``types`` and ``regions`` row by row."""

    entries: Entries
    types: Sequence[str]
    first: FirstTimes
    history: History
    regions: Sequence[str]


def load_award_frame(
    keys: Iterable[FactKey], *, firms: Sequence[int], rows: EntryRows, year: int, awards: Awards
) -> Frame:
    """Every fact once, a row an entry; a fact that nobody offers is unknown for all."""
    wanted = list(dict.fromkeys(keys))
    offered = catalogue()
    loaded = load_frame([key for key in wanted if key.name in offered], enterprises=firms)
    columns = dict(loaded.take(rows.entries.firm).columns)
    for key in wanted:
        if key.name in EVENT_FACTS and key.name not in offered:
            columns[str(key)] = _event_column(key, rows, awards)
        elif str(key) not in columns:
            columns[str(key)] = _nothing(rows.entries.firm.size)
    return Frame(rows.entries.firm.size, columns)


def _nothing(size: int) -> Column:
    return Column(np.zeros(size, np.int64), np.zeros(size, np.bool_))


def _event_column(key: FactKey, rows: EntryRows, awards: Awards) -> Column:
    entries, size = rows.entries, rows.entries.firm.size
    all_known = np.ones(size, np.bool_)
    if key.name == "entry_type":
        return Column.of_texts([_LABELS.get(one, "") if one else None for one in rows.types])
    if key.name == "library_year":
        return Column(entries.library_year, all_known)
    if key.name == "event_month":
        return Column(entries.month // 100 * 12 + entries.month % 100 - 1, all_known)
    if key.name == "first_time":
        return Column(rows.first.code == FIRST, rows.first.code != FIRST_NOT_KNOWN)
    if key.name == "recipient_region":
        names = dict(Region.objects.filter(code__in=set(rows.regions)).values_list("code", "name"))
        return Column.of_texts([names.get(code) for code in rows.regions])
    if key.name == "region_group":
        names = {code: group.name for group in awards.groups for code in group.regions}
        return Column.of_texts([names.get(code) for code in rows.regions])
    if key.name == "entry_year":
        return Column(entries.library_year, all_known)
    if key.name == "in_directory" and key.ordinal is not None:
        return _in_directory(rows, key.ordinal)
    return _nothing(size)


def _in_directory(rows: EntryRows, year: int) -> Column:
    """Whether the firm's last event up to the end of the year is no exit; before any event it is not in."""
    history, entries = rows.history, rows.entries
    firms = int(entries.firm.max(initial=-1)) + 1
    within = np.flatnonzero(history.month <= year * 100 + 12)
    order = within[np.argsort(history.month[within], kind="stable")]
    last = np.zeros(firms, np.int64)
    last[history.firm[order]] = np.where(history.kind[order] == DELISTED, 0, 1)
    return Column(last[entries.firm] == 1, np.ones(entries.firm.size, np.bool_))
