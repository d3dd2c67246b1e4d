"""Celery carries job numbers, never work: the job table is the truth, the broker a wake-up.

Used only where ``CELERY_BROKER_URL`` is set; elsewhere ``manage.py run_worker`` works the same table.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("shengguitong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Jobs whose worker died, or whose wake-up was lost, come back within this time.
    "sweep-jobs": {"task": "core.tasks.sweep_jobs", "schedule": 10.0},
}
