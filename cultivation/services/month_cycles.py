"""Months are opened, and asked for, by themselves: what should exist by a day is made, once, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, Region, User
from core.periods import Month, months_between
from core.services.policies import document_of
from core.workdays import Workdays
from cultivation.models import MonthlyCycle, MonthlyIssue, MonthReturn, ReturnReminder
from cultivation.policy import Targets
from cultivation.policy.calendar import Step, WorkCalendar
from cultivation.rules.month_calendar import plan_of, reminder_on
from cultivation.services.programmes import programmes_in_force


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A day of the programme's calendar: the step's last day as printed, and what it is about."""

    day: date
    step: Step


def dated_steps(edition: PolicyEdition, kind: str, year: int) -> list[DatedStep]:
    """The last days of the return, dispatch, summary or bulletin for the work of ``year``; none where none is printed."""
    step = calendar_of(edition).step_of(kind)
    return [DatedStep(day, step) for day in step.due(year)] if step else []


def calendar_of(edition: PolicyEdition) -> WorkCalendar:
    part = document_of(edition).parts.get("calendar")
    return part if isinstance(part, WorkCalendar) else WorkCalendar(())


def workdays_of(region: Region) -> Workdays:
    """The holidays announced in documents in force for this region or one that holds it."""
    above = region.path.strip("/").split("/")
    editions = PolicyEdition.objects.filter(
        state=PolicyEdition.State.IN_FORCE, locality_id__in=above, text__contains="holidays:"
    )
    known = Workdays()
    for edition in editions.order_by("name"):
        known |= calendar_of(edition).holidays
    return known


def ensure_periods(*, up_to: Month, actor: User, since: Month | None = None) -> list[MonthlyCycle]:
    """Every month up to ``up_to`` that a programme in force asks for, opened with the returns of its regions.

    Begins where the programme came into force here, or with ``since``; ends with the programme's last year. Months that are
    there stay as they are; regions that came since get their return in months that are not issued. Returns what was made.
    """
    made = []
    for edition in programmes_in_force().defer(None):
        step = calendar_of(edition).step_of("return")
        if step is not None:
            made += _ensure(edition, step, since or Month.of(edition.in_force_at), up_to, actor)
    return made


def _ensure(
    edition: PolicyEdition, step: Step, first: Month, up_to: Month, actor: User
) -> list[MonthlyCycle]:
    months = months_between(*_span(edition, first, up_to))
    there = {cycle.month: cycle for cycle in MonthlyCycle.objects.filter(programme=edition.name)}
    missing = [month for month in months if month not in there]
    workdays = workdays_of(edition.locality) if missing else Workdays()
    made = []
    with transaction.atomic():
        for month in missing:
            plan = plan_of(month, step, workdays)
            cycle, is_new = MonthlyCycle.objects.get_or_create(
                programme=edition.name,
                month=month,
                defaults={
                    "region": edition.locality,
                    "edition": edition,
                    "opens_on": plan.opens_on,
                    "due_on": plan.due_on,
                    "locks_on": plan.locks_on,
                    "note": plan.note,
                    "opened_at": timezone.now(),
                },
            )
            if is_new:
                made.append(cycle)
                record(actor=actor, act="open_month", region=edition.locality, subject=str(cycle))
        _ensure_returns(edition, [*(there[month] for month in months if month in there), *made])
    return made


def _ensure_returns(edition: PolicyEdition, cycles: list[MonthlyCycle]) -> None:
    issued = set(
        MonthlyIssue.objects.filter(programme=edition.name, state=MonthlyIssue.State.ISSUED).values_list(
            "month", flat=True
        )
    )
    open_cycles = [cycle for cycle in cycles if cycle.month not in issued]
    regions = reporting_regions(edition)
    known = set(MonthReturn.objects.filter(cycle__in=open_cycles).values_list("cycle_id", "region_id"))
    MonthReturn.objects.bulk_create(
        [
            MonthReturn(cycle=cycle, region=region)
            for cycle in open_cycles
            for region in regions
            if (cycle.pk, region.pk) not in known
        ],
        ignore_conflicts=True,
    )


def _span(edition: PolicyEdition, first: Month, up_to: Month) -> tuple[Month, Month]:
    """What of the asked span lies within the years that the programme has targets for."""
    part = document_of(edition).parts.get("targets")
    years = [goal.last_year for goal in part.goals] if isinstance(part, Targets) else []
    last = min(up_to, Month(max(years), 12)) if years else up_to
    return first, last


def reporting_regions(edition: PolicyEdition) -> list[Region]:
    """Who hands in a return: every region below the locality; the locality itself where nothing is below it."""
    below = Region.objects.filter(path__startswith=edition.locality.path).order_by("order", "code")
    regions = [region for region in below if region.pk != edition.locality_id]
    return regions or [edition.locality]


def open_cycles() -> QuerySet[MonthlyCycle]:
    """Months that are asked for and not issued yet."""
    issued = MonthlyIssue.objects.filter(
        programme=OuterRef("programme"), month=OuterRef("month"), state=MonthlyIssue.State.ISSUED
    )
    return MonthlyCycle.objects.filter(~Exists(issued))


def make_reminders(*, day: date, actor: User) -> int:
    """Ask again for every opened return that is not in: once before, on and after the due day; how many were made."""
    cycles = list(open_cycles().filter(opens_on__lte=day, due_on__isnull=False))
    standing = {cycle.pk: reminder_on(cycle.due_on, day) for cycle in cycles}
    asked = [pk for pk, kind in standing.items() if kind]
    with transaction.atomic():
        waiting = MonthReturn.objects.not_in().filter(cycle__in=asked)
        made_before = set(
            ReturnReminder.objects.filter(returned__cycle__in=asked).values_list("returned_id", "kind")
        )
        rows = [
            ReturnReminder(returned=one, kind=standing[one.cycle_id], on=day, made_by=actor)
            for one in waiting
            if (one.pk, standing[one.cycle_id]) not in made_before
        ]
        ReturnReminder.objects.bulk_create(rows, ignore_conflicts=True)
        if rows:
            record(actor=actor, act="remind_returns", counts={"reminders": len(rows)})
    return len(rows)
