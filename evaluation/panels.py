"""What 综合评价 shows on others' pages."""

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
    Todo,
    register_alert,
    register_dossier,
    register_menu,
    register_todo,
)
from core.permissions import can
from enterprises.models import Enterprise
from enterprises.services.lineage import records_of
from evaluation.models import Appeal, Project, Round, Score
from evaluation.querysets import HANDS_OUT
from evaluation.rules.process import leaders_act
from evaluation.services.answer_pages import WAITING, narrowed
from evaluation.services.editions import scheme_of
from evaluation.services.process_pages import step_lines
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
    for round_ in drafts.select_related("edition", "region", "run_by")[:5]:
        _document, scheme = scheme_of(round_.edition)
        until = round_.confirm_until if round_.stage == Round.Stage.CONFIRMING else round_.public_until
        act = leaders_act(scheme.workflow, round_.stage, until, timezone.now())
        if not act:
            continue
        url = reverse("evaluation:process", args=[round_.pk])
        title = f"{round_.year}年度综合评价第{round_.version}版"
        ran = f"{round_.region.name}　{round_.run_by.full_name} 测算"
        if act == "settle":
            yield Todo("待审定", title, f"{ran}，企业确认期已过", None, url, "看后审定")
        else:
            yield Todo("待公布", title, f"{ran}，公布后冻结，各地区可见", None, url, "看后公布")


@register_todo
def answers_to_collect(user: User) -> Iterator[Todo]:
    """Firms of the officer's region that have not signed their pre-evaluation while they are asked."""
    if user.role not in HANDS_OUT or not can(user, "evaluation.confirm"):
        return
    asked = Round.objects.visible_to(user).filter(stage=Round.Stage.CONFIRMING)
    for round_ in asked.select_related("region")[:3]:
        waiting = narrowed(round_, user, WAITING).order_by().count()
        if waiting:
            url = f"{reverse('evaluation:confirmations', args=[round_.pk])}?answer={WAITING}"
            due = timezone.localdate(round_.confirm_until) if round_.confirm_until else None
            title = f"{waiting} 家企业的预评价结果还没有书面确认"
            note = f"{round_.region.name}{round_.year}年度综合评价第{round_.version}版"
            yield Todo("待确认", title, note, due, url, "登记答复", "warn")


@register_todo
def appeals_to_decide(user: User) -> Iterator[Todo]:
    if not can(user, "evaluation.decide"):
        return
    rows = Appeal.objects.visible_to(user).open().filter(round__state=Round.State.DRAFT)
    for appeal in rows.select_related("enterprise", "round", "filed_by").order_by("filed_at")[:5]:
        url = reverse("evaluation:appeal", args=[appeal.pk])
        note = f"{appeal.round.year}年度综合评价　{appeal.filed_by.full_name} 提出"
        yield Todo("待裁定", f"{appeal.enterprise.name}的申诉", note, None, url, "裁定", "warn")


@register_alert
def near_steps(user: User) -> Iterator[Alert]:
    """Steps of the newest evaluation year whose last day is near or past (31 March, 31 May, 30 June, 31 December…)."""
    if not can(user, "evaluation.report"):
        return
    newest = (
        Round.objects.visible_to(user)
        .select_related("edition", "region")
        .order_by("-year", "-run_at")
        .first()
    )
    if newest is None:
        return
    lines = [line for line in step_lines(newest, user) if line.light in ("warn", "bad")]
    if lines:
        told = "、".join(f"{line.day.label}（{line.day.due:%m-%d}）" for line in lines)
        tone = "bad" if any(line.light == "bad" for line in lines) else "warn"
        url = reverse("evaluation:process", args=[newest.pk])
        yield Alert(tone, f"{newest.region.name}{newest.year}年度综合评价的期限", told, len(lines), url, "步")


@register_alert
def late_projects(user: User) -> Iterator[Alert]:
    """C and D projects behind their days, and firms of the newest rounds without one."""
    if not can(user, "evaluation.view"):
        return
    today = timezone.localdate()
    newest = Round.objects.visible_to(user).current().order_by("-year", "-published_at").first()
    if newest is None:
        return
    url = reverse("evaluation:lists", args=[newest.pk])
    projects = Project.objects.visible_to(user).of_year(newest.scheme, newest.year)
    late = projects.late(today).order_by().values("enterprise")
    planned = projects.order_by().values("enterprise")
    for letter, which in (("C", Project.List.IMPROVE), ("D", Project.List.CLEAR)):
        firms = Score.objects.visible_to(user).filter(round=newest).graded_as(letter)
        where, note = f"{url}?which={which.value}&only=", f"{newest.year}年度综合评价"
        behind = firms.filter(enterprise__in=late).count()
        if behind:
            yield Alert("bad", f"{letter}类企业项目过期", "项目或节点已过期限", behind, f"{where}late")
        unplanned = firms.exclude(enterprise__in=planned).count()
        if unplanned:
            yield Alert("warn", f"{letter}类企业没有立项", note, unplanned, f"{where}unplanned")


def grades_of_firm(user: User, enterprise: Enterprise) -> Mapping[str, Any] | None:
    if not can(user, "evaluation.view"):
        return None
    records = records_of(enterprise.pk)
    scores = Score.objects.visible_to(user).filter(enterprise__in=records)
    lines = dossier_lines(scores, enterprise)
    return {"lines": lines} if lines else None


register_dossier(Panel(50, "综合评价", "evaluation/_dossier_panel.html", grades_of_firm))
