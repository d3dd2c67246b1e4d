from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField
from cultivation.querysets import (
    PoolMembershipQuerySet,
    PoolScreeningQuerySet,
    TierChangeQuerySet,
)


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
    #: cultivation.rules.month_rows.packed: ``screened``, ``facts`` and ``known``; ``at``: the month that conditions name
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
    sources = models.CharField("来源", max_length=255, blank=True, default="")
    #: the tier that the rule finds where only an application leads there
    suggested_tier = models.CharField("建议层级", max_length=20, blank=True, default="")
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
    sources_before = models.CharField(max_length=255, blank=True, default="")
    sources_after = models.CharField(max_length=255, blank=True, default="")
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
