from __future__ import annotations

from typing import Self

from django.db.models import Exists, OuterRef, Q

from core.models import Role, User
from core.periods import Month
from core.scoping import NO_BUSINESS_DATA, ScopedQuerySet


class TargetQuerySet(ScopedQuerySet):
    def of_programme(self, programme: str) -> Self:
        return self.filter(programme=programme)

    def yearly(self, metric: str, year: int) -> Self:
        return self.filter(metric=metric, year=year, until_year=year)


class MonthlyIssueQuerySet(ScopedQuerySet):
    """An issue belongs to the programme's whole locality; its lines and firms are scoped one by one."""

    def visible_to(self, user: User) -> Self:
        """Issues of localities within the user's region, and of those that hold it."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        return self.filter(related_to(path))

    def newest_first(self) -> Self:
        return self.order_by("-month", "-version")

    def latest_for(self, programme: str, month: Month) -> Self:
        """The newest first; the newest is what pages and exports show."""
        return self.filter(programme=programme, month=month).order_by("-version")


class RegionMonthQuerySet(ScopedQuerySet):
    def of_newest_versions(self, **issues: object) -> Self:
        """Lines of each month's newest version, or of the newest that is such as ``issues`` says."""
        issue = self.model._meta.get_field("issue").related_model
        later = issue.objects.filter(
            programme=OuterRef("issue__programme"),
            month=OuterRef("issue__month"),
            version__gt=OuterRef("issue__version"),
            **issues,
        )
        return self.filter(~Exists(later), **{f"issue__{name}": value for name, value in issues.items()})


def related_to(path: str, lookup: str = "region") -> Q:
    """Regions at or below ``path``, and those that hold it."""
    return Q(**{f"{lookup}__path__startswith": path}) | Q(**{f"{lookup}_id__in": path.strip("/").split("/")})
