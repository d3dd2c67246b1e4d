"""报送情况 and one region's return: who has reported, who has not, who filled in for whom."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.models import PolicyEdition
from core.periods import Month
from cultivation.models import MonthlyCycle, MonthReturn
from cultivation.services.month_completeness import returns_table, silent_firms
from cultivation.services.programmes import programmes_visible_to
from cultivation.views.requests import page_size

#: what the page can be narrowed to: word of the address → attribute of the table
NARROWED = {"late": "late", "not_in": "not_in"}


def month_returns(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """Every region's return at a glance; ``?state=late`` shows the overdue alone."""
    edition, cycle = _cycle(request, programme, month)
    table = returns_table(cycle=cycle, user=request.user) if cycle else None
    state = request.GET.get("state", "")
    state = state if state in NARROWED else ""
    lines = (getattr(table, NARROWED[state]) if state else table.lines) if table else ()
    context = {"programme": edition, "month": month, "table": table, "lines": lines, "state": state}
    return render(request, "cultivation/month_returns.html", context)


def month_return(request: HttpRequest, programme: str, month: Month, region: str) -> HttpResponse:
    """One region's return: its numbers, its firms that have not reported, when it was asked for."""
    edition, cycle = _cycle(request, programme, month)
    if cycle is None:
        raise Http404
    returns = MonthReturn.objects.visible_to(request.user).of_cycle(cycle)
    found = get_object_or_404(returns, region=region)
    table = returns_table(cycle=cycle, user=request.user)
    line = next(line for line in table.lines if line.region.pk == found.region_id)
    silent = silent_firms(cycle=cycle, region=found.region, user=request.user)
    part = Paginator(silent.select_related("region"), page_size(request)).get_page(request.GET.get("page"))
    context = {
        "programme": edition,
        "month": month,
        "table": table,
        "line": line,
        "part": part,
        "reminders": found.reminders.all(),
    }
    return render(request, "cultivation/month_return.html", context)


def _cycle(request: HttpRequest, programme: str, month: Month) -> tuple[PolicyEdition, MonthlyCycle | None]:
    """The programme, and its month where that was opened."""
    edition = programmes_visible_to(request.user).filter(name=programme).first()
    if edition is None:
        raise Http404
    cycles = MonthlyCycle.objects.visible_to(request.user).of_month(programme, month)
    return edition, cycles.select_related("region", "edition").first()
