"""Months that may no longer be reported, said by whoever freezes them (the apps to the right register here)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.models import Region
from core.periods import Month

#: (name of the sheet, region of the batch) → months that are locked for it
LockReader = Callable[[str, Region], Iterable[Month]]
_readers: list[LockReader] = []


def register_lock(reader: LockReader) -> LockReader:
    """Usable as a decorator. The reader is asked once a batch, never once a row."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def locked_months(sheet: str, region: Region) -> frozenset[Month]:
    """Every month that no list of this sheet may change any more in this region."""
    return frozenset(month for reader in _readers for month in reader(sheet, region))
