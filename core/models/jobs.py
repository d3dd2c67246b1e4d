from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models.users import Role, User


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def visible_to(self, user: User) -> Self:
        """The queue is the system administrator's: it tells which work was done, nothing of any firm."""
        return self if user.is_active and user.role == Role.SYS_ADMIN else self.none()


class JobRun(models.Model):
    """A piece of work: the truth about it, whoever works it. The broker only carries its number."""

    class State(models.TextChoices):
        QUEUED = "queued", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    #: nothing more happens to these unless somebody queues them anew
    FINISHED = (State.DONE, State.FAILED, State.CANCELLED)

    job = models.CharField("工作", max_length=40)
    #: job, period and scope in one string; the same work is never queued twice
    key = models.CharField(max_length=160, unique=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True)
    #: an administrator asked it to stop; it does at its next word of progress
    cancel_asked = models.BooleanField(default=False)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()
    #: when its last attempt began
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        db_table = "core_job_run"
        indexes = [
            models.Index(fields=["state", "queued_at"], name="jobrun_state_queued_ix"),
            models.Index(fields=["finished_at"], name="jobrun_finished_ix"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def has_stopped(self) -> bool:
        """Ended without a result: three attempts failed, or somebody cancelled it."""
        return self.state in (self.State.FAILED, self.State.CANCELLED)

    @property
    def silent_for(self) -> timedelta | None:
        """Since when its worker has given no sign of life; ``None`` unless it runs."""
        if self.state != self.State.RUNNING or self.lease_until is None:
            return None
        last = self.lease_until - timedelta(seconds=settings.JOB_LEASE_SECONDS)
        return max(timezone.now() - last, timedelta(0))

    @property
    def took(self) -> timedelta | None:
        """How long its last attempt went on; ``None`` until it has ended, or when none was begun."""
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None
