"""责任人: who answers for which firm, whom nobody answers for, assignment by choice or filter, handing over."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core.permissions import can
from enterprises.filters import LiaisonFilter
from enterprises.forms.people import AssignForm, HandoverForm
from enterprises.models import Enterprise
from enterprises.services.liaison import assign_firms, hand_over, held_by, holders
from enterprises.services.liaison_duty import duties_for
from enterprises.services.liaison_pages import coverage, coverage_by_region, liaison_lines

_PAGE = 50
_MOST_PICKED = 500
#: The filter on the same page asks for a person and a duty too.
ASSIGN_IDS = "assign_%s"


@require_GET
def liaison_list(request: HttpRequest) -> HttpResponse:
    return _list_page(request, request.GET)


@require_POST
def liaison_assign(request: HttpRequest) -> HttpResponse:
    """The firms picked, or all that the filter shows, to one person."""
    asked = QueryDict(request.POST.get("filter", "")[:2000])
    form = AssignForm(request.POST, actor=request.user, auto_id=ASSIGN_IDS)
    if not form.is_valid():
        return _list_page(request, asked, form)
    firms = _filtered(request, asked).qs.order_by()
    if request.POST.get("which") == "all":
        chosen = f"按条件 {asked.urlencode()}"[:60]
    else:
        picked = [
            int(n)
            for n in request.POST.getlist("firm")[:_MOST_PICKED]
            if n.isascii() and n.isdigit() and len(n) < 19
        ]
        firms, chosen = firms.filter(pk__in=picked), "逐家选择"
    counts = assign_firms(
        actor=request.user,
        firms=Enterprise.objects.visible_to(request.user).filter(pk__in=firms.values("pk")),
        duty=form.cleaned_data["duty"],
        person=form.chosen,
        since=form.cleaned_data["since"],
        chosen=chosen,
    )
    done = counts["new"] + counts["changed"]
    if done:
        messages.success(
            request, f"已指派 {done} 家给{form.chosen.name}，原已是他的 {counts['same']} 家不变。"
        )
    else:
        messages.warning(request, "没有选中要指派的企业，或都已是这个人负责。")
    return redirect(f"{reverse('enterprises:liaison')}?{asked.urlencode()}")


def liaison_handover(request: HttpRequest) -> HttpResponse:
    """All firms of one person to another in one action; seen with their number before it is done."""
    everybody = holders(request.user)
    data = request.POST if request.method == "POST" else None
    form = HandoverForm(data, actor=request.user, holders=everybody)
    context = {"form": form, "holders": everybody}
    if form.is_bound and form.is_valid():
        giver, taker, since = form.from_whom, form.chosen, form.cleaned_data["since"]
        held = held_by(request.user, giver)
        if request.POST.get("confirm") == "yes":
            count = hand_over(actor=request.user, giver=giver, taker=taker, since=since)
            messages.success(request, f"{giver.name}负责的 {count} 项已移交{taker.name}，原记录保留可查。")
            return redirect("enterprises:liaison")
        context |= {
            "giver": giver,
            "taker": taker,
            "since": since,
            "count": held.count(),
            "names": list(held.values_list("enterprise__name", flat=True).order_by("enterprise__name")[:10]),
        }
    return render(request, "enterprises/liaison_handover.html", context)


def _filtered(request: HttpRequest, asked: QueryDict) -> LiaisonFilter:
    firms = Enterprise.objects.visible_to(request.user).filter(ended_on=None).select_related("region")
    return LiaisonFilter(asked, firms, request=request)


def _list_page(request: HttpRequest, asked: QueryDict, form: AssignForm | None = None) -> HttpResponse:
    chosen = _filtered(request, asked)
    page = Paginator(chosen.qs.order_by("region__order", "uscc"), _PAGE).get_page(asked.get("page"))
    duty = asked.get("duty", "") if asked.get("duty", "") in {one.name for one in duties_for()} else ""
    context = {
        "form": chosen.form,
        "page": page,
        "lines": liaison_lines(page),
        "coverage": coverage(request.user),
        "regions": coverage_by_region(request.user, duty),
        "may_assign": can(request.user, "liaison.assign"),
        "assign_form": form or AssignForm(actor=request.user, auto_id=ASSIGN_IDS),
        "filter": asked.urlencode(),
        "is_chosen": any(asked.get(name) for name in chosen.filters),
    }
    return render(request, "enterprises/liaison_list.html", context)
