"""统计: a month by region × tier × industry, and the firms behind each number."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.periods import Month
from core.standing import standing_page
from cultivation.rules.statistic_rows import MEASURE_WORDS, UNITS
from cultivation.services.month_lists import firm_rows
from cultivation.services.month_pages import current_month
from cultivation.services.statistic_pages import BY, Narrowing, StatisticPage, industry_name, statistic_page
from cultivation.views.months import page_or_404
from cultivation.views.requests import page_size, region_or_404


def statistics_current(request: HttpRequest) -> HttpResponse:
    """The statistics of the latest closed month."""
    place = current_month(request.user, request.GET.get("programme", ""))
    if place is None:
        return render(request, "cultivation/month_none.html")
    return redirect("cultivation:statistics", *place)


def statistics(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    by = request.GET.get("by", "region")
    if by not in BY:
        raise Http404
    return standing_page(
        request, "cultivation/statistics.html", lambda: _context(request, programme, month, by)
    )


def _context(request: HttpRequest, programme: str, month: Month, by: str) -> dict[str, Any]:
    page, figures = _figures(request, programme, month)
    return {
        "page": page,
        "figures": figures,
        "by": by,
        "heading": BY[by][1],
        "dimensions": [(name, label) for name, (_, label) in BY.items()],
        "rows": figures.rows(by) if figures else [],
        "measures": [(name, word, UNITS[name]) for name, word in MEASURE_WORDS.items()],
        "narrowed": _narrowed_query(figures.asked) if figures else "",
    }


def statistic_rows(request: HttpRequest, programme: str, month: Month, which: str) -> HttpResponse:
    """The firms behind one number, as they were when it was computed."""
    page, figures = _figures(request, programme, month)
    if figures is None:
        raise Http404
    try:
        listed = figures.listed(which)
    except KeyError as error:
        raise Http404 from error
    part = Paginator(listed, page_size(request)).get_page(request.GET.get("page"))
    firms = firm_rows(listed, list(part.object_list), request.user)
    words = [figures.asked.region.name] if figures.asked.region else []
    words += [figures.tiers[figures.asked.tier]] if figures.asked.tier is not None else []
    words += [industry_name(figures.asked.industry)] if figures.asked.industry is not None else []
    context = {"page": page, "listed": listed, "part": part, "firms": firms, "words": words}
    return render(request, "cultivation/statistic_rows.html", context)


def _figures(request: HttpRequest, programme: str, month: Month) -> tuple[object, StatisticPage | None]:
    page = page_or_404(request, programme, month)
    if page.issue is None:
        return page, None
    asked = Narrowing(region_or_404(request), _whole(request, "tier"), _whole(request, "industry"))
    figures = statistic_page(page.issue, request.user, asked)
    if figures and asked.tier is not None and asked.tier >= len(figures.tiers):
        raise Http404
    return page, figures


def _whole(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise Http404
    return int(text)


def _narrowed_query(asked: Narrowing) -> str:
    """What the lists of every row of the page are narrowed by, besides the row itself."""
    chosen = {
        "region": asked.region.pk if asked.region else None,
        "tier": asked.tier,
        "industry": asked.industry,
    }
    return urlencode({name: value for name, value in chosen.items() if value is not None})
