"""What is recorded of a round by people: steps done, a firm's written answer, its appeals, and who approved a move."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.scoping import ScopedQuerySet
from evaluation.models.rounds import Round
from evaluation.querysets import AppealQuerySet

_BY = {"on_delete": models.PROTECT, "related_name": "+"}


class StepDone(models.Model):
    """A step of the evaluation year (录入、审核、用地公示…) that somebody has reported done, by region where regions do it."""

    scheme = models.CharField("评价方案", max_length=60)
    year = models.PositiveSmallIntegerField("评价年度")
    step = models.CharField("步骤", max_length=20)
    region = models.ForeignKey("core.Region", **_BY)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    done_at = models.DateTimeField("完成时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "eval_step_done"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "year", "step", "region"], name="eval_step_done_uq")
        ]


class EvaluationFile(models.Model):
    """A scan that somebody handed in: a signed sheet, the proof of an appeal or of a move, a record of acceptance."""

    region = models.ForeignKey("core.Region", **_BY)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    uploaded_at = models.DateTimeField("上传时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "eval_file"


class Confirmation(models.Model):
    """A firm's answer to its pre-evaluation (书面确认): the signed sheet, agreed to or objected to."""

    class Answer(models.TextChoices):
        AGREED = "agreed", "已确认"
        OBJECTED = "objected", "有异议"

    round = models.ForeignKey(Round, models.CASCADE, related_name="confirmations")
    enterprise = models.ForeignKey("enterprises.Enterprise", **_BY)
    region = models.ForeignKey("core.Region", **_BY)
    answer = models.CharField("答复", max_length=10, choices=Answer)
    note = models.CharField("意见", max_length=200, blank=True, default="")
    signed_by = models.CharField("签字人", max_length=40)
    #: the score and grade that the firm saw
    shown = models.CharField("确认的结果", max_length=60)
    file = models.ForeignKey(EvaluationFile, null=True, **_BY)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    recorded_at = models.DateTimeField("记录时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "eval_confirmation"
        constraints = [models.UniqueConstraint(fields=["round", "enterprise"], name="eval_confirmation_uq")]


class Appeal(models.Model):
    """An appeal against one figure of one firm. An accepted one holds in every later run of the year."""

    class State(models.TextChoices):
        OPEN = "open", "申诉中"
        ACCEPTED = "accepted", "已采纳"
        REJECTED = "rejected", "未采纳"

    round = models.ForeignKey(Round, models.CASCADE, related_name="appeals")
    enterprise = models.ForeignKey("enterprises.Enterprise", **_BY)
    region = models.ForeignKey("core.Region", **_BY)
    #: evaluation.policy.QUANTITIES, hundredths of its unit; null: not reported
    quantity = models.CharField("数据项", max_length=30)
    stated = models.BigIntegerField("原数", null=True)
    claimed = models.BigIntegerField("申诉的数")
    ruled = models.BigIntegerField("裁定的数", null=True)
    reason = models.CharField("理由", max_length=300)
    file = models.ForeignKey(EvaluationFile, null=True, **_BY)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    answer = models.CharField("裁定意见", max_length=300, blank=True, default="")
    #: firms that the decision moved, as they were shown before it: name, grade before and after
    moved = models.JSONField("连带变化", default=list)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    filed_at = models.DateTimeField("申诉时间")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_BY)
    decided_at = models.DateTimeField("裁定时间", null=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        db_table = "eval_appeal"
        ordering = ["-filed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "enterprise", "quantity"],
                condition=models.Q(state="open"),
                name="eval_appeal_open_uq",
            )
        ]


class MoveRecord(models.Model):
    """Who approved that a firm's grade was moved (调档), on what evidence; it outlives a new run of the draft."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="move_records")
    enterprise = models.ForeignKey("enterprises.Enterprise", **_BY)
    region = models.ForeignKey("core.Region", **_BY)
    move = models.CharField("调档", max_length=20)
    before = models.CharField("调档前", max_length=4)
    after = models.CharField("调档后", max_length=4)
    clause = models.CharField("依据", max_length=120)
    evidence = models.CharField("凭据", max_length=200)
    file = models.ForeignKey(EvaluationFile, null=True, **_BY)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    approved_at = models.DateTimeField("批准时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "eval_move_record"
        constraints = [
            models.UniqueConstraint(fields=["round", "enterprise", "move"], name="eval_move_record_uq")
        ]
