"""Targets as rows: from the edition in force, or from a list that re-issues some of them."""

from __future__ import annotations

from decimal import Decimal

from core.amounts import to_hundredths
from core.models import PolicyEdition, User
from core.policies import Unknown
from cultivation.models import Target
from cultivation.policy import Goal
from cultivation.services.programmes import targets_part

_REPLACED = ["unit", "value", "clause", "edition", "batch"]
_KEY = ["programme", "region", "year", "until_year", "metric"]


def store_targets(*, edition: PolicyEdition, actor: User) -> dict[str, int]:
    """Make the programme's rows those of ``edition``; figures the document leaves open are not stored.

    Rows of a list stay where the edition says nothing; what both set, the later act decides. Runs inside the
    transaction that puts the edition in force and is told by its entry in the trail.
    """
    part = targets_part(edition)
    goals = [goal for goal in part.goals if not isinstance(goal.amount, Unknown)] if part else []
    rows = [_row(edition, goal) for goal in goals]
    kept = {_key(row) for row in rows}
    former = Target.objects.filter(programme=edition.name, edition__isnull=False)
    gone = [row.pk for row in former if _key(row) not in kept]
    Target.objects.filter(pk__in=gone).delete()
    save_targets(rows)
    return {"targets": len(rows), "targets_removed": len(gone)}


def save_targets(rows: list[Target]) -> None:
    """Insert or replace by programme, region, years and metric, set-based."""
    Target.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=_KEY, update_fields=_REPLACED, batch_size=80
    )


def stored_value(amount: Decimal, unit: str) -> int:
    """Whole firms, or whole hundredths of 亿元 (万元)."""
    return int(amount) if unit == "家" else to_hundredths(amount)


def _row(edition: PolicyEdition, goal: Goal) -> Target:
    assert not isinstance(goal.amount, Unknown)
    return Target(
        programme=edition.name,
        region_id=goal.region,
        year=goal.first_year,
        until_year=goal.last_year,
        metric=goal.metric,
        unit=goal.unit,
        value=stored_value(goal.amount, goal.unit),
        clause=str(goal.clause),
        edition=edition,
    )


def _key(row: Target) -> tuple[object, ...]:
    return (row.region_id, row.year, row.until_year, row.metric)
