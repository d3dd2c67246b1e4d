"""The daily lists kept up to date: facts → rule → one short write; and what people note of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from core.amounts import to_hundredths
from core.audit import record
from core.bulk import read_columns
from core.conditions import Column, FactKey, Kind
from core.facts import load_frame
from core.models import PolicyEdition, Region, User
from core.moment import one_moment
from core.periods import Month
from cultivation.facts import latest_month
from cultivation.models import WatchEntry, WatchNote
from cultivation.policy.pool import Line, PoolRule
from cultivation.rules.figure_columns import slices
from cultivation.rules.running_year import Months, expected, year_before, ytd
from cultivation.rules.screening import IN, screen
from cultivation.rules.watch import CODES, MEASURES, OF_MONTHS, RISK, Watched, WatchFacts, watch_lists
from cultivation.services.month_figures import read_own_months, with_pasts
from cultivation.services.pool_facts import read_pool
from cultivation.services.pool_lines import lowered_lines
from cultivation.services.pools import PoolRefused, editions_with_pools
from cultivation.services.watch_entries import Entries, entries_of, store_entries
from enterprises.models import Enterprise, MonthlyFigure, RegistryEvent
from enterprises.rules.lineage import whole_pasts

NOTE_LIMIT = 300


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
    with one_moment():
        rows = _draw(region, year, month)
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)
        counts = store_entries(region, rows, Month(year, month))
        record(
            actor=actor,
            act="refresh_watch",
            region=region,
            subject=f"{region.name} {year}-{month:02d}",
            counts=counts,
        )
    return counts


def _draw(region: Region, year: int, month: int) -> dict[str, Entries]:
    """The entries of each list, worked a slice of firms at a time."""
    inside = list(Region.objects.filter(path__startswith=region.path).values_list("pk", flat=True))
    firms = read_columns(Enterprise.objects.filter(region_id__in=inside).order_by("pk"), "id")
    ids = firms.columns["id"].values
    standard = standard_of(region)
    keys = [FactKey("above_scale"), FactKey("listed_year")]
    frame = load_frame(keys, enterprises=ids, parameters={"year": year})
    measures = yearly_measures(ids, year)
    figures = read_own_months(ids, inside, year, Month(year, month))
    with_pasts(figures, whole_pasts(RegistryEvent.objects.steps()), year, Month(year, month))
    risk = risk_list(region, ids, Month(year, month))
    parts: dict[str, list[Entries]] = {}
    for rows in slices(ids.size):
        months = figures.months(rows, year)
        facts = watch_facts(
            months,
            {name: cut(column, rows) for name, column in measures.items()},
            month,
            standard,
            above=frame.columns["above_scale"].values[rows].astype(np.bool_),
            listed=cut(frame.columns["listed_year"], rows),
        )
        lists = watch_lists(facts, year, standard.hundredths if standard else None)
        lists[RISK] = Watched(risk.rows[rows], {name: mask[rows] for name, mask in risk.signals.items()})
        for kind, watched in lists.items():
            parts.setdefault(kind, []).append(entries_of(kind, watched, ids[rows], facts, months, year))
    return {kind: Entries.joined(found) for kind, found in parts.items()}


def _latest_year() -> int | None:
    newest = MonthlyFigure.objects.order_by("-month").values_list("month", flat=True).first()
    return newest.year if newest else None


# ---------------------------------------------------------------- reading


def yearly_measures(ids: NDArray[np.int64], year: int) -> dict[str, Column]:
    """Last year's measures of these firms that yearly lists tell; that of the months is told by the months."""
    keys = [FactKey(name, Kind.YEAR, year - 1) for name in MEASURES if name != OF_MONTHS]
    frame = load_frame(keys, enterprises=ids, parameters={"year": year})
    return {key.name: frame.columns[str(key)] for key in keys}


def watch_facts(
    months: Mapping[str, Months],
    measures: Mapping[str, Column],
    month: int,
    standard: Standard | None,
    *,
    above: NDArray[np.bool_],
    listed: Column | None = None,
) -> WatchFacts:
    """Facts of some firms as of the end of ``month``, every column of these firms alone."""
    known = dict(measures) | {OF_MONTHS: Column(*year_before(months["revenue"]))}
    return WatchFacts(
        above=above,
        measures={name: known[name] for name in MEASURES},
        ytd=Column(*ytd(months["revenue"], month)),
        forecast=expected(months["revenue"], month, standard.hundredths if standard else None),
        listed_year=np.zeros(above.size, np.int64) if listed is None else listed.values,
    )


def cut(column: Column, rows: slice) -> Column:
    return Column(column.values[rows], column.known[rows], column.words)


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


def risk_list(region: Region, ids: NDArray[np.int64], month: Month) -> Watched:
    """Who the risk pool of the nearest document takes in as of ``month``, each source a signal; nobody where no
    document says how."""
    chosen = _risk_pool(region)
    if chosen is None:
        return Watched(np.zeros(ids.size, np.bool_), {})
    edition, rule, year = chosen[0], chosen[1].at(month), month.year
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
