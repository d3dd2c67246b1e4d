"""What stands until something happens: answers kept for a person while no act and no job has moved the house on.

Every act leaves its entry in the trail, in its own transaction, and every job its end in the table. The newest of both, with
the person and the day, name what was computed; it is kept for seconds, so that what time alone brings about is seen too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone

from core.models import AuditEntry, JobRun

Answer = TypeVar("Answer")


def standing(request: HttpRequest, name: str, compute: Callable[[], Answer]) -> Answer:
    """``compute()``, or what it gave this person a moment ago; one query a request, however often it is asked.

    ``name`` tells what is asked for, with everything that it depends on beside the person. ``None`` is not kept.
    """
    if not settings.STANDING_SECONDS:
        return compute()
    # a digest: words of an address may hold anything, and be of any length
    key = hashlib.sha256(f"{name}:{_moment(request)}".encode()).hexdigest()
    answer: Answer | None = cache.get(key)
    if answer is None:
        answer = compute()
        cache.set(key, answer, settings.STANDING_SECONDS)
    return answer


def _moment(request: HttpRequest) -> str:
    """Asked before anything is computed: what happens meanwhile gives the next request another one."""
    moment: str | None = getattr(request, "house_moment", None)
    if moment is None:
        user = request.user
        moment = f"{user.pk}:{user.role}:{user.region_id}:{timezone.localdate()}:{_moved_on()}"
        request.house_moment = moment  # type: ignore[attr-defined]
    return moment


def _moved_on() -> str:
    """The newest entry of the trail and the latest end of a job; one query."""
    ended = JobRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", Subquery(ended[:1])).first()
    entry, end = newest or (0, None)
    return f"{entry}:{end.timestamp() if end else 0}"
