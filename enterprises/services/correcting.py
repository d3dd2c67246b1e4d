"""A declared figure put right after its month was issued: by an approved 更正单, which keeps old and new."""

from __future__ import annotations

from core.periods import Month
from enterprises.models import MonthlyFigure

#: what may be corrected one by one
MEASURES = frozenset({"revenue_wan", "tax_paid_wan", "taxable_sales_wan", "power_wan_kwh", "staff"})


class FigureMoved(Exception):
    """The figure is no longer what the correction was written against."""


def correct_figure(*, firm: int, month: Month, measure: str, old: int | None, new: int) -> None:
    """Inside the caller's transaction, which audits it. Raises ``FigureMoved``; amounts in whole hundredths."""
    if measure not in MEASURES:
        raise ValueError(f"not a declared figure: {measure}")
    figure = MonthlyFigure.objects.select_for_update().filter(enterprise=firm, month=month).first()
    if figure is None or getattr(figure, measure) != old:
        raise FigureMoved(f"{month} {measure}")
    setattr(figure, measure, new)
    figure.save(update_fields=[measure])
