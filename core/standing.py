"""What stands until something happens: answers kept for a person while no act and no job has moved the house on.

Every act leaves its entry in the trail, in its own transaction, and every job its way in the table. The newest of both, with
the person and the day, name what was computed; it is kept for seconds, so that what time alone brings about is seen too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.models import AuditEntry, JobRun

Answer = TypeVar("Answer")
#: Entries of the trail that are looked at: more than acts are ever under way at once.
_NEWEST = 20


def standing(request: HttpRequest, name: str, compute: Callable[[], Answer]) -> Answer:
    """``compute()``, or what it gave this person a moment ago; one query a request, however often it is asked.

    ``name`` tells what is asked for, with everything that it depends on beside the person. ``None`` is not kept.
    """
    if not settings.STANDING_SECONDS:
        return compute()
    key = _key(request, name)
    answer: Answer | None = cache.get(key)
    if answer is None:
        answer = compute()
        cache.set(key, answer, settings.STANDING_SECONDS)
    return answer


def standing_page(
    request: HttpRequest,
    template: str,
    build: Callable[[], dict[str, Any]],
    *,
    fresh: Callable[[dict[str, Any]], dict[str, Any]] = lambda kept: {},
) -> HttpResponse:
    """The page of this address from ``build()``, or from what it gave this person a moment ago.

    It is kept as it is after the page was written: what the page asked of it on the way is kept with it. ``fresh``
    gives what is made for every page, forms above all. What ``build`` raises is not kept.
    """
    if not settings.STANDING_SECONDS:
        context = build()
        return render(request, template, {**context, **fresh(context)})
    key = _key(request, f"{template}:{request.get_full_path()}")
    kept: dict[str, Any] | None = cache.get(key)
    context = build() if kept is None else kept
    page = render(request, template, {**context, **fresh(context)})
    if kept is None:
        cache.set(key, context, settings.STANDING_SECONDS)
    return page


def _key(request: HttpRequest, name: str) -> str:
    """A digest: words of an address may hold anything, and be of any length."""
    return hashlib.sha256(f"{name}:{_moment(request)}".encode()).hexdigest()


def _moment(request: HttpRequest) -> str:
    """Asked before anything is computed: what happens meanwhile gives the next request another one."""
    moment: str | None = getattr(request, "house_moment", None)
    if moment is None:
        user = request.user
        moment = f"{user.pk}:{user.role}:{user.region_id}:{timezone.localdate()}:{_moved_on()}"
        request.house_moment = moment  # type: ignore[attr-defined]
    return moment


def _moved_on() -> str:
    """The newest entries of the trail, the latest end of a job and those that wait or run; one query.

    Entries and not the newest alone: one that got its number earlier may be committed later.
    """
    ended = JobRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")
    waits, runs = (
        JobRun.objects.filter(state=state).order_by("-queued_at")
        for state in (JobRun.State.QUEUED, JobRun.State.RUNNING)
    )
    jobs = (Subquery(ended[:1]), Subquery(waits.values("queued_at")[:1]), Subquery(runs.values("pk")[:1]))
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", *jobs)[:_NEWEST]
    return repr([row if place == 0 else row[0] for place, row in enumerate(newest)])
