"""What opens rules: events of recipients, one a row, with what is known of them. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.conditions import Frame
from incentives.policy.awards import EVENTS, RECIPIENTS
from incentives.rules.history import FirstTimes
from incentives.rules.scopes import Column, Mask, Scoped

EVENT_NUMBERS = {event: number for number, event in enumerate(EVENTS)}
EVENT_NAMES = tuple(EVENTS)
KIND_NUMBERS = {kind: number for number, kind in enumerate(RECIPIENTS)}


@dataclass(frozen=True, slots=True)
class Occasions:
    """Aligned columns. Days are numbers like 20220615; an event of a month or a quarter has its first and last.

    ``scope.key`` counts in ``words``; ``group`` is the place of the region group, −1 for none. ``claim`` counts
    in ``rules``: the one rule that a claim opens, −1 for what is open to all; ``None`` where nobody claims.
    ``closed``: rule → rows that it does not look at, because the recipient claims the same under it.
    """

    event: Column
    kind: Column
    first_day: Column
    last_day: Column
    library_year: Column
    scope: Scoped
    group: Column
    first: FirstTimes
    words: tuple[str, ...] = ()
    claim: Column | None = None
    rules: tuple[str, ...] = ()
    closed: Mapping[str, Column] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.event.size)

    @property
    def month(self) -> Column:
        """The month in which the event begins, like 202206."""
        return self.first_day // 100

    @property
    def year(self) -> Column:
        return self.first_day // 10_000

    def open_to(self, rule: str) -> Mask:
        """Rows that are no claim under another rule."""
        if self.claim is None:
            return np.ones(self.size, np.bool_)
        own = self.rules.index(rule) if rule in self.rules else -1
        rows: Mask = (self.claim < 0) | (self.claim == own)
        if rule in self.closed:
            rows[self.closed[rule]] = False
        return rows

    def is_claim(self, row: int) -> bool:
        return self.claim is not None and int(self.claim[row]) >= 0

    def keyed(self, words: tuple[str, ...]) -> Mask:
        """Rows whose key is one of ``words``."""
        return np.isin(self.scope.key, [place for place, word in enumerate(self.words) if word in words])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Occasions and the facts of their recipients, row by row."""

    occasions: Occasions
    frame: Frame

    @property
    def size(self) -> int:
        return self.occasions.size


def days_of(period: str) -> tuple[int, int]:
    """First and last day, as numbers, of ``2022``, ``2022Q1``, ``2022-06`` or ``2022-06-15``."""
    year = int(period[:4])
    if len(period) == 4:
        return year * 10_000 + 101, year * 10_000 + 1231
    if period[4] == "Q":
        last = int(period[5]) * 3
        return year * 10_000 + (last - 2) * 100 + 1, _end(year, last)
    month = int(period[5:7])
    if len(period) == 7:
        return year * 10_000 + month * 100 + 1, _end(year, month)
    day = year * 10_000 + month * 100 + int(period[8:10])
    return day, day


def _end(year: int, month: int) -> int:
    return year * 10_000 + month * 100 + monthrange(year, month)[1]
