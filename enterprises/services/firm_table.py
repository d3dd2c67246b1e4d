"""The table of 企业查询: figures of the firms on a page, and 合计 over the whole result. Reads only, fixed queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Max, Q, Subquery, Sum

from core.amounts import ratio_of
from core.models import User
from core.periods import Month, months_between
from enterprises.models import Enterprise, MonthlyFigure
from enterprises.querysets import EnterpriseQuerySet, MonthlyFigureQuerySet
from enterprises.services.storing import in_chunks

SPARK_MONTHS = 12
MONTHS_OFFERED = 36
NO_BASE = "没有可比的上年同期数"
NOT_REPORTED = "未报"

#: sort key → (field summed, over last year instead of this one)
_FIGURE_SORTS = {
    "ytd": ("revenue_wan", False),
    "last_year": ("revenue_wan", True),
    "tax": ("tax_paid_wan", False),
    "power": ("power_wan_kwh", False),
}
_PLAIN_SORTS = {"name": "name", "region": "region__order", "uscc": "uscc"}


@dataclass(frozen=True, slots=True)
class Span:
    """The months that the table speaks of: this year up to the latest month with figures, and last year."""

    month: Month

    @property
    def first(self) -> Month:
        return Month(self.month.year, 1)

    @property
    def last_year(self) -> int:
        return self.month.year - 1

    @property
    def last_year_first(self) -> Month:
        return Month(self.last_year, 1)

    @property
    def last_year_end(self) -> Month:
        return Month(self.last_year, 12)

    @property
    def spark_months(self) -> list[Month]:
        return months_between(self.month - (SPARK_MONTHS - 1), self.month)


@dataclass(slots=True)
class FigureLine:
    """Hundredths of 万元 and 万千瓦时; None where nothing was reported, which is not 0."""

    last_year_revenue: int | None = None
    revenue_ytd: int | None = None
    #: growth over the months reported in both years
    revenue_yoy: Decimal | None = None
    tax_ytd: int | None = None
    power_ytd: int | None = None
    spark: list[int | None] = field(default_factory=list)
    latest_month: Month | None = None


@dataclass(slots=True)
class FirmLine:
    firm: Enterprise
    figures: FigureLine


@dataclass(slots=True)
class FirmSums:
    """One firm's sums in an export; ``now`` and ``base``: over the months reported in both years."""

    last_year_revenue: int | None
    revenue_ytd: int | None
    tax_ytd: int | None
    power_ytd: int | None
    latest_month: Month | None
    now: int | None = None
    base: int | None = None


@dataclass(slots=True)
class Totals:
    firms: int
    figures: FigureLine


def latest_span(user: User) -> Span | None:
    """Up to the latest month for which this user sees a figure; None before the first return."""
    newest = MonthlyFigure.objects.visible_to(user).order_by("-month").values_list("month", flat=True).first()
    return None if newest is None else Span(newest)


def span_of(latest: Span | None, asked: str) -> Span | None:
    """Up to the month asked for (``2022-05``); up to the latest one with figures where none or nonsense is asked."""
    offered = months_offered(latest) if latest else []
    return next((Span(month) for month in offered if str(month) == asked), latest)


def months_offered(latest: Span) -> list[Month]:
    return [latest.month - back for back in range(MONTHS_OFFERED)]


def growth(revenue: int | None, base: int | None) -> Decimal | None:
    """Growth as a ratio; None when the base is missing, zero or negative."""
    if revenue is None or base is None or base <= 0:
        return None
    return ratio_of(revenue - base, base)


def sorted_firms(firms: EnterpriseQuerySet, sort: str, user: User, span: Span | None) -> EnterpriseQuerySet:
    """By ``name``, ``region``, ``uscc`` or a figure, ``-`` for descending; firms without the figure come last."""
    key = sort.removeprefix("-")
    if key in _PLAIN_SORTS:
        by = F(_PLAIN_SORTS[key])
    elif key in _FIGURE_SORTS and span is not None:
        measure, before = _FIGURE_SORTS[key]
        figures = MonthlyFigure.objects.visible_to(user)
        if before:
            figures = figures.for_months(span.last_year_first, span.last_year_end)
        else:
            figures = figures.for_months(span.first, span.month)
        firms = firms.annotate(sort_figure=Subquery(figures.sum_by_firm(measure)))
        by = F("sort_figure")
    else:
        return firms.order_by("region__order", "uscc")
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return firms.order_by(order, "region__order", "uscc")


def firm_lines(firms: Sequence[Enterprise], user: User, span: Span | None) -> list[FirmLine]:
    """The firms of one page with their figures: one query a ``CHUNK`` of firms."""
    lines = {firm.pk: FirmLine(firm, FigureLine()) for firm in firms}
    if span is not None:
        for chunk in in_chunks(lines):
            _fill(lines, chunk, user, span)
    return list(lines.values())


def figures_by_firm(firms: EnterpriseQuerySet, user: User, span: Span | None) -> dict[int, FirmSums]:
    """The figures of every firm of a result at once, summed by the database: two queries, whatever their number."""
    if span is None:
        return {}
    figures = MonthlyFigure.objects.visible_to(user).of_firms(firms)
    this_year, last_year = Q(month__gte=span.first), Q(month__lte=span.last_year_end)
    sums = (
        figures.for_months(span.last_year_first, span.month)
        .order_by()
        .values_list("enterprise_id")
        .annotate(
            last_year_sum=Sum("revenue_wan", filter=last_year),
            this_year_sum=Sum("revenue_wan", filter=this_year),
            tax_sum=Sum("tax_paid_wan", filter=this_year),
            power_sum=Sum("power_wan_kwh", filter=this_year),
            latest=Max("month"),
        )
    )
    found = {row[0]: FirmSums(*row[1:]) for row in sums.iterator(chunk_size=5000)}
    pairs = (
        figures.for_months(span.first, span.month)
        .with_base()
        .order_by()
        .values_list("enterprise_id")
        .annotate(now_sum=Sum("revenue_wan"), base_sum=Sum("base_wan"))
    )
    for firm, now, base in pairs.iterator(chunk_size=5000):
        found[firm].now, found[firm].base = now, base
    return found


def table_totals(firms: EnterpriseQuerySet, count: int, user: User, span: Span | None) -> Totals:
    """合计 over all firms of the result, not over the page. Two queries."""
    if span is None:
        return Totals(count, FigureLine())
    figures = MonthlyFigure.objects.visible_to(user).of_firms(firms)
    this_year, last_year = Q(month__gte=span.first), Q(month__lte=span.last_year_end)
    sums = figures.for_months(span.last_year_first, span.month).aggregate(
        last_year_revenue=Sum("revenue_wan", filter=last_year),
        revenue_ytd=Sum("revenue_wan", filter=this_year),
        tax_ytd=Sum("tax_paid_wan", filter=this_year),
        power_ytd=Sum("power_wan_kwh", filter=this_year),
    )
    return Totals(count, FigureLine(**sums, revenue_yoy=_comparable_growth(figures, span)))


def _comparable_growth(figures: MonthlyFigureQuerySet, span: Span) -> Decimal | None:
    pair = (
        figures.for_months(span.first, span.month)
        .with_base()
        .aggregate(now=Sum("revenue_wan"), base=Sum("base_wan"))
    )
    return growth(pair["now"], pair["base"])


def _fill(lines: dict[int, FirmLine], ids: Iterable[int], user: User, span: Span) -> None:
    figures = MonthlyFigure.objects.visible_to(user).for_months(span.last_year_first, span.month)
    rows = (
        figures.filter(enterprise__in=list(ids))
        .order_by()
        .values_list("enterprise_id", "month", "revenue_wan", "tax_paid_wan", "power_wan_kwh")
    )
    by_firm: dict[int, dict[Month, tuple[int, int, int | None]]] = defaultdict(dict)
    for firm_id, month, revenue, tax, power in rows:
        by_firm[firm_id][month] = (revenue, tax, power)
    for firm_id, months in by_firm.items():
        lines[firm_id].figures = _line(months, span)


def _line(months: dict[Month, tuple[int, int, int | None]], span: Span) -> FigureLine:
    this_year = {month: row for month, row in months.items() if month >= span.first}
    pairs = [(row[0], months[month - 12][0]) for month, row in this_year.items() if month - 12 in months]
    powers = [row[2] for row in this_year.values() if row[2] is not None]
    last_year = [row[0] for month, row in months.items() if month.year == span.last_year]
    return FigureLine(
        last_year_revenue=sum(last_year) if last_year else None,
        revenue_ytd=sum(row[0] for row in this_year.values()) if this_year else None,
        revenue_yoy=growth(sum(p[0] for p in pairs), sum(p[1] for p in pairs)) if pairs else None,
        tax_ytd=sum(row[1] for row in this_year.values()) if this_year else None,
        power_ytd=sum(powers) if powers else None,
        spark=[months[month][0] if month in months else None for month in span.spark_months],
        latest_month=max(months),
    )
