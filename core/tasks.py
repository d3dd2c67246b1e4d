"""Celery doors of the job table, and the job of editions whose day has come."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from core import daily, jobs
from core.jobs import Progress, job
from core.services.edition_force import JOB, put_due_in_force, queue_due_editions


@shared_task(name="core.tasks.work_job")
def work_job(run_id: int) -> None:
    run = jobs.claim(run_id, jobs.worker_name())
    if run is not None:
        jobs.work(run)


@shared_task(name="core.tasks.sweep_jobs")
def sweep_jobs() -> None:
    queue_due_editions()
    jobs.sweep()


@job(JOB, "政策文件到期施行")
def put_edition_in_force(progress: Progress) -> dict[str, Any]:
    edition = put_due_in_force(edition=progress.arguments["edition"], actor=progress.actor)
    return {"state": edition.state if edition else "nothing due"}


@shared_task(name="core.tasks.queue_daily")
def queue_daily() -> None:
    daily.queue_daily(timezone.now())
