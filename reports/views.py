from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.context import todos_of
from core.panels import alerts_for
from core.permissions import can
from intake.models import Batch

RECENT = 6


def workbench(request: HttpRequest) -> HttpResponse:
    """工作台: what waits for this person, what stands out, how his regions stand."""
    user = request.user
    todos = todos_of(request)
    recent = Batch.objects.visible_to(user).select_related("region", "sent_by")[:RECENT]
    context = {
        "todos": todos,
        "tones": {tone: sum(todo.tone == tone for todo in todos) for tone in ("bad", "warn", "info")},
        "alerts": alerts_for(user),
        "recent": recent if can(user, "batch.view") else [],
        "sees_business": can(user, "month.view"),
    }
    return render(request, "reports/workbench.html", context)
