"""账号管理: the system administrator opens, moves and closes accounts; the security administrator resets and unlocks."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.account_forms import AccountForm, NewAccountForm
from core.models import Role, User
from core.permissions import can
from core.scoping import accounts_visible_to
from core.services import users
from core.templatetags.house import PAGE_SIZES

_FIELDS = ("full_name", "role", "region", "department", "unit_name")


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, or those of a role or whose name holds a word."""
    people = accounts_visible_to(request.user).order_by("-is_active", "username")
    word = request.GET.get("q", "").strip()[:40]
    role = next((role for role in Role if role == request.GET.get("role")), None)
    if word:
        named = Q(username__icontains=word) | Q(full_name__icontains=word) | Q(unit_name__icontains=word)
        people = people.filter(named)
    if role:
        people = people.filter(role=role)
    size = request.GET.get("page_size", "")
    paginator = Paginator(people, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])
    context = {
        "page": paginator.get_page(request.GET.get("page")),
        "word": word,
        "chosen": role,
        "roles": [role for role in Role if role is not Role.SYSTEM],
        "locked": users.locked_usernames(),
        "may_change": can(request.user, "account.change"),
    }
    return render(request, "core/account_list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def account_new(request: HttpRequest) -> HttpResponse:
    """A new account; its password is shown on the answer, once."""
    form = NewAccountForm(request.POST or None, keeper=request.user)
    if request.method == "POST" and form.is_valid():
        user, password = users.add_user(actor=request.user, **form.cleaned_data)
        return render(request, "core/account_password.html", {"person": user, "password": password})
    return render(request, "core/account_form.html", {"form": form})


@require_GET
def account(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _account(request, pk))


@require_POST
def account_change(request: HttpRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    form = AccountForm(request.POST, keeper=request.user)
    if not form.is_valid():
        return _page(request, person, form)
    return _done(
        request,
        person,
        lambda: users.move_user(actor=request.user, user=person, **form.cleaned_data),
        "已改；原有的接口令牌作废。",
    )


@require_POST
def account_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes an open account, opens a closed one."""
    person = _account(request, pk)
    act, told = (
        (users.disable_user, "已停用：登录和接口令牌立即失效，记录保留。")
        if person.is_active
        else (users.enable_user, "已启用。")
    )
    return _done(request, person, lambda: act(actor=request.user, user=person), told)


@require_POST
@never_cache
def account_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password, shown on the answer, once."""
    person = _account(request, pk)
    try:
        password = users.reset_password(actor=request.user, user=person)
    except users.AccountRefused as refused:
        messages.error(request, str(refused))
        return redirect("core:account", person.pk)
    return render(request, "core/account_password.html", {"person": person, "password": password})


@require_POST
def account_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    return _done(
        request, person, lambda: users.unlock_user(actor=request.user, user=person), "已解锁，可以重新登录。"
    )


def _account(request: HttpRequest, pk: int) -> User:
    found: User = get_object_or_404(accounts_visible_to(request.user), pk=pk)
    return found


def _page(request: HttpRequest, person: User, form: AccountForm | None = None) -> HttpResponse:
    is_own = person.pk == request.user.pk
    context = {
        "person": person,
        "form": form
        or AccountForm(initial={name: getattr(person, name) for name in _FIELDS}, keeper=request.user),
        "locked": users.locked_usernames(),
        "is_own": is_own,
        "may_change": can(request.user, "account.change") and not is_own,
        "may_secure": can(request.user, "account.secure") and not is_own,
    }
    return render(request, "core/account.html", context)


def _done(request: HttpRequest, person: User, act: Callable[[], None], told: str) -> HttpResponse:
    try:
        act()
    except users.AccountRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"账号 {person.username} {told}")
    return redirect("core:account", person.pk)
