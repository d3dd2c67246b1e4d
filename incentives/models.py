from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField, MonthField
from incentives.querysets import AwardRoundQuerySet, OfRoundQuerySet

#: longest id of a rule and longest recipient or occasion that a key of an award holds
_KEY = 60


class RecipientKind(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    DISTRICT = "district", "县区政府"


class AwardRound(models.Model):
    """One version of a programme's awards of a year (奖补批次): a draft is replaced, an approved one never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟奖补"
        APPROVED = "approved", "已审定"

    programme = models.CharField("方案", max_length=60)
    year = models.PositiveSmallIntegerField("奖补年度")
    version = models.PositiveSmallIntegerField("版次")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    #: fingerprint of everything the awards were computed from
    inputs_digest = models.CharField(max_length=64)
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    computed_at = models.DateTimeField("测算时间")

    objects = AwardRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_round"
        ordering = ["programme", "-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "year", "version"], name="award_round_uq"),
            models.UniqueConstraint(
                fields=["programme", "year"], condition=models.Q(state="draft"), name="award_round_draft_uq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.year} 第{self.version}版"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class Recipient(models.Model):
    """Who an award or a refusal is about, for which rule and occasion; never deleted by the registry."""

    round = models.ForeignKey(AwardRound, models.CASCADE, related_name="%(class)ss")
    programme = models.CharField("方案", max_length=60)
    rule = models.CharField("规则", max_length=_KEY)
    recipient_kind = models.CharField("对象类别", max_length=12, choices=RecipientKind)
    #: the credit code of a firm, the region's code of a government
    recipient_code = models.CharField("对象代码", max_length=_KEY)
    recipient_name = models.CharField("对象名称", max_length=200)
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, null=True, related_name="+")
    #: the assessment region in the month of the event: it decides who bears the award, and who sees it
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    #: what happened; ``first_listed`` carries no date, so that a corrected month does not make a second award
    occasion = models.CharField("事项", max_length=_KEY)
    event_month = MonthField("事项月份", null=True)
    #: codes and numbers, see incentives.rules.codes; sentences are made on reading
    reasons = models.JSONField("理由", default=list)

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        abstract = True


class Award(Recipient):
    """Money due to a recipient for an occasion, in fen; once for a rule, recipient and occasion."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "拟奖补"
        #: something it depends on is unknown: what stands is shown, nothing is paid until it is known
        HELD = "held", "待核"
        CANCELLED = "cancelled", "已撤销"

    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    #: what stands; parts whose condition is unknown are not in it
    amount_fen = AmountField("金额(元)")
    #: [{"part", "fen", "outcome": 1/0/-1, "verdict": core.conditions.RowVerdict as JSON, or null}, …]
    parts = models.JSONField("组成", default=list)
    #: level → fen; they sum to the amount. ``unshared``: the document does not say who bears it
    shares = models.JSONField("分担", default=dict)

    class Meta:
        db_table = "award"
        ordering = ["round", "rule", "region__order", "recipient_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "rule", "recipient_kind", "recipient_code", "occasion"],
                condition=~models.Q(state="cancelled"),
                name="award_once_uq",
            )
        ]
        indexes = [models.Index(fields=["round", "region"], name="award_round_region_ix")]


class AwardRefusal(Recipient):
    """Who came into question and is not due, with the reason: 不符合."""

    class Meta:
        db_table = "award_refusal"
        ordering = ["round", "rule", "region__order", "recipient_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "rule", "recipient_kind", "recipient_code", "occasion", "event_month"],
                name="award_refusal_uq",
            )
        ]


class AwardDifference(models.Model):
    """What a later version finds about an award that an approved version granted: never an edit of that award."""

    round = models.ForeignKey(AwardRound, models.CASCADE, related_name="differences")
    award = models.ForeignKey(Award, models.PROTECT, related_name="differences")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    #: what it would be now, 0 when it is no longer due; the difference is that less what was granted
    amount_fen = AmountField("应为(元)")
    difference_fen = AmountField("差额(元)")
    shares = models.JSONField("差额分担", default=dict)
    reasons = models.JSONField("理由", default=list)

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_difference"
        ordering = ["round", "region__order", "award"]
        constraints = [models.UniqueConstraint(fields=["round", "award"], name="award_difference_uq")]
