"""What 政策文件 shows on others' pages: its menu entries, and the editions that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from core.models import PolicyEdition, User
from core.panels import MenuEntry, Todo, register_menu, register_todo
from core.permissions import can

register_menu(
    MenuEntry("系统管理", "政策文件", "core:policies", "policy.view", order=1),
    MenuEntry("系统管理", "事实一览", "core:facts", "policy.view", order=2),
)


@register_todo
def editions_to_approve(user: User) -> Iterator[Todo]:
    """Submitted editions of another person, and own drafts that came back."""
    if not (can(user, "policy.approve") or can(user, "policy.draft")):
        return
    waiting = PolicyEdition.objects.visible_to(user).select_related("submitted_by").defer("text")
    if can(user, "policy.approve"):
        submitted = waiting.filter(state=PolicyEdition.State.SUBMITTED).exclude(loaded_by=user)
        for edition in submitted.exclude(submitted_by=user):
            note = f"{edition}，{edition.submitted_by.full_name} 提交"
            url = reverse("core:policy", args=[edition.pk])
            yield Todo("待批准", edition.title, note, None, url, "去看", "warn")
        return
    returned = waiting.filter(state=PolicyEdition.State.DRAFT, loaded_by=user).exclude(answer="")
    for edition in returned:
        url = reverse("core:policy", args=[edition.pk])
        yield Todo("被退回", edition.title, f"{edition}：{edition.answer}", None, url, "去改", "bad")
