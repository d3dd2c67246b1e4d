from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from core.models import JobRun, Role, User
from core.scoping import ScopedQuerySet

#: The job key of a batch's check, before its number.
CHECK_KEY = "check_batch:"
#: A batch that nobody works and for which no job exists is given up after this time.
WITHOUT_JOB = timedelta(seconds=60)


class BatchQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """Batches of the user's region and below; a department sees its own lists only (S0-09), a client its own
        batches."""
        batches = super().visible_to(user)
        if user.role == Role.API_CLIENT:
            return batches.filter(sent_by=user)
        if user.role == Role.DEPARTMENT_OFFICER:
            return batches.filter(department=user.department)
        return batches

    def with_shown_state(self) -> Self:
        """Adds ``shown_state``: the state, or ``interrupted`` (可重试) where the check's worker is dead.

        A check is alive while its job waits, or runs under a lease that is still renewed.
        """
        now = timezone.now()
        runs = JobRun.objects.filter(key=Concat(Value(CHECK_KEY), Cast(OuterRef("pk"), CharField())))
        alive = Q(state=JobRun.State.QUEUED) | Q(state=JobRun.State.RUNNING, lease_until__gte=now)
        forgotten = ~Exists(runs) & Q(sent_at__lt=now - WITHOUT_JOB)
        dead = (Exists(runs) & ~Exists(runs.filter(alive))) | forgotten
        return self.annotate(
            shown_state=Case(
                When(Q(state__in=["received", "checking"]) & dead, then=Value("interrupted")),
                default=F("state"),
                output_field=CharField(),
            )
        )


class ListLayoutQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """Layouts of the user's region and below; a department sees its own only, as it does its lists."""
        layouts = super().visible_to(user)
        if user.role in (Role.DEPARTMENT_OFFICER, Role.API_CLIENT):
            return layouts.filter(department=user.department)
        return layouts
