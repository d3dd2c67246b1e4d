"""What people bring into a pool: lowered lines, applications, judgements, and lists handed on."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField
from cultivation.querysets import OfFirmQuerySet, PoolApplicationQuerySet, PoolLineQuerySet


class PoolLine(models.Model):
    """A county's own, lower entry line (下调入库线) for a pool and year, with its reason; rows end, none is deleted."""

    programme = models.CharField("方案", max_length=60)
    pool = models.CharField("培育库", max_length=20)
    year = models.PositiveSmallIntegerField("筛选年度")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    amount_wan = AmountField("入库线(万元)")
    printed_wan = AmountField("文件的入库线(万元)")
    #: firms that passed at the printed line, and how many the county is to have
    inside = models.PositiveIntegerField("当时建议在库(家)")
    quota = models.PositiveIntegerField("应在库(家)", null=True)
    reason = models.CharField("理由", max_length=200)
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField("时间")
    #: null: holds
    ended_at = models.DateTimeField("停用时间", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PoolLineQuerySet.as_manager()

    class Meta:
        db_table = "pool_line"
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "pool", "year", "region"],
                condition=models.Q(ended_at=None),
                name="pool_line_current_uq",
            )
        ]


class PoolApplication(models.Model):
    """申请 → 审核 → 决定: a firm into a pool, up, down or out, where the document asks people to decide."""

    class Act(models.TextChoices):
        ADMIT = "admit", "入库"
        MOVE = "move", "升降级"
        WITHDRAW = "withdraw", "出库"

    class State(models.TextChoices):
        APPLIED = "applied", "待审核"
        REVIEWED = "reviewed", "待决定"
        APPROVED = "approved", "同意"
        REFUSED = "refused", "不同意"
        RETURNED = "returned", "退回"

    programme = models.CharField("方案", max_length=60)
    pool = models.CharField("培育库", max_length=20)
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="+")
    act = models.CharField("事项", max_length=10, choices=Act)
    tier = models.CharField("层级", max_length=20, blank=True, default="")
    planned_year = models.PositiveSmallIntegerField("拟列规年度", null=True)
    reason = models.CharField("申请理由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.APPLIED)
    #: what the screening said of the firm when it was applied for (cultivation.rules.pool_reasons)
    reasons = models.JSONField(default=dict)
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField("申请时间")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField("审核时间", null=True)
    review = models.CharField("审核意见", max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)
    decision = models.CharField("决定意见", max_length=200, blank=True, default="")

    objects = PoolApplicationQuerySet.as_manager()

    class Meta:
        db_table = "pool_application"
        ordering = ["-applied_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "pool", "enterprise"],
                condition=models.Q(state__in=["applied", "reviewed"]),
                name="pool_application_open_uq",
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.APPLIED, self.State.REVIEWED)


class PoolJudgement(models.Model):
    """What a surveyor found at the firm: 发展潜力, 列规信心, and whether it is kept out of help; never overwritten."""

    class Grade(models.TextChoices):
        HIGH = "high", "大（足）"
        MIDDLE = "middle", "一般"
        LOW = "low", "小（不足）"
        NONE = "", "未评"

    class Exclusion(models.TextChoices):
        NONE = "", "列入帮扶"
        OVERCAPACITY = "overcapacity", "产能严重过剩"
        EXCESSIVE_USE = "excessive_use", "过度消耗资源"
        LOW_GRADE = "low_grade", "产品档次低"

    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="pool_judgements")
    potential = models.CharField("发展潜力", max_length=10, choices=Grade, blank=True, default=Grade.NONE)
    confidence = models.CharField("列规信心", max_length=10, choices=Grade, blank=True, default=Grade.NONE)
    #: kept out of 一企一策, in pool and statistics all the same
    exclusion = models.CharField(
        "不列入帮扶", max_length=15, choices=Exclusion, blank=True, default=Exclusion.NONE
    )
    note = models.CharField("说明", max_length=200, blank=True, default="")
    judged_on = models.DateField("调查日期")
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("记录时间")

    objects = OfFirmQuerySet.as_manager()

    class Meta:
        db_table = "pool_judgement"
        ordering = ["-judged_on", "-id"]
        indexes = [models.Index(fields=["enterprise", "judged_on"], name="pool_judgement_firm_ix")]


class PoolHandover(models.Model):
    """A pool's list as it was handed to another office (名单抄送): date, recipient, and the file itself, kept."""

    programme = models.CharField("方案", max_length=60)
    pool = models.CharField("培育库", max_length=20)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="范围")
    recipient = models.CharField("抄送单位", max_length=60)
    purpose = models.CharField("用途", max_length=100, blank=True, default="")
    count = models.PositiveIntegerField("家数")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    handed_at = models.DateTimeField("抄送时间")

    objects = PoolLineQuerySet.as_manager()

    class Meta:
        db_table = "pool_handover"
        ordering = ["-handed_at", "-id"]
