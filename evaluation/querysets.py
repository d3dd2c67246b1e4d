from __future__ import annotations

from datetime import date
from typing import Self

from django.db.models import Case, Exists, F, OuterRef, Q, When

from core.models import Region, Role, User
from core.scoping import NO_BUSINESS_DATA, ScopedQuerySet
from cultivation.querysets import related_to

#: Who may see grades before they are published.
SEES_DRAFTS = frozenset({Role.BUREAU_STAFF, Role.BUREAU_LEADER, Role.SYSTEM})
#: Who takes the pre-evaluation to the firms of his region, once it is handed out.
HANDS_OUT = frozenset({Role.DISTRICT_OFFICER, Role.DISTRICT_LEADER, Role.TOWNSHIP_OFFICER})
PUBLISHED = "published"
HANDED_OUT = ("confirming", "settled", "publicity")


class RoundQuerySet(ScopedQuerySet):
    """A round belongs to its whole locality; the scores in it are scoped one by one."""

    def visible_to(self, user: User) -> Self:
        """Rounds of localities within the user's region and of those that hold it; drafts for the locality's bureau."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        open_to = Q(state=PUBLISHED)
        if user.role in SEES_DRAFTS:
            open_to |= Q(region__path__startswith=path)
        if user.role in HANDS_OUT:
            open_to |= Q(stage__in=HANDED_OUT)
        return self.filter(related_to(path), open_to)

    def of_scheme(self, scheme: str, year: int) -> Self:
        """The newest version first."""
        return self.filter(scheme=scheme, year=year).order_by("-version")

    def current(self) -> Self:
        """Of each scheme and year the version that holds: the newest published one."""
        later = self.model.objects.filter(
            scheme=OuterRef("scheme"), year=OuterRef("year"), state=PUBLISHED, version__gt=OuterRef("version")
        )
        return self.filter(~Exists(later), state=PUBLISHED)


class ScoreQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """Firms of the user's regions; of rounds that are not published only to the locality's bureau."""
        rows = super().visible_to(user)
        if user.role == Role.SYSTEM:
            return rows
        open_to = Q(round__state=PUBLISHED)
        if user.role in SEES_DRAFTS and user.scope_path is not None:
            open_to |= Q(round__region__path__startswith=user.scope_path)
        if user.role in HANDS_OUT:
            open_to |= Q(round__stage__in=HANDED_OUT)
        return rows.filter(open_to)

    def within(self, region_code: str) -> Self:
        """Firms of a region and of all below it; none for a code that does not exist."""
        path = Region.objects.filter(code=region_code).values_list("path", flat=True).first()
        return self.none() if path is None else self.filter(region__path__startswith=path)

    def in_official_order(self) -> Self:
        """By region, cohort and place; firms without a place last."""
        no_place = Case(When(rank=None, then=1), default=0)
        return self.order_by("region__order", "region_id", no_place, "cohort", "rank", "enterprise__uscc")

    def graded(self, grade: str) -> Self:
        return self.filter(final_grade=grade)

    def graded_as(self, *letters: str) -> Self:
        """By the letter alone: C1 is a C."""
        wanted = Q()
        for letter in letters:
            wanted |= Q(final_grade__startswith=letter)
        return self.filter(wanted)

    def current(self) -> Self:
        """Of published rounds alone, and of each scheme and year only the version that holds."""
        rounds = self.model._meta.get_field("round").related_model.objects.current()
        return self.filter(round__in=rounds.order_by().values("pk"))

    def flagged(self, bit: int) -> Self:
        """Firms that meet the scheme's absolute line of that number."""
        return self.annotate(line=F("flags").bitand(1 << bit)).exclude(line=0)

    def moved(self) -> Self:
        """Firms whose final grade is not the initial one."""
        return self.exclude(initial_grade=F("final_grade")).exclude(initial_grade="")


class AppealQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(state="open")

    def ruled_for(self, scheme: str, year: int) -> Self:
        """Accepted ones of every version of the year, the oldest first: a later ruling stands over an earlier one."""
        ruled = self.filter(round__scheme=scheme, round__year=year, state="accepted")
        return ruled.order_by("decided_at", "pk")


class MilestoneQuerySet(ScopedQuerySet):
    region_lookup = "project__region"


class ProjectQuerySet(ScopedQuerySet):
    def of_year(self, scheme: str, year: int) -> Self:
        """Of every version of the year: a correction keeps the projects that stand."""
        return self.filter(round__scheme=scheme, round__year=year)

    def unfinished(self) -> Self:
        """Neither accepted nor waiting for it."""
        return self.filter(state__in=("planned", "returned"))

    def late(self, day: date) -> Self:
        """Unfinished behind its last day, or with a milestone that is."""
        late_mark = Q(milestones__due_on__lt=day, milestones__done_on=None)
        return self.unfinished().filter(Q(due_on__lt=day) | late_mark).distinct()
