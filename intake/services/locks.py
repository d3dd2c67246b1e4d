"""Months that may no longer be reported, said by whoever freezes them (the apps to the right register here)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.models import Region
from core.periods import Month


@dataclass(frozen=True, slots=True)
class MonthLock:
    """Why a month is shut, since when, and who may open it: what a refused sender must be told."""

    month: Month
    reason: str
    since: date | None = None
    reopened_by: str = "市局业务科室"

    @property
    def words(self) -> str:
        """2026年3月自 2026年4月12日 起锁定（月报已印发）"""
        day = self.since
        since = f"自{day.year}年{day.month}月{day.day}日起" if day else ""
        return f"{self.month.label}{since}已锁定（{self.reason}）"

    @property
    def cure(self) -> str:
        return f"要更正请联系{self.reopened_by}办理更正，或改报未锁定的月份"


#: (name of the sheet, region of the batch) → months that are locked for it
LockReader = Callable[[str, Region], Iterable[MonthLock]]
_readers: list[LockReader] = []


def register_lock(reader: LockReader) -> LockReader:
    """Usable as a decorator. The reader is asked once a batch, never once a row."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def month_locks(sheet: str, region: Region) -> Mapping[Month, MonthLock]:
    """Every month that no list of this sheet may change any more in this region, with the lock that came first."""
    locks: dict[Month, MonthLock] = {}
    for reader in _readers:
        for lock in reader(sheet, region):
            locks.setdefault(lock.month, lock)
    return locks
