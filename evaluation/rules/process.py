"""From the computed round to its publication: what the document's steps still ask for, and the days of its calendar. Pure.

Which steps there are is the document's (``workflow.steps``); one that it does not name asks for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.periods import SHANGHAI
from core.policies import Unknown
from core.workdays import Workdays
from evaluation.policy import Scheme
from evaluation.policy.workflow import STEPS, Publicity, Workflow

COMPUTED, CONFIRMING, SETTLED, PUBLICITY, PUBLISHED = (
    "computed",
    "confirming",
    "settled",
    "publicity",
    "published",
)
#: what stands in the way, told by ``hindrance_text``
NOT_HANDED_OUT, WAITING, OPEN_APPEALS, UNPROVEN, NOT_SETTLED, NOT_PUBLIC, STILL_PUBLIC = (
    "NOT_HANDED_OUT",
    "WAITING",
    "OPEN_APPEALS",
    "UNPROVEN",
    "NOT_SETTLED",
    "NOT_PUBLIC",
    "STILL_PUBLIC",
)


@dataclass(frozen=True, slots=True)
class Hindrance:
    code: str
    count: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """``waiting``: graded firms without an answer; ``unproven``: moved firms whose move nobody approved."""

    stage: str
    now: datetime
    confirm_until: datetime | None = None
    public_until: datetime | None = None
    waiting: int = 0
    open_appeals: int = 0
    unproven: int = 0


def settles(workflow: Workflow | None) -> bool:
    """Whether somebody settles the result (终评、审定) before it is made public."""
    return workflow is not None and bool({"final_evaluation", "approve"} & set(workflow.steps))


def is_consent(workflow: Workflow | None) -> bool:
    """Whether who says nothing in time has agreed (逾期视为无异议)."""
    publicity = workflow.publicity if workflow else None
    return publicity is not None and publicity.silence_is_consent is True


def before_settling(workflow: Workflow | None, progress: Progress) -> tuple[Hindrance, ...]:
    """What has to be done with the firms before the result is settled."""
    steps = set(workflow.steps) if workflow else set()
    found = []
    if "firm_confirm" in steps and progress.stage == COMPUTED:
        found.append(Hindrance(NOT_HANDED_OUT))
    elif "firm_confirm" in steps and progress.waiting:
        is_over = progress.confirm_until is not None and progress.now >= progress.confirm_until
        if not (is_over and is_consent(workflow)):
            found.append(Hindrance(WAITING, progress.waiting, progress.confirm_until))
    if progress.open_appeals:
        found.append(Hindrance(OPEN_APPEALS, progress.open_appeals))
    if progress.unproven:
        found.append(Hindrance(UNPROVEN, progress.unproven))
    return tuple(found)


def before_publicity(workflow: Workflow | None, progress: Progress) -> tuple[Hindrance, ...]:
    if settles(workflow) and progress.stage in (COMPUTED, CONFIRMING):
        return (*before_settling(workflow, progress), Hindrance(NOT_SETTLED))
    return before_settling(workflow, progress)


def before_publishing(workflow: Workflow | None, progress: Progress) -> tuple[Hindrance, ...]:
    found = before_publicity(workflow, progress)
    if workflow is None or "publicity" not in workflow.steps:
        return found
    if progress.stage != PUBLICITY:
        return (*found, Hindrance(NOT_PUBLIC))
    if progress.public_until is not None and progress.now < progress.public_until:
        return (*found, Hindrance(STILL_PUBLIC, 0, progress.public_until))
    return found


def may_object(progress: Progress) -> bool:
    """Whether an appeal is still in time: while firms are asked, and while the result is public."""
    until = {CONFIRMING: progress.confirm_until, PUBLICITY: progress.public_until}.get(progress.stage)
    return until is not None and progress.now < until


def closing(
    publicity: Publicity, first: date, workdays: Workdays, zone: ZoneInfo = SHANGHAI
) -> datetime | None:
    """The minute at which publicity that begins on ``first`` ends; ``None`` where the document leaves it open.

    Raises ``core.workdays.UnknownYear`` where it counts working days of a year whose holidays nobody has announced.
    """
    if isinstance(publicity.days, Unknown) or isinstance(publicity.kind, Unknown):
        return None
    if publicity.kind == "working":
        return closing_on(publicity, workdays.last_of(first, publicity.days), zone)
    return closing_on(publicity, first + timedelta(days=publicity.days - 1), zone)


def closing_on(publicity: Publicity, last: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The last minute of a last day; without a printed hour the day is whole."""
    hour = time(23, 59)
    if isinstance(publicity.closes_at, str):
        hour = time.fromisoformat(publicity.closes_at)
    return datetime.combine(last, hour, zone)


def leaders_act(workflow: Workflow | None, stage: str, asked_until: datetime | None, now: datetime) -> str:
    """What waits for the leader by the clock: ``settle``, ``publish`` or nothing; ``asked_until``: when firms or the public
    may still speak."""
    if asked_until is not None and stage in (CONFIRMING, PUBLICITY) and now < asked_until:
        return ""
    asks_firms = workflow is not None and "firm_confirm" in workflow.steps
    if settles(workflow) and stage in (CONFIRMING if asks_firms else COMPUTED, CONFIRMING):
        return "settle"
    is_made_public = workflow is not None and "publicity" in workflow.steps
    return "publish" if (not settles(workflow) and not is_made_public) or stage == PUBLICITY else ""


# ---------------------------------------------------------------- calendar

DONE, OVERDUE, SOON, AHEAD, UNDATED = "done", "overdue", "soon", "ahead", "undated"
#: a step is told as near from so many days before its last day
_NEAR_DAYS = 15


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A step of the year: its last day, or ``None`` where the document prints none."""

    step: str
    label: str
    due: date | None
    clause: str


def calendar_of(scheme: Scheme) -> tuple[CalendarDay, ...]:
    """The document's steps in their order, with last days in the year after the data year."""
    if scheme.workflow is None:
        return ()
    deadlines = {deadline.step: deadline for deadline in scheme.workflow.deadlines}
    names = dict.fromkeys([*scheme.workflow.steps, *deadlines])
    days = []
    for step in sorted(names, key=list(STEPS).index):
        deadline = deadlines.get(step)
        due, clause = None, ""
        if deadline is not None:
            clause = deadline.origin.clause or ""
            if isinstance(deadline.day, str):
                due = date.fromisoformat(f"{scheme.data_year + 1}-{deadline.day}")
        days.append(CalendarDay(step, STEPS[step], due, clause))
    return tuple(days)


def day_state(due: date | None, done_on: date | None, today: date) -> str:
    if done_on is not None:
        return DONE
    if due is None:
        return UNDATED
    if today > due:
        return OVERDUE
    return SOON if (due - today).days <= _NEAR_DAYS else AHEAD
