"""One figure by source, of all firms that a user sees: side by side, with how far they lie apart and which counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

import numpy as np
import xlsxwriter
from django.db.models import Count, Sum

from core.amounts import from_hundredths
from core.audit import record
from core.models import Department, Region, User
from core.periods import Month
from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure, SourceFigure
from enterprises.rules.measures import BY_KEY, MEASURES, SELF, SURVEY
from enterprises.rules.sources import BASIS, NOTHING, settled, spreads
from enterprises.services.exporting import NOT_STATISTICS
from enterprises.services.source_settings import SOURCE_LABELS, settled_for

LABELS = SOURCE_LABELS
#: measure → field; people are counted, the rest are whole hundredths
BY_MONTH = {
    "revenue": "revenue_wan",
    "tax": "tax_paid_wan",
    "taxable_sales": "taxable_sales_wan",
    "power": "power_wan_kwh",
    "staff": "staff",
}
BY_YEAR = {
    "taxable_sales": "taxable_sales_wan",
    "revenue": "revenue_wan",
    "main_revenue": "main_revenue_wan",
    "value_added": "value_added_wan",
    "tax": "tax_wan",
    "power": "power_wan_kwh",
    "energy": "energy_tce",
    "staff": "staff",
    "research": "research_wan",
}
_YEARLY_SOURCE = {
    AnnualFigure.Source.SURVEY.value: SURVEY,
    AnnualFigure.Source.TAX.value: Department.TAX.value,
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A firm's figure: ``values`` in the order of the table's sources, hundredths or None."""

    firm_id: int
    values: tuple[int | None, ...]
    #: difference as a share of the larger size; None where one source speaks alone
    apart: Decimal | None
    is_conflict: bool
    #: what counts, and whose it is; None while a conflict is open
    chosen: int | None
    chosen_source: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    measure: str
    period: str
    sources: tuple[str, ...]
    lines: list[SourceLine]
    tolerance: int
    order: tuple[str, ...]

    @property
    def conflicts(self) -> int:
        return sum(line.is_conflict for line in self.lines)


def periods_with_sources(user: User) -> list[str]:
    """Months and years of which a department has stated anything, newest first; months before their year."""
    rows = SourceFigure.objects.visible_to(user).order_by().values_list("period", flat=True).distinct()
    years = AnnualFigure.objects.visible_to(user).order_by().values_list("year", flat=True).distinct()
    return sorted(
        {*rows, *map(str, years)}, key=lambda period: (period[:4], len(period), period), reverse=True
    )


def values_by_source(
    user: User, measure: str, period: str, firm_ids: Iterable[int] | None = None
) -> dict[str, dict[int, int]]:
    """Source → firm → hundredths. Three queries; a year's 自报 is the sum of twelve months or nothing."""
    found: dict[str, dict[int, int]] = {}

    def add(source: str, rows: Iterable[tuple[int, int]]) -> None:
        values = dict(rows)
        if values:
            found.setdefault(source, {}).update(values)

    only = {} if firm_ids is None else {"enterprise__in": list(firm_ids)}
    times = 100 if measure == "staff" else 1
    if len(period) == 4:
        if field := BY_YEAR.get(measure):
            rows = AnnualFigure.objects.visible_to(user).filter(
                year=int(period), **only, **{f"{field}__isnull": False}
            )
            for source, firm, value in rows.order_by().values_list("source", "enterprise_id", field):
                add(_YEARLY_SOURCE[source], [(firm, value * times)])
        if (field := BY_MONTH.get(measure)) and measure != "staff":
            year = int(period)
            months = (
                MonthlyFigure.objects.visible_to(user)
                .for_months(Month(year, 1), Month(year, 12))
                .filter(**only)
            )
            sums = months.order_by().values("enterprise_id").annotate(total=Sum(field), months=Count(field))
            add(SELF, sums.filter(months=12).values_list("enterprise_id", "total"))
    elif field := BY_MONTH.get(measure):
        rows = MonthlyFigure.objects.visible_to(user).for_month(Month.parse(period))
        rows = rows.filter(**only, **{f"{field}__isnull": False})
        add(
            SELF,
            ((firm, value * times) for firm, value in rows.order_by().values_list("enterprise_id", field)),
        )
    stated = SourceFigure.objects.visible_to(user).filter(measure=measure, period=period, **only).order_by()
    for source, firm, value in stated.values_list("source", "enterprise_id", "value"):
        add(source, [(firm, value)])
    return found


def source_table(
    *, user: User, measure: str, period: str, region: Region | None = None, only_conflicts: bool = True
) -> SourceTable:
    """Firms that at least two sources speak of, the furthest apart first (then by number)."""
    by_source = values_by_source(user, measure, period)
    if region is not None:
        within = set(Enterprise.objects.visible_to(user).within(region.code).values_list("pk", flat=True))
        by_source = {s: {f: v for f, v in rows.items() if f in within} for s, rows in by_source.items()}
    sources = tuple(source for source in LABELS if source in by_source)
    rules = settled_for(user.region, _last_day(period))
    order = rules.precedence.get(measure, ())
    tolerance = rules.tolerance_of(measure)
    firms = sorted({firm for rows in by_source.values() for firm in rows})
    lines = _lines(firms, sources, by_source, order, tolerance)
    lines = [line for line in lines if line.apart is not None and (line.is_conflict or not only_conflicts)]
    lines.sort(key=lambda line: (-(line.apart or 0), line.firm_id))
    return SourceTable(measure, period, sources, lines, tolerance, order)


def _lines(
    firms: list[int],
    sources: tuple[str, ...],
    by_source: dict[str, dict[int, int]],
    order: tuple[str, ...],
    tolerance: int,
) -> list[SourceLine]:
    if not firms or not sources:
        return []
    cells = [[by_source[source].get(firm) for source in sources] for firm in firms]
    known = np.array([[cell is not None for cell in row] for row in cells], dtype=bool)
    values = np.array([[cell or 0 for cell in row] for row in cells], dtype=np.int64)
    apart = spreads(values, known)
    places = [sources.index(source) for source in order if source in sources]
    chosen, whose = settled(values, known, places, apart, tolerance)
    return [
        SourceLine(
            firm,
            tuple(row),
            None if bp == NOTHING else Decimal(bp) / BASIS,
            bp > tolerance,
            value if place >= 0 else None,
            sources[place] if place >= 0 else "",
        )
        for firm, row, bp, value, place in zip(
            firms, cells, apart.tolist(), chosen.tolist(), whose.tolist(), strict=True
        )
    ]


def _last_day(period: str) -> date:
    return Month.parse(period).last_day if len(period) == 7 else date(int(period), 12, 31)


@dataclass(frozen=True, slots=True)
class FirmSources:
    """One measure and period of one firm, by source, for its page."""

    label: str
    unit: str
    period: str
    values: list[tuple[str, int]]
    apart: Decimal | None
    is_conflict: bool


#: For settings that hold at last.
_FAR = date(2999, 12, 31)
#: Lines on a firm's page: the newest periods first.
ON_A_FIRMS_PAGE = 40


def sources_of_firm(firm: Enterprise, user: User) -> list[FirmSources]:
    """Every measure and period of which a department speaks, beside what the firm reported itself. Four queries."""
    stated = SourceFigure.objects.visible_to(user).filter(enterprise=firm).order_by()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for period, measure, source, value in stated.values_list("period", "measure", "source", "value"):
        found.setdefault((period, measure), {})[source] = value
    if not found:
        return []
    months = {str(row.month): row for row in MonthlyFigure.objects.visible_to(user).filter(enterprise=firm)}
    years = list(AnnualFigure.objects.visible_to(user).filter(enterprise=firm))
    rules = settled_for(user.region, _FAR)
    newest = sorted(found, key=lambda one: (one[0][:4], len(one[0]), one[0]), reverse=True)
    return [
        _firm_line(measure, period, found[period, measure], months, years, rules.tolerance_of(measure))
        for period, measure in newest[:ON_A_FIRMS_PAGE]
    ]


def _firm_line(
    measure: str,
    period: str,
    by_source: dict[str, int],
    months: dict[str, MonthlyFigure],
    years: list[AnnualFigure],
    tolerance: int,
) -> FirmSources:
    times = 100 if measure == "staff" else 1
    if (field := BY_MONTH.get(measure)) and period in months:
        value = getattr(months[period], field)
        by_source |= {SELF: value * times} if value is not None else {}
    for row in years if measure in BY_YEAR else ():
        value = getattr(row, BY_YEAR[measure])
        if str(row.year) == period and value is not None:
            by_source.setdefault(_YEARLY_SOURCE[row.source], value * times)
    known = BY_KEY[measure]
    pairs = [(LABELS[source], by_source[source]) for source in LABELS if source in by_source]
    values = np.array([[value for _, value in pairs]], dtype=np.int64)
    apart = int(spreads(values, np.ones_like(values, dtype=bool))[0])
    share = None if apart == NOTHING else Decimal(apart) / BASIS
    return FirmSources(known.label, known.unit_label, period, pairs, share, apart > tolerance)


def measure_choices() -> list[tuple[str, str]]:
    return [(measure.key, f"{measure.label}（{measure.unit_label}）") for measure in MEASURES]


def export_sources(*, actor: User, table: SourceTable) -> bytes:
    """The table as a workbook; leaves one entry."""
    firms = (
        Enterprise.objects.visible_to(actor)
        .select_related("region")
        .in_bulk([x.firm_id for x in table.lines])
    )
    measure = BY_KEY[table.measure]
    head = [
        "序号",
        "统一社会信用代码",
        "企业名称",
        "地区",
        *(LABELS[s] for s in table.sources),
        "相差(%)",
        "采用",
        "采用来源",
    ]
    out = BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        amount = book.add_format({"num_format": "#,##0.00"})
        bold = book.add_format({"bold": True})
        page = book.add_worksheet("来源对照")
        page.write_string(0, 0, f"{measure.label}（{measure.unit_label}）{table.period} 各来源对照", bold)
        page.write_row(1, 0, head, bold)
        page.freeze_panes(2, 3)
        # a firm that has moved away since is another district's to look at
        here = [line for line in table.lines if line.firm_id in firms]
        for number, line in enumerate(here, 1):
            firm = firms[line.firm_id]
            page.write_number(number + 1, 0, number)
            for column, text in enumerate((firm.uscc, firm.name, firm.region.name), 1):
                page.write_string(number + 1, column, text)
            for column, value in enumerate(line.values, 4):
                if value is not None:
                    page.write_number(number + 1, column, float(from_hundredths(value)), amount)
            column = 4 + len(table.sources)
            page.write_number(number + 1, column, float((line.apart or Decimal(0)) * 100), amount)
            if line.chosen is not None:
                page.write_number(number + 1, column + 1, float(from_hundredths(line.chosen)), amount)
                page.write_string(number + 1, column + 2, LABELS[line.chosen_source])
        page.write_string(len(here) + 2, 0, NOT_STATISTICS)
    record(
        actor=actor, act="export_sources", region=actor.region, subject=f"{measure.label} {table.period}",
        counts={"rows": len(table.lines)},
    )  # fmt: skip
    return out.getvalue()
