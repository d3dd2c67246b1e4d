"""What an administrator does about a job: queue it again, or stop it. Each act leaves its entry in the trail."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.jobs import claimable, requeue, wake
from core.models import JobRun, User


class JobRefused(Exception):
    """The act cannot be done any more; the message says why."""


@transaction.atomic
def retry_job(*, run: JobRun, actor: User) -> None:
    """Queue a failed or cancelled job afresh, in the name of who asked for it first. Raises ``JobRefused``."""
    if not run.has_stopped or not requeue(run):
        raise JobRefused("这项工作没有失败，也没有取消，不用重新排队。")
    record(actor=actor, act="retry_job", subject=run.key)
    transaction.on_commit(partial(wake, run.pk))


@transaction.atomic
def cancel_job(*, run: JobRun, actor: User) -> bool:
    """Stop a job: at once while nobody works it, else at its next word of progress; whether it was at once.

    What a running job has written by then stays. Raises ``JobRefused`` for finished work.
    """
    mine = JobRun.objects.filter(pk=run.pk)
    at_once = mine.filter(claimable()).update(
        state=JobRun.State.CANCELLED, finished_at=timezone.now(), lease_until=None
    )
    if not at_once and not mine.filter(state=JobRun.State.RUNNING).update(cancel_asked=True):
        raise JobRefused("这项工作已经结束，没有可以取消的。")
    record(actor=actor, act="cancel_job", subject=run.key, counts={"at_once": at_once})
    return bool(at_once)
