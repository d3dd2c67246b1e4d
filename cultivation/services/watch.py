"""The daily lists kept up to date: facts → rule → one short write; and what people note of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from core.amounts import to_hundredths
from core.audit import record
from core.bulk import merge_rows, write_rows
from core.conditions import Column, FactKey, Kind
from core.facts import load_frame
from core.models import PolicyEdition, Region, User
from core.periods import Month
from cultivation.facts import latest_month, read_months
from cultivation.models import WatchEntry, WatchNote
from cultivation.policy.pool import Line, PoolRule
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.running_year import YEARS_READ, Months, expected, is_told
from cultivation.rules.screening import IN, screen
from cultivation.rules.watch import (
    CODES,
    ENTRANT,
    MEASURES,
    RISK,
    Watched,
    WatchFacts,
    last_year,
    watch_lists,
)
from cultivation.services.pool_facts import read_pool
from cultivation.services.pool_lines import lowered_lines
from cultivation.services.pools import PoolRefused, editions_with_pools
from enterprises.models import Enterprise, MonthlyFigure
from enterprises.services.storing import in_chunks

NOTE_LIMIT = 300
_KEPT = (
    "month",
    "signals",
    "last_year_wan",
    "ytd_wan",
    "expected_wan",
    "low_wan",
    "high_wan",
    "crossing",
    "entry_year",
    "tax_before_wan",
    "tax_after_wan",
    "sales_before_wan",
    "sales_after_wan",
)


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard of 规上 that holds in a locality, in 万元, and the line of the document that says so."""

    amount: Decimal
    line: Line
    edition: PolicyEdition

    @property
    def hundredths(self) -> int:
        return to_hundredths(self.amount)


def standard_of(region: Region) -> Standard | None:
    """From the documents in force of the region or, nearest first, of those above it."""
    above = list(reversed(region.path.strip("/").split("/")))
    found: dict[str, Standard] = {}
    for edition, rule in editions_with_pools(locality_id__in=above):
        if rule.line is not None and isinstance(rule.line.standard, Decimal):
            found.setdefault(edition.locality_id, Standard(rule.line.standard, rule.line, edition))
    return next((found[code] for code in above if code in found), None)


def refresh_watch_key(region: str) -> str:
    return f"refresh_watch:{region}"


def refresh_watch(*, region: Region, actor: User, year: int | None = None) -> dict[str, int]:
    """Bring the daily lists of a region up to the latest month; the same facts again change nothing.

    Raises ``PoolRefused`` where nobody has reported anything yet.
    """
    year = year or _latest_year()
    month = latest_month(year) if year else 0
    if not year or not month:
        raise PoolRefused("还没有月报，清单无从生成。")
    ids = np.fromiter(
        Enterprise.objects.filter(region__path__startswith=region.path)
        .order_by("pk")
        .values_list("pk", flat=True),
        np.int64,
    )
    standard = standard_of(region)
    read = read_watch(ids, year, month, standard)
    lists = watch_lists(read.facts, year, standard.hundredths if standard else None)
    lists[RISK] = risk_list(region, ids, year)
    rows = {kind: read.entries(kind, watched) for kind, watched in lists.items()}
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)
        counts = _store(region, rows, Month(year, month))
        record(
            actor=actor,
            act="refresh_watch",
            region=region,
            subject=f"{region.name} {year}-{month:02d}",
            counts=counts,
        )
    return counts


def _latest_year() -> int | None:
    newest = MonthlyFigure.objects.order_by("-month").values_list("month", flat=True).first()
    return newest.year if newest else None


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class ReadWatch:
    """Firms with what puts them on the lists."""

    ids: NDArray[np.int64]
    year: int
    month: int
    facts: WatchFacts
    before: Column
    months: Mapping[str, Months]

    def entries(self, kind: str, watched: Watched) -> dict[int, dict[str, Any]]:
        """Firm → what its entry keeps."""
        return {
            int(self.ids[row]): self._entry(kind, watched, int(row)) for row in np.flatnonzero(watched.rows)
        }

    def _entry(self, kind: str, watched: Watched, row: int) -> dict[str, Any]:
        found = self.facts.forecast
        told = bool(is_told(found)[row])
        entry: dict[str, Any] = {
            "month": Month(self.year, self.month),
            "signals": [name for name, mask in watched.signals.items() if mask[row]],
            "last_year_wan": _at(self.before, row),
            "ytd_wan": _at(self.facts.ytd, row),
            "expected_wan": int(found.expected[row]) if told else None,
            "low_wan": int(found.low[row]) if told else None,
            "high_wan": int(found.high[row]) if told else None,
            "crossing": int(found.crossing[row]) or None,
        }
        return entry | (self._entrant(row) if kind == ENTRANT else {})

    def _entrant(self, row: int) -> dict[str, Any]:
        """Tax and sales of the year before entry and of the last whole year since (S4-11)."""
        entered = int(self.facts.listed_year[row])
        after = next(
            (
                y
                for y in (self.year, self.year - 1, self.year - 2)
                if y >= entered and self._sum("tax", y, row) is not None
            ),
            None,
        )
        return {
            "entry_year": entered,
            "tax_before_wan": self._sum("tax", entered - 1, row),
            "sales_before_wan": self._sum("revenue", entered - 1, row),
            "tax_after_wan": self._sum("tax", after, row) if after else None,
            "sales_after_wan": self._sum("revenue", after, row) if after else None,
        }

    def _sum(self, measure: str, year: int, row: int) -> int | None:
        """Of twelve months; nothing where one is missing or the year lies before what was read."""
        first = (year - self.year + YEARS_READ - 1) * MONTHS
        months = self.months[measure]
        if first < 0 or not months.known[row, first : first + MONTHS].all():
            return None
        return int(months.values[row, first : first + MONTHS].sum())


def read_watch(ids: NDArray[np.int64], year: int, month: int, standard: Standard | None) -> ReadWatch:
    """Facts of these firms as of the end of ``month``; the directory is that of today."""
    keys = [FactKey(name, Kind.YEAR, year - 1) for name in MEASURES]
    rest = [FactKey("above_scale"), FactKey("listed_year")]
    frame = load_frame([*keys, *rest], enterprises=ids, parameters={"year": year})
    months = read_months(ids, year)
    revenue = months["revenue"]
    this = revenue.known[:, -MONTHS:][:, :month]
    ytd = np.where(revenue.known, revenue.values, 0)[:, -MONTHS:][:, :month].sum(axis=1)
    listed = frame.columns["listed_year"]
    facts = WatchFacts(
        above=frame.columns["above_scale"].values.astype(np.bool_),
        measures={key.name: frame.columns[str(key)] for key in keys},
        ytd=Column(ytd, this.any(axis=1)),
        forecast=expected(revenue, month, standard.hundredths if standard else None),
        listed_year=np.where(listed.known, listed.values, 0),
    )
    return ReadWatch(ids, year, month, facts, last_year(facts), months)


def has_risk_rule(region: Region) -> bool:
    """Whether a document in force says how risk is told; without one nobody is at risk because nobody looks."""
    return _risk_pool(region) is not None


def _risk_pool(region: Region) -> tuple[PolicyEdition, PoolRule] | None:
    above = list(reversed(region.path.strip("/").split("/")))
    pools = {
        e.locality_id: (e, r)
        for e, r in editions_with_pools(locality_id__in=above)
        if r.kind == "delisting_risk"
    }
    return next((pools[code] for code in above if code in pools), None)


def risk_list(region: Region, ids: NDArray[np.int64], year: int) -> Watched:
    """Who the risk pool of the nearest document takes in, each source a signal; nobody where no document says how."""
    chosen = _risk_pool(region)
    if chosen is None:
        return Watched(np.zeros(ids.size, np.bool_), {})
    edition, rule = chosen
    read = read_pool(edition, rule, year, lowered_lines(edition.name, rule.kind, year))
    screened = screen(rule, read.frame, year)
    place = {int(pk): row for row, pk in enumerate(read.firm_ids)}
    rows = np.array([place.get(int(pk), -1) for pk in ids], np.int64)
    inside = (rows >= 0) & (screened.status[rows] == IN)
    named = np.where(rows >= 0, screened.named_by[rows], 0)
    return Watched(
        inside,
        {line.code: (named >> number & 1).astype(np.bool_) for number, line in enumerate(rule.sources)},
    )


def _at(column: Column, row: int) -> int | None:
    return int(column.values[row]) if column.known[row] else None


# ---------------------------------------------------------------- storing


def _store(
    region: Region, rows: Mapping[str, Mapping[int, Mapping[str, Any]]], month: Month
) -> dict[str, int]:
    now, today = timezone.now(), timezone.localdate()
    counts = {}
    standing = WatchEntry.objects.current().filter(enterprise__region__path__startswith=region.path)
    by_kind: dict[str, dict[int, WatchEntry]] = {kind: {} for kind in rows}
    for entry in standing:
        by_kind[entry.kind][entry.enterprise_id] = entry
    for kind, wanted in rows.items():
        present = by_kind[kind]
        gone = [entry.pk for firm, entry in present.items() if firm not in wanted]
        new, changed = [], []
        for firm, kept in wanted.items():
            entry = present.get(firm)
            if entry is None:
                new.append(WatchEntry(kind=kind, enterprise_id=firm, since=today, refreshed_at=now, **kept))
            elif any(getattr(entry, name) != value for name, value in kept.items()):
                for name, value in kept.items():
                    setattr(entry, name, value)
                entry.refreshed_at = now
                changed.append(entry)
        for chunk in in_chunks(gone):
            WatchEntry.objects.filter(pk__in=chunk).update(until=today, refreshed_at=now)
        write_rows(new)
        merge_rows(changed, [*_KEPT, "refreshed_at"])
        counts |= {kind: len(wanted), f"{kind}_new": len(new), f"{kind}_gone": len(gone)}
    return counts


# ---------------------------------------------------------------- what people do


def note_entry(
    *, entry: WatchEntry, code: str, person: str, note: str, on: date, next_on: date | None, actor: User
) -> WatchNote:
    """Keep a talk with the firm, the answer to a warning or a recommendation. Raises ``PoolRefused``."""
    codes = CODES[entry.kind]
    person, note = person.strip(), note.strip()
    if code not in codes:
        raise PoolRefused("请选择情况。")
    if not person:
        raise PoolRefused("请写明办理人姓名。")
    if code == "other" and not note:
        raise PoolRefused("选“其他”的，请写明情况。")
    if len(note) > NOTE_LIMIT:
        raise PoolRefused(f"说明有 {len(note)} 个字，最多 {NOTE_LIMIT} 个。")
    if on > timezone.localdate():
        raise PoolRefused("日期不能晚于今天。")
    if next_on is not None and next_on < on:
        raise PoolRefused("下次联系的日期不能早于本次。")
    with transaction.atomic():
        kept = WatchNote.objects.create(
            entry=entry,
            code=code,
            person=person,
            note=note,
            on=on,
            next_on=next_on,
            recorded_by=actor,
            at=timezone.now(),
        )
        firm = entry.enterprise
        subject = f"{firm.name} {entry.get_kind_display()} {codes[code]}"
        record(
            actor=actor, act="note_watch_entry", region=firm.region, subject=subject, counts={"note": kept.pk}
        )
    return kept
