"""From 拟奖补 to 审定: publicity, objections, approval. Maker, checker and payer are different people."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from core.amounts import from_hundredths
from core.audit import record
from core.models import PolicyEdition, User
from core.services.policies import edition_in_force
from core.workdays import UnknownYear, last_day
from cultivation.services.month_cycles import workdays_of
from incentives.models import Award, AwardRound, Objection, Payout
from incentives.rules.instalments import Plan, planned_pieces
from incentives.services.computing import Drafted, draft_of
from incentives.services.programmes import AwardsRefused, awards_part


def publicize_round(
    *, award_round: AwardRound, first_day: date, actor: User, until: date | None = None
) -> AwardRound:
    """Begin the publicity (公示) of a draft; it lasts as long as the strictest of its rules says.

    ``until`` may only lengthen it; it is needed where no rule prints how many days, or where a year's holidays are not known.
    """
    with transaction.atomic():
        locked = _locked(award_round)
        if not locked.is_draft:
            raise AwardsRefused("只有拟奖补的一版可以公示。")
        due = locked.awards.filter(state=Award.State.PROPOSED)
        # what is to be taken back is told and approved like what is to be paid
        if not due.exists() and not locked.differences.exists():
            raise AwardsRefused("没有可以公示的奖补和差额。")
        locked.state = AwardRound.State.PUBLIC
        locked.publicized_by = actor
        locked.public_from = first_day
        locked.public_until = _public_until(locked, first_day, until)
        locked.save()
        _note(locked, actor, "publicize_awards")
    return locked


def withdraw_round(*, award_round: AwardRound, actor: User) -> AwardRound:
    """End the publicity without a decision: the round is a draft again and may be computed anew."""
    with transaction.atomic():
        locked = _locked(award_round)
        if locked.state != AwardRound.State.PUBLIC:
            raise AwardsRefused("这一版没有在公示。")
        locked.state = AwardRound.State.DRAFT
        locked.public_from = locked.public_until = locked.publicized_by = None
        locked.save()
        _note(locked, actor, "withdraw_awards")
    return locked


def raise_objection(*, award_round: AwardRound, raised_by: str, text: str, actor: User) -> Objection:
    with transaction.atomic():
        locked = _locked(award_round)
        if locked.state != AwardRound.State.PUBLIC:
            raise AwardsRefused("公示期间才登记异议。")
        if not raised_by.strip() or not text.strip():
            raise AwardsRefused("请写明提出人和异议内容。")
        found = Objection.objects.create(
            round=locked,
            region=locked.region,
            raised_by=raised_by.strip(),
            text=text.strip(),
            recorded_by=actor,
            recorded_at=timezone.now(),
        )
        _note(locked, actor, "raise_objection")
    return found


def decide_objection(*, objection: Objection, upheld: bool, answer: str, actor: User) -> Objection:
    """An objection is answered by somebody else than who recorded it."""
    with transaction.atomic():
        locked = Objection.objects.select_for_update().get(pk=objection.pk)
        if locked.outcome != Objection.Outcome.OPEN:
            raise AwardsRefused("这条异议已经答复。")
        if not answer.strip():
            raise AwardsRefused("请写明答复。")
        if locked.recorded_by_id == actor.pk:
            raise AwardsRefused("登记异议的人不能自己答复，请另一人办理。")
        locked.outcome = Objection.Outcome.UPHELD if upheld else Objection.Outcome.DISMISSED
        locked.answer, locked.decided_by, locked.decided_at = answer.strip(), actor, timezone.now()
        locked.save()
        _note(locked.round, actor, "decide_objection")
    return locked


def approve_round(*, award_round: AwardRound, today: date, actor: User) -> AwardRound:
    """审定: nothing may have changed since computing; what is held is left out and comes with a later version.

    Raises ``AwardsRefused`` with everything that stands against it.
    """
    drafted = draft_of(award_round)
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=award_round.edition_id)
        locked = _locked(award_round)
        against = [*stands_against(locked, today, actor), *_changed(locked, drafted)]
        if against:
            raise AwardsRefused("；".join(against))
        held = locked.awards.filter(state=Award.State.HELD)
        left_out = held.update(state=Award.State.CANCELLED)
        locked.state = AwardRound.State.APPROVED
        locked.approved_by, locked.approved_at = actor, timezone.now()
        locked.save()
        payouts = _plan_payouts(locked)
        record(
            actor=actor,
            act="approve_awards",
            region=locked.region,
            subject=str(locked),
            counts={"payouts": payouts, "left_out": left_out},
            digest=locked.inputs_digest,
        )
    return locked


def stands_against(award_round: AwardRound, today: date, actor: User) -> list[str]:
    """Why this person cannot approve it today, beside what may have changed since computing."""
    if award_round.state != AwardRound.State.PUBLIC:
        return ["先公示，再审定"]
    found = []
    if actor.pk in (award_round.computed_by_id, award_round.publicized_by_id):
        found.append("测算、公示的人不能自己审定，请另一人办理")
    if award_round.public_until is None or today <= award_round.public_until:
        found.append(f"公示到 {award_round.public_until} 为止，期满后再审定")
    waiting = award_round.objections.filter(outcome=Objection.Outcome.OPEN).count()
    if waiting:
        found.append(f"还有 {waiting} 条异议没有答复")
    upheld = award_round.objections.filter(
        outcome=Objection.Outcome.UPHELD, decided_at__gt=award_round.computed_at
    ).count()
    if upheld:
        found.append(f"有 {upheld} 条异议成立，请撤回公示，改正后重新测算")
    return found


def _changed(award_round: AwardRound, drafted: Drafted) -> list[str]:
    """What would come out otherwise now: the document, or which awards."""
    if drafted.digest == award_round.inputs_digest:
        return []
    edition = edition_in_force(award_round.programme)
    found = []
    if edition is None or edition.pk != award_round.edition_id:
        found.append(f"规则文件已改为 {edition}" if edition else "规则文件已不在施行")
    now = {(row.rule, row.recipient_code, row.occasion): row for row in drafted.awards}
    was = {
        (row.rule, row.recipient_code, row.occasion): row
        for row in award_round.awards.exclude(state=Award.State.CANCELLED)
    }
    told = []
    for key in {**was, **now}:
        before, after = was.get(key), now.get(key)
        if before is None or after is None or before.amount_fen != after.amount_fen:
            told += [
                f"{row.recipient_name} {_yuan(before)} → {_yuan(after)}" for row in (before or after,) if row
            ]
    if told:
        more = f" 等 {len(told)} 笔" if len(told) > 5 else ""
        found.append(f"金额有变：{'，'.join(told[:5])}{more}")
    return [f"测算之后数据有变，请重新测算：{'；'.join(found) or '参与计算的数据已更新，金额不变'}"]


def _yuan(award: Award | None) -> str:
    return "无" if award is None else f"{from_hundredths(award.amount_fen):,}元"


def _plan_payouts(award_round: AwardRound) -> int:
    part = awards_part(award_round.edition)
    if part is None:
        raise AwardsRefused("文件里没有奖补规则。")
    payouts = []
    for award in award_round.awards.filter(state=Award.State.PROPOSED, amount_fen__gt=0):
        for piece in planned_pieces(part.rule(award.rule), award.amount_fen, award_round.year):
            payouts.append(_payout(award, piece))
    Payout.objects.bulk_create(payouts, batch_size=2_000)
    return len(payouts)


def _payout(award: Award, piece: Plan) -> Payout:
    return Payout(
        award=award,
        round_id=award.round_id,
        region_id=award.region_id,
        instalment=piece.id,
        title=piece.title,
        due_year=piece.year,
        amount_fen=piece.fen,
    )


def _public_until(award_round: AwardRound, first_day: date, until: date | None) -> date:
    """Where nobody can count the working days the bureau names the last day, never earlier than so many calendar days."""
    part = awards_part(award_round.edition)
    named = set(award_round.awards.values_list("rule", flat=True).distinct())
    procedures = [rule.procedure for rule in (part.rules if part else ()) if rule.id in named]
    printed = [(one.publicity_days, one.publicity_by) for one in procedures if one and one.publicity_days]
    if not printed and until is None:
        raise AwardsRefused("文件没有写明公示几天：请填写公示截止日。")
    workdays = workdays_of(award_round.region)
    try:
        lasts = [
            workdays.last_of(first_day, days) if by == "working" else last_day(first_day, days, by)
            for days, by in printed
        ]
    except UnknownYear as missing:
        if until is None:
            raise AwardsRefused(
                f"{missing}，算不出公示的最后一个工作日：请填写公示截止日，或先载入{missing.year}年的节假日文件。"
            ) from missing
        lasts = [last_day(first_day, days, "calendar") for days, _by in printed]
    earliest = max(lasts, default=first_day)
    if until is not None and until < earliest:
        raise AwardsRefused(f"公示最早到 {earliest} 为止，不能提前截止。")
    return until or earliest


def _locked(award_round: AwardRound) -> AwardRound:
    return AwardRound.objects.select_for_update().get(pk=award_round.pk)


def _note(award_round: AwardRound, actor: User, act: str) -> None:
    record(actor=actor, act=act, region=award_round.region, subject=str(award_round))
