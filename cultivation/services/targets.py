"""Targets as rows: from the edition in force, from a list, or set by hand; every change is kept beside them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from core.amounts import to_hundredths
from core.models import PolicyEdition, User
from core.policies import Unknown
from cultivation.models import Target, TargetChange
from cultivation.policy import Goal
from cultivation.policy.targets import COUNTED_UNITS
from cultivation.services.programmes import targets_part
from intake.models import Batch

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
    gone = [row for row in former if _key(row) not in kept]
    _keep_changes(rows, gone, way=TargetChange.Way.EDITION, reason="", actor=actor)
    Target.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _write(rows)
    return {"targets": len(rows), "targets_removed": len(gone)}


def save_targets(rows: list[Target], *, actor: User, reason: str = "") -> None:
    """Insert or replace by programme, region, years and metric, set-based; each change with its history."""
    way = TargetChange.Way.BATCH if any(row.batch_id for row in rows) else TargetChange.Way.BY_HAND
    _keep_changes(rows, [], way=way, reason=reason, actor=actor)
    _write(rows)


def columns_kept() -> list[str]:
    """What of a row is kept beside a batch that replaces it, by attribute."""
    return [field.attname for field in Target._meta.concrete_fields if not field.primary_key]


def take_back_targets(*, batch: Batch, before: list[Target], actor: User) -> None:
    """The figures a list replaced return as ``before``, those it brought go; each with its history."""
    returning = {_key(row) for row in before}
    gone = [row for row in Target.objects.filter(batch=batch) if _key(row) not in returning]
    _keep_changes(before, gone, way=TargetChange.Way.BATCH, reason=f"撤销批次 {batch}", actor=actor)
    Target.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _write(before)


def _keep_changes(rows: list[Target], gone: list[Target], *, way: str, reason: str, actor: User) -> None:
    """One entry a figure that comes, changes or goes; the same figure again is none."""
    programmes = {row.programme for row in [*rows, *gone]}
    stored = {(row.programme, *_key(row)): row for row in Target.objects.filter(programme__in=programmes)}
    now = timezone.now()
    changes = [
        _change(row, stored.get((row.programme, *_key(row))), row.value, way, reason, actor, now)
        for row in rows
        if (former := stored.get((row.programme, *_key(row)))) is None or former.value != row.value
    ]
    changes += [_change(row, row, None, way, reason, actor, now) for row in gone]
    TargetChange.objects.bulk_create(changes, batch_size=80)


def _change(
    row: Target, former: Target | None, after: int | None, way: str, reason: str, actor: User, now: datetime
) -> TargetChange:
    return TargetChange(
        programme=row.programme,
        region_id=row.region_id,
        year=row.year,
        until_year=row.until_year,
        metric=row.metric,
        unit=row.unit,
        before=former.value if former else None,
        after=after,
        way=way,
        reason=reason,
        edition_id=row.edition_id,
        batch_id=row.batch_id,
        actor=actor,
        at=now,
    )


def _write(rows: list[Target]) -> None:
    Target.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=_KEY, update_fields=_REPLACED, batch_size=80
    )


def stored_value(amount: Decimal, unit: str) -> int:
    """Whole firms, or whole hundredths of 亿元 (万元)."""
    return int(amount) if unit in COUNTED_UNITS else to_hundredths(amount)


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
