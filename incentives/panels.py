"""What awards show on others' pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.panels import (
    Alert,
    MenuEntry,
    Panel,
    register_alert,
    register_dossier,
    register_menu,
)
from core.permissions import can
from enterprises.models import Enterprise
from incentives.models import Award
from incentives.services.firm_awards import firm_awards
from incentives.services.offers import offers_for

register_menu(
    MenuEntry("奖补", "奖补批次", "incentives:rounds", "award.view"),
    MenuEntry("奖补", "奖补申报", "incentives:apply", "award.apply"),
)


@register_alert
def held_awards(user: User) -> Iterator[Alert]:
    """Awards of a draft that wait for a figure."""
    if not can(user, "award.view"):
        return
    held = Award.objects.visible_to(user).filter(state=Award.State.HELD, round__state="draft")
    newest = held.select_related("round").order_by("-round__year", "-pk").first()
    if newest is None:
        return
    count = held.filter(round=newest.round_id).count()
    url = reverse("incentives:round", args=[newest.programme, newest.round.year])
    yield Alert(
        "warn",
        f"{newest.round.year}年奖补待核",
        "缺数的部分不计入金额，补报后重新测算",
        count,
        f"{url}?version={newest.round.version}&show=held",
    )


def _firm_awards(user: Any, enterprise: Any) -> Mapping[str, Any] | None:
    if not isinstance(enterprise, Enterprise) or not can(user, "award.view"):
        return None
    lines = firm_awards(enterprise, user)
    return {"lines": lines} if lines else None


def _offers(user: Any, enterprise: Any) -> Mapping[str, Any] | None:
    if not isinstance(enterprise, Enterprise) or not can(user, "award.view"):
        return None
    offers = offers_for(enterprise, user, timezone.localdate())
    told = {"offers": offers, "enterprise": enterprise, "may_claim": can(user, "award.apply")}
    return told if offers else None


register_dossier(Panel(50, "奖补", "incentives/_firm_panel.html", _firm_awards))
register_dossier(Panel(51, "还能享受的政策", "incentives/_offers_panel.html", _offers))
