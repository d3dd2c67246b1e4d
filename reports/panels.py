"""What 驾驶舱 and 报表通报 show on others' pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from core.models import User
from core.panels import MenuEntry, Todo, register_menu, register_todo
from core.permissions import can
from reports.models import Bulletin
from reports.services.bulletins import PAPER_KINDS

register_menu(
    MenuEntry("工作台", "工作台", "reports:workbench", "workbench.view"),
    MenuEntry("驾驶舱", "驾驶舱", "reports:cockpit", "cockpit.view"),
    MenuEntry("企业名录", "批量比对", "reports:comparison", "enterprise.export", order=7),
    MenuEntry("报表通报", "报表通报", "reports:bulletin_current", "month.view"),
)


@register_todo
def papers_in_hand(user: User) -> Iterator[Todo]:
    """Papers to be signed, and those that came back to who drafted them; each is one paper."""
    signs = can(user, "bulletin.sign")
    if not signs and not can(user, "bulletin.draft"):
        return
    rows = Bulletin.objects.visible_to(user).defer("content", "text")
    rows = rows.waiting() if signs else rows.returned_to(user)
    for one in rows.select_related("issue", "drafted_by").order_by("pk")[:5]:
        url = reverse("reports:bulletin", args=[one.issue.programme, one.issue.month, one.kind])
        title = f"{one.issue.month.label}{PAPER_KINDS[one.kind].name}"
        if signs:
            note = f"{one.number}　{one.drafted_by.full_name} 拟稿"
            yield Todo("待签发", title, note, None, url, "看后签发")
        else:
            yield Todo(
                "被退回", title, f"签发人退回：{one.opinion}", None, url + "?edit", "去修改", tone="bad"
            )
