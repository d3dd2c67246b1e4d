"""What 后台工作 shows on others' pages: its menu entry, and the alarm when work has failed three times."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from core.models import JobRun, User
from core.panels import MenuEntry, Todo, register_menu, register_todo
from core.permissions import can

register_menu(MenuEntry("系统管理", "后台工作", "core:jobs", "job.view", order=5))


@register_todo
def failed_jobs(user: User) -> Iterator[Todo]:
    """One line for all: it leads to the list of exactly these."""
    if not can(user, "job.view"):
        return
    count = JobRun.objects.visible_to(user).filter(state=JobRun.State.FAILED).count()
    if count:
        url = f"{reverse('core:jobs')}?state={JobRun.State.FAILED}"
        note = "三次都没有做成，不会再自动重试；查明原因后重新排队"
        yield Todo("失败", f"{count} 件后台工作失败", note, None, url, "去处理", "bad")
