from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField, MonthField
from cultivation.querysets import MonthlyIssueQuerySet, RegionMonthQuerySet
from cultivation.rules.measures import LAGGING_HUNDREDTHS, MonthMeasures


class MonthlyIssue(models.Model):
    """One version of a programme's month: drafts are replaced, an issued version never changes (冻结)."""

    class State(models.TextChoices):
        DRAFT = "draft", "已统计"
        ISSUED = "issued", "已印发"

    programme = models.CharField("方案", max_length=60)
    month = MonthField("统计月份")
    version = models.PositiveSmallIntegerField("版次")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    #: gross: attainment counts 新增; net: 净增 (the edition's 考核口径)
    basis = models.CharField("考核口径", max_length=10)
    #: from which distance to 序时 a light is red, in hundredths of a point, and who says so; null: nobody
    lagging_hundredths = models.PositiveIntegerField(null=True, default=LAGGING_HUNDREDTHS)
    lagging_origin = models.CharField(max_length=200, blank=True, default="")
    #: 序时 at the month's end as the edition has it; empty: months passed ÷ 12 (``MonthMeasures.due_share``)
    due_share = models.CharField(max_length=30, blank=True, default="")
    #: January and February are compared together, as the edition says (1—2月合并)
    is_joint = models.BooleanField(default=False)
    #: fingerprint of everything the statistics were computed from
    inputs_digest = models.CharField(max_length=64)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField("统计时间")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField("印发时间", null=True)

    objects = MonthlyIssueQuerySet.as_manager()

    class Meta:
        db_table = "monthly_issue"
        ordering = ["programme", "-month", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "month", "version"], name="monthly_issue_uq"),
            models.UniqueConstraint(
                fields=["programme", "month"],
                condition=models.Q(state="draft"),
                name="monthly_issue_draft_uq",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.month} 第{self.version}版"

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.ISSUED


class IssueRows(models.Model):
    """The firms behind every number of one version, packed: a list opened later still adds up to its number."""

    issue = models.OneToOneField(MonthlyIssue, models.CASCADE, primary_key=True, related_name="rows")
    #: region codes by line number, in the order of the tables' ``line``
    regions = models.JSONField()
    #: cultivation.rules.month_rows.packed; ``firm`` is the primary key of the enterprise
    tables = models.BinaryField()

    class Meta:
        db_table = "monthly_issue_rows"


class RegionMonth(MonthMeasures, models.Model):
    """A region's line in one version of a month. 合计 is not stored: districts sum to it."""

    issue = models.ForeignKey(MonthlyIssue, models.CASCADE, related_name="lines")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    firms = models.PositiveIntegerField("应报(家)")
    reporting = models.PositiveIntegerField("已报(家)")
    zero_reports = models.PositiveIntegerField("零报告(家)")
    silent = models.PositiveIntegerField("未报(家)")
    revenue_wan = AmountField("营业收入(万元)")
    tax_paid_wan = AmountField("实缴税金(万元)")
    #: revenue of firms that reported in this month and in the same month of last year, and theirs of last year
    comparable_firms = models.PositiveIntegerField("可比企业(家)")
    revenue_comparable_wan = AmountField("可比营业收入(万元)")
    revenue_base_wan = AmountField("上年同月可比(万元)")
    revenue_ytd_wan = AmountField("累计营业收入(万元)")
    tax_paid_ytd_wan = AmountField("累计实缴税金(万元)")
    revenue_ytd_comparable_wan = AmountField("累计可比营业收入(万元)")
    revenue_ytd_base_wan = AmountField("上年累计可比(万元)")
    newly_listed = models.PositiveIntegerField("本月新增(家)")
    newly_listed_ytd = models.PositiveIntegerField("累计新增(家)")
    delisted = models.PositiveIntegerField("本月退规(家)")
    delisted_ytd = models.PositiveIntegerField("累计退规(家)")
    above_scale_total = models.PositiveIntegerField("规上总数(家)")
    #: null: the programme sets no target for this region and year
    target = models.PositiveIntegerField("年度目标(家)", null=True)
    #: place by attainment, equal ranks for equal attainment, the next skipped; null without a target
    rank = models.PositiveSmallIntegerField("排名", null=True)

    objects = RegionMonthQuerySet.as_manager()

    class Meta:
        db_table = "region_month"
        ordering = ["issue", "region__order"]
        constraints = [models.UniqueConstraint(fields=["issue", "region"], name="region_month_uq")]

    @property
    def months_passed(self) -> int:  # type: ignore[override]
        return self.issue.month.month

    @property
    def basis(self) -> str:  # type: ignore[override]
        return self.issue.basis

    @property
    def lagging_hundredths(self) -> int | None:  # type: ignore[override]
        return self.issue.lagging_hundredths

    @property
    def due_share(self) -> str:  # type: ignore[override]
        return self.issue.due_share

    @property
    def is_joint(self) -> bool:  # type: ignore[override]
        return self.issue.is_joint
