"""The entries of the daily lists as whole columns: what each keeps, and how they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import CharField, F, IntegerField
from django.db.models.functions import Cast
from django.utils import timezone
from numpy.typing import NDArray

from core.bulk import merge_columns, read_columns, write_columns
from core.conditions import Column
from core.models import Region
from core.periods import Month
from cultivation.models import WatchEntry
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.running_year import YEARS_READ, Months, is_told
from cultivation.rules.watch import ENTRANT, Watched, WatchFacts, last_year
from enterprises.services.storing import in_chunks

_FORECAST = ("expected_wan", "low_wan", "high_wan", "crossing")
_ENTRANT = ("entry_year", "tax_before_wan", "tax_after_wan", "sales_before_wan", "sales_after_wan")
_NUMBERS = ("last_year_wan", "ytd_wan", *_FORECAST, *_ENTRANT)
#: What is read of the signals of an entry that stands; a longer list counts as another one.
_SIGNALS_WIDTH = 255


@dataclass(frozen=True, slots=True)
class Entries:
    """One list: ``firms`` by key, the numbers that each entry keeps, and which signals put it there, a bit each."""

    firms: NDArray[np.int64]
    numbers: Mapping[str, Column]
    bits: NDArray[np.int64]
    signals: tuple[str, ...]

    @classmethod
    def joined(cls, parts: Sequence[Entries]) -> Entries:
        return cls(
            np.concatenate([part.firms for part in parts]),
            {
                name: Column(
                    np.concatenate([part.numbers[name].values for part in parts]),
                    np.concatenate([part.numbers[name].known for part in parts]),
                )
                for name in _NUMBERS
            },
            np.concatenate([part.bits for part in parts]),
            parts[0].signals,
        )

    def texts(self) -> NDArray[np.object_]:
        """The signals of each entry as JSON."""
        found, place = np.unique(self.bits, return_inverse=True)
        texts = [
            json.dumps([name for number, name in enumerate(self.signals) if bits >> number & 1]).encode()
            for bits in found.tolist()
        ]
        return np.array(texts, object)[place.reshape(-1)]


def entries_of(
    kind: str,
    watched: Watched,
    ids: NDArray[np.int64],
    facts: WatchFacts,
    months: Mapping[str, Months],
    year: int,
) -> Entries:
    """The entries of one list among these firms."""
    rows = np.flatnonzero(watched.rows)
    found, told = facts.forecast, is_told(facts.forecast)[rows]
    nothing = Column(np.zeros(rows.size, np.int64), np.zeros(rows.size, np.bool_))
    crossing = found.crossing[rows]
    numbers = {
        "last_year_wan": last_year(facts).take(rows),
        "ytd_wan": facts.ytd.take(rows),
        "expected_wan": Column(found.expected[rows].astype(np.int64), told),
        "low_wan": Column(found.low[rows].astype(np.int64), told),
        "high_wan": Column(found.high[rows].astype(np.int64), told),
        "crossing": Column(crossing, crossing > 0),
        **(_entrants(facts, months, rows, year) if kind == ENTRANT else dict.fromkeys(_ENTRANT, nothing)),
    }
    bits = np.zeros(rows.size, np.int64)
    for number, mask in enumerate(watched.signals.values()):
        bits |= mask[rows].astype(np.int64) << number
    return Entries(ids[rows], numbers, bits, tuple(watched.signals))


def _entrants(
    facts: WatchFacts, months: Mapping[str, Months], rows: NDArray[np.int64], year: int
) -> dict[str, Column]:
    """Tax and sales of the year before entry and of the last whole year since (S4-11)."""
    entered = facts.listed_year[rows]
    tax, sales = (_by_year(months[name], rows) for name in ("tax", "revenue"))
    after = np.zeros(rows.size, np.int64)
    for one in (year - 2, year - 1, year):
        whole = _of_year(tax, np.full(rows.size, one), year).known & (one >= entered)
        after = np.where(whole, one, after)
    return {
        "entry_year": Column(entered, np.ones(rows.size, np.bool_)),
        "tax_before_wan": _of_year(tax, entered - 1, year),
        "sales_before_wan": _of_year(sales, entered - 1, year),
        "tax_after_wan": _of_year(tax, after, year),
        "sales_after_wan": _of_year(sales, after, year),
    }


def _by_year(months: Months, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Sums of twelve months by year, and whether none of the twelve is missing."""
    shape = (rows.size, YEARS_READ, MONTHS)
    return months.values[rows].reshape(shape).sum(axis=2), months.known[rows].reshape(shape).all(axis=2)


def _of_year(
    sums: tuple[NDArray[np.int64], NDArray[np.bool_]], wanted: NDArray[np.int64], year: int
) -> Column:
    """The sum of each row's own year; not known where it lies before what was read."""
    place = wanted - (year - YEARS_READ + 1)
    rows, safe = np.arange(place.size), np.clip(place, 0, YEARS_READ - 1)
    return Column(sums[0][rows, safe], sums[1][rows, safe] & (place == safe))


# ---------------------------------------------------------------- storing


def store_entries(region: Region, wanted: Mapping[str, Entries], month: Month) -> dict[str, int]:
    """What stands no longer ends, what is new begins, what differs is written; a statement or two each."""
    counts = {}
    for kind, entries in wanted.items():
        new, gone = _store(region, kind, entries, month)
        counts |= {kind: int(entries.firms.size), f"{kind}_new": new, f"{kind}_gone": gone}
    return counts


def _store(region: Region, kind: str, entries: Entries, month: Month) -> tuple[int, int]:
    now, today = timezone.now(), timezone.localdate()
    standing = (
        WatchEntry.objects.current()
        .filter(kind=kind, enterprise__region__path__startswith=region.path)
        .annotate(
            number=Cast(F("month"), IntegerField()),
            told=Cast("signals", CharField(max_length=_SIGNALS_WIDTH)),
        )
        .order_by("enterprise_id")
    )
    read = read_columns(standing, "id", "enterprise_id", "number", "since", "told", *_NUMBERS)
    firms = read.columns["enterprise_id"].values
    place = np.minimum(np.searchsorted(firms, entries.firms), max(firms.size - 1, 0))
    stands = firms[place] == entries.firms if firms.size else np.zeros(entries.firms.size, np.bool_)
    gone = read.columns["id"].values[~np.isin(firms, entries.firms)].tolist()
    for chunk in in_chunks(gone):
        WatchEntry.objects.filter(pk__in=chunk).update(until=today, refreshed_at=now)
    texts = entries.texts()
    own, theirs = np.flatnonzero(stands), place[stands]
    differs = read.columns["number"].values[theirs] != month.number
    for name in _NUMBERS:
        mine, kept = entries.numbers[name].take(own), read.columns[name].take(theirs)
        differs |= (mine.values != kept.values) | (mine.known != kept.known)
    differs |= texts[own] != _plain(read.codes["told"])[theirs]
    common = {"kind": kind, "month": month.number, "refreshed_at": now}
    write_columns(WatchEntry, common | {"since": today} | _columns(entries, texts, np.flatnonzero(~stands)))
    changed = {name: read.columns[name].take(theirs[differs]) for name in ("id", "since")}
    merge_columns(
        WatchEntry,
        common | changed | _columns(entries, texts, own[differs]),
        unique=["id"],
        update=["month", "signals", "refreshed_at", *_NUMBERS],
    )
    return int((~stands).sum()), len(gone)


def _columns(entries: Entries, texts: NDArray[np.object_], rows: NDArray[np.int64]) -> dict[str, object]:
    return {
        "enterprise_id": entries.firms[rows],
        "signals": texts[rows].tolist(),
        **{name: column.take(rows) for name, column in entries.numbers.items()},
    }


def _plain(told: NDArray[np.bytes_]) -> NDArray[np.object_]:
    """Signals as databases write them, as they are compared here; what was cut off is no list."""
    found, place = np.unique(told, return_inverse=True)
    return np.array([_written(text) for text in found.tolist()], object)[place.reshape(-1)]


def _written(text: bytes) -> bytes:
    try:
        return json.dumps(json.loads(text)).encode()
    except ValueError:
        return b""
