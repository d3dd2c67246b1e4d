"""Months that may no longer be reported, said by whoever freezes them (the apps to the right register here)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.models import Region
from core.periods import Month


@dataclass(frozen=True, slots=True)
class MonthLock:
    """Why a month is shut, since when, and who may open it: what a refused sender must be told."""

    month: Month
    reason: str
    since: date | None = None
    reopened_by: str = "市局业务科室"
    #: codes of the regions that are shut; ``None``: all of them
    regions: frozenset[str] | None = None
    #: what was reopened within them: codes of regions, credit codes of firms
    open_regions: frozenset[str] = frozenset()
    open_firms: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Nothing of the month may be reported; else it is asked row by row (``holds``)."""
        return self.regions is None and not self.open_regions and not self.open_firms

    def holds(self, uscc: object, region: object) -> bool:
        """Whether it shuts the month for a row of this firm, assessed in this region."""
        shut = self.regions is None or region in self.regions
        return shut and uscc not in self.open_firms and region not in self.open_regions

    @property
    def words(self) -> str:
        """2026年3月自 2026年4月12日 起锁定（月报已印发）"""
        day = self.since
        since = f"自{day.year}年{day.month}月{day.day}日起" if day else ""
        return f"{self.month.label}{since}已锁定（{self.reason}）"

    @property
    def cure(self) -> str:
        return f"要更正请联系{self.reopened_by}办理更正，或改报未锁定的月份"


@dataclass(frozen=True, slots=True)
class YearLock:
    """Why a year's list is shut in some regions, since when, and who may open it."""

    year: int
    reason: str
    since: date
    reopened_by: str
    #: codes of the regions that are shut; ``None``: all of the list's
    regions: frozenset[str] | None = None

    def holds(self, year: object, region: object) -> bool:
        return year == self.year and (self.regions is None or region in self.regions)

    @property
    def words(self) -> str:
        """2021年度数据自 2022年4月12日 起锁定（部门已审核）"""
        day = self.since
        return f"{self.year}年度数据自{day.year}年{day.month}月{day.day}日起已锁定（{self.reason}）"

    @property
    def cure(self) -> str:
        return f"要更正请联系{self.reopened_by}"


#: (name of the sheet, region of the batch) → months that are locked for it
LockReader = Callable[[str, Region], Iterable[MonthLock]]
_readers: list[LockReader] = []
YearLockReader = Callable[[str, Region], Iterable[YearLock]]
_year_readers: list[YearLockReader] = []


def register_lock(reader: LockReader) -> LockReader:
    """Usable as a decorator. The reader is asked once a batch, never once a row."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def register_year_lock(reader: YearLockReader) -> YearLockReader:
    """Usable as a decorator. The reader is asked once a batch, never once a row."""
    if reader not in _year_readers:
        _year_readers.append(reader)
    return reader


def month_locks(sheet: str, region: Region) -> Mapping[Month, MonthLock]:
    """Every month that no list of this sheet may change any more in this region, with the lock that came first."""
    locks: dict[Month, MonthLock] = {}
    for lock in _locks(sheet, region):
        if lock.is_whole:
            locks.setdefault(lock.month, lock)
    return locks


def partial_locks(sheet: str, region: Region) -> Mapping[Month, list[MonthLock]]:
    """Months that are shut for some regions, or open for some firms alone: the rows decide."""
    locks: dict[Month, list[MonthLock]] = defaultdict(list)
    for lock in _locks(sheet, region):
        if not lock.is_whole:
            locks[lock.month].append(lock)
    return locks


def rows_held(
    locks: Mapping[Month, list[MonthLock]], columns: Mapping[str, list[Any]]
) -> dict[int, MonthLock]:
    """Places of the rows that a partial lock shuts, with that lock."""
    if not locks or not {"uscc", "region", "month"} <= columns.keys():
        return {}
    held: dict[int, MonthLock] = {}
    rows = zip(columns["month"], columns["uscc"], columns["region"], strict=True)
    for place, (month, uscc, region) in enumerate(rows):
        lock = next((one for one in locks.get(month, ()) if one.holds(uscc, region)), None)
        if lock is not None:
            held[place] = lock
    return held


def _locks(sheet: str, region: Region) -> Iterable[MonthLock]:
    return (lock for reader in _readers for lock in reader(sheet, region))


def year_rows_held(sheet: str, region: Region, columns: Mapping[str, list[Any]]) -> dict[int, YearLock]:
    """Places of the rows of a yearly list that are shut, with their lock."""
    if not {"year", "region"} <= columns.keys():
        return {}
    locks = [lock for reader in _year_readers for lock in reader(sheet, region)]
    if not locks:
        return {}
    held: dict[int, YearLock] = {}
    for place, (year, code) in enumerate(zip(columns["year"], columns["region"], strict=True)):
        lock = next((one for one in locks if one.holds(year, code)), None)
        if lock is not None:
            held[place] = lock
    return held
