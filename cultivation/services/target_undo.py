"""Whether a list of targets can be taken back: not once its figures were set anew, shared out, or issued on."""

from __future__ import annotations

from collections.abc import Iterator

from cultivation.models import MonthlyIssue, Target, TargetChange
from intake.models import Batch
from intake.services.replaced import Table, objects_of, read_replaced
from intake.services.sheet_types import UndoPlan

_KEPT = "targets"


def targets_before(batch: Batch) -> list[Target]:
    """The rows that the list replaced, as they stood. Raises ``RecordsDamaged``."""
    return objects_of(Target, read_replaced(batch).get(_KEPT, Table([], [])))


def plan_targets_undo(batch: Batch) -> UndoPlan:
    """What goes and what returns, or every reason against it."""
    standing = list(Target.objects.filter(batch=batch).select_related("region"))
    restores = len(targets_before(batch))
    written = batch.counts.get("new", 0) + batch.counts.get("changed", 0)
    obstacles = []
    if not written:
        obstacles.append("这一批没有改动任何目标，不必撤销")
    if written > len(standing):
        obstacles.append(f"其中 {written - len(standing)} 项目标随后又调整过")
    obstacles += _shared_out(batch, standing)
    obstacles += _issued_since(batch, standing)
    return UndoPlan(len(standing) - restores, restores, 0, obstacles)


def _shared_out(batch: Batch, standing: list[Target]) -> Iterator[str]:
    """Regions right below were given their parts of a figure after the list set it."""
    changes = TargetChange.objects.filter(
        programme__in={target.programme for target in standing},
        region__parent__in={target.region_id for target in standing},
        at__gte=batch.committed_at,
    ).exclude(batch=batch)
    since = set(changes.order_by().values_list("region__parent", "year", "until_year", "metric"))
    for target in standing:
        if (target.region_id, target.year, target.until_year, target.metric) in since:
            label = target.get_metric_display()
            yield f"{target.region.name}{target.year}年{label}的目标随后已分解到下一级"


def _issued_since(batch: Batch, standing: list[Target]) -> Iterator[str]:
    """A month of the targets' years that was issued since shows attainment of these very figures."""
    issued = MonthlyIssue.objects.filter(
        programme__in={target.programme for target in standing},
        state=MonthlyIssue.State.ISSUED,
        issued_at__gte=batch.committed_at,
    )
    years = {year for target in standing for year in range(target.year, target.until_year + 1)}
    months = sorted(month for month in issued.values_list("month", flat=True) if month.year in years)
    if months:
        named = "、".join(month.label for month in months)
        yield f"{named}的月报随后已印发，完成率按这些目标计算"
