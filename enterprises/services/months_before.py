"""What firms declared before a month: the ground on which a new figure is judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Max, Q, Sum

from core.periods import Month
from enterprises.models import MonthlyFigure


class FigureBefore(NamedTuple):
    """Hundredths of 万元; None where nothing was reported."""

    revenue: int | None
    tax: int | None
    mean_revenue: int | None
    revenue_ytd: int | None
    tax_ytd: int | None


def last_figures(firm_ids: Iterable[int], month: Month) -> dict[int, FigureBefore]:
    """By firm: last month, the mean of up to twelve months before, and this year so far, all before ``month``."""
    last, first = month - 1, month - 12
    this_year = Q(month__gte=Month(month.year, 1))
    found = {}
    figures = MonthlyFigure.objects.filter(
        enterprise_id__among=set(firm_ids), month__gte=first, month__lte=last
    )
    rows = (
        figures.order_by()
        .values_list("enterprise_id")
        .annotate(
            last_revenue=Max("revenue_wan", filter=Q(month=last)),
            last_tax=Max("tax_paid_wan", filter=Q(month=last)),
            total=Sum("revenue_wan"),
            months=Count("id"),
            revenue_ytd=Sum("revenue_wan", filter=this_year),
            tax_ytd=Sum("tax_paid_wan", filter=this_year),
        )
    )
    for firm_id, revenue, tax, total, months, revenue_ytd, tax_ytd in rows:
        found[firm_id] = FigureBefore(revenue, tax, round(total / months), revenue_ytd, tax_ytd)
    return found
