"""What 综合评价 shows on others' pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from core.models import User
from core.panels import (
    MenuEntry,
    Panel,
    Todo,
    register_dossier,
    register_menu,
    register_todo,
)
from core.permissions import can
from enterprises.models import Enterprise
from enterprises.services.lineage import records_of
from evaluation.models import Round, Score
from evaluation.services.score_pages import dossier_lines

register_menu(
    MenuEntry("综合评价", "评价轮次", "evaluation:rounds", "evaluation.view", 0),
    MenuEntry("综合评价", "企业得分", "evaluation:scores", "evaluation.view", 1),
)


@register_todo
def rounds_to_publish(user: User) -> Iterator[Todo]:
    """Drafts that wait for the leader."""
    if not can(user, "evaluation.publish"):
        return
    drafts = Round.objects.visible_to(user).filter(state=Round.State.DRAFT).exclude(run_by=user)
    for round_ in drafts.select_related("region", "run_by")[:5]:
        url = reverse("evaluation:rounds")
        note = f"{round_.region.name}　{round_.run_by.full_name} 测算，公布后冻结，各地区可见"
        yield Todo("待公布", f"{round_.year}年度综合评价第{round_.version}版", note, None, url, "看后公布")


def grades_of_firm(user: User, enterprise: Enterprise) -> Mapping[str, Any] | None:
    if not can(user, "evaluation.view"):
        return None
    records = records_of(enterprise.pk)
    scores = Score.objects.visible_to(user).filter(enterprise__in=records)
    lines = dossier_lines(scores, enterprise)
    return {"lines": lines} if lines else None


register_dossier(Panel(50, "综合评价", "evaluation/_dossier_panel.html", grades_of_firm))
