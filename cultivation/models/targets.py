from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from core.amounts import from_hundredths
from cultivation.policy.targets import COUNTED_UNITS
from cultivation.querysets import TargetChangeQuerySet, TargetQuerySet


class Target(models.Model):
    """What a region is to reach in a year, by metric (目标任务). Rows come from the edition in force or a list."""

    class Metric(models.TextChoices):
        NEWLY_LISTED = "newly_listed", "新增规上工业企业"
        NET_ADDED = "net_added", "净增规上工业企业"
        TOTAL = "total", "规上工业企业总数"
        DELISTED = "delisted", "退规工业企业数（不超过）"
        OUTPUT = "output_of_new", "新增规模工业总产值"

    programme = models.CharField("方案", max_length=60)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="targets")
    #: first and last year are equal for a yearly target, apart for a multi-year one (2022–2024)
    year = models.PositiveSmallIntegerField("年度")
    until_year = models.PositiveSmallIntegerField("至年度")
    #: one of ``Metric``, or a metric that the document brings itself
    metric = models.CharField("指标", max_length=30, choices=Metric)
    unit = models.CharField("单位", max_length=10)
    #: 家 as whole numbers, 亿元 as whole hundredths: two columns would invite adding them up
    value = models.BigIntegerField("目标")
    clause = models.CharField("依据", max_length=120)
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")

    objects = TargetQuerySet.as_manager()

    class Meta:
        db_table = "target"
        ordering = ["programme", "year", "region__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "region", "year", "until_year", "metric"], name="target_uq"
            )
        ]

    @property
    def is_counted_in_firms(self) -> bool:
        return self.unit in COUNTED_UNITS

    @property
    def is_adjusted(self) -> bool:
        """By a list or by hand, no longer the document's."""
        return self.edition_id is None

    @property
    def amount(self) -> Decimal:
        """The target in its unit: whole firms, or 亿元 (万元) with two places."""
        return Decimal(self.value) if self.is_counted_in_firms else from_hundredths(self.value)


class TargetChange(models.Model):
    """One figure of a target as it came, changed or went (下达与调整): what a region was told, when, by whom, why."""

    class Way(models.TextChoices):
        EDITION = "edition", "政策文件"
        BATCH = "batch", "目标任务表"
        BY_HAND = "by_hand", "页面调整"

    programme = models.CharField("方案", max_length=60)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    until_year = models.PositiveSmallIntegerField("至年度")
    metric = models.CharField("指标", max_length=30)
    unit = models.CharField("单位", max_length=10)
    #: as in ``Target.value``; null before the first and after the last
    before = models.BigIntegerField("原目标", null=True)
    after = models.BigIntegerField("现目标", null=True)
    way = models.CharField("方式", max_length=10, choices=Way)
    reason = models.CharField("理由", max_length=200, blank=True, default="")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    objects = TargetChangeQuerySet.as_manager()

    class Meta:
        db_table = "target_change"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["programme", "at"], name="target_change_at_ix")]

    @property
    def is_counted_in_firms(self) -> bool:
        return self.unit in COUNTED_UNITS

    def shown(self, value: int | None) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value) if self.is_counted_in_firms else from_hundredths(value)

    @property
    def label(self) -> str:
        return dict(Target.Metric.choices).get(self.metric, self.metric)

    @property
    def amount_before(self) -> Decimal | None:
        return self.shown(self.before)

    @property
    def amount_after(self) -> Decimal | None:
        return self.shown(self.after)
