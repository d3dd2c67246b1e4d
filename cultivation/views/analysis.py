"""分析: what a month's figures show, who stands behind each finding, and the words that go out with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.periods import Month
from core.permissions import can
from core.standing import standing_page
from cultivation.services.analysis import TEXT_LIMIT, analysis_text, edit_analysis, sees_whole
from cultivation.services.analysis_figures import AnalysisFigures, analysis_figures
from cultivation.services.month_lists import firm_rows
from cultivation.services.month_pages import MonthPage, current_month
from cultivation.services.months import MonthRefused
from cultivation.views.months import page_or_404
from cultivation.views.requests import page_size, region_or_404


def analysis_current(request: HttpRequest) -> HttpResponse:
    """The analysis of the latest closed month."""
    place = current_month(request.user, request.GET.get("programme", ""))
    if place is None:
        return render(request, "cultivation/month_none.html")
    return redirect("cultivation:analysis", *place)


def analysis(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    return standing_page(request, "cultivation/analysis.html", lambda: _context(request, programme, month))


def _context(request: HttpRequest, programme: str, month: Month) -> dict[str, Any]:
    page, figures = figures_or_none(request, programme, month)
    whole = figures is not None and sees_whole(request.user, figures.issue)
    return {
        "page": page,
        "figures": figures,
        "words": analysis_text(figures) if figures and whole else None,
        "may_edit": can(request.user, "analysis.edit") and page.is_newest and not page.issue.is_frozen,
        "is_editing": "edit" in request.GET,
        "limit": TEXT_LIMIT,
    }


def analysis_rows(request: HttpRequest, programme: str, month: Month, kind: str) -> HttpResponse:
    """The firms of one finding, with what it rests on."""
    page, figures = figures_or_none(request, programme, month)
    region = region_or_404(request)
    if figures is None:
        raise Http404
    try:
        listed = figures.listed(kind, region)
    except KeyError as error:
        raise Http404 from error
    part = Paginator(listed, page_size(request)).get_page(request.GET.get("page"))
    firms = firm_rows(listed, list(part.object_list), request.user)
    context = {"page": page, "region": region, "listed": listed, "part": part, "firms": firms}
    return render(request, "cultivation/analysis_rows.html", context)


@require_POST
def analysis_edit(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    page = page_or_404(request, programme, month)
    if page.issue is None or page.issue.inputs_digest != request.POST.get("digest"):
        messages.error(request, f"{month.label}的统计已经更新，请看过新的数字再改。")
        return redirect("cultivation:analysis", programme, month)
    try:
        edit_analysis(issue=page.issue, text=request.POST.get("text", ""), actor=request.user)
    except MonthRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "分析已保存，随本月一同印发；印发后冻结。")
    return redirect("cultivation:analysis", programme, month)


def figures_or_none(
    request: HttpRequest, programme: str, month: Month
) -> tuple[MonthPage, AnalysisFigures | None]:
    page = page_or_404(request, programme, month)
    return page, analysis_figures(page.issue, request.user) if page.issue else None
