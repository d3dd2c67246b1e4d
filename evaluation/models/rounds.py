from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from evaluation.querysets import RoundQuerySet, ScoreQuerySet

#: A key that needs neither a check nor an index of its own (see ``Score``).
_UNCHECKED = {"db_constraint": False, "db_index": False}


class Round(models.Model):
    """One version of a scheme's year: a draft is replaced, a published version never changes (冻结)."""

    class State(models.TextChoices):
        DRAFT = "draft", "已测算"
        PUBLISHED = "published", "已公布"

    class Stage(models.TextChoices):
        COMPUTED = "computed", "已测算"
        CONFIRMING = "confirming", "预评价，待企业确认"
        SETTLED = "settled", "已审定"
        PUBLICITY = "publicity", "公示中"
        PUBLISHED = "published", "已公布"

    scheme = models.CharField("评价方案", max_length=60)
    year = models.PositiveSmallIntegerField("评价年度")
    version = models.PositiveSmallIntegerField("版次")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    #: how far the work with people has come; a scheme without a workflow goes from computed to published
    stage = models.CharField("进度", max_length=10, choices=Stage, default=Stage.COMPUTED)
    confirm_until = models.DateTimeField("确认截止", null=True)
    public_from = models.DateTimeField("公示开始", null=True)
    public_until = models.DateTimeField("公示截止", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField("审定时间", null=True)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    edition = models.ForeignKey("core.PolicyEdition", models.PROTECT, related_name="+")
    #: scores are whole 1/10^decimals
    decimals = models.PositiveSmallIntegerField("得分位数")
    #: names of the columns of every score's trace, in their order
    trace_columns = models.JSONField()
    #: A, B, C, D, T and the firms out of scope
    counts = models.JSONField(default=dict)
    #: fingerprint of the edition and of every figure that the scores were computed from, and of what came out
    inputs_digest = models.CharField(max_length=64)
    results_digest = models.CharField(max_length=64)
    run_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    run_at = models.DateTimeField("测算时间")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField("公布时间", null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        db_table = "eval_round"
        ordering = ["-year", "scheme", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "year", "version"], name="eval_round_uq"),
            models.UniqueConstraint(
                fields=["scheme", "year"], condition=models.Q(state="draft"), name="eval_round_draft_uq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.year}年度 第{self.version}版"

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.PUBLISHED

    def score_of(self, whole: int | None) -> Decimal | None:
        """A score as people read it, with the scheme's places."""
        return None if whole is None else Decimal(whole).scaleb(-self.decimals)


class RoundSnapshot(models.Model):
    """The firms that a round was computed from, packed (evaluation.rules.frozen): enough to compute it again."""

    round = models.OneToOneField(Round, models.CASCADE, related_name="snapshot")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "eval_snapshot"


class RankingPool(models.Model):
    """One ranking of a round: a cohort in a region, or in the whole locality where ``region`` is null."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="pools")
    cohort = models.CharField("分组", max_length=20)
    region = models.ForeignKey("core.Region", models.PROTECT, null=True, related_name="+")
    #: town, park and industry group, where it is ranked by them
    place = models.CharField("排名范围", max_length=120, blank=True, default="")
    size = models.PositiveIntegerField("参加排名(家)")
    base = models.PositiveIntegerField("名额基数(家)")
    #: grades, places, cuts, counts, means, low, high, bars: evaluation.rules.trace
    line = models.JSONField()

    class Meta:
        db_table = "eval_pool"
        constraints = [
            models.UniqueConstraint(fields=["round", "cohort", "region", "place"], name="eval_pool_uq"),
        ]

    @property
    def label(self) -> str:
        """``启东市机械 above``, for a message; pages know the cohort's own name."""
        return f"{self.region.name if self.region else ''}{self.place} {self.cohort}".strip()


class Score(models.Model):
    """What a round says of one firm: grade, place, score and the trace of every step.

    A round writes all its scores in one statement, beside the pools that they name, from regions just read: the
    database checks the firm alone, row by row, and no index repeats the beginning of another.
    """

    class Standing(models.TextChoices):
        GRADED = "graded", "参评定级"
        SPECIAL = "special", "不定等级"
        OUT = "out", "不在评价范围"

    round = models.ForeignKey(Round, models.CASCADE, related_name="scores", **_UNCHECKED)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", models.PROTECT, related_name="scores", db_index=False
    )
    #: the assessment region that the year's figures were sent for
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", **_UNCHECKED)
    standing = models.CharField("参评情况", max_length=10, choices=Standing)
    cohort = models.CharField("分组", max_length=20, blank=True, default="")
    pool = models.ForeignKey(RankingPool, models.CASCADE, null=True, related_name="+", **_UNCHECKED)
    #: whole 1/10^round.decimals
    total = models.BigIntegerField("得分", null=True)
    rank = models.PositiveIntegerField("位次", null=True)
    initial_grade = models.CharField("初评等级", max_length=4, blank=True, default="")
    final_grade = models.CharField("终评等级", max_length=4, blank=True, default="")
    #: bit by bit the scheme's absolute lines (绝对标准) that the firm meets, in their order
    flags = models.BigIntegerField("绝对标准", default=0)
    #: evaluation.rules.trace: figures, states and points, by round.trace_columns
    trace = models.BinaryField()

    objects = ScoreQuerySet.as_manager()

    class Meta:
        db_table = "eval_score"
        ordering = ["round", "region__order", "enterprise"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "round"], name="eval_score_uq")]
        indexes = [
            models.Index(fields=["round", "region", "final_grade"], name="eval_score_region_ix"),
            models.Index(fields=["pool", "rank"], name="eval_score_rank_ix"),
        ]

    @property
    def value(self) -> Decimal | None:
        return self.round.score_of(self.total)
