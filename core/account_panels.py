"""What 账号管理 and 操作日志 show on others' pages: their menu entries, and the accounts that are locked now."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from core.models import User
from core.panels import MenuEntry, Todo, register_menu, register_todo
from core.permissions import can
from core.scoping import accounts_visible_to
from core.services.users import locked_usernames

register_menu(
    MenuEntry("系统管理", "账号管理", "core:accounts", "account.view", order=4),
    MenuEntry("系统管理", "操作日志", "core:trail", "trail.view", order=6),
)


@register_todo
def locked_accounts(user: User) -> Iterator[Todo]:
    """One line for each account that waits for its time or for him who unlocks it."""
    if not can(user, "account.secure"):
        return
    for person in accounts_visible_to(user).filter(username__in=locked_usernames(), is_active=True):
        url = reverse("core:account", args=[person.pk])
        note = "连续输错密码；核实是本人后解锁，或重置密码"
        yield Todo("已锁定", f"{person.full_name}（{person.username}）", note, None, url, "去看", "warn")
