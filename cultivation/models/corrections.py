"""更正单 and 调整: how a figure is put right after its month was issued, and how the next month shows it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import MonthField
from cultivation.models.months import MonthlyIssue
from cultivation.models.returns import ReturnMark
from cultivation.querysets import CorrectionQuerySet


class Correction(models.Model):
    """One figure of an issued month: old, new, why, approved by a second person; the issue itself never changes."""

    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "不同意"

    #: the version that was in force when it was asked for
    issue = models.ForeignKey(MonthlyIssue, models.PROTECT, related_name="corrections")
    month = MonthField("月份")
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="+")
    #: where the figure counts
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    measure = models.CharField("指标", max_length=20, choices=ReturnMark.Measure)
    #: whole hundredths, or persons; null: was not filled in
    old = models.BigIntegerField("原数", null=True)
    new = models.BigIntegerField("更正为")
    reason = models.CharField("原因", max_length=200)
    evidence_name = models.CharField("依据", max_length=200, blank=True, default="")
    evidence_sha256 = models.CharField(max_length=64, blank=True, default="")
    evidence = models.BinaryField(default=bytes)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("办理时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        db_table = "month_correction"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "month", "measure"],
                condition=models.Q(state="waiting"),
                name="month_correction_open_uq",
            )
        ]

    def __str__(self) -> str:
        return f"更正单{self.pk:05d}" if self.pk else "更正单"

    @property
    def is_amount(self) -> bool:
        return self.measure != ReturnMark.Measure.STAFF


class MonthAdjustments(models.Model):
    """What of earlier months entered this version's cumulative numbers (调整), against ``base`` as it was issued."""

    issue = models.OneToOneField(MonthlyIssue, models.CASCADE, primary_key=True, related_name="adjustments")
    base = models.ForeignKey(MonthlyIssue, models.PROTECT, related_name="+")
    regions = models.JSONField()
    #: cultivation.rules.month_rows.packed of cultivation.rules.adjustments
    tables = models.BinaryField()

    class Meta:
        db_table = "month_adjustments"
