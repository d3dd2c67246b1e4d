from __future__ import annotations

from typing import Self

from core.models import Region, Role, User
from core.scoping import NO_BUSINESS_DATA, ScopedQuerySet
from cultivation.querysets import related_to


class AwardRoundQuerySet(ScopedQuerySet):
    """A round belongs to the programme's whole locality; its awards are scoped one by one."""

    def visible_to(self, user: User) -> Self:
        """Rounds of localities within the user's region, and of those that hold it."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        return self.filter(related_to(path))

    def latest_for(self, programme: str, year: int) -> Self:
        """The newest first; the newest is what pages and exports show."""
        return self.filter(programme=programme, year=year).order_by("-version")


class AwardOccasionQuerySet(ScopedQuerySet):
    def inside(self, locality: Region) -> Self:
        """Rows of a locality and of all below it."""
        return self.filter(region__path__startswith=locality.path)


class OfRoundQuerySet(ScopedQuerySet):
    def of_round(self, award_round: object) -> Self:
        return self.filter(round=award_round)

    def living(self) -> Self:
        return self.exclude(state="cancelled")

    def within(self, region_code: str) -> Self:
        """Rows of a region and of all below it; none for a code that does not exist."""
        path = Region.objects.filter(code=region_code).values_list("path", flat=True).first()
        return self.none() if path is None else self.filter(region__path__startswith=path)

    def in_official_order(self) -> Self:
        return self.order_by("region__order", "region_id", "event_month", "recipient_code")
