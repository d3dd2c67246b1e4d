"""Acts on the newest version of a round: publicity, objections, approval. Thin doors over services."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from incentives.services.approval import (
    approve_round,
    decide_objection,
    publicize_round,
    raise_objection,
    withdraw_round,
)
from incentives.services.programmes import AwardsRefused
from incentives.views.asked import own_round_or_404


@require_POST
def publicity(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Begin or withdraw the publicity of the newest version, or note an objection to it."""
    award_round = own_round_or_404(request, programme, year)
    act = request.POST.get("act", "")
    try:
        if act == "begin":
            done = publicize_round(
                award_round=award_round,
                first_day=timezone.localdate(),
                until=_asked_day(request.POST.get("until", "")),
                actor=request.user,
            )
            messages.success(request, f"已开始公示，到 {done.public_until} 为止。")
        elif act == "withdraw":
            withdraw_round(award_round=award_round, actor=request.user)
            messages.success(request, "已撤回公示，可以重新测算。")
        else:
            raise_objection(
                award_round=award_round,
                raised_by=request.POST.get("raised_by", "")[:60],
                text=request.POST.get("text", "")[:500],
                actor=request.user,
            )
            messages.success(request, "已登记异议，答复之前不能审定。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    return redirect("incentives:round", programme, year)


@require_POST
def approve(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Answer an objection, or approve the round."""
    award_round = own_round_or_404(request, programme, year)
    number = request.POST.get("objection", "")
    try:
        if number:
            found = award_round.objections.filter(pk=int(number) if number.isdigit() else 0).first()
            if found is None:
                raise Http404
            decide_objection(
                objection=found,
                upheld=request.POST.get("upheld") == "1",
                answer=request.POST.get("answer", "")[:500],
                actor=request.user,
            )
            messages.success(request, "已答复异议。")
        else:
            approve_round(award_round=award_round, today=timezone.localdate(), actor=request.user)
            messages.success(request, "已审定，可由财政办理兑现。待核的没有列入，定下来后重新测算。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    return redirect("incentives:round", programme, year)


def _asked_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as unread:
        raise AwardsRefused("公示截止日请写成 2026-07-31 这样的日期。") from unread
