"""Lowered lines, applications, lists handed on: thin doors over services."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.models import Role
from core.permissions import can
from core.scoping import regions_visible_to
from cultivation.forms import HandoverForm, LineForm, OpinionForm
from cultivation.models import PoolApplication, PoolHandover, PoolLine
from cultivation.services.pool_applications import decide_application, review_application
from cultivation.services.pool_handovers import hand_over, take_handover
from cultivation.services.pool_lines import county_lines, end_line, lower_line
from cultivation.services.pool_pages import PoolPlace
from cultivation.services.pools import PoolRefused
from cultivation.views.pool import pool_or_404, pool_query
from cultivation.views.requests import download, page_size


def lines(request: HttpRequest) -> HttpResponse:
    """入库线: what the document prints, what each county has set, and the form to lower it."""
    place = pool_or_404(request)
    if place is None:
        return render(request, "cultivation/pool_none.html")
    year = place.rule.year
    form = LineForm(request.POST if "amount" in request.POST else None)
    if request.method == "POST" and _line_done(request, place, form):
        return redirect(f"{reverse('cultivation:pool_lines')}?{pool_query(place)}")
    history = PoolLine.objects.visible_to(request.user).of_pool(place.programme, place.rule.kind)
    context = {
        "pool": place,
        "year": year,
        "form": form,
        "chosen": request.POST.get("region", ""),
        "counties": county_lines(place.edition, place.rule, year, request.user),
        "history": history.select_related("region", "set_by", "ended_by")[:50],
        "may_lower": can(request.user, "pool.lower"),
    }
    return render(request, "cultivation/pool_lines.html", context)


def _line_done(request: HttpRequest, place: PoolPlace, form: LineForm) -> bool:
    try:
        if "end" in request.POST:
            rows = (
                PoolLine.objects.visible_to(request.user).of_pool(place.programme, place.rule.kind).holding()
            )
            line = get_object_or_404(rows.select_related("region"), pk=_whole(request.POST["end"]))
            end_line(line=line, actor=request.user)
            messages.success(request, f"{line.region.name}恢复方案的入库线，下次筛选起生效。")
            return True
        if not form.is_valid():
            return False
        region = regions_visible_to(request.user).filter(pk=form.cleaned_data["region"]).first()
        if region is None:
            raise PoolRefused("请选择本辖区的县（市、区）。")
        lower_line(
            programme=place.programme,
            pool=place.rule.kind,
            year=place.rule.year,
            region=region,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            actor=request.user,
        )
    except PoolRefused as refused:
        form.is_valid()
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{region.name}的入库线已下调，下次筛选起生效。")
    return True


def applications(request: HttpRequest) -> HttpResponse:
    """申请: those in hand first, then what was decided."""
    rows = PoolApplication.objects.visible_to(request.user).select_related("enterprise__region", "applied_by")
    state = request.GET.get("state", "")
    if state in PoolApplication.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, page_size(request)).get_page(request.GET.get("page"))
    context = {"page": page, "states": PoolApplication.State.choices, "state": state}
    return render(request, "cultivation/applications.html", context)


def application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: what was asked for and why, the opinion, the decision."""
    rows = PoolApplication.objects.visible_to(request.user)
    people = ("enterprise__region", "applied_by", "reviewed_by", "decided_by", "edition")
    found = get_object_or_404(rows.select_related(*people), pk=pk)
    step = _step_of(request, found)
    form = OpinionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if step is None:
            raise Http404
        if form.is_valid():
            act = review_application if step == "review" else decide_application
            try:
                act(
                    application=found,
                    agrees=form.cleaned_data["agrees"] == "yes",
                    opinion=form.cleaned_data["opinion"],
                    actor=request.user,
                )
            except PoolRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{found.enterprise.name}：意见已记录。")
                return redirect("cultivation:application", pk)
    return render(request, "cultivation/application.html", {"application": found, "form": form, "step": step})


def _step_of(request: HttpRequest, found: PoolApplication) -> str | None:
    """What this reader may do now: review in the district, decide in the bureau."""
    if found.state == PoolApplication.State.APPLIED and can(request.user, "pool.review"):
        return "review"
    if found.state == PoolApplication.State.REVIEWED and request.user.role == Role.BUREAU_LEADER:
        return "decide"
    return None


def handovers(request: HttpRequest) -> HttpResponse:
    """名单抄送: to whom, when, how many; the list stays as it was handed over."""
    place = pool_or_404(request)
    if place is None:
        return render(request, "cultivation/pool_none.html")
    form = HandoverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = hand_over(place=place, region=request.user.region, actor=request.user, **form.cleaned_data)
        except PoolRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"已抄送{made.recipient}，共 {made.count} 家。名单可在下表下载。")
            return redirect(f"{reverse('cultivation:handovers')}?{pool_query(place)}")
    rows = PoolHandover.objects.visible_to(request.user).of_pool(place.programme, place.rule.kind)
    context = {
        "pool": place,
        "form": form,
        "rows": rows.defer("content").select_related("region", "handed_by")[:100],
    }
    return render(request, "cultivation/handovers.html", context)


def handover_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PoolHandover.objects.visible_to(request.user).select_related("region"), pk=pk)
    content = take_handover(handover=found, actor=request.user)
    return download(content, f"{found.region.name}培育库名单（抄送{found.recipient}）.xlsx")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
