"""申请 → 审核 → 决定: three people, one after the other; only the decision changes the pool."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from cultivation.models import PoolApplication, PoolMembership, ScreenedFirms
from cultivation.policy import PoolRule
from cultivation.rules.month_rows import unpacked
from cultivation.services.pool_members import admit_firm, change_member, withdraw_member
from cultivation.services.pools import PoolRefused, pool_rule
from enterprises.models import Enterprise

NOTE_LIMIT = 200
Act, State = PoolApplication.Act, PoolApplication.State


def asks_for_application(rule: PoolRule, act: str) -> bool:
    """Whether the document leaves this act to people."""
    moves = {"admit": ("admit",), "withdraw": ("withdraw",), "move": ("promote", "demote")}[act]
    return any(not rule.movement.is_automatic(move) for move in moves)


def apply_for(
    *,
    programme: str,
    pool: str,
    firm: Enterprise,
    act: str,
    reason: str,
    actor: User,
    tier: str = "",
    planned_year: int | None = None,
) -> PoolApplication:
    """Raises ``PoolRefused`` for what the document decides by itself, or what is on its way already."""
    edition, rule = pool_rule(programme, pool)
    if act not in Act.values or not asks_for_application(rule, act):
        raise PoolRefused("方案里这件事按规则自动办理，不用申请。")
    member = PoolMembership.objects.of_pool(programme, pool).current().filter(enterprise=firm).first()
    if (member is None) is not (act == Act.ADMIT):
        raise PoolRefused("这家企业已在库，不用申请入库。" if member else "这家企业不在库，只能申请入库。")
    if act != Act.WITHDRAW:
        _check_place(rule, tier, planned_year)
        if member and (tier, planned_year) == (member.tier, member.planned_year):
            raise PoolRefused("层级和拟列规年度都没有变化，不用申请。")
    try:
        with transaction.atomic():
            made = PoolApplication.objects.create(
                programme=programme,
                pool=pool,
                enterprise=firm,
                act=act,
                tier=tier if act != Act.WITHDRAW else "",
                planned_year=planned_year if act != Act.WITHDRAW else None,
                reason=_words(reason, "请写明申请理由。"),
                reasons=member.reasons if member else _screened(edition.name, pool, firm),
                edition=edition,
                applied_by=actor,
                applied_at=timezone.now(),
            )
            _record(actor, "apply_pool_change", made)
    except IntegrityError as error:
        raise PoolRefused("这家企业已有一件申请在办，请等它办完。") from error
    return made


def review_application(
    *, application: PoolApplication, agrees: bool, opinion: str, actor: User
) -> PoolApplication:
    """审核: passes it on, or returns it. Nobody reviews what he applied for."""
    opinion = _words(opinion, "请写明审核意见。")
    with transaction.atomic():
        found = _locked(application, State.APPLIED)
        if actor.pk == found.applied_by_id:
            raise PoolRefused("申请和审核应由两个人办理。")
        found.state = State.REVIEWED if agrees else State.RETURNED
        found.reviewed_by, found.reviewed_at, found.review = actor, timezone.now(), opinion
        found.save()
        _record(actor, "review_pool_application", found)
    return found


def decide_application(
    *, application: PoolApplication, agrees: bool, opinion: str, actor: User
) -> PoolApplication:
    """决定: changes the pool or not, with the edition and the opinion on the firm's timeline."""
    opinion = _words(opinion, "请写明决定意见。")
    with transaction.atomic():
        found = _locked(application, State.REVIEWED)
        if actor.pk in (found.applied_by_id, found.reviewed_by_id):
            raise PoolRefused("申请、审核和决定应由不同的人办理。")
        found.state = State.APPROVED if agrees else State.REFUSED
        found.decided_by, found.decided_at, found.decision = actor, timezone.now(), opinion
        found.save()
        if agrees:
            _carry_out(found, actor)
        _record(actor, "decide_pool_application", found)
    return found


def _carry_out(application: PoolApplication, actor: User) -> None:
    note = f"申请：{application.reason}；决定：{application.decision}"[:NOTE_LIMIT]
    if application.act == Act.ADMIT:
        admit_firm(
            programme=application.programme,
            pool=application.pool,
            firm=application.enterprise,
            tier=application.tier,
            planned_year=application.planned_year,
            reasons=application.reasons,
            note=note,
            actor=actor,
        )
        return
    members = PoolMembership.objects.of_pool(application.programme, application.pool).current()
    member = members.select_related("enterprise__region").filter(enterprise=application.enterprise_id).first()
    if member is None:
        raise PoolRefused("这家企业已经出库，请退回这件申请。")
    if application.act == Act.WITHDRAW:
        withdraw_member(member=member, note=note, actor=actor)
    else:
        change_member(
            member=member,
            tier=application.tier,
            planned_year=application.planned_year,
            note=note,
            actor=actor,
        )


def _screened(programme: str, pool: str, firm: Enterprise) -> dict[str, Any]:
    """What the newest screening said of a firm that is in no pool: its status alone."""
    block = (
        ScreenedFirms.objects.filter(screening__programme=programme, screening__pool=pool)
        .order_by("-pk")
        .first()
    )
    if block is None:
        return {}
    table = unpacked(bytes(block.tables))["screened"]
    rows = (table["firm"] == firm.pk).nonzero()[0]
    return {"screened": int(table["status"][rows[0]])} if rows.size else {}


def _check_place(rule: PoolRule, tier: str, planned_year: int | None) -> None:
    if rule.tiers and tier not in {known.name for known in rule.tiers}:
        raise PoolRefused(f"方案里没有“{tier}”这个层级。")
    if rule.planned and planned_year not in rule.planned.years:
        raise PoolRefused(f"拟列规年度只能是 {'、'.join(map(str, rule.planned.years))}。")


def _locked(application: PoolApplication, state: str) -> PoolApplication:
    found = (
        PoolApplication.objects.select_for_update()
        .select_related("enterprise__region")
        .get(pk=application.pk)
    )
    if found.state != state:
        raise PoolRefused(f"这件申请现在是“{found.get_state_display()}”，请刷新后再看。")
    return found


def _words(text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise PoolRefused(missing)
    if len(text) > NOTE_LIMIT:
        raise PoolRefused(f"写了 {len(text)} 个字，最多 {NOTE_LIMIT} 个。")
    return text


def _record(actor: User, act: str, application: PoolApplication) -> None:
    firm = application.enterprise
    subject = f"{firm.name} {application.get_act_display()} {application.get_state_display()}"
    record(actor=actor, act=act, region=firm.region, subject=subject, counts={"application": application.pk})
