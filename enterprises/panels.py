"""What the registry shows on others' pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.panels import Alert, MenuEntry, Panel, register_alert, register_dossier, register_menu
from core.permissions import can
from enterprises.models import Enterprise, Honour
from enterprises.services.declared import declared_lines
from enterprises.services.land_pages import land_of_firm
from enterprises.services.liaison import without_responsible
from enterprises.services.liaison_duty import duties_for, must_have
from enterprises.services.sources import sources_of_firm

register_menu(
    MenuEntry("企业名录", "企业查询", "enterprises:list", "enterprise.view"),
    MenuEntry("企业名录", "责任人", "enterprises:liaison", "enterprise.view", order=1),
    MenuEntry("企业名录", "变更事项", "enterprises:events", "enterprise.view", order=2),
    MenuEntry("企业名录", "疑似重复", "enterprises:duplicates", "enterprise.view", order=3),
    MenuEntry("企业名录", "来源对照", "enterprises:sources", "source.view", order=5),
    MenuEntry("企业名录", "疑似达规", "enterprises:suspects", "source.view", order=6),
    MenuEntry("企业名录", "用地核对", "enterprises:land", "enterprise.view", order=4),
)


def land_block(user: User, firm: Enterprise) -> dict[str, object] | None:
    land = land_of_firm(firm, timezone.localdate())
    return {"land": land} if land else None


def honour_block(user: User, firm: Enterprise) -> dict[str, object] | None:
    honours = list(Honour.objects.visible_to(user).filter(enterprise=firm).order_by("-granted_on", "-id"))
    return {"honours": honours, "today": timezone.localdate()} if honours else None


def sources_block(user: User, firm: Enterprise) -> dict[str, object] | None:
    """Departments' figures side by side, for those who may compare them."""
    lines = sources_of_firm(firm, user) if can(user, "source.view") else []
    return {"lines": lines} if lines else None


register_dossier(Panel(29, "各来源对照", "enterprises/_sources_panel.html", sources_block))
register_dossier(Panel(31, "用地", "enterprises/_land_panel.html", land_block))
register_dossier(Panel(32, "荣誉资质", "enterprises/_honour_panel.html", honour_block))


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


@register_alert
def firms_without_responsible(user: User) -> Iterator[Alert]:
    """Firms of a list whose every firm must have a 责任人, and that have none (S1-45)."""
    if not can(user, "liaison.assign"):
        return
    for duty in duties_for():
        firms = without_responsible(must_have(Enterprise.objects.visible_to(user), duty.name))
        count = firms.count()
        if count:
            url = f"{reverse('enterprises:liaison')}?duty={duty.name}&gap=yes"
            yield Alert("warn", f"{duty.label}未指派责任人", "每家在库企业都要有责任人", count, url)
