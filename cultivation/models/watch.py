"""The daily lists (达规未入库, 临规, 退规风险, 新升规): who stands on one since when, and what was done about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField, MonthField
from cultivation.querysets import OfFirmQuerySet, WatchNoteQuerySet


class WatchEntry(models.Model):
    """A firm on a daily list from ``since`` until ``until``; the figures are those of the last refresh."""

    class Kind(models.TextChoices):
        ELIGIBLE = "eligible", "达规未入库"
        NEAR = "near", "临规"
        RISK = "risk", "退规风险"
        ENTRANT = "entrant", "升规三年内"

    kind = models.CharField("清单", max_length=10, choices=Kind)
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="watch_entries")
    #: the latest month that the figures know
    month = MonthField("数据月份")
    #: what puts the firm here: measures that pass, signals of risk
    signals = models.JSONField(default=list)
    last_year_wan = AmountField("上年(万元)", null=True)
    ytd_wan = AmountField("本年累计(万元)", null=True)
    expected_wan = AmountField("预计全年(万元)", null=True)
    low_wan = AmountField("预计下限(万元)", null=True)
    high_wan = AmountField("预计上限(万元)", null=True)
    #: month of the year in which the standard is passed; null: not expected
    crossing = models.PositiveSmallIntegerField("预计达规月份", null=True)
    #: of an entrant: year of entry, tax and sales of the year before it and of the last whole year after
    entry_year = models.PositiveSmallIntegerField("入库年度", null=True)
    tax_before_wan = AmountField("入规前税收(万元)", null=True)
    tax_after_wan = AmountField("入规后税收(万元)", null=True)
    sales_before_wan = AmountField("入规前营业收入(万元)", null=True)
    sales_after_wan = AmountField("入规后营业收入(万元)", null=True)
    since = models.DateField("列入日期")
    until = models.DateField("移出日期", null=True)
    refreshed_at = models.DateTimeField("更新时间")

    objects = OfFirmQuerySet.as_manager()

    class Meta:
        db_table = "watch_entry"
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "enterprise"], condition=models.Q(until=None), name="watch_entry_current_uq"
            )
        ]
        indexes = [models.Index(fields=["kind", "until"], name="watch_entry_kind_ix")]


class WatchNote(models.Model):
    """One step of dealing with an entry: a talk with the firm, the answer to a warning, a recommendation."""

    entry = models.ForeignKey(WatchEntry, models.PROTECT, related_name="notes")
    #: one of cultivation.rules.watch.CODES for the entry's kind
    code = models.CharField("情况", max_length=40)
    note = models.CharField("说明", max_length=300, blank=True, default="")
    #: the person who spoke or answered, by name; the account that wrote it down is ``recorded_by``
    person = models.CharField("办理人", max_length=40)
    on = models.DateField("日期")
    next_on = models.DateField("下次联系", null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("记录时间")

    objects = WatchNoteQuerySet.as_manager()

    class Meta:
        db_table = "watch_note"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["entry", "on"], name="watch_note_entry_ix")]
