"""Work of every day: each registered job is queued once a day, by whoever looks first after midnight in Shanghai.

Beat, the embedded worker and the sweeper all look; the key of the run holds the day, so however often they do, and
however many of them, there is one run a day. A night without any of them is made up for by the first look after it.
"""

from __future__ import annotations

from datetime import date, datetime

from core.jobs import enqueue
from core.models import JobRun, User
from core.periods import SHANGHAI

_daily: list[str] = []
#: the last day this process has queued for: a look costs nothing until midnight
_seen: dict[str, date] = {}


def register_daily(job: str) -> None:
    """``job`` takes ``{"day": "2022-07-01"}`` and is idempotent: it also does what earlier days left undone."""
    if job not in _daily:
        _daily.append(job)


def queue_daily(now: datetime) -> list[JobRun]:
    """Queue what this day still lacks; ``now`` carries a zone, the day is that of Shanghai."""
    day = now.astimezone(SHANGHAI).date()
    queued = []
    for job in _daily:
        if _seen.get(job) == day:
            continue
        key = f"{job}:{day}"
        if not JobRun.objects.filter(key=key).exists():
            arguments = {"day": day.isoformat()}
            queued.append(enqueue(job=job, key=key, arguments=arguments, actor=User.objects.system()))
        _seen[job] = day
    return queued
