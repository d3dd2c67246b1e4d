"""A person's 待办, once a request; and their number for the bar of every page, counted again once something has happened."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone

from core.models import AuditEntry, JobRun, User
from core.panels import Todo, todos_for


def todos_of(request: HttpRequest) -> list[Todo]:
    """This user's 待办, asked for once a request: the count in the bar and the list on the 工作台 are one."""
    todos: list[Todo] | None = getattr(request, "house_todos", None)
    if todos is None:
        user = getattr(request, "user", None)
        todos = todos_for(user) if user is not None and user.is_authenticated else []
        request.house_todos = todos  # type: ignore[attr-defined]
    return todos


def todo_count_of(request: HttpRequest) -> int:
    """The length of the list; where the list is on the page, of that very list.

    Every act leaves its entry in the trail and every job its end in the table: while neither has moved on, and the day is
    the same, the number stands. What only time brings about (a worker that died) is told after ``TODO_CACHE_SECONDS``.
    """
    user = getattr(request, "user", None)
    if (
        hasattr(request, "house_todos")
        or user is None
        or not user.is_authenticated
        or not settings.TODO_CACHE_SECONDS
    ):
        return len(todos_of(request))
    key = _key(user)
    count: int | None = cache.get(key)
    if count is None:
        count = len(todos_of(request))
        cache.set(key, count, settings.TODO_CACHE_SECONDS)
    return count


def _key(user: User) -> str:
    """Read before the list is: what happens meanwhile gives the next reader another key. One query."""
    ended = (
        JobRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")[:1]
    )
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", Subquery(ended)).first() or (0, None)
    moved = "-".join(str(part.timestamp() if hasattr(part, "timestamp") else part) for part in newest)
    return f"todos:{user.pk}:{user.role}:{user.region_id}:{timezone.localdate()}:{moved}"
