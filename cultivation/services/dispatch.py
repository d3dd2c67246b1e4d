"""一月一调度: orders drafted from a month's findings, sent, answered, reviewed, carried over until they are done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, Region, User
from core.periods import Month
from core.templatetags.figures import count, points
from cultivation.models import DispatchOrder, DispatchStep, MonthlyIssue
from cultivation.rules.dispatch import (
    ACTS,
    ANSWER,
    ASKED,
    BEHIND,
    CARRIED,
    CLOSED,
    DRAFT,
    DRAFTED,
    OPEN_STATES,
    ORDER_KINDS,
    OTHER,
    SEND,
    TALK,
    WITHDRAWN,
    criticised,
    may,
)
from cultivation.services.analysis_figures import AnalysisFigures, analysis_figures

ASKED_LIMIT, TEXT_LIMIT, OWNER_LIMIT = 500, 1000, 40


class DispatchRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def draft_orders(*, issue: MonthlyIssue, actor: User) -> dict[str, int]:
    """An order for each region and finding of an issued month, where none is open; one that is open is carried over.

    Asked for again it changes nothing. Raises ``DispatchRefused`` before the month is issued.
    """
    if not issue.is_frozen:
        raise DispatchRefused(f"{issue.month.label}还没有印发，调度单依据印发的数字。")
    figures = analysis_figures(issue, actor)
    if figures is None:
        raise DispatchRefused("这一版没有统计，请先重新统计。")
    found = list(_found(figures))
    now, made, carried = timezone.now(), 0, 0
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=issue.edition_id)
        ours = DispatchOrder.objects.of_programme(issue.programme)
        standing = {(order.region_id, order.kind): order for order in ours.filter(state__in=OPEN_STATES)}
        known = set(ours.filter(month=issue.month).values_list("region_id", "kind"))
        for region, kind, evidence in found:
            order = standing.get((region.pk, kind))
            if order is not None and order.month < issue.month:
                carried += _carried(order, issue, evidence, actor)
            elif (region.pk, kind) not in known:
                order = DispatchOrder.objects.create(
                    programme=issue.programme,
                    month=issue.month,
                    region=region,
                    kind=kind,
                    evidence=evidence,
                    issue=issue,
                    asked=ASKED[kind],
                    drafted_by=actor,
                    drafted_at=now,
                )
                _keep_step(order, DRAFTED, evidence, actor)
                made += 1
        counts = {"drafted": made, "carried": carried}
        if made or carried:
            record(actor=actor, act="draft_dispatch", region=issue.region, subject=str(issue), counts=counts)
    return counts


def _found(figures: AnalysisFigures) -> Iterator[tuple[Region, str, str]]:
    """Region, reason and evidence; districts behind first, a talk for each red light."""
    for line in figures.behind:
        yield line.region, BEHIND, f"序时差{points(line.schedule_gap_exact)}个百分点（{line.light_word}）"
    for line in criticised(figures.table.lines):
        yield line.region, TALK, f"序时差{points(line.schedule_gap_exact)}个百分点（{line.light_word}）"
    for finding in figures.findings:
        if finding.kind in ORDER_KINDS:
            for region, number in finding.by_region:
                if number:
                    yield region, finding.kind, f"{finding.label}企业{count(number)}家"


def _carried(order: DispatchOrder, issue: MonthlyIssue, evidence: str, actor: User) -> int:
    """1 when it was told for this month for the first time. What nobody has been sent yet speaks of the new numbers."""
    text = f"{issue.month.label}：{evidence}"
    if order.steps.filter(act=CARRIED, text=text).exists():
        return 0
    if order.number is None:
        order.evidence, order.issue = evidence, issue
        order.save(update_fields=["evidence", "issue"])
    _keep_step(order, CARRIED, text, actor)
    return 1


def add_order(*, programme: str, month: Month, region: Region, asked: str, actor: User) -> DispatchOrder:
    """An order for a reason of one's own. Raises ``DispatchRefused``."""
    asked = _words(asked, ASKED_LIMIT, "要求")
    with transaction.atomic():
        order = DispatchOrder.objects.create(
            programme=programme,
            month=month,
            region=region,
            kind=OTHER,
            asked=asked,
            drafted_by=actor,
            drafted_at=timezone.now(),
        )
        _keep_step(order, DRAFTED, "", actor)
        record(
            actor=actor,
            act="draft_dispatch",
            region=region,
            subject=f"{region.name} 其他",
            counts={"drafted": 1},
        )
    return order


def send_order(*, order: DispatchOrder, owner: str, deadline: date, asked: str, actor: User) -> DispatchOrder:
    """Number it and hand it to the district, with an owner by name and a day. Raises ``DispatchRefused``."""
    owner, asked = _words(owner, OWNER_LIMIT, "责任人"), _words(asked, ASKED_LIMIT, "要求")
    if deadline < timezone.localdate():
        raise DispatchRefused("办理期限不能早于今天。")
    with transaction.atomic():
        locked = _locked(order, SEND)
        last = DispatchOrder.objects.of_programme(locked.programme).filter(
            month__gte=Month(locked.month.year, 1), month__lte=Month(locked.month.year, 12)
        )
        locked.number = (last.aggregate(last=Max("number"))["last"] or 0) + 1
        locked.owner, locked.deadline, locked.asked, locked.sent_at = owner, deadline, asked, timezone.now()
        _go(locked, SEND, f"责任人{owner}，{deadline.year}年{deadline.month}月{deadline.day}日前办结", actor)
    return locked


def send_region(
    *, programme: str, region: Region, owner: str, deadline: date, actor: User
) -> list[DispatchOrder]:
    """Every draft of a region at once, as drafted, to one owner by one day. Raises ``DispatchRefused``."""
    drafts = DispatchOrder.objects.of_programme(programme).filter(region=region, state=DRAFT)
    with transaction.atomic():
        sent = [
            send_order(order=order, owner=owner, deadline=deadline, asked=order.asked, actor=actor)
            for order in drafts.order_by("id")
        ]
    if not sent:
        raise DispatchRefused(f"{region.name}没有待下达的调度单。")
    return sent


def take_step(*, order: DispatchOrder, act: str, text: str, actor: User) -> DispatchOrder:
    """Answer, accept, return or withdraw, with words. Raises ``DispatchRefused``; who answered does not review."""
    text = _words(text, TEXT_LIMIT, "说明")
    with transaction.atomic():
        locked = _locked(order, act)
        answer = locked.steps.filter(act=ANSWER).order_by("-id").first()
        if act in ("accept", "return") and answer and answer.actor_id == actor.pk:
            raise DispatchRefused("反馈和审核应由两个人办理：这份反馈是您提交的。")
        _go(locked, act, text, actor)
    return locked


def _locked(order: DispatchOrder, act: str) -> DispatchOrder:
    # numbers are given one after the other; SQLite's transaction is the lock itself
    PolicyEdition.objects.select_for_update().filter(name=order.programme).order_by("pk").first()
    locked = DispatchOrder.objects.select_for_update().get(pk=order.pk)
    if not may(act, locked.state):
        raise DispatchRefused(
            f"{locked.label}现在是“{locked.get_state_display()}”，不能{ACTS[act].button}，请刷新后再看。"
        )
    return locked


def _go(order: DispatchOrder, act: str, text: str, actor: User) -> None:
    order.state = ACTS[act].after
    if order.state in (CLOSED, WITHDRAWN):
        order.ended_at = timezone.now()
    order.save()
    _keep_step(order, act, text, actor)
    record(
        actor=actor,
        act="step_dispatch",
        region=order.region,
        subject=f"{order.label} {ACTS[act].words}",
        counts={"order": order.pk},
    )


def _keep_step(order: DispatchOrder, act: str, text: str, actor: User) -> None:
    DispatchStep.objects.create(order=order, act=act, text=text, actor=actor, at=timezone.now())


def _words(text: str, limit: int, what: str) -> str:
    text = text.strip()
    if not text:
        raise DispatchRefused(f"请写明{what}。")
    if len(text) > limit:
        raise DispatchRefused(f"{what}有 {len(text)} 个字，最多 {limit} 个。")
    return text
