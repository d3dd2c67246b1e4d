"""Pages of the registry: 企业查询 and 一企一档."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core.panels import dossier_for
from core.permissions import can
from core.templatetags.house import PAGE_SIZES
from enterprises.filters import EnterpriseFilter, FirmPageFilter
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet
from enterprises.rules.industries import industry_label
from enterprises.services.contacts import reveal_contact
from enterprises.services.dossier import open_dossier
from enterprises.services.exporting import export_firms
from enterprises.services.firm_table import Span, firm_lines, latest_span, sorted_firms, span_of, table_totals
from enterprises.services.lineage import standing_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def enterprise_list(request: HttpRequest) -> HttpResponse:
    chosen, span = _chosen(request)
    page = _page_of(_sorted(request, chosen, span), request)
    context = {
        "form": chosen.form,
        "page": page,
        "lines": firm_lines(list(page), request.user, span),
        "totals": table_totals(chosen.qs, page.paginator.count, request.user, span),
        "span": span,
        "may_export": can(request.user, "enterprise.export"),
        "may_send": can(request.user, "batch.send"),
        "is_chosen": any(request.GET.get(name) for name in chosen.filters if name != "month"),
    }
    return render(request, "enterprises/enterprise_list.html", context)


@require_GET
def enterprise_export(request: HttpRequest) -> HttpResponse:
    chosen, span = _chosen(request)
    firms = _sorted(request, chosen, span)
    content = export_firms(actor=request.user, firms=firms, chosen=request.GET.urlencode(), span=span)
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = (
        "attachment; filename=\"enterprises.xlsx\"; filename*=UTF-8''%E4%BC%81%E4%B8%9A%E6%9F%A5%E8%AF%A2.xlsx"
    )
    return answer


@require_GET
def enterprise_detail(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        context = _dossier_context(request, pk)
    except Http404:
        standing = standing_for(pk, request.user)
        if standing is None:
            raise
        return redirect("enterprises:detail", pk=standing.pk)
    return render(request, "enterprises/enterprise_detail.html", context)


@never_cache
@require_POST
def enterprise_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page with the number in full. Not redirected: the number must not travel in a cookie or an address."""
    context = _dossier_context(request, pk)
    context["phone"] = reveal_contact(actor=request.user, enterprise=context["firm"])
    return render(request, "enterprises/enterprise_detail.html", context)


def _chosen(request: HttpRequest) -> tuple[FirmPageFilter, Span | None]:
    latest = latest_span(request.user)
    firms = Enterprise.objects.visible_to(request.user)
    chosen = FirmPageFilter(request.GET, firms, request=request, latest=latest)
    return chosen, span_of(latest, request.GET.get("month", ""))


def _sorted(request: HttpRequest, chosen: EnterpriseFilter, span: Span | None) -> EnterpriseQuerySet:
    firms = chosen.qs.select_related("region")
    return sorted_firms(firms, request.GET.get("sort", ""), request.user, span)


def _page_of(firms: EnterpriseQuerySet, request: HttpRequest) -> Page:
    size = request.GET.get("page_size", "")
    known = int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0]
    return Paginator(firms, known).get_page(request.GET.get("page"))


def _dossier_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    firms = Enterprise.objects.visible_to(request.user).select_related("region")
    firm = get_object_or_404(firms, pk=pk)
    return {
        "firm": firm,
        "industry": industry_label(firm.industry_code),
        "dossier": open_dossier(firm, request.user),
        "panels": [
            (panel.title, render_to_string(panel.template, dict(panel.context), request))
            for panel in dossier_for(request.user, firm)
        ],
        "may_see_contact": can(request.user, "contact.view"),
        "may_change": can(request.user, "registry.change"),
        "may_assign": can(request.user, "liaison.assign"),
        "phone": None,
    }
