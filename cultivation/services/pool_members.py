"""What a person does to a member: change tier or planned year, take out, keep, put back; always with a reason."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, User
from cultivation.models import PoolMembership, TierChange
from cultivation.policy import PoolRule
from cultivation.services.pools import PoolRefused, pool_rule
from enterprises.models import Enterprise

NOTE_LIMIT = 200


def change_member(
    *, member: PoolMembership, tier: str, planned_year: int | None, note: str, actor: User
) -> PoolMembership:
    """Set tier and planned year; what changed stays so in later screenings. Raises ``PoolRefused``."""
    edition, rule = pool_rule(member.programme, member.pool)
    with transaction.atomic():
        member = _current(member)
        _check_place(rule, tier, planned_year)
        if (tier, planned_year) == (member.tier, member.planned_year):
            raise PoolRefused("层级和拟列规年度都没有变化，不用调整。")
        entry = _entry(member, TierChange.Kind.MOVED, note, edition, actor)
        member.tier_by_hand |= tier != member.tier
        member.year_by_hand |= planned_year != member.planned_year
        member.tier, member.planned_year = tier, planned_year
        entry.tier_after, entry.year_after = tier, planned_year
        _save(member, entry, "change_pool_member", actor)
    return member


def withdraw_member(*, member: PoolMembership, note: str, actor: User) -> PoolMembership:
    """Take a firm out; no screening puts it back. Raises ``PoolRefused``."""
    edition, _ = pool_rule(member.programme, member.pool)
    with transaction.atomic():
        member = _current(member)
        entry = _entry(member, TierChange.Kind.WITHDRAWN, note, edition, actor)
        member.until, member.withdrawn_by, member.withdrawn_by_hand = (
            timezone.localdate(entry.at),
            actor,
            True,
        )
        member.is_proposed, member.proposal = False, {}
        _save(member, entry, "withdraw_pool_member", actor)
    return member


def keep_member(*, member: PoolMembership, note: str, actor: User) -> PoolMembership:
    """Answer a proposed withdrawal with 保留在库; it is proposed again only for other reasons."""
    edition, _ = pool_rule(member.programme, member.pool)
    with transaction.atomic():
        member = _current(member)
        if not member.is_proposed:
            raise PoolRefused("这家企业没有移出建议，不用答复。")
        entry = _entry(member, TierChange.Kind.KEPT, note, edition, actor)
        member.is_proposed = False
        _save(member, entry, "keep_pool_member", actor)
    return member


def readmit_member(
    *, member: PoolMembership, tier: str, planned_year: int | None, note: str, actor: User
) -> PoolMembership:
    """Put a firm back that was a member before: a new membership with the sources and figures of the last one."""
    edition, rule = pool_rule(member.programme, member.pool)
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        _check_place(rule, tier, planned_year)
        rows = PoolMembership.objects.of_pool(member.programme, member.pool).filter(
            enterprise=member.enterprise
        )
        last = rows.order_by("-pk").first()
        if last is None or last.until is None:
            raise PoolRefused("这家企业已在库，不用重新入库。")
        now = timezone.now()
        again = PoolMembership.objects.create(
            programme=last.programme,
            pool=last.pool,
            enterprise=last.enterprise,
            tier=tier,
            planned_year=planned_year,
            sources=last.sources,
            measure_wan=last.measure_wan,
            reasons=last.reasons,
            edition=last.edition,
            admitted_by_hand=True,
            tier_by_hand=tier != last.tier,
            year_by_hand=planned_year != last.planned_year,
            since=timezone.localdate(now),
            admitted_by=actor,
            updated_at=now,
        )
        entry = _entry(again, TierChange.Kind.ADMITTED, note, edition, actor)
        entry.tier_before, entry.year_before, entry.sources_before = "", None, ""
        _save(again, entry, "readmit_pool_member", actor)
    return again


def admit_firm(
    *,
    programme: str,
    pool: str,
    firm: Enterprise,
    tier: str,
    planned_year: int | None,
    reasons: dict[str, Any],
    note: str,
    actor: User,
) -> PoolMembership:
    """Put a firm in that people have decided on; screenings propose to take it out, they never do."""
    edition, rule = pool_rule(programme, pool)
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        _check_place(rule, tier, planned_year)
        if PoolMembership.objects.of_pool(programme, pool).current().filter(enterprise=firm).exists():
            raise PoolRefused("这家企业已在库，不用重新入库。")
        now = timezone.now()
        member = PoolMembership.objects.create(
            programme=programme,
            pool=pool,
            enterprise=firm,
            tier=tier,
            planned_year=planned_year,
            reasons=reasons,
            edition=edition,
            admitted_by_hand=True,
            since=timezone.localdate(now),
            admitted_by=actor,
            updated_at=now,
        )
        entry = _entry(member, TierChange.Kind.ADMITTED, note, edition, actor)
        entry.tier_before, entry.year_before, entry.sources_before = "", None, ""
        _save(member, entry, "admit_pool_firm", actor)
    return member


def latest_membership(user: User, firm: Enterprise, programme: str, pool: str) -> PoolMembership | None:
    """The firm's current membership, or its last one."""
    rows = PoolMembership.objects.visible_to(user).of_pool(programme, pool).filter(enterprise=firm)
    return rows.select_related("enterprise__region", "edition").order_by("-pk").first()


def _current(member: PoolMembership) -> PoolMembership:
    locked = PoolMembership.objects.select_for_update().get(pk=member.pk)
    if locked.until is not None:
        raise PoolRefused("这家企业已经出库，请刷新后再看。")
    locked.enterprise = member.enterprise
    return locked


def _check_place(rule: PoolRule, tier: str, planned_year: int | None) -> None:
    if rule.tiers and tier not in {known.name for known in rule.tiers}:
        raise PoolRefused(f"方案里没有“{tier}”这个层级。")
    if rule.planned and planned_year not in rule.planned.years:
        years = "、".join(map(str, rule.planned.years))
        raise PoolRefused(f"拟列规年度只能是 {years}。")


def _entry(member: PoolMembership, kind: str, note: str, edition: PolicyEdition, actor: User) -> TierChange:
    note = note.strip()
    if not note:
        raise PoolRefused("请写明理由。")
    if len(note) > NOTE_LIMIT:
        raise PoolRefused(f"理由有 {len(note)} 个字，最多 {NOTE_LIMIT} 个。")
    return TierChange(
        membership=member,
        kind=kind,
        at=timezone.now(),
        actor=actor,
        by_rule=False,
        tier_before=member.tier,
        tier_after=member.tier,
        year_before=member.planned_year,
        year_after=member.planned_year,
        sources_before=member.sources,
        sources_after=member.sources,
        note=note,
        edition=edition,
    )


def _save(member: PoolMembership, entry: TierChange, act: str, actor: User) -> None:
    member.updated_at = entry.at
    member.save()
    entry.save()
    firm = member.enterprise
    counts = {"tier": member.tier, "planned_year": member.planned_year or 0, "change": entry.pk}
    record(actor=actor, act=act, region=firm.region, subject=f"{firm.name} {member.programme}", counts=counts)
