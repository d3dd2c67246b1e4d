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

    @property
    def is_town(self) -> bool:
        return self.region.kind == self.region.Kind.TOWNSHIP

    @property
    def was_sent_back(self) -> bool:
        """With those who fill it in, after it had been handed in."""
        return self.step == self.Step.FILL and self.submitted_at is not None

    @property
    def state_label(self) -> str:
        return "已退回" if self.was_sent_back else self.get_step_display()


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


class ReturnAct(models.Model):
    """One step of a return's history: by whom, when, from where to where, why. Never changed."""

    class Kind(models.TextChoices):
        HAND_ON = "hand_on", "上报"
        SEND_BACK = "send_back", "退回"
        FALL_BACK = "fall_back", "随下级退回"

    returned = models.ForeignKey(MonthReturn, models.CASCADE, related_name="acts")
    kind = models.CharField("办理", max_length=10, choices=Kind)
    before = models.CharField("原状态", max_length=10, choices=MonthReturn.Step)
    after = models.CharField("新状态", max_length=10, choices=MonthReturn.Step)
    #: somebody above took a step that is the region's own (代报、代审)
    on_behalf = models.BooleanField(default=False)
    reason = models.CharField("说明", max_length=200, blank=True, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    objects = OfReturnQuerySet.as_manager()

    class Meta:
        db_table = "month_return_act"
        ordering = ["-id"]

    @property
    def words(self) -> str:
        """提交审核、上报市级、审核通过 … as the history says it."""
        if self.kind != self.Kind.HAND_ON:
            return self.get_kind_display()
        step = MonthReturn.Step
        return {step.REVIEW: "提交审核", step.ACCEPT: "审核并上报", step.DONE: "审核通过"}[self.after]


class ReturnMark(models.Model):
    """A cell that the reviewer asks about: a firm's figure, as it stood; open from 退回 until it is handed on again."""

    class Measure(models.TextChoices):
        REVENUE = "revenue_wan", "营业收入(万元)"
        TAX = "tax_paid_wan", "实缴税金(万元)"
        SALES = "taxable_sales_wan", "应税销售(万元)"
        POWER = "power_wan_kwh", "用电量(万千瓦时)"
        STAFF = "staff", "从业人员(人)"

    returned = models.ForeignKey(MonthReturn, models.CASCADE, related_name="marks")
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="+")
    measure = models.CharField("指标", max_length=20, choices=Measure)
    #: whole hundredths or persons as it stood when it was marked; null: not reported
    value = models.BigIntegerField("标记时的数", null=True)
    note = models.CharField("问题", max_length=100)
    #: null: noted down, not sent back yet
    act = models.ForeignKey(ReturnAct, models.CASCADE, null=True, related_name="marks")
    is_open = models.BooleanField(default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfReturnQuerySet.as_manager()

    class Meta:
        db_table = "month_return_mark"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["returned", "enterprise", "measure"],
                condition=models.Q(is_open=True),
                name="return_mark_open_uq",
            )
        ]
