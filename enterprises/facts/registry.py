"""Facts of the registry and its lists, for conditions of any policy: each source of a figure is a fact of its own.

应税销售 of the tax list, 应税销售 of the survey and 营业收入 of the months are three facts; none stands in for another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Max, QuerySet, Sum

from core.bulk import read_columns
from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_declared, register_facts
from core.periods import Month
from core.services.policies import declared_types
from enterprises.facts.lineage import continued_by, pasts_of
from enterprises.models import (
    AnnualFigure,
    DeclaredValue,
    DelistedEntry,
    Enterprise,
    MonthlyFigure,
    ScaleEvent,
)
from enterprises.rules.declared import fact_values, period_text
from enterprises.rules.industries import SECTIONS, section_of
from enterprises.rules.lineage import Past, involved, with_past_months, with_pasts

#: Up to so many firms are asked for by key; for more the whole table of the year is read once.
_BY_KEY = 900
_EPOCH = date(1970, 1, 1).toordinal()
MONTHS_OF_A_YEAR = 12

#: fact → (field of the survey's annual figure, label, kind, unit)
SURVEYED = {
    "taxable_sales": ("taxable_sales_wan", "应税销售（评价采集）", Kind.AMOUNT, ""),
    "surveyed_revenue": ("revenue_wan", "营业收入（评价采集）", Kind.AMOUNT, ""),
    "main_revenue": ("main_revenue_wan", "主营业务收入", Kind.AMOUNT, ""),
    "tax_paid": ("tax_wan", "税收（评价采集）", Kind.AMOUNT, ""),
    "value_added": ("value_added_wan", "工业增加值", Kind.AMOUNT, ""),
    "research_cost": ("research_wan", "研发经费", Kind.AMOUNT, ""),
    "land_own": ("land_own_mu", "自有用地", Kind.AREA, ""),
    "land_leased_in": ("land_leased_in_mu", "租入用地", Kind.AREA, ""),
    "land_leased_out": ("land_leased_out_mu", "租出用地", Kind.AREA, ""),
    "energy": ("energy_tce", "综合能耗", Kind.QUANTITY, "吨标煤"),
    "power": ("power_wan_kwh", "用电量", Kind.QUANTITY, "万千瓦时"),
    "emissions": ("emissions_t", "主要污染物排放量", Kind.QUANTITY, "吨"),
    "staff": ("staff", "年平均职工人数", Kind.COUNT, "人"),
}
TAX_LIST = {"tax_list_sales": ("taxable_sales_wan", "应税销售（税务名单）", Kind.AMOUNT, "")}


def _of_these(rows: QuerySet[Any], context: FactContext, lookup: str = "enterprise__in") -> QuerySet[Any]:
    """Only the firms that are asked for, where they are few; ``aligned`` leaves the others out anyway."""
    ids = context.enterprises
    return rows.filter(**{lookup: ids.tolist()}) if len(ids) <= _BY_KEY else rows


def _with_past_firms(rows: QuerySet[Any], context: FactContext) -> QuerySet[Any]:
    """As ``_of_these``, and of the firms that went into them."""
    ids = context.enterprises
    if len(ids) > _BY_KEY:
        return rows
    wanted = set(ids.tolist())
    gone = {one for firm, past in pasts_of(context).items() if firm in wanted for one in past.firms}
    return rows.filter(enterprise__in=sorted(wanted | gone))


def _column(context: FactContext, firms: list[int], values: list[int | None]) -> Column:
    known = [value is not None for value in values]
    return context.aligned(firms, [value or 0 for value in values], known)


# ---------------------------------------------------------------- lists by year


def _annual(source: str, facts: dict[str, tuple[str, str, Kind, str]]) -> Callable[[FactContext], Column]:
    """Figures of one source; all facts of it that the frame wants of a year cost one query."""

    def load(context: FactContext) -> Column:
        names = sorted(
            {key.name for key in context.wanted if key.name in facts and key.period == context.period}
        )
        fields = [facts[name][0] for name in names]

        def read() -> tuple[np.ndarray, dict[str, Column]]:
            rows = AnnualFigure.objects.filter(year=context.period, source=source).order_by()
            found = read_columns(_with_past_firms(rows, context), "enterprise_id", *fields)
            columns = {field: found.columns[field] for field in fields}
            return _with_own_pasts(
                found.columns["enterprise_id"].values, columns, context.period, pasts_of(context)
            )

        firms, columns = context.once(("annual", source, context.period), read)
        column = columns[facts[context.key.name][0]]
        return context.aligned(firms, column.values, column.known)

    return load


def _with_own_pasts(
    firms: np.ndarray, columns: dict[str, Column], year: int, before: dict[int, Past]
) -> tuple[np.ndarray, dict[str, Column]]:
    """The few firms that took others in are told with them; all others stay as they are."""
    if not before:
        return firms, columns
    apart = np.isin(firms, np.fromiter(involved(before), np.int64))
    few = {field: column.take(np.flatnonzero(apart)) for field, column in columns.items()}
    told = {
        firm: [int(c.values[row]) if c.known[row] else None for c in few.values()]
        for row, firm in enumerate(firms[apart].tolist())
    }
    joined = with_pasts(told, year, before)
    whole = {}
    for place, (field, column) in enumerate(columns.items()):
        more = [values[place] for values in joined.values()]
        whole[field] = Column(
            np.concatenate([column.values[~apart], np.array([value or 0 for value in more], np.int64)]),
            np.concatenate([column.known[~apart], np.array([value is not None for value in more], np.bool_)]),
        )
    return np.concatenate([firms[~apart], np.fromiter(joined, np.int64, len(joined))]), whole


def _revenue(context: FactContext) -> Column:
    """Sum of the twelve monthly returns; a year with a month missing is not known."""
    first, last = Month(context.period, 1), Month(context.period, MONTHS_OF_A_YEAR)
    rows = _of_these(MonthlyFigure.objects.for_months(first, last), context).order_by()
    sums = rows.values("enterprise_id").annotate(total=Sum("revenue_wan"), months=Count("id"))
    found = list(sums.values_list("enterprise_id", "total", "months"))
    before = pasts_of(context)
    if before:
        apart = involved(before)
        found = [row for row in found if row[0] not in apart]
        found += _revenue_with_pasts(MonthlyFigure.objects.for_months(first, last), before)
    known = [months == MONTHS_OF_A_YEAR for _, _, months in found]
    return context.aligned([row[0] for row in found], [row[1] for row in found], known)


def _revenue_with_pasts(months: QuerySet[Any], before: dict[int, Past]) -> list[tuple[int, int, int]]:
    """(firm, total, months) of firms for which others stand and of those others; one query."""
    rows = months.filter(enterprise__in=sorted(involved(before))).order_by()
    figures = {
        (firm, month.number): [value]
        for firm, month, value in rows.values_list("enterprise_id", "month", "revenue_wan")
    }
    sums: dict[int, list[int]] = defaultdict(list)
    for (firm, _), (value,) in with_past_months(figures, before).items():
        if value is not None:
            sums[firm].append(value)
    return [(firm, sum(values), len(values)) for firm, values in sums.items()]


def _delisted_year(context: FactContext) -> Column:
    """The latest year in the statistics bureau's list of firms that left statistics (退统)."""
    rows = _with_past_firms(DelistedEntry.objects.order_by(), context).values("enterprise_id")
    return _latest(context, rows.annotate(latest=Max("year")).values_list("enterprise_id", "latest"))


def _listed_year(context: FactContext) -> Column:
    """The latest approval-library year (审批库年度) in which the firm entered the directory."""
    events = ScaleEvent.objects.filter(kind=ScaleEvent.Kind.LISTED).order_by()
    rows = _with_past_firms(events, context).values("enterprise_id")
    return _latest(context, rows.annotate(latest=Max("library_year")).values_list("enterprise_id", "latest"))


def _latest(context: FactContext, rows: Iterable[tuple[int, int]]) -> Column:
    """By firm; what happened to a record is of the one under which the same business goes on too."""
    found = dict(rows)
    for record, goes_on_as in continued_by(context).items():
        if record in found:
            found[goes_on_as] = max(found[record], found.get(goes_on_as, 0))
    return _column(context, list(found), list(found.values()))


# ---------------------------------------------------------------- the registry

_REGISTRY = ("pk", "above_scale", "verification", "industry_code", "status", "founded_on", "started_on")


def _registry(context: FactContext) -> dict[str, list[Any]]:
    """The registry's particulars of the firms, read once a frame."""

    def read() -> dict[str, list[Any]]:
        rows = list(_of_these(Enterprise.objects.order_by(), context, "pk__in").values_list(*_REGISTRY))
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _REGISTRY]
        return dict(zip(_REGISTRY, columns, strict=True))

    return context.once("registry", read)


def _flag(name: str, value: Any) -> Callable[[FactContext], Column]:
    def load(context: FactContext) -> Column:
        rows = _registry(context)
        return context.aligned(rows["pk"], np.array([cell == value for cell in rows[name]], dtype=bool))

    return load


def _day(name: str) -> Callable[[FactContext], Column]:
    def load(context: FactContext) -> Column:
        rows = _registry(context)
        days = [day.toordinal() - _EPOCH if day else None for day in rows[name]]
        return _column(context, rows["pk"], days)

    return load


def _text(name: str, word: Callable[[str], str] = str) -> Callable[[FactContext], Column]:
    def load(context: FactContext) -> Column:
        rows = _registry(context)
        texts = Column.of_texts(word(cell) for cell in rows[name])
        return context.aligned(rows["pk"], texts.values, texts.known, texts.words)

    return load


def _years_since(name: str) -> Callable[[FactContext], Column]:
    """Whole years from a day to the year's end; a firm that begins later has 0."""

    def load(context: FactContext) -> Column:
        rows = _registry(context)
        last = date(context.period, 12, 31)
        years = [None if day is None else max(last.year - day.year, 0) for day in rows[name]]
        return _column(context, rows["pk"], years)

    return load


# ---------------------------------------------------------------- declared by documents


@register_declared
def _declared(context: FactContext) -> Column:
    """A fact that a document declares and lists bring in; without a value of the period asked for it is not known.

    A value that came under another unit of the same name is not known either.
    """
    name = context.key.name
    fact = context.once("declared types", declared_types).get(name)
    if fact is None:
        raise KeyError(name)
    period = period_text(context.period) if fact.per else ""
    rows = DeclaredValue.objects.filter(fact=name, period=period).order_by()
    found = list(_of_these(rows, context).values_list("enterprise_id", "value", "unit"))
    unit = fact.unit if fact.is_measured else ""
    values = fact_values(fact, [text if kept == unit else None for _, text, kept in found])
    if not found:
        shape = (len(context.enterprises), *values.values.shape[1:])
        return Column(np.zeros(shape, dtype=values.values.dtype), np.zeros(shape[0], dtype=bool))
    return context.aligned([firm for firm, _, _ in found], values.values, values.known, values.words)


register_facts(
    *(
        Fact(FactType(name, label, kind, unit, per=Kind.YEAR), _annual(AnnualFigure.Source.SURVEY, SURVEYED))
        for name, (_, label, kind, unit) in SURVEYED.items()
    ),
    *(
        Fact(FactType(name, label, kind, unit, per=Kind.YEAR), _annual(AnnualFigure.Source.TAX, TAX_LIST))
        for name, (_, label, kind, unit) in TAX_LIST.items()
    ),
    Fact(FactType("revenue", "营业收入（月报合计）", Kind.AMOUNT, per=Kind.YEAR), _revenue),
    Fact(FactType("delisted_year", "退统年度", Kind.YEAR), _delisted_year),
    Fact(FactType("listed_year", "入库审批库年度", Kind.YEAR), _listed_year),
    Fact(FactType("above_scale", "规上", Kind.FLAG), _flag("above_scale", value=True)),
    Fact(
        FactType("verified", "企业名录已核", Kind.FLAG),
        _flag("verification", Enterprise.Verification.VERIFIED.value),
    ),
    Fact(FactType("industry_code", "行业代码", Kind.TEXT), _text("industry_code")),
    Fact(
        FactType("industry_section", "行业门类", Kind.TEXT, words=tuple(SECTIONS)),
        _text("industry_code", section_of),
    ),
    Fact(
        FactType("industry_division", "行业大类", Kind.TEXT),
        _text("industry_code", lambda code: code[:2] if len(code) >= 2 else ""),
    ),
    Fact(
        FactType("industry_group", "行业中类", Kind.TEXT),
        _text("industry_code", lambda code: code[:3] if len(code) >= 3 else ""),
    ),
    Fact(FactType("status", "企业状态", Kind.TEXT), _text("status")),
    Fact(FactType("founded_on", "成立日期", Kind.DATE), _day("founded_on")),
    Fact(FactType("started_on", "投产日期", Kind.DATE), _day("started_on")),
    Fact(FactType("firm_age", "成立年数", Kind.COUNT, "年", per=Kind.YEAR), _years_since("founded_on")),
    Fact(
        FactType("years_in_production", "投产年数", Kind.COUNT, "年", per=Kind.YEAR),
        _years_since("started_on"),
    ),
)
