from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from core.amounts import from_hundredths
from core.fields import AmountField, MonthField
from cultivation.querysets import (
    MonthlyIssueQuerySet,
    PoolMembershipQuerySet,
    PoolScreeningQuerySet,
    RegionMonthQuerySet,
    TargetQuerySet,
    TierChangeQuerySet,
)
from cultivation.rules.measures import MonthMeasures


class Target(models.Model):
    """What a region is to reach in a year, by metric (目标任务). Rows come from the edition in force or a list."""

    class Metric(models.TextChoices):
        NEWLY_LISTED = "newly_listed", "新增规上工业企业"
        NET_ADDED = "net_added", "净增规上工业企业"
        TOTAL = "total", "规上工业企业总数"
        OUTPUT = "output_of_new", "新增规模工业总产值"

    programme = models.CharField("方案", max_length=60)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="targets")
    #: first and last year are equal for a yearly target, apart for a multi-year one (2022–2024)
    year = models.PositiveSmallIntegerField("年度")
    until_year = models.PositiveSmallIntegerField("至年度")
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
        return self.unit == "家"

    @property
    def amount(self) -> Decimal:
        """The target in its unit: whole firms, or 亿元 (万元) with two places."""
        return Decimal(self.value) if self.is_counted_in_firms else from_hundredths(self.value)


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


class PoolScreening(models.Model):
    """One run of a pool's rule over the registry (筛选); the newest of a pool is what pages show."""

    programme = models.CharField("方案", max_length=60)
    #: kind of pool, one of cultivation.policy.pool.POOL_KINDS
    pool = models.CharField("培育库", max_length=20)
    year = models.PositiveSmallIntegerField("筛选年度")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    #: fingerprint of every fact and clause that was read
    inputs_digest = models.CharField(max_length=64)
    #: what it did to the pool: admitted, withdrawn, proposed, cleared, moved
    changes = models.JSONField(default=dict)
    screened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    screened_at = models.DateTimeField("筛选时间")

    objects = PoolScreeningQuerySet.as_manager()

    class Meta:
        db_table = "pool_screening"
        ordering = ["programme", "pool", "-id"]
        indexes = [models.Index(fields=["programme", "pool"], name="pool_screening_pool_ix")]

    def __str__(self) -> str:
        return f"{self.programme} {self.pool} {self.year}"


class ScreenedFirms(models.Model):
    """Every firm that a screening looked at, packed: its result by line of the policy, and the facts it rests on."""

    screening = models.OneToOneField(PoolScreening, models.CASCADE, primary_key=True, related_name="firms")
    #: region codes by number, as the table's ``region`` counts them
    regions = models.JSONField()
    #: words of the facts that are texts, by fact
    words = models.JSONField(default=dict)
    #: cultivation.rules.month_rows.packed: ``screened``, ``facts`` and ``known``
    tables = models.BinaryField()

    class Meta:
        db_table = "pool_screening_firms"


class PoolMembership(models.Model):
    """A firm in a pool (培育库) from ``since`` until ``until``; rows end, they are not deleted.

    ``tier`` is the name of a tier of the edition, empty where the rule could not tell it. What a person chose
    (``…_by_hand``) a later screening keeps.
    """

    programme = models.CharField("方案", max_length=60)
    pool = models.CharField("培育库", max_length=20)
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, related_name="pool_memberships")
    tier = models.CharField("层级", max_length=20, blank=True, default="")
    planned_year = models.PositiveSmallIntegerField("拟列规年度", null=True)
    #: codes of the sources that name the firm, joined by "+": tax_list, delisted, tax_list+delisted
    sources = models.CharField("来源", max_length=100, blank=True, default="")
    #: the figure by which the edition sorts and sums its pool; null where it is not known
    measure_wan = AmountField("排序指标(万元)", null=True)
    #: codes and numbers that the firm's place rests on (cultivation.services.pool_reasons)
    reasons = models.JSONField(default=dict)
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    tier_by_hand = models.BooleanField(default=False)
    year_by_hand = models.BooleanField(default=False)
    admitted_by_hand = models.BooleanField(default=False)
    #: the rule would take the firm out, but a person has chosen something: a person decides
    is_proposed = models.BooleanField("建议移出", default=False)
    proposal = models.JSONField(default=dict)
    since = models.DateField("入库日期")
    #: null: in the pool today
    until = models.DateField("出库日期", null=True)
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    #: a person took the firm out: no screening puts it back
    withdrawn_by_hand = models.BooleanField(default=False)
    updated_at = models.DateTimeField("更新时间")

    objects = PoolMembershipQuerySet.as_manager()

    class Meta:
        db_table = "pool_membership"
        ordering = ["programme", "pool", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "pool", "enterprise"],
                condition=models.Q(until=None),
                name="pool_member_current_uq",
            )
        ]
        indexes = [models.Index(fields=["programme", "pool", "until"], name="pool_member_current_ix")]

    @property
    def region(self) -> object:
        """The firm's assessment region of today: a member moves with its firm."""
        return self.enterprise.region


class TierChange(models.Model):
    """One entry of a membership's history: in, moved, out, and what was proposed; by rule or by a person."""

    class Kind(models.TextChoices):
        ADMITTED = "admitted", "入库"
        MOVED = "moved", "调整"
        WITHDRAWN = "withdrawn", "出库"
        PROPOSED = "proposed", "建议移出"
        CLEARED = "cleared", "建议撤销"
        KEPT = "kept", "保留在库"

    membership = models.ForeignKey(PoolMembership, models.CASCADE, related_name="changes")
    kind = models.CharField("事项", max_length=10, choices=Kind)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by_rule = models.BooleanField("按规则")
    tier_before = models.CharField(max_length=20, blank=True, default="")
    tier_after = models.CharField(max_length=20, blank=True, default="")
    year_before = models.PositiveSmallIntegerField(null=True)
    year_after = models.PositiveSmallIntegerField(null=True)
    sources_before = models.CharField(max_length=100, blank=True, default="")
    sources_after = models.CharField(max_length=100, blank=True, default="")
    #: a person's words; empty when the rule decided
    note = models.CharField("理由", max_length=200, blank=True, default="")
    #: codes and numbers when the rule decided
    reasons = models.JSONField(default=dict)
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")

    objects = TierChangeQuerySet.as_manager()

    class Meta:
        db_table = "tier_change"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["membership", "at"], name="tier_change_member_at_ix")]
