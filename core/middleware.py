from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from core.metrics import REQUEST_SECONDS
from core.permissions import MONITOR_ROUTES, PUBLIC, TOKEN_ROUTES, permission_for, role_can
from core.request_mark import RequestMark, current_request

GetResponse = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger("house.request")
#: other words of a request line are nobody's method: each would begin a series of its own
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class ForwardedAddressMiddleware:
    """Behind the bureau's proxy every request comes from the proxy: it says in the last place of ``X-Forwarded-For``
    who asked it. What stands before that came with the request and is anybody's word."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        with contextlib.suppress(ValueError):
            request.META["REMOTE_ADDR"] = str(ip_address(told))
        return self.get_response(request)


class RequestIdMiddleware:
    """Gives each request a short number: in the log, in the trail and on error pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(4)  # type: ignore[attr-defined]
        mark = RequestMark(request.id, request.META.get("REMOTE_ADDR", ""))  # type: ignore[attr-defined]
        token = current_request.set(mark)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            _measure(request, response.status_code, time.perf_counter() - begun)
        finally:
            current_request.reset(token)
        response["X-Request-Id"] = mark.request_id
        return response


def _measure(request: HttpRequest, status: int, seconds: float) -> None:
    """By door: an address that leads nowhere counts under one name, whatever somebody made up."""
    door = request.resolver_match.view_name if request.resolver_match else "none"
    method = request.method if request.method in _METHODS else "other"
    REQUEST_SECONDS.labels(door, method, status).observe(seconds)
    if settings.LOG_REQUESTS:
        told = {"door": door, "method": method, "status": status, "seconds": round(seconds, 3)}
        logger.info("%s %s %s", method, door, status, extra=told)


class SessionRenewalMiddleware:
    """Who works stays signed in: the half hour runs anew from his last minute of work.

    Written once a minute and not with every answer: each page would be a write, and on SQLite wait for every commit.
    ``SignIn`` says when a session began; one that does not say so is never renewed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        renewed = request.session.get("renewed")
        if renewed is not None and time.time() - renewed >= settings.SESSION_RENEWED_SECONDS:
            request.session["renewed"] = int(time.time())
        return self.get_response(request)


class RoutePermissionMiddleware:
    """Lets a request through only if the one table of permissions says so; an unlisted URL is closed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        route = request.resolver_match.view_name if request.resolver_match else ""
        if route in PUBLIC or route in TOKEN_ROUTES:
            # REST routes are checked by core.tokens.RouteAllowed, after their own authentication.
            return None
        if route in MONITOR_ROUTES and _is_monitor(request):
            return None
        permission = permission_for(route, request.method or "GET")
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if permission is None or not role_can(user.role, permission):
            raise PermissionDenied
        if user.must_change_password and route not in {"core:password_change", "core:logout"}:
            return redirect("core:password_change")
        if _holds_nul(request):
            raise SuspiciousOperation("NUL in a parameter")
        return None


def _is_monitor(request: HttpRequest) -> bool:
    """``Authorization: Bearer …`` with the token that the house was set up with; without one, nobody."""
    token = settings.MONITOR_TOKEN
    return bool(token) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")


def _holds_nul(request: HttpRequest) -> bool:
    """PostgreSQL takes no NUL in any text; people never type one."""
    sent = [*request.GET.lists(), *request.POST.lists()]
    return any("\x00" in value for _name, values in sent for value in values)
