"""Facts of the pools and of the running year (预计全年、同比、未报月数), for conditions of any policy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from django.db.models import F, IntegerField, Max, QuerySet
from django.db.models.functions import Cast

from core.bulk import read_columns
from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from core.periods import Month
from cultivation.models import PoolMembership
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.running_year import YEARS_READ, Months, change, expected, is_told, silent_months
from enterprises.facts.lineage import pasts_of
from enterprises.models import MonthlyFigure, RegistryEvent
from enterprises.rules.lineage import Past, involved, whole_pasts, with_past_months

#: the pool that 在库 means where no other is named
SCALE_UP = "scale_up"


def _members(context: FactContext) -> list[tuple[int, str]]:
    """Current members of any programme's 小升规培育库 with their tier; each firm once, the newest programme's."""

    def read() -> list[tuple[int, str]]:
        rows = PoolMembership.objects.current().filter(pool=SCALE_UP).order_by("programme", "pk")
        return list({firm: (firm, tier) for firm, tier in rows.values_list("enterprise_id", "tier")}.values())

    return context.once("pool members", read)


def _in_pool(context: FactContext) -> Column:
    inside = np.isin(context.enterprises, np.array([firm for firm, _ in _members(context)], np.int64))
    return Column(inside, np.ones(len(inside), dtype=bool))


def _pool_tier(context: FactContext) -> Column:
    """The name of the tier; unknown for firms that are in no pool or have none."""
    members = _members(context)
    tiers = Column.of_texts(tier for _, tier in members)
    return context.aligned([firm for firm, _ in members], tiers.values, tiers.known, tiers.words)


# ---------------------------------------------------------------- the running year

#: measure of a month → its column
_MEASURES = {"revenue": "revenue_wan", "tax": "tax_paid_wan", "power": "power_wan_kwh"}
#: Up to so many firms are asked for by key; for more the years' figures are read whole.
_BY_KEY = 900


def read_months(
    enterprises: np.ndarray,
    year: int,
    figures: QuerySet[MonthlyFigure] | None = None,
    before: dict[int, Past] | None = None,
) -> dict[str, Months]:
    """Revenue, tax and power by month of these firms, ``year`` and the years before it; two
    queries. Months of firms that went into them (并入, 个转企) are theirs.

    ``before``: firms that went into others, where they are read already. ``figures``: those that a reader may see, where it is for a reader.
    """
    before = whole_pasts(RegistryEvent.objects.steps()) if before is None else before
    known = MonthlyFigure.objects.all() if figures is None else figures
    rows = known.for_months(Month(year - YEARS_READ + 1, 1), Month(year, MONTHS)).order_by()
    if len(enterprises) <= _BY_KEY:
        rows = rows.filter(enterprise__in=_with_predecessors(enterprises, before))
    number = Cast(F("month"), IntegerField())
    read = read_columns(rows.annotate(number=number), "enterprise_id", "number", *_MEASURES.values())
    columns = _with_pasts(list(read.columns.values()), before) if before else list(read.columns.values())
    firm, month = columns[0].values, columns[1].values
    order = np.argsort(enterprises, kind="stable")
    place = np.minimum(np.searchsorted(enterprises, firm, sorter=order), max(len(enterprises) - 1, 0))
    asked = enterprises[order[place]] == firm if len(enterprises) else np.zeros(firm.size, np.bool_)
    row, month = (order[place] if len(enterprises) else place)[asked], month[asked]
    months = {}
    for name, column in zip(_MEASURES, columns[2:], strict=True):
        values, known = column.values[asked], column.known[asked]
        months[name] = Months.of_rows(len(enterprises), year, row, month, values, known)
    return months


def _with_predecessors(enterprises: np.ndarray, before: dict[int, Past]) -> list[int]:
    wanted = set(enterprises.tolist())
    return sorted(wanted | {one for firm in wanted & set(before) for one in before[firm].firms})


def _with_pasts(columns: list[Column], before: dict[int, Past]) -> list[Column]:
    """The few firms that took others in are told month by month; the columns of all others stay as they are."""
    apart = np.isin(columns[0].values, np.fromiter(involved(before), np.int64))
    rows = zip(*(_listed(column.take(np.flatnonzero(apart))) for column in columns), strict=True)
    told = {(firm, month): values for firm, month, *values in rows}
    found = [(*key, *values) for key, values in with_past_months(told, before).items()]
    rest = [column.take(np.flatnonzero(~apart)) for column in columns]
    return [_joined(column, [row[place] for row in found]) for place, column in enumerate(rest)]


def _listed(column: Column) -> list[int | None]:
    cells = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [value if known else None for value, known in cells]


def _joined(column: Column, more: list[int | None]) -> Column:
    known = np.array([value is not None for value in more], np.bool_)
    values = np.array([value or 0 for value in more], np.int64)
    return Column(np.concatenate([column.values, values]), np.concatenate([column.known, known]))


def latest_month(year: int) -> int:
    """The last month of the year for which anybody has reported: what the year's signals stand at; 0 for none."""
    rows = MonthlyFigure.objects.for_months(Month(year, 1), Month(year, MONTHS))
    found = rows.aggregate(latest=Max("month"))["latest"]
    return found.month if found else 0


def _of_the_year(tell: Callable[[dict[str, Months], int], Column]) -> Callable[[FactContext], Column]:
    def load(context: FactContext) -> Column:
        year = context.period
        month = context.once(("latest month", year), lambda: latest_month(year))
        if not month:
            empty = np.zeros(len(context.enterprises), np.int64)
            return Column(empty, np.zeros(len(empty), np.bool_))
        months = context.once(
            ("months", year), lambda: read_months(context.enterprises, year, before=pasts_of(context))
        )
        return tell(months, month)

    return load


def _forecast(months: dict[str, Months], month: int) -> Column:
    found = expected(months["revenue"], month)
    return Column(found.expected.astype(np.int64), is_told(found))


def _change(measure: str) -> Callable[[dict[str, Months], int], Column]:
    return lambda months, month: Column(*change(months[measure], month))


def _silent(months: dict[str, Months], month: int) -> Column:
    return Column(*silent_months(months["revenue"], month))


def _ytd(measure: str) -> Callable[[dict[str, Months], int], Column]:
    """累计 of the months that are reported; not known for a firm that reported none of them."""

    def tell(months: dict[str, Months], month: int) -> Column:
        this = months[measure]
        sums = np.where(this.known, this.values, 0)[:, -MONTHS:][:, :month].sum(axis=1)
        return Column(sums, this.known[:, -MONTHS:][:, :month].any(axis=1))

    return tell


def _of_the_month(measure: str) -> Callable[[FactContext], Column]:
    """One month as it was returned; months of firms that went into others are the others'."""

    def load(context: FactContext) -> Column:
        month = context.period
        months = context.once(
            ("months", month.year),
            lambda: read_months(context.enterprises, month.year, before=pasts_of(context)),
        )
        place = -MONTHS + month.month - 1
        return Column(months[measure].values[:, place], months[measure].known[:, place])

    return load


register_facts(
    Fact(
        FactType("monthly_revenue", "营业收入（月报）", Kind.AMOUNT, per=Kind.MONTH), _of_the_month("revenue")
    ),
    Fact(FactType("monthly_tax", "实缴税金（月报）", Kind.AMOUNT, per=Kind.MONTH), _of_the_month("tax")),
    Fact(
        FactType("monthly_power", "用电量（月报）", Kind.QUANTITY, "万千瓦时", per=Kind.MONTH),
        _of_the_month("power"),
    ),
    Fact(FactType("in_pool", "在小升规培育库", Kind.FLAG), _in_pool),
    Fact(FactType("pool_tier", "培育库层级", Kind.TEXT), _pool_tier),
    Fact(
        FactType("forecast_revenue", "预计全年营业收入", Kind.AMOUNT, per=Kind.YEAR), _of_the_year(_forecast)
    ),
    Fact(
        FactType("revenue_ytd", "累计营业收入（月报）", Kind.AMOUNT, per=Kind.YEAR),
        _of_the_year(_ytd("revenue")),
    ),
    Fact(
        FactType("revenue_change", "累计营业收入同比", Kind.RATIO, per=Kind.YEAR),
        _of_the_year(_change("revenue")),
    ),
    Fact(
        FactType("tax_change", "累计实缴税金同比", Kind.RATIO, per=Kind.YEAR),
        _of_the_year(_change("tax")),
    ),
    Fact(
        FactType("power_change", "累计用电量同比", Kind.RATIO, per=Kind.YEAR),
        _of_the_year(_change("power")),
    ),
    Fact(FactType("silent_months", "连续未报月数", Kind.COUNT, "个月", per=Kind.YEAR), _of_the_year(_silent)),
)
