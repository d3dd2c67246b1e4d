from __future__ import annotations

from django.conf import settings
from django.db import models


class JobRun(models.Model):
    """A piece of work: the truth about it, whoever works it. The broker only carries its number."""

    class State(models.TextChoices):
        QUEUED = "queued", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    job = models.CharField("工作", max_length=40)
    #: job, period and scope in one string; the same work is never queued twice
    key = models.CharField(max_length=160, unique=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_job_run"
        indexes = [models.Index(fields=["state", "queued_at"], name="jobrun_state_queued_ix")]

    def __str__(self) -> str:
        return self.key
