"""Working days: Saturdays, Sundays and holidays off, 调休 days on. Pure: the notices are given.

Which days are off is announced year by year (国务院办公厅关于部分节假日安排的通知); of a year whose notice is not
there nobody can say which days are worked, so asking raises ``UnknownYear``: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta


class UnknownYear(LookupError):
    """The notice of that year is not known; ``year`` says which."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year}年的节假日安排没有载入")


@dataclass(frozen=True, slots=True)
class Workdays:
    """``years``: those whose notice is known; ``off``: holidays; ``on``: Saturdays and Sundays that are worked."""

    years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def __or__(self, other: Workdays) -> Workdays:
        return Workdays(self.years | other.years, self.off | other.off, self.on | other.on)

    def is_working(self, day: date) -> bool:
        if day.year not in self.years:
            raise UnknownYear(day.year)
        return is_working(day, self.off, self.on)

    def on_or_after(self, day: date) -> date:
        """The day itself when it is worked, else the next that is (遇节假日顺延)."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def last_of(self, first: date, days: int) -> date:
        """The day on which ``days`` working days are full; the first counts where it is one. At least one day."""
        day = self.on_or_after(first)
        for _more in range(days - 1):
            day = self.on_or_after(day + timedelta(days=1))
        return day


def is_working(day: date, off: Collection[date], on: Collection[date]) -> bool:
    return day in on or (day.weekday() < 5 and day not in off)


def last_day(
    first: date, days: int, by: str, *, holidays: Collection[date] = (), workdays: Collection[date] = ()
) -> date:
    """The day on which ``days`` days are full; the first day counts when it is one of them.

    ``by`` is ``calendar`` or ``working``; for working days Saturdays, Sundays and ``holidays`` do not count,
    ``workdays`` (调休上班) do. Raises ``ValueError`` for less than one day.
    """
    if days < 1:
        raise ValueError("a period lasts one day at least")
    day, left = first, days
    while True:
        if by == "calendar" or is_working(day, holidays, workdays):
            left -= 1
            if not left:
                return day
        day += timedelta(days=1)
