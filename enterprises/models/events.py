from __future__ import annotations

from django.db import models

from core.fields import MonthField
from enterprises.models.registry import Enterprise
from enterprises.querysets import OfEnterpriseQuerySet


class ScaleEvent(models.Model):
    """What the statistics bureau's ``listed`` file says of the directory: stock, entry or exit.

    新增 counts LISTED of an approval-library year (审批库年度); 退规 counts DELISTED; 净增 is their difference.
    """

    class Kind(models.TextChoices):
        IN_DIRECTORY = "in_directory", "在库"
        LISTED = "listed", "入库"
        DELISTED = "delisted", "退库"

    class EntryType(models.TextChoices):
        GROWN = "grown", "规下升规上"
        NEW_BUILD = "new_build", "新建投产"
        INDUSTRY_CHANGE = "industry_change", "转专业"
        MOVED_IN = "moved_in", "迁入"
        AGAIN = "again", "再次升规"
        NONE = "", "—"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="scale_events")
    kind = models.CharField("变动", max_length=12, choices=Kind)
    month = MonthField("月份")
    #: the approval-library year decides which year's target an entry counts for, not the month
    library_year = models.PositiveSmallIntegerField("审批库年度")
    entry_type = models.CharField("入库类型", max_length=20, choices=EntryType, blank=True, default="")
    cause = models.CharField("退库原因", max_length=60, blank=True, default="")
    #: the assessment region in that month
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "scale_event"
        ordering = ["month", "enterprise"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "month", "kind"], name="scale_event_uq")]
        indexes = [models.Index(fields=["library_year", "kind"], name="scale_event_year_kind_ix")]


class DelistedEntry(models.Model):
    """A line of the statistics bureau's list of firms that left statistics (退统); no event of the directory."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="delisted_entries")
    year = models.PositiveSmallIntegerField("退统年度")
    cause = models.CharField("退统原因", max_length=60, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "delisted_entry"
        ordering = ["year", "enterprise"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "year"], name="delisted_entry_uq")]
