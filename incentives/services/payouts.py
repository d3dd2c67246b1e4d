"""兑现: 下达 → 拨付 → 到账, or 停发 and 追回; each with its day, its actor, and never an edit of an amount."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from incentives.models import AwardRound, PayeeAccount, Payout
from incentives.services.programmes import AwardsRefused
from incentives.services.rechecks import recheck_payouts

_DAYS = {
    Payout.State.ISSUED: "issued_on",
    Payout.State.PAID: "paid_on",
    Payout.State.RECEIVED: "received_on",
    Payout.State.STOPPED: "ended_on",
    Payout.State.RECOVERED: "ended_on",
}
_WITH_REASON = frozenset({Payout.State.STOPPED, Payout.State.RECOVERED})


def movable(award_round: AwardRound, to: str) -> list[int]:
    """Every payout of the version that may go on to ``to``; none for stopping and taking back, which are chosen one by one."""
    before = [state for state, after in Payout.NEXT.items() if to in after]
    if to in _WITH_REASON:
        raise AwardsRefused("停发、追回请逐笔勾选。")
    return list(award_round.payouts.filter(state__in=before).values_list("pk", flat=True))


def move_payouts(
    *, payouts: list[int], award_round: AwardRound, to: str, day: date, actor: User, reason: str = ""
) -> int:
    """Move these payouts of an approved round one state on; all of them or none.

    Who pays is neither who computed nor who approved; paying asks for the account, for its year to have come, and
    looks once more at the conditions on which an instalment hangs.
    """
    state = Payout.State(to)
    if state in _WITH_REASON and not reason.strip():
        raise AwardsRefused("停发、追回请写明理由。")
    failing = recheck_payouts(award_round, payouts, day.year) if state == Payout.State.PAID else []
    with transaction.atomic():
        found = list(
            Payout.objects.select_for_update(of=("self",))
            .filter(round=award_round, pk__in=payouts)
            .select_related("award")
            .order_by("pk")
        )
        if len(found) != len(set(payouts)) or not found:
            raise AwardsRefused("没有这几笔兑现，请刷新后再办。")
        against = [*_wrong_people(award_round, actor), *_not_ready(found, state, day), *failing]
        if against:
            raise AwardsRefused("；".join(against))
        for payout in found:
            payout.state = state
            setattr(payout, _DAYS[state], day)
            if state == Payout.State.PAID:
                payout.paid_by = actor
            if reason:
                payout.reason = reason.strip()
        Payout.objects.bulk_update(found, ["state", _DAYS[state], "paid_by", "reason"], batch_size=500)
        record(
            actor=actor,
            act="move_payouts",
            region=award_round.region,
            subject=f"{award_round} {state.label}",
            counts={"payouts": len(found), "fen": sum(payout.amount_fen for payout in found)},
        )
    return len(found)


def _wrong_people(award_round: AwardRound, actor: User) -> list[str]:
    if actor.pk in (award_round.computed_by_id, award_round.publicized_by_id, award_round.approved_by_id):
        return ["测算、公示、审定的人不能办理兑现，请另一人办理"]
    return []


def _not_ready(payouts: list[Payout], state: Payout.State, day: date) -> list[str]:
    found = []
    for payout in payouts:
        if state not in Payout.NEXT.get(Payout.State(payout.state), ()):
            found.append(f"{payout.award.recipient_name}：{payout.get_state_display()}之后不能{state.label}")
        found += _day_too_early(payout, state, day)
    if day > timezone.localdate():
        found.append("日期不能晚于今天")
    if state != Payout.State.PAID:
        return found
    early = [payout for payout in payouts if payout.due_year > day.year]
    found += [f"{payout.award.recipient_name}：{payout.due_year}年才到期" for payout in early]
    codes = {payout.award.recipient_code for payout in payouts}
    known = set(
        PayeeAccount.objects.filter(recipient_code__in=codes).values_list("recipient_code", flat=True)
    )
    missing = [payout.award.recipient_name for payout in payouts if payout.award.recipient_code not in known]
    if missing:
        found.append(f"没有收款账户：{'、'.join(dict.fromkeys(missing))}")
    return found


def _day_too_early(payout: Payout, state: Payout.State, day: date) -> list[str]:
    """A step is not dated before one that was taken already."""
    taken = [(one, getattr(payout, name)) for one, name in _DAYS.items() if one != state]
    return [
        f"{payout.award.recipient_name}：{before}{one.label}，{state.label}不能早于这一天"
        for one, before in taken
        if before is not None and day < before
    ]
