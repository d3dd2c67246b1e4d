"""Celery doors of the job table."""

from celery import shared_task

from core import jobs


@shared_task(name="core.tasks.work_job")
def work_job(run_id: int) -> None:
    run = jobs.claim(run_id, jobs.worker_name())
    if run is not None:
        jobs.work(run)


@shared_task(name="core.tasks.sweep_jobs")
def sweep_jobs() -> None:
    jobs.sweep()
