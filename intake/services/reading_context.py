"""What the rules must know of the world to read one batch: regions, scope, open months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from core.models import Region
from core.periods import Month
from intake.models import Batch
from intake.rules.findings import Finding, must_mend
from intake.rules.reading import ReadingContext
from intake.rules.text import region_key
from intake.services.locks import MonthLock, month_locks
from intake.services.periods import read_period
from intake.services.sheet_types import SheetType

#: Regions that hold districts: no firm is assessed in them directly.
_HOLDERS = frozenset({Region.Kind.PROVINCE, Region.Kind.CITY})
_SUFFIXES = "省市县区"


def context_of(batch: Batch, sheet: SheetType) -> ReadingContext:
    regions = list(Region.objects.order_by("path"))
    scope = scope_of(batch.region, regions)
    locks = month_locks(batch.sheet, batch.region)
    return ReadingContext(
        regions=accepted_names(regions, scope),
        region_names={region.code: region.name for region in regions},
        scope=scope,
        own_name=batch.region.name,
        period=read_period(sheet, batch.period),
        today=batch.as_of,
        closed=lambda month: _closed(month, batch.as_of, locks),
    )


def _closed(month: Month, today: date, locks: Mapping[Month, MonthLock]) -> Finding | None:
    if month > Month.of(today):
        opens = month.first_day
        reason = f"{month.label}未开放，还没有到这个月"
        return must_mend(
            "MONTH_NOT_OPEN", reason, f"{opens.year}年{opens.month}月{opens.day}日起开放；请核对月份"
        )
    lock = locks.get(month)
    return must_mend("MONTH_LOCKED", lock.words, lock.cure) if lock else None


def scope_of(sender: Region, regions: list[Region]) -> frozenset[str]:
    """The regions that a list sent for ``sender`` may name: a district itself, a city's districts."""
    below = [region for region in regions if region.path.startswith(sender.path)]
    codes = {region.code for region in below if region.kind not in _HOLDERS}
    return frozenset(codes or {sender.code})


def accepted_names(regions: list[Region], scope: frozenset[str]) -> dict[str, str]:
    """Written form → code. A form that several regions share counts for the one within the scope, else for none."""
    forms: dict[str, set[str]] = defaultdict(set)
    full_names: dict[str, str] = {}
    for region in regions:
        above = full_names.get(region.path[: -len(region.code) - 1], "")
        full_names[region.path] = above + region.name
        for text in _written_forms(region, full_names[region.path]):
            forms[region_key(text)].add(region.code)
    accepted = {}
    for form, codes in forms.items():
        candidates = codes if len(codes) == 1 else codes & scope
        if form and len(candidates) == 1:
            accepted[form] = next(iter(candidates))
    return accepted


def _written_forms(region: Region, full_name: str) -> set[str]:
    forms = {region.name, region.short_name, full_name, *region.aliases}
    if len(region.name) > 2 and region.name[-1] in _SUFFIXES:
        forms.add(region.name[:-1])
    return {form for form in forms if form}
