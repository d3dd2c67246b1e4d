"""What the ``calendar`` part of a policy document holds: the work steps of a year and their days. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from core.policies import Unknown
from core.workdays import Workdays
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
#: What the portal itself does by a step, where the document says so.
KINDS = {"return": "月报报送", "dispatch": "季度调度", "summary": "半年总结", "bulletin": "年度通报"}
_MONTHS = {"half_year": (6, 12), "quarter": (3, 6, 9, 12), "month": tuple(range(1, 13))}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of work. ``by``: month and day of its last day, ``year_after``: in the year after the one it is about.

    Steps of each month, quarter and half year end with it unless a day of the following month is printed (``day``;
    ``UNKNOWN``: there is such a day, and the document does not say which). ``is_moved``: a last day that is not
    worked moves to the next that is (遇节假日顺延). ``opens`` and ``locks``: days of the following month.
    """

    code: str
    title: str
    every: str
    by: tuple[int, int] | Unknown | None
    year_after: int
    day: int | Unknown | None
    first_year: int | None
    last_year: int | None
    who: str | None
    basis: Basis
    kind: str | None = None
    opens: int = 1
    locks: int | None = None
    is_moved: bool = False

    def due(self, year: int) -> Iterator[date]:
        """The last days of the step for the work of ``year``; none where the document prints no day."""
        if (self.first_year and year < self.first_year) or (self.last_year and year > self.last_year):
            return
        if self.every in _MONTHS:
            for month in _MONTHS[self.every] if not isinstance(self.day, Unknown) else ():
                yield self.due_of(year, month)
        elif isinstance(self.by, tuple):
            month, day = self.by
            last = calendar.monthrange(year + self.year_after, month)[1]
            yield date(year + self.year_after, month, min(day, last))

    def due_of(self, year: int, month: int) -> date:
        """The last day for the period that ends with this month, where ``day`` is not unknown."""
        if isinstance(self.day, int):
            return day_after(year, month, self.day)
        return date(year, month, calendar.monthrange(year, month)[1])


def day_after(year: int, month: int, day: int) -> date:
    """That day of the month after, at most its last."""
    year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The steps in the order of the document, and the holidays that it announces."""

    steps: tuple[Step, ...]
    holidays: Workdays = field(default_factory=Workdays)

    def of_year(self, year: int) -> list[tuple[date, Step]]:
        """Every day of the year's work with its step, in order of days."""
        days = ((day, place, step) for place, step in enumerate(self.steps) for day in step.due(year))
        return [(day, step) for day, _, step in sorted(days, key=lambda one: one[:2])]

    def step_of(self, kind: str) -> Step | None:
        """The step that the portal works by for that kind; ``None`` where the document has none."""
        return next((step for step in self.steps if step.kind == kind), None)
