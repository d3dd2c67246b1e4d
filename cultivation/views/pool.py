"""培育库: thin doors over services; a firm outside the reader's region does not exist for him."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from core.jobs import enqueue
from core.permissions import can
from cultivation.filters import PoolFilter
from cultivation.forms import ActForm, act_forms, application_forms
from cultivation.models import PoolMembership
from cultivation.services.pool_export import export_members
from cultivation.services.pool_lists import (
    ScreeningResult,
    latest_screening,
    region_lines,
    region_sums,
    running_screening,
)
from cultivation.services.pool_members import latest_membership
from cultivation.services.pool_pages import (
    PoolPlace,
    current_members,
    firm_history,
    member_counts,
    member_rows,
    pool_place,
    pool_totals,
    sorted_members,
    stats_of,
)
from cultivation.services.pool_screening import screen_pool_key
from cultivation.services.pools import PoolRefused
from cultivation.views.requests import download, page_size, region_or_404
from enterprises.models import Enterprise


def pool(request: HttpRequest) -> HttpResponse:
    """在库企业: who is in the pool of a programme, why, on which tier and for which year."""
    place = pool_or_404(request)
    if place is None:
        return render(request, "cultivation/pool_none.html")
    counts = member_counts(place, request.user)
    chosen = _chosen_members(request, place)
    members = sorted_members(chosen.qs, request.GET.get("sort", ""))
    page = Paginator(members, page_size(request)).get_page(request.GET.get("page"))
    context = {
        "pool": place,
        "counts": counts,
        "stats": stats_of(place, counts),
        "form": chosen.form,
        "page": page,
        "rows": member_rows(list(page), place.rule),
        "totals": pool_totals(chosen.qs, page.paginator.count),
        "is_chosen": any(request.GET.get(name) for name in chosen.filters),
        "may_change": can(request.user, "pool.change"),
        "may_export": can(request.user, "pool.export"),
    }
    return render(request, "cultivation/pool.html", context)


def pool_export(request: HttpRequest) -> HttpResponse:
    place = pool_or_404(request)
    if place is None:
        raise Http404
    members = sorted_members(_chosen_members(request, place).qs, request.GET.get("sort", ""))
    chosen = request.GET.urlencode()
    content = export_members(place=place, members=members, chosen=chosen, actor=request.user)
    return download(content, f"{place.edition.locality.name}{place.rule.title}在库企业.xlsx")


def screening(request: HttpRequest) -> HttpResponse:
    """筛选建议: the newest screening's funnel, the count behind every line, and the firms of the one chosen."""
    place = pool_or_404(request)
    if place is None:
        return render(request, "cultivation/pool_none.html")
    newest = latest_screening(place, request.user)
    context = {
        "pool": place,
        "screening": newest,
        "job": running_screening(place.programme),
        "may_screen": can(request.user, "pool.screen"),
    }
    if newest is not None:
        context |= _screened(request, place, ScreeningResult(newest, request.user))
    return render(request, "cultivation/screening.html", context)


@require_POST
def screening_run(request: HttpRequest) -> HttpResponse:
    place = pool_or_404(request, request.POST)
    if place is None:
        raise Http404
    key, arguments = screen_pool_key(place.programme, None), {"programme": place.programme}
    enqueue(job="screen_pool", key=key, arguments=arguments, actor=request.user)
    messages.info(request, f"{place.rule.title}已交后台筛选，完成后刷新本页就能看到结果。")
    return redirect(f"{reverse('cultivation:screening')}?{pool_query(place)}")


def pool_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A firm's place in the pool: what it rests on, its history, and what may be done to it."""
    firm = get_object_or_404(Enterprise.objects.visible_to(request.user).select_related("region"), pk=pk)
    place = pool_or_404(request)
    member = latest_membership(request.user, firm, place.programme, place.rule.kind) if place else None
    context: dict[str, Any] = {"pool": place, "firm": firm, "member": member}
    act = request.POST.get("act", "")
    if place and not member:
        outside = PoolMembership(programme=place.programme, pool=place.rule.kind, enterprise=firm)
        forms = application_forms(place.rule, outside, act, request.POST)
        if act in forms and forms[act].is_valid() and _done(request, act, forms[act]):
            return redirect("cultivation:applications")
        context["forms"] = forms
    if place and member:
        forms = act_forms(place.rule, member, act, request.POST)
        forms |= application_forms(place.rule, member, act, request.POST)
        if act in forms and forms[act].is_valid() and _done(request, act, forms[act]):
            return redirect(f"{reverse('cultivation:pool_change', args=[pk])}?{pool_query(place)}")
        history = firm_history(request.user, member)
        context |= {"forms": forms, "row": member_rows([member], place.rule)[0], "history": history}
    return render(request, "cultivation/pool_change.html", context)


def _done(request: HttpRequest, act: str, form: ActForm) -> bool:
    """Whether the act was done; a refusal is told above the form."""
    try:
        told = form.act_as(request.user)
    except PoolRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, told)
    return True


def pool_or_404(request: HttpRequest, asked: QueryDict | None = None) -> PoolPlace | None:
    """The pool that the address names; ``None`` when none is named and the reader has none."""
    words = request.GET if asked is None else asked
    programme, _, kind = words.get("place", "").partition(":")
    programme, kind = programme or words.get("programme", ""), kind or words.get("pool", "")
    place = pool_place(request.user, programme, kind)
    if place is None and (programme or kind):
        raise Http404
    return place


def pool_query(place: PoolPlace) -> str:
    return urlencode({"programme": place.programme, "pool": place.rule.kind})


def _chosen_members(request: HttpRequest, place: PoolPlace) -> PoolFilter:
    members, counts = current_members(place, request.user), member_counts(place, request.user)
    return PoolFilter(request.GET, members, request=request, rule=place.rule, counts=counts)


def _screened(request: HttpRequest, place: PoolPlace, result: ScreeningResult) -> dict[str, Any]:
    region, which = region_or_404(request), request.GET.get("which", "in")
    try:
        listed = result.listed(which, region)
    except KeyError as error:
        raise Http404 from error
    page = Paginator(listed, page_size(request)).get_page(request.GET.get("page"))
    lines = region_lines(result, place)
    return {
        "result": result,
        "which": which,
        "title": result.title_of(which),
        "region": region,
        "page": page,
        "firms": result.firms([int(row) for row in page.object_list]),
        "lines": lines,
        "sums": region_sums(lines, result, place),
    }
