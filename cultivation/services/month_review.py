"""提交 → 审核 → 退回, level by level: who is above accepts only when all below are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import Region, User
from core.periods import Month
from cultivation.models import MonthlyIssue, MonthReturn, ReturnAct, ReturnMark
from cultivation.rules.return_steps import (
    DONE,
    FILL,
    is_on_behalf,
    may_move,
    may_send_back,
    next_step,
    steps_back,
)
from cultivation.services.month_completeness import returns_table
from enterprises.models import Enterprise, MonthlyFigure

REASON_LIMIT = 200
NOTE_LIMIT = 100


class ReturnRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def may_hand_on(*, returned: MonthReturn, actor: User) -> bool:
    """Whether this step is the actor's to take, were everything else in order."""
    return _sees(actor, returned.region) and may_move(
        returned.step, actor.role, is_above=_is_above(actor, returned.region)
    )


def may_return(*, returned: MonthReturn, actor: User) -> bool:
    return _sees(actor, returned.region) and may_send_back(
        returned.step, actor.role, is_above=_is_above(actor, returned.region)
    )


def hand_on(*, returned: MonthReturn, actor: User, reason: str = "") -> MonthReturn:
    """Submit, review or accept: one step on. Who submitted does not review; raises ``ReturnRefused``.

    A return with firms that have not reported says why; one with returns below it waits until all of those are done.
    """
    reason = _words(reason, REASON_LIMIT)
    with transaction.atomic():
        found = _locked(returned)
        if not may_hand_on(returned=found, actor=actor):
            raise ReturnRefused(f"{found.region.name}的月报现在是“{found.state_label}”，这一步不由您办理。")
        _refuse_issued(found)
        last = found.acts.filter(kind=ReturnAct.Kind.HAND_ON).first()
        if found.step != FILL and last is not None and last.actor_id == actor.pk:
            raise ReturnRefused("提交和审核应由两个人办理。")
        if found.step == FILL:
            _refuse_unready(found, actor, reason)
            found.submitted_at = timezone.now()
            ReturnMark.objects.filter(returned=found, is_open=True).update(is_open=False)
        step = next_step(found.step, found.is_town)
        if step is None:
            raise ReturnRefused(f"{found.region.name}的月报已经审核，不用再办。")
        behalf = is_on_behalf(found.step, is_above=_is_above(actor, found.region), is_town=found.is_town)
        _move(found, ReturnAct.Kind.HAND_ON, step, actor, reason, on_behalf=behalf)
    return found


def send_back(*, returned: MonthReturn, to: str, reason: str, actor: User) -> MonthReturn:
    """退回 to any earlier step with its reason and the cells marked so far; what has gone up above it falls back too."""
    reason = _words(reason, REASON_LIMIT)
    if not reason:
        raise ReturnRefused("请写明退回的原因。")
    with transaction.atomic():
        found = _locked(returned)
        if not may_return(returned=found, actor=actor):
            raise ReturnRefused(f"{found.region.name}的月报现在是“{found.state_label}”，不能由您退回。")
        _refuse_issued(found)
        if to not in steps_back(found.step, found.is_town):
            raise ReturnRefused("请选择退回到哪一步。")
        above = _handed_up_above(found)
        for one in above:
            if not may_return(returned=one, actor=actor):
                raise ReturnRefused(f"{one.region.name}的月报已经上报，请先由上级退回{one.region.name}。")
        act = _move(found, ReturnAct.Kind.SEND_BACK, to, actor, reason)
        ReturnMark.objects.filter(returned=found, is_open=True, act=None).update(act=act)
        for one in above:
            _move(
                one,
                ReturnAct.Kind.FALL_BACK,
                FILL,
                actor,
                f"{found.region.name}退回：{reason}"[:REASON_LIMIT],
            )
    return found


def send_back_marked(
    *, returned: MonthReturn, to: str, reason: str, marks: Sequence[Mapping[str, str]], actor: User
) -> MonthReturn:
    """退回 with these cells (``uscc``, ``measure``, ``note``) in one act: all of them are marked, or nothing is done."""
    with transaction.atomic():
        for mark in marks:
            mark_cell(returned=returned, actor=actor, **mark)
        return send_back(returned=returned, to=to, reason=reason, actor=actor)


def mark_cell(*, returned: MonthReturn, uscc: str, measure: str, note: str, actor: User) -> ReturnMark:
    """Note down a cell to be sent back with: the firm's figure as it stands. The same cell again replaces its note."""
    note = _words(note, NOTE_LIMIT)
    if measure not in ReturnMark.Measure.values or not note:
        raise ReturnRefused("请选择指标，并写明问题。")
    with transaction.atomic():
        found = _locked(returned)
        if not may_return(returned=found, actor=actor):
            raise ReturnRefused(f"{found.region.name}的月报现在是“{found.state_label}”，不能标记。")
        firms = Enterprise.objects.visible_to(actor).within(found.region_id)
        firm = firms.filter(uscc=uscc.strip().upper()).first()
        if firm is None:
            raise ReturnRefused(f"{found.region.name}没有统一社会信用代码是“{uscc[:18]}”的企业。")
        figure = MonthlyFigure.objects.filter(enterprise=firm, month=found.cycle.month).first()
        value = getattr(figure, measure) if figure else None
        given = {"value": value, "note": note, "made_by": actor, "act": None}
        mark, _ = ReturnMark.objects.update_or_create(
            returned=found, enterprise=firm, measure=measure, is_open=True, defaults=given
        )
        record(actor=actor, act="mark_cell", region=found.region, subject=f"{found} {firm.name} {measure}")
    return mark


def unmark_cell(*, returned: MonthReturn, mark: int, actor: User) -> None:
    """Take a mark back that was not sent yet."""
    with transaction.atomic():
        found = _locked(returned)
        gone, _ = found.marks.filter(pk=mark, act=None, is_open=True).delete()
        if not gone or not may_return(returned=found, actor=actor):
            raise ReturnRefused("这个标记已经退回或已经取消。")
        record(actor=actor, act="unmark_cell", region=found.region, subject=str(found))


def regions_not_accepted(programme: str, month: Month) -> list[str]:
    """Names of the regions that the city's month still waits for: their return is not accepted (乡镇: by theirs)."""
    returns = MonthReturn.objects.filter(cycle__programme=programme, cycle__month=month).exclude(step=DONE)
    return list(returns.order_by("region__order", "region_id").values_list("region__name", flat=True))


def _sees(actor: User, region: Region) -> bool:
    """Whether the region lies within the actor's; told by the paths, for every row of a list."""
    path = actor.scope_path
    return actor.is_active and path is not None and region.path.startswith(path)


def _is_above(actor: User, region: Region) -> bool:
    return actor.region_id != region.pk and _sees(actor, region)


def _refuse_unready(found: MonthReturn, actor: User, reason: str) -> None:
    if found.cycle.opens_on > timezone.localdate():
        raise ReturnRefused(f"{found.cycle.month.label}的月报还没有开放。")
    table = returns_table(cycle=found.cycle, user=actor)
    waiting = [
        line.region.name
        for line in table.lines
        if line.returned and line.returned.step != DONE and _is_below(line.region, found.region)
    ]
    if waiting:
        raise ReturnRefused(f"下级还没有都审核通过，不能上报：{'、'.join(waiting)}。")
    line = next(line for line in table.lines if line.region.pk == found.region_id)
    if line.silent and not reason:
        raise ReturnRefused(f"还有 {line.silent} 家企业未报，请写明原因再上报（未报不等于零）。")


def _is_below(region: Region, other: Region) -> bool:
    return region.pk != other.pk and region.path.startswith(other.path)


def _handed_up_above(found: MonthReturn) -> list[MonthReturn]:
    above = found.region.path.strip("/").split("/")[:-1]
    returns = MonthReturn.objects.select_for_update().filter(cycle=found.cycle_id, region__in=above)
    return list(returns.exclude(step=FILL).select_related("region", "cycle"))


def _refuse_issued(found: MonthReturn) -> None:
    cycle = found.cycle
    issued = MonthlyIssue.objects.filter(
        programme=cycle.programme, month=cycle.month, state=MonthlyIssue.State.ISSUED
    )
    if issued.exists():
        raise ReturnRefused(f"{cycle.month.label}已经印发，不能再退回或上报；要更正请办更正单。")


def _move(
    found: MonthReturn, kind: str, step: str, actor: User, reason: str, *, on_behalf: bool = False
) -> ReturnAct:
    before, found.step = found.step, step
    found.save(update_fields=["step", "submitted_at"])
    act = ReturnAct.objects.create(
        returned=found,
        kind=kind,
        before=before,
        after=step,
        on_behalf=on_behalf,
        reason=reason,
        actor=actor,
        at=timezone.now(),
    )
    record(
        actor=actor,
        act=f"{kind}_return",
        region=found.region,
        subject=str(found),
        counts={"from": before, "to": step, "on_behalf": int(on_behalf)},
    )
    return act


def _locked(returned: MonthReturn) -> MonthReturn:
    rows = MonthReturn.objects.select_for_update(of=("self",)).select_related(
        "region", "cycle__region", "cycle__edition"
    )
    return rows.get(pk=returned.pk)


def _words(text: str, limit: int) -> str:
    text = text.strip()
    if len(text) > limit:
        raise ReturnRefused(f"写了 {len(text)} 个字，最多 {limit} 个。")
    return text
