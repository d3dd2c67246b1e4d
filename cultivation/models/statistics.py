from __future__ import annotations

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

    class Meta:
        db_table = "monthly_issue_statistics"
