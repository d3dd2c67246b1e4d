from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import AmountField, MonthField
from incentives.policy import EVENTS, RECIPIENTS
from incentives.querysets import AwardOccasionQuerySet, AwardRoundQuerySet, OfRoundQuerySet
from incentives.rules.matters import LIMIT

#: longest id of a rule and longest recipient or occasion that a key of an award holds
_KEY = LIMIT


class AwardRound(models.Model):
    """One version of a programme's awards of a year (奖补批次): a draft is replaced, an approved one never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟奖补"
        PUBLIC = "public", "公示中"
        APPROVED = "approved", "已审定"

    programme = models.CharField("方案", max_length=60)
    year = models.PositiveSmallIntegerField("奖补年度")
    version = models.PositiveSmallIntegerField("版次")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    #: fingerprint of everything the awards were computed from
    inputs_digest = models.CharField(max_length=64)
    #: firms that a period's end makes candidates and whose facts are wanting, rule by rule: incentives.rules.gaps
    gaps = models.JSONField("缺数", default=list)
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    computed_at = models.DateTimeField("测算时间")
    publicized_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    #: first and last day of publicity, both included
    public_from = models.DateField("公示首日", null=True)
    public_until = models.DateField("公示末日", null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("审定时间", null=True)

    objects = AwardRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_round"
        ordering = ["programme", "-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "year", "version"], name="award_round_uq"),
            models.UniqueConstraint(
                fields=["programme", "year"],
                condition=models.Q(state__in=["draft", "public"]),
                name="award_round_open_uq",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.year} 第{self.version}版"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class AwardSnapshot(models.Model):
    """What a round was computed from, packed (incentives.rules.frozen): enough to compute it again."""

    round = models.OneToOneField(AwardRound, models.CASCADE, related_name="snapshot")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    #: fingerprint of what was decided: refusals, what is held, amounts
    decided = models.CharField(max_length=64)

    class Meta:
        db_table = "award_snapshot"


class Recipient(models.Model):
    """Who an award or a refusal is about, for which rule and occasion; never deleted by the registry."""

    round = models.ForeignKey(AwardRound, models.CASCADE, related_name="%(class)ss")
    programme = models.CharField("方案", max_length=60)
    rule = models.CharField("规则", max_length=_KEY)
    recipient_kind = models.CharField("对象类别", max_length=12, choices=list(RECIPIENTS.items()))
    #: the credit code of a firm when this was computed, the region's code of a government, else as lists name it
    recipient_code = models.CharField("对象代码", max_length=_KEY)
    recipient_name = models.CharField("对象名称", max_length=200)
    enterprise = models.ForeignKey("enterprises.Enterprise", models.PROTECT, null=True, related_name="+")
    #: the assessment region in the month of the event: it decides who bears the award, and who sees it
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    #: what happened; ``first_listed`` carries no date, so that a corrected month does not make a second award
    occasion = models.CharField("事项", max_length=_KEY)
    event_month = MonthField("事项月份", null=True)
    #: what the event was about: a node, an honour, a grade; a project; an invoice
    key = models.CharField("事项内容", max_length=_KEY, blank=True, default="")
    project = models.CharField("项目", max_length=_KEY, blank=True, default="")
    invoice = models.CharField("发票", max_length=_KEY, blank=True, default="")
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
            ),
            # a firm keeps its number when its code changes: the new code earns nothing a second time
            models.UniqueConstraint(
                fields=["programme", "rule", "enterprise", "occasion"],
                condition=~models.Q(state="cancelled"),
                name="award_firm_once_uq",
            ),
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


class Objection(models.Model):
    """异议: raised while a round is public; the round is not approved before every one is answered."""

    class Outcome(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"

    round = models.ForeignKey(AwardRound, models.CASCADE, related_name="objections")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    raised_by = models.CharField("提出人", max_length=60)
    text = models.CharField("异议", max_length=500)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    outcome = models.CharField("结论", max_length=10, choices=Outcome, default=Outcome.OPEN)
    answer = models.CharField("答复", max_length=500, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("答复时间", null=True)

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_objection"
        ordering = ["round", "recorded_at", "pk"]


class Payout(models.Model):
    """兑现: one instalment of one approved award, from 审定 to 到账; its amount is never edited."""

    class State(models.TextChoices):
        APPROVED = "approved", "审定"
        ISSUED = "issued", "下达"
        PAID = "paid", "拨付"
        RECEIVED = "received", "到账"
        STOPPED = "stopped", "停发"
        RECOVERED = "recovered", "追回"

    #: what may follow what
    NEXT = {
        State.APPROVED: (State.ISSUED, State.STOPPED),
        State.ISSUED: (State.PAID, State.STOPPED),
        State.PAID: (State.RECEIVED, State.RECOVERED),
        State.RECEIVED: (State.RECOVERED,),
    }

    award = models.ForeignKey(Award, models.PROTECT, related_name="payouts")
    round = models.ForeignKey(AwardRound, models.PROTECT, related_name="payouts")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    instalment = models.CharField("期次", max_length=30)
    title = models.CharField("名称", max_length=60, blank=True, default="")
    due_year = models.PositiveSmallIntegerField("应付年度")
    amount_fen = AmountField("金额(元)")
    state = models.CharField("状态", max_length=10, choices=State, default=State.APPROVED)
    issued_on = models.DateField("下达日期", null=True)
    paid_on = models.DateField("拨付日期", null=True)
    received_on = models.DateField("到账日期", null=True)
    ended_on = models.DateField("停发、追回日期", null=True)
    reason = models.CharField("停发、追回理由", max_length=200, blank=True, default="")
    #: who paid: neither who computed nor who approved
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_payout"
        ordering = ["round", "region__order", "award", "due_year", "pk"]
        constraints = [models.UniqueConstraint(fields=["award", "instalment"], name="award_payout_uq")]
        indexes = [models.Index(fields=["round", "state"], name="award_payout_state_ix")]


class PayeeAccount(models.Model):
    """收款账户 of a recipient; seen whole by finance alone."""

    recipient_code = models.CharField("对象代码", max_length=_KEY, unique=True)
    payee = models.CharField("收款单位全称", max_length=200)
    bank = models.CharField("开户行", max_length=200)
    account = models.CharField("账号", max_length=40)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        db_table = "award_payee_account"
        ordering = ["recipient_code"]

    @property
    def masked(self) -> str:
        """``****1234``"""
        return f"****{self.account[-4:]}"


class AwardOccasion(models.Model):
    """奖补事项: what happened to a recipient, and what is known of it, as a list says it; open to every rule."""

    #: one of ``policy.awards.EVENTS``; empty for a row that only brings data of a period
    event = models.CharField("事项", max_length=12, choices=list(EVENTS.items()), blank=True, default="")
    recipient_kind = models.CharField("对象类别", max_length=12, choices=list(RECIPIENTS.items()))
    recipient_code = models.CharField("对象代码", max_length=_KEY)
    recipient_name = models.CharField("对象名称", max_length=200)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", models.PROTECT, null=True, related_name="award_occasions"
    )
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    #: ``2022-06-15``, ``2022-06``, ``2022Q2`` or ``2022``
    period = models.CharField("时间", max_length=10)
    year = models.PositiveSmallIntegerField("年度")
    key = models.CharField("事项内容", max_length=_KEY, blank=True, default="")
    project = models.CharField("项目", max_length=_KEY, blank=True, default="")
    invoice = models.CharField("发票", max_length=_KEY, blank=True, default="")
    #: null: the list does not say
    is_first = models.BooleanField("是否首次", null=True)
    document = models.CharField("文号", max_length=80, blank=True, default="")
    #: canonical texts by fact, ``name`` or ``name[2022]``
    facts = models.JSONField("数据", default=dict)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = AwardOccasionQuerySet.as_manager()

    class Meta:
        db_table = "award_occasion"
        ordering = ["-year", "event", "recipient_kind", "recipient_code", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient_kind", "recipient_code", "period", "key", "project", "invoice"],
                name="award_occasion_uq",
            )
        ]
        indexes = [models.Index(fields=["region", "year"], name="award_occasion_region_ix")]


class AwardApplication(models.Model):
    """申报: what a firm claims under a rule; one for a rule, recipient and occasion, whoever sends it twice."""

    programme = models.CharField("方案", max_length=60)
    rule = models.CharField("规则", max_length=_KEY)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", models.PROTECT, related_name="award_applications"
    )
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    #: the event's day and what it was about: a node, an honour, a project
    occasion = models.CharField("事项", max_length=_KEY)
    happened_on = models.DateField("事项日期")
    key = models.CharField("事项内容", max_length=_KEY, blank=True, default="")
    project = models.CharField("项目", max_length=_KEY, blank=True, default="")
    invoice = models.CharField("发票", max_length=_KEY, blank=True, default="")
    #: figures that the rule asks for and the application declares, by name, as people write them
    facts = models.JSONField("申报数据", default=dict)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("申报时间")
    #: the list that brought it; null for a claim of the form
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        db_table = "award_application"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "rule", "enterprise", "occasion"], name="award_application_uq"
            )
        ]

    @property
    def number(self) -> str:
        """``SB-000123``: what the sender, and whoever sends it again, is told."""
        return f"SB-{self.pk:06d}"
