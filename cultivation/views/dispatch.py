"""调度: orders of a month and each order's way; the leader's one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.periods import Month
from core.permissions import can
from core.scoping import regions_visible_to
from core.standing import standing_page
from cultivation.forms import SendForm, SendOrderForm, StepForm
from cultivation.models import DispatchOrder
from cultivation.rules.dispatch import ACTS, SEND, STATE_WORDS
from cultivation.services.analysis import sees_whole
from cultivation.services.analysis_figures import analysis_figures
from cultivation.services.dispatch import (
    DispatchRefused,
    add_order,
    draft_orders,
    send_order,
    send_region,
    take_step,
)
from cultivation.services.dispatch_pages import (
    LATE,
    DispatchPage,
    acts_open,
    bulletin_of,
    evidence_url,
    order_seen,
)
from cultivation.services.month_pages import current_month
from cultivation.views.months import page_or_404
from cultivation.views.requests import region_or_404


def dispatch_current(request: HttpRequest) -> HttpResponse:
    """The orders of the latest closed month."""
    place = current_month(request.user, request.GET.get("programme", ""))
    if place is None:
        return render(request, "cultivation/month_none.html")
    return redirect("cultivation:dispatch", *place)


def dispatch(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    state = request.GET.get("state", "")
    if state not in {"", LATE, *STATE_WORDS}:
        raise Http404
    return standing_page(
        request,
        "cultivation/dispatch.html",
        lambda: _context(request, programme, month, state),
        fresh=lambda _kept: {"send_form": SendForm(auto_id="id_all_%s")},
    )


def _context(request: HttpRequest, programme: str, month: Month, state: str) -> dict[str, Any]:
    page = page_or_404(request, programme, month)
    region = region_or_404(request)
    orders = DispatchPage(request.user, programme, month, state, region)
    return {
        "page": page,
        "dispatch": orders,
        "rows": [(order, *order.light, order.months_carried(month)) for order in orders.shown],
        "state": state,
        "region": region,
        "bulletin": bulletin_of(page.table) if page.table and page.table.is_whole else None,
        "may_send": can(request.user, "dispatch.send"),
        "regions": page.table.lines if page.table else [],
    }


@require_POST
def dispatch_draft(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """Draft what the issued month calls for; what is open already is carried over."""
    page = page_or_404(request, programme, month)
    issue = page.frozen or page.issue
    if issue is None or not sees_whole(request.user, issue):
        raise Http404
    try:
        counts = draft_orders(issue=issue, actor=request.user)
    except DispatchRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"拟单 {counts['drafted']} 件，结转 {counts['carried']} 件。")
    return redirect("cultivation:dispatch", programme, month)


@require_POST
def dispatch_new(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    page_or_404(request, programme, month)
    region = regions_visible_to(request.user).filter(pk=request.POST.get("region", "")).first()
    if region is None:
        raise Http404
    try:
        order = add_order(
            programme=programme,
            month=month,
            region=region,
            asked=request.POST.get("asked", ""),
            actor=request.user,
        )
    except DispatchRefused as refused:
        messages.error(request, str(refused))
        return redirect("cultivation:dispatch", programme, month)
    return redirect("cultivation:dispatch_order", order.pk)


@require_POST
def dispatch_send(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """Every draft of a region at once."""
    page_or_404(request, programme, month)
    region = regions_visible_to(request.user).filter(pk=request.POST.get("region", "")).first()
    if region is None:
        raise Http404
    form = SendForm(request.POST)
    if not form.is_valid():
        faults = "".join(str(fault) for told in form.errors.values() for fault in told)
        messages.error(request, f"{region.name}的调度单没有下达：{faults}")
        return redirect("cultivation:dispatch", programme, month)
    try:
        sent = send_region(programme=programme, region=region, actor=request.user, **form.cleaned_data)
    except DispatchRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已向{region.name}下达调度单 {len(sent)} 件。")
    return redirect("cultivation:dispatch", programme, month)


def dispatch_order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with its history, and the forms for what this person may do next."""
    order = order_seen(request.user, pk)
    if order is None:
        raise Http404
    acts = acts_open(order, request.user)
    asked = request.POST.get("act", "")
    forms = {name: _form(request, order, name, bound=name == asked) for name in acts}
    if request.method == "POST":
        if asked not in forms:
            messages.error(request, f"{order}现在是“{order.get_state_display()}”，不能这样办，请刷新后再看。")
            return redirect("cultivation:dispatch_order", pk)
        if forms[asked].is_valid() and _done(request, order, asked, forms[asked].cleaned_data):
            return redirect("cultivation:dispatch_order", pk)
    state, word = order.light
    context = {
        "order": order,
        "light_state": state,
        "light_word": word,
        "evidence_url": evidence_url(order),
        "steps": order.steps.select_related("actor"),
        "forms": [(ACTS[name], name, form) for name, form in forms.items()],
    }
    return render(request, "cultivation/dispatch_order.html", context)


def _form(request: HttpRequest, order: DispatchOrder, act: str, *, bound: bool) -> SendOrderForm | StepForm:
    data = request.POST if bound else None
    if act == SEND:
        return SendOrderForm(data, initial={"asked": order.asked, "owner": order.owner}, auto_id="id_send_%s")
    return StepForm(data, auto_id=f"id_{act}_%s")


def _done(request: HttpRequest, order: DispatchOrder, act: str, given: dict) -> bool:
    try:
        if act == SEND:
            done = send_order(order=order, actor=request.user, **given)
        else:
            done = take_step(order=order, act=act, actor=request.user, **given)
    except DispatchRefused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, f"{done}：{ACTS[act].words}，现为“{done.get_state_display()}”。")
    return True


def dispatch_sheet(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """领导一页纸: the month on one printed page."""
    return standing_page(
        request, "cultivation/dispatch_sheet.html", lambda: _sheet_context(request, programme, month)
    )


def _sheet_context(request: HttpRequest, programme: str, month: Month) -> dict[str, Any]:
    page = page_or_404(request, programme, month)
    if page.table is None or not page.table.lines:
        raise Http404
    return {
        "page": page,
        "figures": analysis_figures(page.issue, request.user),
        "dispatch": DispatchPage(request.user, programme, month),
        "bulletin": bulletin_of(page.table) if page.table.is_whole else None,
    }
