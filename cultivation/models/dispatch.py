"""一月一调度: what a district is asked to do about a finding, until it is done; open orders stand in every month."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.fields import MonthField
from core.periods import Month
from cultivation.models.months import MonthlyIssue
from cultivation.querysets import DispatchOrderQuerySet, DispatchStepQuerySet
from cultivation.rules.dispatch import OPEN_STATES, ORDER_KINDS, STATE_WORDS, STEP_WORDS, due_light


class DispatchOrder(models.Model):
    """调度单 to one region; ``number`` comes with sending, one sequence a programme and year."""

    programme = models.CharField("方案", max_length=60)
    month = MonthField("调度月份")
    number = models.PositiveIntegerField("编号", null=True)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="责任地区")
    kind = models.CharField("事由", max_length=15, choices=list(ORDER_KINDS.items()))
    #: firms that the finding named, or points behind 序时, as the version said it
    evidence = models.CharField("依据", max_length=200, blank=True, default="")
    issue = models.ForeignKey(MonthlyIssue, models.PROTECT, null=True, related_name="+")
    asked = models.CharField("要求", max_length=500)
    owner = models.CharField("责任人", max_length=40, blank=True, default="")
    deadline = models.DateField("办理期限", null=True)
    state = models.CharField("状态", max_length=10, choices=list(STATE_WORDS.items()), default="draft")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("拟单时间")
    sent_at = models.DateTimeField("下达时间", null=True)
    #: done or withdrawn
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = DispatchOrderQuerySet.as_manager()

    class Meta:
        db_table = "dispatch_order"
        ordering = ["-month", "number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "region", "kind"],
                condition=models.Q(state__in=["draft", "sent", "answered"]) & ~models.Q(kind="other"),
                name="dispatch_order_open_uq",
            )
        ]
        indexes = [models.Index(fields=["programme", "state"], name="dispatch_order_state_ix")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"调度〔{self.month.year}〕{self.number}号" if self.number else "未编号"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def light(self) -> tuple[str, str]:
        return due_light(self.state, self.deadline, timezone.localdate())

    def months_carried(self, month: Month) -> int:
        """How often the order has been carried over up to ``month``."""
        return (month.year - self.month.year) * 12 + month.month - self.month.month

    @property
    def is_late(self) -> bool:
        return self.light[0] == "bad"

    @property
    def ended_on(self) -> date | None:
        return timezone.localdate(self.ended_at) if self.ended_at else None


class DispatchStep(models.Model):
    """One step of an order's history; never changed."""

    order = models.ForeignKey(DispatchOrder, models.CASCADE, related_name="steps")
    act = models.CharField("事项", max_length=10, choices=list(STEP_WORDS.items()))
    text = models.CharField("说明", max_length=1000, blank=True, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    objects = DispatchStepQuerySet.as_manager()

    class Meta:
        db_table = "dispatch_step"
        ordering = ["at", "id"]
