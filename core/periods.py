"""Months as values. Pure: no Django, no clock.

A month is what every return, cycle and event is about; it is never a date with a day made up.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})")
#: The clock by which a month begins and ends.
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month, e.g. ``Month(2022, 6)``; prints as ``2022-06``, adds whole months.

    Raises ``ValueError`` for a month outside 1–12 or a year outside 1900–2999.
    """

    year: int
    month: int

    def __hash__(self) -> int:
        # lists of a hundred thousand rows are looked up by it
        return self.year * 12 + self.month

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2999):
            raise ValueError(f"not a month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """``"2022-06"`` → ``Month(2022, 6)``; anything else raises ``ValueError``."""
        match = _ISO.fullmatch(text)
        if not match:
            raise ValueError(f"not a month (YYYY-MM): {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day; a moment with a time zone is read on the clock of Asia/Shanghai."""
        if isinstance(day, datetime) and day.tzinfo:
            day = day.astimezone(SHANGHAI)
        return cls(day.year, day.month)

    @classmethod
    def from_number(cls, number: int) -> Month:
        """``202206`` → ``Month(2022, 6)``: the form in which the database keeps months."""
        return _of_number(number)

    @property
    def number(self) -> int:
        return self.year * 100 + self.month

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return _last_day(self.year, self.month)

    @property
    def label(self) -> str:
        """2022年6月"""
        return f"{self.year}年{self.month}月"

    @property
    def ytd_label(self) -> str:
        """1—6月, the cumulative span (累计) that ends with this month."""
        return "1月" if self.month == 1 else f"1—{self.month}月"

    def __add__(self, months: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def __sub__(self, months: int) -> Month:
        return self + -months

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@cache
def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@cache
def _of_number(number: int) -> Month:
    return Month(*divmod(number, 100))


def months_between(first: Month, last: Month) -> list[Month]:
    """Every month from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    months = []
    month = first
    while month <= last:
        months.append(month)
        month += 1
    return months
