from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField
from core.models import Department
from enterprises.models.registry import Enterprise
from enterprises.querysets import OfEnterpriseQuerySet


class SourceFigure(models.Model):
    """What one department says of one measure of a firm for a month or a year. Sources never overwrite each other."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="source_figures")
    #: key of ``enterprises.rules.measures``
    measure = models.CharField("指标", max_length=20)
    #: "2022" or "2022-05"
    period = models.CharField("所属期", max_length=7)
    source = models.CharField("来源", max_length=20, choices=Department)
    #: whole hundredths of the measure's unit
    value = AmountField("数值")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "source_figure"
        ordering = ["period", "measure", "enterprise"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "period", "measure", "source"], name="source_figure_uq"
            )
        ]
        indexes = [models.Index(fields=["measure", "period"], name="source_measure_period_ix")]


class SourceSetting(models.Model):
    """What a bureau has settled about sources, from a day on and with its reason; a later line replaces an earlier."""

    class Kind(models.TextChoices):
        PRECEDENCE = "precedence", "取数次序"
        TOLERANCE = "tolerance", "允许差异(%)"
        LINE = "line", "规上线(万元)"

    kind = models.CharField("设定", max_length=12, choices=Kind)
    #: "" where the setting is for all measures
    measure = models.CharField("指标", max_length=20, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    since = models.DateField("起用日")
    #: sources in order, or one number as text
    value = models.JSONField("内容")
    reason = models.CharField("依据", max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "source_setting"
        ordering = ["-since", "-id"]
