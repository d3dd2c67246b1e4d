"""What the demo ends with, computed from the database: a second run gives the same figures."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from core.models import Region
from core.periods import Month
from cultivation.models import MonthlyIssue, Target
from cultivation.services.months import month_block
from cultivation.services.pool_block import pool_block
from enterprises.models import Enterprise
from evaluation.models import Round
from evaluation.services.rounds import grade_counts
from incentives.services.blocks import latest_awards_block
from intake.models import Batch


def target_tables(programme: str) -> dict[str, dict[str, int]]:
    """Year → region name → target of newly listed firms, in the official order, with 合计."""
    tables: dict[str, dict[str, int]] = {}
    for target in _yearly_targets(programme):
        year = tables.setdefault(str(target.year), {})
        year[target.region.name] = target.value
    for year in tables.values():
        year["合计"] = sum(year.values())
    return tables


def _yearly_targets(programme: str) -> QuerySet[Target]:
    """Districts only: the city's own line is what they sum to."""
    return (
        Target.objects.of_programme(programme)
        .filter(metric=Target.Metric.NEWLY_LISTED, region__parent__isnull=False)
        .filter(year=F("until_year"))
        .select_related("region")
        .order_by("year", "region__order", "region__code")
    )


def _published() -> QuerySet[Round]:
    """The cities' own rounds; a zone's stands beside them for its own firms."""
    return (
        Round.objects.filter(state=Round.State.PUBLISHED, region__kind=Region.Kind.CITY)
        .select_related("edition")
        .order_by("year", "version")
    )


def build_summary(programmes: list[str], month: Month, seconds: dict[str, float]) -> dict[str, Any]:
    taken = Batch.objects.filter(state=Batch.State.COMMITTED)
    issue = MonthlyIssue.objects.latest_for(programmes[0], month).first()
    return {
        "programmes": {name: {"targets": target_tables(name)} for name in programmes},
        "enterprises": Enterprise.objects.count(),
        "batches": taken.count(),
        "rows_taken": sum(counts.get("good", 0) for counts in taken.values_list("counts", flat=True)),
        "month": {str(month): month_block(issue)} if issue else {},
        "pool": pool_block(programmes[0]),
        "grades": {str(round_.year): grade_counts(round_) for round_ in _published()},
        "awards": latest_awards_block(programmes[1], month.year),
        "seconds": seconds,
    }
