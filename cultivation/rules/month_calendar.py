"""The days of a monthly return: opened, due, reminded, late, locked. Pure: today and the holidays are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.periods import Month
from core.policies import Unknown
from core.workdays import UnknownYear, Workdays
from cultivation.policy.calendar import Step, day_after

#: When a return that is not in is asked for, in days from the due day (T−3、T、T+1).
REMINDERS = {"before": -3, "due": 0, "late": 1}
NO_DAY = "文件没有写明报送截止日"


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """The days of one month's return. ``due_on``: ``None`` where no day is printed; ``note`` says why, or how
    the day printed became another, or why it could not be moved."""

    opens_on: date
    due_on: date | None
    locks_on: date | None
    note: str = ""


def plan_of(month: Month, step: Step, workdays: Workdays) -> MonthPlan:
    """A due day that is not worked moves to the next that is, where the step says so (遇节假日顺延)."""
    opens_on = day_after(month.year, month.month, step.opens)
    locks_on = day_after(month.year, month.month, step.locks) if step.locks else None
    if isinstance(step.day, Unknown):
        return MonthPlan(opens_on, None, locks_on, NO_DAY)
    printed = step.due_of(month.year, month.month)
    if not step.is_moved:
        return MonthPlan(opens_on, printed, locks_on)
    try:
        due_on = workdays.on_or_after(printed)
    except UnknownYear as unknown:
        return MonthPlan(opens_on, printed, locks_on, f"{unknown}，截止日未顺延")
    note = f"{printed.month}月{printed.day}日不上班，顺延" if due_on != printed else ""
    return MonthPlan(opens_on, due_on, locks_on, note)


def reminder_on(due_on: date | None, today: date) -> str | None:
    """The reminder that stands on this day: the latest whose day has come; ``None`` before the first.

    After a night that was missed the latest alone is made up for: three at once would say one thing.
    """
    if due_on is None:
        return None
    come = [kind for kind, days in REMINDERS.items() if due_on + timedelta(days=days) <= today]
    return come[-1] if come else None


def days_late(due_on: date | None, until: date) -> int:
    """Days past the due day on that day; 0 in time, and where no day is printed."""
    return 0 if due_on is None else max((until - due_on).days, 0)
