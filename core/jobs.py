"""Jobs: the table is the truth. One function claims a job, whoever works it: Celery, the embedded worker, the sweeper.

A handler takes the run and returns a JSON result. It may be run twice with the same outcome: it reads and
decides outside, then writes in one transaction of its own.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.models import JobRun, SignOfLife, User
from core.request_mark import RequestMark, current_request
from core.signs import give_sign

logger = logging.getLogger("house.jobs")
MAX_ATTEMPTS = 3
Handler = Callable[["Progress"], Mapping[str, Any] | None]
_handlers: dict[str, Handler] = {}
_labels: dict[str, str] = {}


class JobCancelled(Exception):
    """An administrator asked a running job to stop; a handler lets it pass."""


def job(name: str, label: str) -> Callable[[Handler], Handler]:
    """Register a handler; apps do so in their ``tasks.py``, which is found by autodiscovery.

    ``label`` is what people call this work (月度统计): it stands on the jobs page.
    """

    def register(handler: Handler) -> Handler:
        _handlers[name], _labels[name] = handler, label
        return handler

    return register


def job_label(name: str) -> str:
    """月度统计; of work that this version no longer knows, its name."""
    return _labels.get(name, name)


def enqueue(*, job: str, key: str, arguments: Mapping[str, Any], actor: User) -> JobRun:
    """Queue a job once: queued or running work of the same key is returned as it is, finished work is queued anew."""
    if job not in _handlers:
        raise LookupError(f"no handler for job {job!r}")
    now = timezone.now()
    run, made = JobRun.objects.get_or_create(
        key=key, defaults={"job": job, "arguments": dict(arguments), "actor": actor, "queued_at": now}
    )
    if not made:
        requeue(run, arguments=dict(arguments), actor=actor)
        run.refresh_from_db()
    transaction.on_commit(partial(wake, run.pk))
    return run


def requeue(run: JobRun, **changed: Any) -> bool:
    """Queue finished work afresh, with all its attempts; False when it waits or runs, and is left as it is."""
    finished = JobRun.objects.filter(pk=run.pk, state__in=JobRun.FINISHED)
    return bool(
        finished.update(
            state=JobRun.State.QUEUED,
            attempts=0,
            error="",
            result=None,
            queued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            cancel_asked=False,
            progress_done=0,
            progress_total=0,
            **changed,
        )
    )


def wake(run_id: int) -> None:
    """Tell the broker, where there is one. A lost wake-up costs seconds: the sweeper looks at the table."""
    if not settings.CELERY_BROKER_URL:
        return
    from core.tasks import work_job

    try:
        work_job.delay(run_id)
    except Exception:  # the broker is down: the job stays queued in the table
        logger.warning("broker not reached, job %s waits for the sweeper", run_id)


class Progress:
    """What a handler sees of its run: arguments, and a way to say how far it has come."""

    def __init__(self, run: JobRun) -> None:
        self.run = run
        self.arguments: dict[str, Any] = run.arguments
        self.actor: User = run.actor

    def tell(self, done: int, total: int) -> None:
        """Say how far it has come, and hold the job for longer; RuntimeError inside the writing transaction.

        There nobody would see it, and the row would be locked against the heartbeat until the end. Raises
        ``JobCancelled`` when somebody asked the job to stop and there is still something left to do.
        """
        with transaction.atomic(durable=True):
            held = _held(self.run)
            if done < total and held.filter(cancel_asked=True).exists():
                raise JobCancelled
            held.update(progress_done=done, progress_total=total, lease_until=_lease())


def _lease() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def worker_name() -> str:
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 100000}"


def claimable() -> Q:
    """Queued, or running under a lease that nobody renews."""
    return Q(state=JobRun.State.QUEUED) | Q(state=JobRun.State.RUNNING, lease_until__lt=timezone.now())


def _held(run: JobRun) -> QuerySet[JobRun]:
    """The run, as long as this claim of it stands: who has lost the lease to another changes nothing more."""
    return JobRun.objects.filter(
        pk=run.pk, worker=run.worker, attempts=run.attempts, state=JobRun.State.RUNNING
    )


def claim(run_id: int, worker: str) -> JobRun | None:
    """Take one job by conditional update; None when another worker has it or it is finished."""
    taken = JobRun.objects.filter(claimable(), pk=run_id).update(
        state=JobRun.State.RUNNING,
        worker=worker,
        lease_until=_lease(),
        attempts=F("attempts") + 1,
        started_at=timezone.now(),
    )
    return JobRun.objects.select_related("actor__region").get(pk=run_id) if taken else None


def next_claimable() -> int | None:
    return JobRun.objects.filter(claimable()).order_by("queued_at", "pk").values_list("pk", flat=True).first()


def work(run: JobRun) -> JobRun:
    """Run a claimed job to its end, its next attempt or, after three, its failure. What it logs carries its number."""
    token = current_request.set(RequestMark(job_id=str(run.pk)))
    try:
        return _worked(run)
    finally:
        current_request.reset(token)


def _worked(run: JobRun) -> JobRun:
    mine = _held(run)
    if run.cancel_asked:
        return _cancelled(run)
    if run.attempts > MAX_ATTEMPTS:
        mine.update(
            state=JobRun.State.FAILED, finished_at=timezone.now(), error=run.error or "多次中断，已停止重试"
        )
        run.refresh_from_db()
        return run
    try:
        with _Heartbeat(run):
            result = _handlers[run.job](Progress(run))
    except JobCancelled:
        return _cancelled(run)
    except Exception as error:
        logger.exception("job %s failed, attempt %s", run.key, run.attempts)
        # where the connection was cut, what came of it is told over a new one
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        last = run.attempts >= MAX_ATTEMPTS
        mine.update(
            state=JobRun.State.FAILED if last else JobRun.State.QUEUED,
            error=f"{type(error).__name__}: {error}"[:2000],
            finished_at=timezone.now() if last else None,
            lease_until=None,
        )
    else:
        mine.update(
            state=JobRun.State.DONE,
            result=dict(result or {}),
            error="",
            finished_at=timezone.now(),
            lease_until=None,
        )
    run.refresh_from_db()
    return run


def _cancelled(run: JobRun) -> JobRun:
    _held(run).update(state=JobRun.State.CANCELLED, finished_at=timezone.now(), lease_until=None)
    run.refresh_from_db()
    return run


def work_next(worker: str | None = None) -> JobRun | None:
    """Claim and work the oldest job that waits; None when there is none."""
    while (run_id := next_claimable()) is not None:
        run = claim(run_id, worker or worker_name())
        if run is not None:
            return work(run)
        # another worker was quicker: look for the one after it
    return None


def work_all() -> int:
    """Work until nothing waits; returns how many runs were worked."""
    count = 0
    while work_next() is not None:
        count += 1
    return count


def sweep() -> list[int]:
    """Wake every job that waits or whose worker died; returns their numbers."""
    run_ids = list(
        JobRun.objects.filter(claimable()).order_by("queued_at").values_list("pk", flat=True)[:1000]
    )
    for run_id in run_ids:
        wake(run_id)
    return run_ids


class _Heartbeat:
    """Renews the lease from a thread with its own connection while a handler computes.

    On SQLite the renewal may meet the handler's write transaction; it then tries again at the next beat.
    In tests on one connection (in-memory database, or an open transaction) there is nobody to renew for.
    """

    def __init__(self, run: JobRun) -> None:
        self.run = run
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if not connection.in_atomic_block:
            self.thread = threading.Thread(target=self._beat, daemon=True)
            self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        if self.thread:
            self.thread.join()

    def _beat(self) -> None:
        try:
            while not self.stop.wait(settings.JOB_LEASE_SECONDS / 4):
                try:
                    _held(self.run).update(lease_until=_lease())
                    give_sign(SignOfLife.Name.WORKER)
                except Error:
                    close_old_connections()
        finally:
            connection.close()
