"""What awards show on others' pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.urls import reverse
from django.utils import timezone

from core.amounts import format_amount, from_hundredths
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
from incentives.models import Award, AwardDifference, AwardRound, Objection, Payout
from incentives.services.firm_awards import firm_awards
from incentives.services.offers import offers_for

register_menu(
    MenuEntry("奖补", "奖补批次", "incentives:rounds", "award.view"),
    MenuEntry("奖补", "奖补申报", "incentives:apply", "award.apply"),
)


#: what finance does next with a payout that stands in this state
_NEXT_STEP = {
    Payout.State.APPROVED: "下达",
    Payout.State.ISSUED: "拨付",
    Payout.State.PAID: "登记到账",
}


@register_todo
def rounds_to_publicize(user: User) -> Iterator[Todo]:
    """Drafts that wait for their publicity, and rounds that an upheld objection asks to put right."""
    if not can(user, "award.compute"):
        return
    due = Award.objects.visible_to(user).filter(round=OuterRef("pk"), state=Award.State.PROPOSED)
    changed = AwardDifference.objects.visible_to(user).filter(round=OuterRef("pk"))
    rounds = _own_rounds(user).exclude(state=AwardRound.State.APPROVED).filter(Exists(due) | Exists(changed))
    for one in rounds:
        url = f"{_url(one)}#h-acts"
        if one.upheld:
            note = f"{one.upheld} 条异议成立，{'' if one.is_draft else '撤回公示，'}改正后重新测算"
            yield Todo("异议成立", _title(one), note, one.public_until, url, "去改正", "warn")
        elif one.is_draft:
            note = f"{one.region.name}　公示期满、异议答复后由另一人审定"
            yield Todo("待公示", _title(one), note, None, url, "看后公示")


@register_todo
def rounds_to_approve(user: User) -> Iterator[Todo]:
    """Objections that wait for an answer, and rounds whose publicity is over."""
    if not can(user, "award.approve"):
        return
    rounds = _own_rounds(user).filter(state=AwardRound.State.PUBLIC).exclude(computed_by=user)
    for one in rounds.exclude(publicized_by=user):
        url = f"{_url(one)}#h-acts"
        if one.waiting:
            note = f"{one.waiting} 条异议，答复之前不能审定"
            yield Todo("待答复", _title(one), note, one.public_until, url, "答复异议", "warn")
        elif not one.upheld and one.public_until and one.public_until < timezone.localdate():
            yield Todo("待审定", _title(one), f"{one.region.name}　公示期已满", None, url, "看后审定")


@register_todo
def payouts_to_move(user: User) -> Iterator[Todo]:
    """What finance issues, pays and notes as received: of this year and before."""
    if not can(user, "award.pay"):
        return
    rows = Payout.objects.visible_to(user).filter(
        state__in=list(_NEXT_STEP), due_year__lte=timezone.localdate().year
    )
    names = ("round__programme", "round__year", "round__version", "state")
    for programme, year, version, state, number, fen in (
        rows.order_by(*names).values_list(*names).annotate(Count("pk"), Sum("amount_fen"))
    ):
        url = f"{reverse('incentives:payouts', args=[programme, year])}?version={version}"
        step = _NEXT_STEP[Payout.State(state)]
        note = f"第{version}版　{format_amount(from_hundredths(fen))} 元"
        yield Todo(f"待{step}", f"{year}年奖补 {number} 笔待{step}", note, None, url, "去办理")


def _own_rounds(user: User) -> Any:
    """Rounds of localities that lie wholly within the user's region, with their objections counted."""
    rounds = AwardRound.objects.visible_to(user).filter(region__path__startswith=user.scope_path or "-")
    outcome = Objection.Outcome
    # an objection upheld before the round was computed anew has been followed already
    upheld = Q(objections__outcome=outcome.UPHELD, objections__decided_at__gt=F("computed_at"))
    return rounds.select_related("region").annotate(
        waiting=Count("objections", filter=Q(objections__outcome=outcome.OPEN)),
        upheld=Count("objections", filter=upheld),
    )


def _title(award_round: AwardRound) -> str:
    return f"{award_round.year}年奖补第{award_round.version}版"


def _url(award_round: AwardRound) -> str:
    return reverse("incentives:round", args=[award_round.programme, award_round.year])


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
