"""Steps of the evaluation year that no row of the portal shows (录入、审核、用地公示…): reported done by people, and taken back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import Region, User
from evaluation.models import Round, StepDone
from evaluation.policy.workflow import STEPS
from evaluation.rules.process import PUBLICITY, SETTLED
from evaluation.services.editions import RoundRefused

#: steps that a person reports; the others show in the rows
REPORTED = ("data_entry", "dept_audit", "land_publicity", "payment")
#: steps that districts report done, each for itself
BY_REGION = ("data_entry", "land_publicity")


def report_step(*, scheme: str, year: int, step: str, region: Region, note: str, actor: User) -> StepDone:
    """A step that no row of the portal shows (录入、审核、用地公示), reported done for a region."""
    if step not in STEPS:
        raise RoundRefused("没有这个步骤。")
    with transaction.atomic():
        done, _made = StepDone.objects.update_or_create(
            scheme=scheme,
            year=year,
            step=step,
            region=region,
            defaults={"note": note.strip(), "done_by": actor, "done_at": timezone.now()},
        )
        subject = f"{scheme} {year}年度 {STEPS[step]}"
        record(actor=actor, act="report_evaluation_step", region=region, subject=subject)
    return done


def withdraw_step(*, scheme: str, year: int, step: str, region: Region, reason: str, actor: User) -> None:
    """A report taken back; after 部门审核 this opens the year's lists again. Raises ``RoundRefused``."""
    if not reason.strip():
        raise RoundRefused("请写明撤回的理由。")
    with transaction.atomic():
        newest = Round.objects.of_scheme(scheme, year).first()
        if newest is not None and newest.stage in (SETTLED, PUBLICITY):
            raise RoundRefused(f"{newest}{newest.get_stage_display()}，要撤回请先把结果退回更正。")
        gone, _models = StepDone.objects.filter(scheme=scheme, year=year, step=step, region=region).delete()
        if not gone:
            raise RoundRefused("这个步骤还没有登记完成。")
        told = {"reason": reason.strip()[:60]}
        subject = f"{scheme} {year}年度 {STEPS[step]}"
        record(actor=actor, act="withdraw_evaluation_step", region=region, subject=subject, counts=told)
