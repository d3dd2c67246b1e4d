"""部门审核以后年度数据锁定: what the departments have audited is what is computed, until the audit is taken back (S2-07)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from core.models import Region
from evaluation.models import StepDone
from intake.services.locks import YearLock

AUDIT = "dept_audit"
#: the list that a round is computed from
LOCKED_SHEET = "annual"
REOPENED_BY = "市局业务科室（在“办理”页撤回部门审核）"


def survey_locks_of(sheet: str, region: Region) -> Iterable[YearLock]:
    """Years that were audited for a locality which holds the list's region, or lies in it; one query."""
    if sheet != LOCKED_SHEET:
        return
    rows = StepDone.objects.filter(step=AUDIT, region__path__startswith=region.path.split("/", 1)[0])
    for row in rows.select_related("region").order_by("year", "done_at"):
        own = row.region.path
        if region.path.startswith(own):
            yield YearLock(row.year, "部门已审核", timezone.localdate(row.done_at), REOPENED_BY)
        elif own.startswith(region.path):
            inside = Region.objects.filter(path__startswith=own).values_list("pk", flat=True)
            yield YearLock(
                row.year, "部门已审核", timezone.localdate(row.done_at), REOPENED_BY, frozenset(inside)
            )
