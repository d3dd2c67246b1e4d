"""Doors of the machine room: is the house well, and its figures. None of them tells anything of any firm."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.metrics import metrics_text
from core.services.health import database_answers, health_checks


def _answer(is_well: bool, **more: object) -> JsonResponse:
    body = {"status": "ok" if is_well else "failing", **more}
    return JsonResponse(body, status=200 if is_well else 503, json_dumps_params={"ensure_ascii": False})


@never_cache
@require_safe
def health_live(request: HttpRequest) -> JsonResponse:
    """For a balancer: this process answers and reaches its database. Dead workers are no reason to send nobody here."""
    return _answer(database_answers())


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For whoever watches the house: 200, or 503 when any part of it is unwell; which one is not told to everybody."""
    return _answer(all(check.is_well for check in health_checks()))


@never_cache
@require_safe
def health_details(request: HttpRequest) -> JsonResponse:
    """The same, part by part."""
    checks = health_checks()
    parts = {check.name: {"ok": check.is_well, "found": check.found} for check in checks}
    return _answer(all(check.is_well for check in checks), parts=parts)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)
