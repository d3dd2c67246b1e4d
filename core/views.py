from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from core.api_errors import MESSAGES
from core.forms import LoginForm, OwnPasswordForm
from core.services.accounts import change_password, note_sign_in, note_sign_out

#: Below this address programs ask, not people: they are answered in JSON.
API = "/api/"


def _lockout_terms() -> dict[str, int]:
    return {"lock_after": settings.AXES_FAILURE_LIMIT, "lock_minutes": round(settings.AXES_COOLOFF_TIME * 60)}


class SignIn(LoginView):
    template_name = "core/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        onward = {
            "redirect_field_name": self.redirect_field_name,
            "redirect_field_value": self.get_redirect_url(),
        }
        return super().get_context_data(**kwargs, **onward, **_lockout_terms())

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        with transaction.atomic():
            login(self.request, form.get_user())
            self.request.session["renewed"] = int(time.time())
            note_sign_in(actor=form.get_user())
        return HttpResponseRedirect(self.get_success_url())


@method_decorator(never_cache, name="dispatch")
class SignOut(LogoutView):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            note_sign_out(actor=request.user)
        return super().post(request, *args, **kwargs)


class OwnPassword(PasswordChangeView):
    template_name = "core/password_change.html"
    form_class = OwnPasswordForm
    success_url = "/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **_lockout_terms())

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        change_password(actor=self.request.user, new_password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, self.request.user)
        messages.success(self.request, "密码已修改，其他设备上的登录已失效。")
        return HttpResponseRedirect(self.get_success_url())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token no longer fits; leads back to the page that it stood on, never to another site."""
    referer = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return render(request, "403_csrf.html", {"back": urlsplit(referer).path if ours else "/"}, status=403)


#: a page that refuses counts nothing: it must come up when the database is what fails, and it is asked for most
WITHOUT_COUNTS = {"todo_count": None}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith(API):
        return _told_to_a_program("bad_request", 400)
    return render(None, "400.html", {"reference": getattr(request, "id", "")}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", WITHOUT_COUNTS, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also what a row outside one's scope answers: it does not tell whether it exists."""
    if request.path.startswith(API):
        return _told_to_a_program("unknown_address", 404)
    return render(request, "404.html", WITHOUT_COUNTS, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page, with the short number under which the log holds what happened."""
    reference = getattr(request, "id", "")
    if request.path.startswith(API):
        return _told_to_a_program("server_error", 500, reference=reference)
    return render(None, "500.html", {"reference": reference}, status=500)


def _told_to_a_program(code: str, status: int, **more: str) -> JsonResponse:
    body = {"code": code, "message": MESSAGES[code], **more}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
