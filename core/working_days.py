"""Periods of days as notices count them: calendar days or working days. Pure: the holidays are given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from core.workdays import is_working


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
