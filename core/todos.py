"""A person's 待办, once a request; and their number for the bar of every page."""

from __future__ import annotations

from django.http import HttpRequest

from core.panels import Todo, todos_for
from core.standing import standing


def todos_of(request: HttpRequest) -> list[Todo]:
    """This user's 待办, asked for once a request: the count in the bar and the list on the 工作台 are one."""
    todos: list[Todo] | None = getattr(request, "house_todos", None)
    if todos is None:
        user = getattr(request, "user", None)
        todos = todos_for(user) if user is not None and user.is_authenticated else []
        request.house_todos = todos  # type: ignore[attr-defined]
    return todos


def todo_count_of(request: HttpRequest) -> int:
    """The length of the list; where the list is on the page, of that very list."""
    user = getattr(request, "user", None)
    if hasattr(request, "house_todos") or user is None or not user.is_authenticated:
        return len(todos_of(request))
    return standing(request, "todos", lambda: len(todos_of(request)))
