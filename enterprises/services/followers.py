"""What hangs on a firm's identity in the apps to the right: they say it here, so that nobody imports to the right.

A follower tells, before an event is recorded, how many of its rows the event touches and what becomes of them.
What was decided since on the ground of an event is told by ``intake.services.built_on``, as for a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: (numbers of firms) → how many rows
Count = Callable[[Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class Follower:
    """``label``: what it is (培育库记录); ``unit``: 条, 个月; ``becomes``: what an event makes of it."""

    label: str
    unit: str
    becomes: str
    count: Count


_followers: dict[str, Follower] = {}


def register_follower(follower: Follower) -> None:
    _followers[follower.label] = follower


def followers() -> list[Follower]:
    return list(_followers.values())
