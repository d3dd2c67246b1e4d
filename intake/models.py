from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Department
from intake.querysets import BatchQuerySet, ListLayoutQuerySet
from intake.rules.faults import Fault


class Batch(models.Model):
    """One file that somebody sent: what it was, what was found in it, what became of it."""

    class State(models.TextChoices):
        RECEIVED = "received", "待校验"
        CHECKING = "checking", "校验中"
        READY = "ready", "待提交"
        REFUSED = "refused", "未通过"
        COMMITTED = "committed", "已入库"
        DISCARDED = "discarded", "已放弃"
        INTERRUPTED = "interrupted", "可重试"
        UNDONE = "undone", "已撤销"
        #: a list of unknown layout waits for a person to say what its columns are
        MAPPING = "mapping", "待确认列"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "全部接收"
        PARTIAL = "partial", "部分接收"
        REJECTED = "rejected", "未接收"
        NONE = "", "—"

    sheet = models.CharField("报表", max_length=30)
    region = models.ForeignKey("core.Region", models.PROTECT, verbose_name="报送范围", related_name="+")
    #: the body that bears the duty for this sheet (责任部门)
    department = models.CharField("责任部门", max_length=20, choices=Department, blank=True, default="")
    #: "2022-05", "2021" or "" where the rows name their own months
    period = models.CharField("所属期", max_length=7, blank=True, default="")
    as_of = models.DateField("报送日")
    upload_name = models.CharField("文件名", max_length=200)
    stored_path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("报送时间", auto_now_add=True)

    state = models.CharField("状态", max_length=12, choices=State, default=State.RECEIVED)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True, default="")
    #: rows, good, blocked, new, changed, same, unknown (待核), ignored, class_a … class_d
    counts = models.JSONField(default=dict)
    #: of a list of unknown layout: what was seen of it (``survey``), and once a person has said so, where its
    #: columns are (``page``, ``first``, ``last``, ``columns``: number → target, unit, heading, period; ``adds_up``)
    mapping = models.JSONField(default=dict)
    ignored_rows = models.JSONField(default=list)
    #: old → new of changed records, at most the first 200; counts tell how many there are
    changes = models.JSONField(default=list)
    #: compressed canonical records (one JSON a line), beside the original file
    rows_path = models.CharField(max_length=200, blank=True, default="")
    rows_digest = models.CharField(max_length=64, blank=True, default="")
    check_seconds = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    #: when the check began to look at what is stored, and which lists just committed it knew then: a list
    #: committed since makes its differences stale
    checked_at = models.DateTimeField("校验时间", null=True)
    seen_batches = models.JSONField(default=list)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    committed_at = models.DateTimeField("入库时间", null=True)
    #: fingerprint of the rows that the commit replaced (services.replaced); "" when it replaced none
    replaced_digest = models.CharField(max_length=64, blank=True, default="")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "intake_batch"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["sheet", "region", "period"], name="batch_sheet_region_ix"),
            models.Index(fields=["sha256"], name="batch_sha256_ix"),
        ]

    def __str__(self) -> str:
        return f"B{self.pk:06d}" if self.pk else "B—"

    @property
    def shown_state_label(self) -> str:
        """The state as people read it; 可重试 where the check died (see ``with_shown_state``)."""
        return Batch.State(getattr(self, "shown_state", self.state)).label


class Issue(models.Model):
    """One fault or hint: where, what, why, how to mend; with the note or reason given for it."""

    class Class(models.TextChoices):
        A = "A", "强制"
        B = "B", "准强制"
        C = "C", "核实"
        D = "D", "提示"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="issues")
    sheet = models.CharField("工作表", max_length=60, blank=True, default="")
    row = models.PositiveIntegerField("行", null=True)
    column = models.CharField("列", max_length=80, blank=True, default="")
    cell = models.CharField("单元格", max_length=12, blank=True, default="")
    #: the firm that the row names, as written
    subject = models.CharField("企业", max_length=200, blank=True, default="")
    code = models.CharField(max_length=40)
    cls = models.CharField("类别", max_length=1, choices=Class)
    value = models.CharField("填报值", max_length=200, blank=True, default="")
    reason = models.CharField("原因", max_length=400)
    cure = models.CharField("怎么改", max_length=400, blank=True, default="")
    note = models.CharField("说明", max_length=400, blank=True, default="")

    class Meta:
        db_table = "intake_issue"
        # column by column, as the page groups them: the check writes them in this order
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "cls"], name="issue_batch_cls_ix")]

    def as_fault(self) -> Fault:
        return Fault(
            self.code,
            self.cls,
            self.reason,
            self.cure,
            self.sheet or None,
            self.row,
            self.column or None,
            self.cell or None,
            self.value,
        )

    @property
    def message(self) -> str:
        """第6行“营业收入(万元)”（F6）：……；……。"""
        return self.as_fault().message()

    @property
    def is_open(self) -> bool:
        """Still keeps its row out: A always, B without a note, C without a reason of six characters."""
        return not self.as_fault().answered_by(self.note)


class StagedRow(models.Model):
    """A row with issues of class A to C, as it was written; the others live in the batch's canonical file."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="staged_rows")
    row = models.PositiveIntegerField("行")
    raw = models.JSONField(default=dict)
    blocked = models.BooleanField(default=True)

    class Meta:
        db_table = "intake_staged_row"
        ordering = ["batch", "row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="staged_row_uq")]


class PostKey(models.Model):
    """The Idempotency-Key of a REST post: the same post sent again finds the batch that it opened."""

    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    #: of everything that was posted
    digest = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "intake_post_key"
        constraints = [models.UniqueConstraint(fields=["sent_by", "key"], name="post_key_uq")]


class ListLayout(models.Model):
    """What a department has said of the columns of one of its lists: known again next time by the headings."""

    department = models.CharField("部门", max_length=20, choices=Department)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    sheet = models.CharField(max_length=30)
    #: of the headings without year and month
    signature = models.CharField(max_length=64)
    #: heading without year and month → {"target", "unit"}; a column that is left out has the target ""
    targets = models.JSONField(default=dict)
    adds_up = models.BooleanField("同一企业几行相加", default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now=True)

    objects = ListLayoutQuerySet.as_manager()

    class Meta:
        db_table = "intake_list_layout"
        ordering = ["-confirmed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "region", "sheet", "signature"], name="list_layout_uq"
            )
        ]
