"""兑现 and accounts: thin doors over services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.permissions import can
from incentives.services.accounts import PASTE_LIMIT, keep_accounts
from incentives.services.payout_pages import MOVES, payouts_page
from incentives.services.payouts import movable, move_payouts
from incentives.services.programmes import AwardsRefused
from incentives.views.asked import own_round_or_404, page_or_404, page_size, version_number


@require_http_methods(["GET", "POST"])
def payouts(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """兑现: every instalment with its state and days; finance moves them on."""
    if request.method == "POST":
        return _move(request, programme, year)
    return _page(request, programme, year)


def _page(
    request: HttpRequest, programme: str, year: int, *, pasted: str = "", faults: Sequence[str] = ()
) -> HttpResponse:
    """``pasted``: accounts that were refused, shown again with their faults so that nobody pastes twice."""
    version = version_number(request.POST.get("version") or request.GET.get("version", ""))
    page = payouts_page(user=request.user, programme=programme, year=year, version=version)
    if page is None:
        page_or_404(request, programme, year)
        messages.info(request, "还没有审定的一版，审定之后才有兑现。")
        return redirect("incentives:round", programme, year)
    context = {
        "page": page,
        "part": Paginator(page.lines, page_size(request)).get_page(request.GET.get("page")),
        "may_pay": can(request.user, "award.pay"),
        "moves": MOVES,
        "today": timezone.localdate(),
        "pasted": pasted,
        "faults": faults,
    }
    return render(request, "incentives/payouts.html", context, status=422 if faults else 200)


def _move(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    award_round = own_round_or_404(request, programme, year, request.POST.get("version", ""))
    chosen = [int(word) for word in request.POST.getlist("payout") if word.isascii() and word.isdigit()]
    to = request.POST.get("to", "")
    try:
        if to not in MOVES:
            raise AwardsRefused("请选择办理到哪一步。")
        if request.POST.get("whole") == "1":
            chosen = movable(award_round, to)
        day = date.fromisoformat(request.POST.get("day", ""))
        moved = move_payouts(
            payouts=chosen,
            award_round=award_round,
            to=to,
            day=day,
            actor=request.user,
            reason=request.POST.get("reason", "")[:200],
        )
        messages.success(request, f"已办理 {moved} 笔：{MOVES[to]}。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    except ValueError:
        messages.warning(request, "日期写成 2022-06-15 的样子。")
    return redirect(f"{reverse('incentives:payouts', args=[programme, year])}?version={award_round.version}")


@require_POST
def account(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Keep the accounts of recipients of this version, as they are pasted."""
    award_round = own_round_or_404(request, programme, year, request.POST.get("version", ""))
    text = request.POST.get("text", "")[:PASTE_LIMIT]
    try:
        kept = keep_accounts(award_round=award_round, text=text, actor=request.user)
        messages.success(request, f"已保存 {kept} 个收款账户。")
    except AwardsRefused as refused:
        return _page(request, programme, year, pasted=text, faults=str(refused).split("；"))
    return redirect(f"{reverse('incentives:payouts', args=[programme, year])}?version={award_round.version}")
