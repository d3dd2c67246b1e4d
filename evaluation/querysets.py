from __future__ import annotations

from typing import Self

from django.db.models import Case, Exists, OuterRef, Q, When

from core.models import Region, Role, User
from core.scoping import NO_BUSINESS_DATA, ScopedQuerySet
from cultivation.querysets import related_to

#: Who may see grades before they are published.
SEES_DRAFTS = frozenset({Role.BUREAU_STAFF, Role.BUREAU_LEADER, Role.SYSTEM})
PUBLISHED = "published"


class RoundQuerySet(ScopedQuerySet):
    """A round belongs to its whole locality; the scores in it are scoped one by one."""

    def visible_to(self, user: User) -> Self:
        """Rounds of localities within the user's region and of those that hold it; drafts for the locality's bureau."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        draft = Q(region__path__startswith=path) if user.role in SEES_DRAFTS else Q(pk__in=[])
        return self.filter(related_to(path), Q(state=PUBLISHED) | draft)

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
        published = Q(round__state=PUBLISHED)
        if user.role in SEES_DRAFTS and user.scope_path is not None:
            return rows.filter(published | Q(round__region__path__startswith=user.scope_path))
        return rows.filter(published)

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

    def current(self) -> Self:
        """Of published rounds alone, and of each scheme and year only the version that holds."""
        rounds = self.model._meta.get_field("round").related_model.objects.current()
        return self.filter(round__in=rounds.order_by().values("pk"))
