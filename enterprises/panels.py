"""What the registry shows on others' pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from core.models import User
from core.panels import Alert, MenuEntry, Panel, register_alert, register_dossier, register_menu
from core.permissions import can
from enterprises.models import Enterprise
from enterprises.services.declared import declared_lines

register_menu(MenuEntry("企业名录", "企业查询", "enterprises:list", "enterprise.view"))


def declared_block(user: User, firm: Enterprise) -> dict[str, object] | None:
    lines = declared_lines(firm, user)
    return {"lines": lines} if lines else None


register_dossier(Panel(30, "补充数据", "enterprises/_declared_panel.html", declared_block))


@register_alert
def unverified_firms(user: User) -> Iterator[Alert]:
    """Firms that a list named and no registry list has confirmed."""
    if not can(user, "enterprise.view"):
        return
    pending = Enterprise.Verification.PENDING
    count = Enterprise.objects.visible_to(user).filter(verification=pending).count()
    if count:
        url = f"{reverse('enterprises:list')}?verification={pending.value}"
        yield Alert("warn", "待核企业", "报表中出现、企业名录尚未核实，请补报企业名录", count, url)
