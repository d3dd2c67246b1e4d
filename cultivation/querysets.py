from __future__ import annotations

from datetime import datetime, time
from typing import Self

from django.db.models import Exists, OuterRef, Q

from core.models import Region, Role, User
from core.periods import SHANGHAI, Month
from core.scoping import NO_BUSINESS_DATA, ScopedQuerySet
from enterprises.models import Enterprise


class TargetQuerySet(ScopedQuerySet):
    def of_programme(self, programme: str) -> Self:
        return self.filter(programme=programme)

    def yearly(self, metric: str, year: int) -> Self:
        return self.filter(metric=metric, year=year, until_year=year)


class TargetChangeQuerySet(ScopedQuerySet):
    def of_programme(self, programme: str) -> Self:
        return self.filter(programme=programme)


class OfFirmQuerySet(ScopedQuerySet):
    """Rows of a firm are seen where the firm is assessed today."""

    region_lookup = "enterprise__region"

    def current(self) -> Self:
        return self.filter(until=None)


class WatchNoteQuerySet(ScopedQuerySet):
    region_lookup = "entry__enterprise__region"


class PoolApplicationQuerySet(OfFirmQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=["applied", "reviewed"])


class PoolLineQuerySet(ScopedQuerySet):
    def of_pool(self, programme: str, pool: str) -> Self:
        return self.filter(programme=programme, pool=pool)

    def holding(self) -> Self:
        return self.filter(ended_at=None)


class OfLocalityQuerySet(ScopedQuerySet):
    """Rows that belong to a programme's whole locality; their lines and firms are scoped one by one."""

    def visible_to(self, user: User) -> Self:
        """Rows of localities within the user's region, and of those that hold it."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        return self.filter(related_to(path))


class MonthlyIssueQuerySet(OfLocalityQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-month", "-version")

    def latest_for(self, programme: str, month: Month) -> Self:
        """The newest first; the newest is what pages and exports show."""
        return self.filter(programme=programme, month=month).order_by("-version")


class MonthlyCycleQuerySet(OfLocalityQuerySet):
    def of_month(self, programme: str, month: Month) -> Self:
        return self.filter(programme=programme, month=month)


class MonthReturnQuerySet(ScopedQuerySet):
    def of_cycle(self, cycle: object) -> Self:
        return self.filter(cycle=cycle).select_related("region").order_by("region__order", "region_id")

    def not_in(self) -> Self:
        """Still with those who fill it in."""
        return self.filter(step="fill")


class MonthReopeningQuerySet(ScopedQuerySet):
    def running(self, now: datetime) -> Self:
        """Neither ended by their time nor before it."""
        return self.filter(until__gt=now, closed_at=None)


class CorrectionQuerySet(ScopedQuerySet):
    def approved(self) -> Self:
        return self.filter(state="approved")

    def waiting(self) -> Self:
        return self.filter(state="waiting")


class OfReturnQuerySet(ScopedQuerySet):
    region_lookup = "returned__region"


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


class DispatchOrderQuerySet(ScopedQuerySet):
    def of_programme(self, programme: str) -> Self:
        return self.filter(programme=programme)

    def open(self) -> Self:
        return self.filter(state__in=["draft", "sent", "answered"])

    def of_month(self, month: Month) -> Self:
        """Those of the month, those carried over into it, and those that ended in it or later."""
        ended_before = Q(ended_at__lt=datetime.combine(month.first_day, time(), SHANGHAI))
        return self.filter(month__lte=month).exclude(ended_before & ~Q(month=month))


class DispatchStepQuerySet(ScopedQuerySet):
    region_lookup = "order__region"


class PoolScreeningQuerySet(OfLocalityQuerySet):
    def of_pool(self, programme: str, pool: str) -> Self:
        """The newest first."""
        return self.filter(programme=programme, pool=pool).order_by("-id")


class PoolMembershipQuerySet(ScopedQuerySet):
    """A member is seen where its firm is assessed today."""

    region_lookup = "enterprise__region"

    def current(self) -> Self:
        return self.filter(until=None)

    def of_pool(self, programme: str, pool: str) -> Self:
        return self.filter(programme=programme, pool=pool)

    def matching(self, text: str) -> Self:
        """By the firm's name, former name, credit code or pinyin initials."""
        return self.filter(enterprise__in=Enterprise.objects.matching(text).order_by().values("pk"))

    def by_hand(self) -> Self:
        """Those for whom a person has chosen something."""
        return self.filter(Q(tier_by_hand=True) | Q(year_by_hand=True) | Q(admitted_by_hand=True))

    def within(self, region_code: str) -> Self:
        """Members of a region and of all below it; none for a code that does not exist."""
        path = Region.objects.filter(code=region_code).values_list("path", flat=True).first()
        return self.none() if path is None else self.filter(enterprise__region__path__startswith=path)


class TierChangeQuerySet(ScopedQuerySet):
    region_lookup = "membership__enterprise__region"


def related_to(path: str, lookup: str = "region") -> Q:
    """Regions at or below ``path``, and those that hold it."""
    return Q(**{f"{lookup}__path__startswith": path}) | Q(**{f"{lookup}_id__in": path.strip("/").split("/")})
