from __future__ import annotations

from django.db import models

from enterprises.models.registry import Enterprise
from enterprises.querysets import FollowingQuerySet


class Honour(models.Model):
    """A title that a firm holds for a time: 高新技术企业, 专精特新中小企业, 专精特新小巨人 … (工信部企业〔2022〕63号)."""

    class Level(models.TextChoices):
        NATION = "nation", "国家级"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        NONE = "", "—"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="honours")
    title = models.CharField("荣誉", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level, blank=True, default="")
    granted_on = models.DateField("认定日期")
    #: the last day on which it holds; null where the document names none
    valid_until = models.DateField("有效期至", null=True)
    document = models.CharField("认定文号", max_length=80, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = FollowingQuerySet.as_manager()

    class Meta:
        db_table = "honour"
        ordering = ["enterprise", "granted_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "title", "granted_on"], name="honour_uq")
        ]
