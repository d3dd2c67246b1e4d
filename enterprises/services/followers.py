"""What hangs on a firm's identity in the apps to the right: they say it here, so that nobody imports to the right.

A follower tells, before an event is recorded, how many of its rows the event touches and what becomes of them;
a ``built_on`` reader tells, before an event is undone, what was frozen since on the ground of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

#: (numbers of firms) → how many rows
Count = Callable[[Sequence[int]], int]
#: (numbers of firms, day of the event, moment it was recorded) → what stands on it, in words
BuiltOn = Callable[[Sequence[int], date, datetime], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Follower:
    """``label``: what it is (培育库记录); ``unit``: 条, 个月; ``becomes``: what an event makes of it."""

    label: str
    unit: str
    becomes: str
    count: Count


_followers: dict[str, Follower] = {}
_readers: list[BuiltOn] = []


def register_follower(follower: Follower) -> None:
    _followers[follower.label] = follower


def register_built_on(reader: BuiltOn) -> BuiltOn:
    """Usable as a decorator."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def followers() -> list[Follower]:
    return list(_followers.values())


def built_on(firm_ids: Sequence[int], on: date, recorded_at: datetime) -> list[str]:
    return [told for reader in _readers for told in reader(firm_ids, on, recorded_at)]
