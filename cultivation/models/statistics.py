from __future__ import annotations

from django.conf import settings
from django.db import models

from cultivation.models.months import MonthlyIssue


class IssueStatistics(models.Model):
    """A version's statistics by region × tier × industry, with the firms behind them; frozen with its issue."""

    issue = models.OneToOneField(MonthlyIssue, models.CASCADE, primary_key=True, related_name="statistics")
    #: region codes by line number, and names of tiers by number: 0 is out of the pool
    regions = models.JSONField()
    tiers = models.JSONField()
    #: January and February are told together
    is_joint = models.BooleanField(default=False)
    #: fingerprint of everything they were computed from
    inputs_digest = models.CharField(max_length=64)
    computed_at = models.DateTimeField("统计时间")
    #: cultivation.rules.month_rows.packed: ``cells`` alone, which pages read, and the firms' tables
    cells = models.BinaryField()
    tables = models.BinaryField()
    #: the same of ``findings`` (cultivation.rules.findings), and the thresholds that they were told by
    findings = models.BinaryField(default=bytes)
    thresholds = models.JSONField(default=dict)
    #: numbers that the documents in force give no rule for: not told, which is not 0
    untold = models.JSONField(default=list)

    class Meta:
        db_table = "monthly_issue_statistics"


class MonthAnalysis(models.Model):
    """The words of a month's analysis (一月一分析): drafted from its numbers, edited by a person, frozen on issue."""

    issue = models.OneToOneField(MonthlyIssue, models.CASCADE, primary_key=True, related_name="analysis")
    text = models.TextField("分析")
    #: fingerprint of the statistics that the writer had before him
    written_over = models.CharField(max_length=64)
    #: null: as drafted, kept when the month was issued
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField("修改时间", null=True)

    class Meta:
        db_table = "month_analysis"
