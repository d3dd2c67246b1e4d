"""What happened to a firm's identity, dated: by these rows figures, grades and awards find who a firm was."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from enterprises.models.registry import Enterprise
from enterprises.querysets import DuplicateDecisionQuerySet, RegistryEventQuerySet


class RegistryEvent(models.Model):
    """One change of a firm's identity on a day, with what it rests on and what stood before.

    ``enterprise`` is the firm to which it happened, ``other`` the second party: the firm it went into (并入,
    个转企, 重复档案) or the one that was split off from it (分立).
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed", "更名"
        RECODED = "recoded", "代码变更"
        MOVED = "moved", "迁移"
        CONVERTED = "converted", "个转企"
        MERGED = "merged", "并入"
        SPLIT = "split", "分立"
        CLOSED = "closed", "注销"
        REVOKED = "revoked", "吊销"
        REVIVED = "revived", "恢复"
        #: no event of the world: two records of one firm became one
        DUPLICATE = "duplicate", "重复档案"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="registry_events")
    kind = models.CharField("事项", max_length=10, choices=Kind)
    on = models.DateField("日期")
    other = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="registry_events_of_others")
    #: the name, code, region code or status before and after
    old = models.CharField("变更前", max_length=200, blank=True, default="")
    new = models.CharField("变更后", max_length=200, blank=True, default="")
    evidence = models.CharField("依据", max_length=200, blank=True, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)
    #: what an undo puts back: fields of the firm, numbers of the rows that followed
    before = models.JSONField(default=dict)

    objects = RegistryEventQuerySet.as_manager()

    class Meta:
        db_table = "registry_event"
        ordering = ["on", "id"]
        indexes = [
            models.Index(fields=["kind", "old"], name="registry_event_kind_old_ix"),
            models.Index(fields=["enterprise", "on"], name="registry_event_firm_ix"),
        ]


class DuplicateDecision(models.Model):
    """Two records that looked like one firm, and what an officer decided: remembered, never asked again.

    ``first`` has the smaller number. A decision 合并 is kept with its event in ``RegistryEvent``.
    """

    class Verdict(models.TextChoices):
        SAME = "same", "合并"
        DIFFERENT = "different", "不是同一家"

    first = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    second = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    verdict = models.CharField("结论", max_length=10, choices=Verdict)
    note = models.CharField("依据", max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("办理时间", auto_now_add=True)

    objects = DuplicateDecisionQuerySet.as_manager()

    class Meta:
        db_table = "duplicate_decision"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_decision_uq"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="duplicate_decision_order_ck"
            ),
        ]
