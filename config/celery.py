"""Celery carries job numbers, never work: the job table is the truth, the broker a wake-up.

Used only where ``CELERY_BROKER_URL`` is set; elsewhere ``manage.py run_worker`` works the same table. One worker
does for a bureau: ``celery -A config worker --beat``.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Seconds between two looks at the job table.
SWEEP_SECONDS = 10
#: Seconds between two looks at whether a new day has begun.
DAILY_LOOK_SECONDS = 60

app = Celery("shengguitong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_scheduler = "core.celery_signs:SigningScheduler"
app.steps["worker"].add("core.celery_signs:WorkerSign")
app.autodiscover_tasks()
#: The month's table of contents: what is done, when, without anybody asking for it.
app.conf.beat_schedule = {
    # all the time: jobs whose worker died, or whose wake-up was lost; a late look is worth no second one
    "sweep-jobs": {
        "task": "core.tasks.sweep_jobs",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    # once a day, soon after midnight in Shanghai or as soon as somebody looks: months open, returns are asked for
    "queue-daily": {
        "task": "core.tasks.queue_daily",
        "schedule": DAILY_LOOK_SECONDS,
        "options": {"expires": DAILY_LOOK_SECONDS},
    },
}
