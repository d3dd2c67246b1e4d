"""通报、简报、总结: drafted by one person, signed by another, frozen when issued."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cultivation.models import MonthlyIssue
from reports.querysets import BulletinQuerySet


class Bulletin(models.Model):
    """A paper of one issued month: its number, whom it goes to, its words; once signed, its bytes as they went out."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟稿"
        WAITING = "waiting", "待签发"
        ISSUED = "issued", "已签发"

    issue = models.ForeignKey(MonthlyIssue, models.PROTECT, related_name="+")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", verbose_name="地区")
    kind = models.CharField("公文", max_length=10)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    #: e.g. 通工信〔2022〕15号, as the office gives it
    number = models.CharField("发文字号", max_length=40, blank=True, default="")
    addressee = models.CharField("主送", max_length=200)
    copies = models.CharField("抄送", max_length=200, blank=True, default="")
    #: the words, a paragraph a line; the tables are those of the frozen month
    text = models.TextField("正文")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("拟稿时间")
    #: why it came back from who signs; empty: it did not
    opinion = models.CharField("退回意见", max_length=200, blank=True, default="")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField("签发时间", null=True)
    printed_on = models.DateField("印发日期", null=True)
    #: the Word document as it was signed
    content = models.BinaryField(default=bytes)
    sha256 = models.CharField(max_length=64, blank=True, default="")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        db_table = "bulletin"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "kind"], name="bulletin_uq"),
            models.UniqueConstraint(
                fields=["region", "number"], condition=~models.Q(number=""), name="bulletin_number_uq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue} {self.kind} {self.number}".rstrip()

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED
