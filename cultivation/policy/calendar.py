"""What the ``calendar`` part of a policy document holds: the work steps of a year and their days. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.policies import Unknown
from cultivation.policy.pool import Basis

#: How often a step comes, and how many times a year.
EVERY = {
    "year": "每年",
    "half_year": "每半年",
    "quarter": "每季度",
    "month": "每月",
    "week": "每周",
    "once": "一次",
}
_MONTHS = {"half_year": (6, 12), "quarter": (3, 6, 9, 12), "month": tuple(range(1, 13))}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of work. ``by``: month and day of its last day, ``year_after``: in the year after the one it is about.

    Steps of each month, quarter and half year end with it unless a day of the following month is printed (``day``).
    """

    code: str
    title: str
    every: str
    by: tuple[int, int] | Unknown | None
    year_after: int
    day: int | None
    first_year: int | None
    last_year: int | None
    who: str | None
    basis: Basis

    def due(self, year: int) -> Iterator[date]:
        """The last days of the step for the work of ``year``; none where the document prints no day."""
        if (self.first_year and year < self.first_year) or (self.last_year and year > self.last_year):
            return
        if self.every in _MONTHS:
            for month in _MONTHS[self.every]:
                yield self._end_of(year, month)
        elif isinstance(self.by, tuple):
            month, day = self.by
            last = calendar.monthrange(year + self.year_after, month)[1]
            yield date(year + self.year_after, month, min(day, last))

    def _end_of(self, year: int, month: int) -> date:
        if self.day is None:
            return date(year, month, calendar.monthrange(year, month)[1])
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, min(self.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The steps in the order of the document."""

    steps: tuple[Step, ...]

    def of_year(self, year: int) -> list[tuple[date, Step]]:
        """Every day of the year's work with its step, in order of days."""
        days = ((day, place, step) for place, step in enumerate(self.steps) for day in step.due(year))
        return [(day, step) for day, _, step in sorted(days, key=lambda one: one[:2])]
