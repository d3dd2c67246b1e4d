"""What was opened again after a month was locked: for whom, why, until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import MonthField
from cultivation.querysets import MonthReopeningQuerySet


class MonthReopening(models.Model):
    """A locked month opened again for a region, or for some of its firms; it ends by itself."""

    class Sheet(models.TextChoices):
        MONTHLY = "monthly", "月度报表"
        LISTED = "listed", "规上企业变动"

    programme = models.CharField("方案", max_length=60)
    month = MonthField("月份")
    sheet = models.CharField("报表", max_length=10, choices=Sheet, default=Sheet.MONTHLY)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    #: credit codes; empty: all firms of the region
    firms = models.JSONField("企业", default=list)
    reason = models.CharField("原因", max_length=200)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开放时间")
    until = models.DateTimeField("到期时间")
    #: ended before its time
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("提前关闭时间", null=True)

    objects = MonthReopeningQuerySet.as_manager()

    class Meta:
        db_table = "month_reopening"
        ordering = ["-id"]
        indexes = [models.Index(fields=["month", "until"], name="month_reopening_until_ix")]
