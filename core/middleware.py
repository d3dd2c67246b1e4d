from __future__ import annotations

import secrets
from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.permissions import PUBLIC, TOKEN_ROUTES, permission_for, role_can
from core.request_mark import RequestMark, current_request

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request a short number: in the log, in the trail and on error pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(4)  # type: ignore[attr-defined]
        mark = RequestMark(request.id, request.META.get("REMOTE_ADDR", ""))  # type: ignore[attr-defined]
        token = current_request.set(mark)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-Id"] = mark.request_id
        return response


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


def _holds_nul(request: HttpRequest) -> bool:
    """PostgreSQL takes no NUL in any text; people never type one."""
    sent = [*request.GET.lists(), *request.POST.lists()]
    return any("\x00" in value for _name, values in sent for value in values)
