"""锁定: why a month is shut, since when, who may open it again; and for whom it is open now."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.models import PolicyEdition
from core.periods import Month
from core.permissions import can
from cultivation.forms import ReopeningForm
from cultivation.models import MonthReopening
from cultivation.services.month_locks import (
    LONGEST_DAYS,
    ReopeningRefused,
    close_reopening,
    lock_of,
    reopen_month,
)
from cultivation.services.programmes import programmes_visible_to


def month_lock(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    edition = programmes_visible_to(request.user).filter(name=programme).first()
    if edition is None:
        raise Http404
    asks = request.POST if request.method == "POST" and "close" not in request.POST else None
    form = ReopeningForm(asks, user=request.user, locality=edition.locality)
    rows = MonthReopening.objects.visible_to(request.user).filter(programme=programme, month=month)
    if request.method == "POST" and _done(request, edition, month, form, rows):
        return redirect("cultivation:month_lock", programme, month)
    context = {
        "programme": edition,
        "month": month,
        "lock": lock_of(programme, month),
        "form": form,
        "reopenings": rows.select_related("region", "opened_by", "closed_by"),
        "now": timezone.now(),
        "longest": LONGEST_DAYS,
        "may_reopen": can(request.user, "month.reopen"),
    }
    return render(request, "cultivation/month_lock.html", context)


def _done(request: HttpRequest, edition: PolicyEdition, month: Month, form: ReopeningForm, rows) -> bool:
    try:
        if "close" in request.POST:
            number = request.POST["close"]
            number = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
            close_reopening(
                reopening=get_object_or_404(rows.select_related("region"), pk=number), actor=request.user
            )
            messages.success(request, f"{month.label}已提前关闭，恢复锁定。")
            return True
        if not form.is_valid():
            return False
        given = form.cleaned_data
        reopen_month(
            programme=edition,
            month=month,
            sheet=given["sheet"],
            region=given["region"],
            firms=given["firms"].split(),
            reason=given["reason"],
            last_day=given["last_day"],
            actor=request.user,
        )
    except ReopeningRefused as refused:
        if "close" in request.POST:
            messages.error(request, str(refused))
            return True
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{month.label}已对{given['region'].name}重新开放，到期自动锁定。")
    return True
