"""The month as it is asked for: one cycle a programme and month, one return a region, reminders once each."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import MonthField
from cultivation.querysets import MonthlyCycleQuerySet, MonthReturnQuerySet, OfReturnQuerySet


class MonthlyCycle(models.Model):
    """A month that a programme asks its regions for, with its days as the calendar gave them when it was opened."""

    programme = models.CharField("方案", max_length=60)
    month = MonthField("统计月份")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    opens_on = models.DateField("开放")
    #: null: the document prints no day
    due_on = models.DateField("截止", null=True)
    #: null: locked by its issue alone
    locks_on = models.DateField("锁定", null=True)
    note = models.CharField("说明", max_length=100, blank=True, default="")
    opened_at = models.DateTimeField("建立时间")

    objects = MonthlyCycleQuerySet.as_manager()

    class Meta:
        db_table = "monthly_cycle"
        ordering = ["programme", "-month"]
        constraints = [models.UniqueConstraint(fields=["programme", "month"], name="monthly_cycle_uq")]

    def __str__(self) -> str:
        return f"{self.programme} {self.month}"


class MonthReturn(models.Model):
    """A region's return for a month: where it stands between those who fill it in and those who accept it."""

    class Step(models.TextChoices):
        FILL = "fill", "填报中"
        REVIEW = "review", "待审核"
        ACCEPT = "accept", "已上报"
        DONE = "done", "已审核"

    cycle = models.ForeignKey(MonthlyCycle, models.CASCADE, related_name="returns")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    step = models.CharField("状态", max_length=10, choices=Step, default=Step.FILL)
    #: when it was last handed up by those who fill it in
    submitted_at = models.DateTimeField("上报时间", null=True)

    objects = MonthReturnQuerySet.as_manager()

    class Meta:
        db_table = "month_return"
        ordering = ["cycle", "region__order"]
        constraints = [models.UniqueConstraint(fields=["cycle", "region"], name="month_return_uq")]

    def __str__(self) -> str:
        return f"{self.cycle} {self.region_id}"


class ReturnReminder(models.Model):
    """A return was asked for again (催报): before, on and after its due day, once each."""

    class Kind(models.TextChoices):
        BEFORE = "before", "临近截止"
        DUE = "due", "今日截止"
        LATE = "late", "已逾期"

    returned = models.ForeignKey(MonthReturn, models.CASCADE, related_name="reminders")
    kind = models.CharField("催报", max_length=10, choices=Kind)
    on = models.DateField("日期")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfReturnQuerySet.as_manager()

    class Meta:
        db_table = "month_return_reminder"
        ordering = ["returned", "on"]
        constraints = [models.UniqueConstraint(fields=["returned", "kind"], name="return_reminder_uq")]
