from __future__ import annotations

from typing import Self

from core.scoping import ScopedQuerySet


class TargetQuerySet(ScopedQuerySet):
    def of_programme(self, programme: str) -> Self:
        return self.filter(programme=programme)


class MonthlyIssueQuerySet(ScopedQuerySet):
    """Issues belong to the programme's locality; their rows are scoped one by one."""

    def latest_for(self, programme: str, month: object) -> Self:
        return self.filter(programme=programme, month=month).order_by("-version")


class RegionMonthQuerySet(ScopedQuerySet):
    pass
