from __future__ import annotations

from django.db import models

from enterprises.models.registry import Enterprise
from enterprises.querysets import OfEnterpriseQuerySet


class DeclaredValue(models.Model):
    """What a list says of a firm for a fact that a policy document declares (补充数据)."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="declared_values")
    fact = models.CharField("事实名", max_length=40)
    #: "2022", "2022Q3", "2022-05", or "" for a fact without periods
    period = models.CharField("期间", max_length=7, blank=True, default="")
    #: canonical text of the fact's kind, see ``enterprises.rules.declared``
    value = models.CharField("数值", max_length=200)
    #: the unit that the fact was declared in when the value came
    unit = models.CharField("单位", max_length=20, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "declared_value"
        ordering = ["fact", "period", "enterprise"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "fact", "period"], name="declared_value_uq")
        ]
        indexes = [models.Index(fields=["fact", "period"], name="declared_fact_period_ix")]
