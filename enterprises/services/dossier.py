"""一企一档: everything the registry holds of one firm that this user may see. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from core.models import User
from core.periods import Month
from enterprises.models import (
    AnnualFigure,
    Contact,
    DelistedEntry,
    Enterprise,
    Liaison,
    MonthlyFigure,
    RegionSpell,
    ScaleEvent,
)
from enterprises.services.event_pages import ShownEvent, shown_events
from enterprises.services.firm_table import growth
from enterprises.services.identity import events_of
from intake.models import Batch
from intake.services.periods import period_label

#: Years of annual figures and batches shown; the rest is in the batches' own pages.
YEARS_SHOWN = 3
BATCHES_SHOWN = 12

#: what the sources side by side are compared by: label, unit, field of the yearly row, field of the months
MEASURES = (
    ("营业收入", "万元", "revenue_wan", "revenue_wan"),
    ("应税销售", "万元", "taxable_sales_wan", "taxable_sales_wan"),
    ("主营业务收入", "万元", "main_revenue_wan", ""),
    ("税收", "万元", "tax_wan", "tax_paid_wan"),
    ("工业增加值", "万元", "value_added_wan", ""),
    ("用电量", "万千瓦时", "power_wan_kwh", "power_wan_kwh"),
    ("综合能耗", "吨标煤", "energy_tce", ""),
    ("主要污染物排放量", "吨", "emissions_t", ""),
    ("年平均职工人数", "人", "staff", ""),
    ("研发经费", "万元", "research_wan", ""),
    ("自有用地", "亩", "land_own_mu", ""),
    ("租入用地", "亩", "land_leased_in_mu", ""),
    ("租出用地", "亩", "land_leased_out_mu", ""),
)


@dataclass(slots=True)
class MonthLine:
    """A month of the year on view. ``revenue`` None and ``is_due``: 未报; not due yet: empty."""

    month: Month
    is_due: bool
    revenue: int | None = None
    cumulative: int | None = None
    cumulative_before: int | None = None
    yoy: Decimal | None = None
    tax: int | None = None
    power: int | None = None

    @property
    def nature(self) -> str:
        return "实际" if self.revenue is not None else ("未报" if self.is_due else "")


@dataclass(slots=True)
class MeasureLine:
    """One quantity of a year by source; ``is_count``: whole numbers, not hundredths.

    ``months``: how many monthly returns state it; a sum over fewer months than were reported says so.
    """

    label: str
    unit: str
    months: int
    by_months: int | None
    by_survey: int | None
    by_tax: int | None
    is_count: bool = False


@dataclass(slots=True)
class YearSources:
    year: int
    months_reported: int
    lines: list[MeasureLine]


@dataclass(slots=True)
class Sum:
    """This year so far and its growth over the months reported in both years."""

    total: int | None
    yoy: Decimal | None


@dataclass(slots=True)
class Dossier:
    firm: Enterprise
    #: the latest month with a figure
    latest: Month | None = None
    months: list[MonthLine] = field(default_factory=list)
    revenue: Sum | None = None
    tax: Sum | None = None
    power: Sum | None = None
    reported_months: int = 0
    years: list[YearSources] = field(default_factory=list)
    events: list[ScaleEvent] = field(default_factory=list)
    delisted: list[DelistedEntry] = field(default_factory=list)
    spells: list[RegionSpell] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    #: changes of its identity and of those that went into it, newest first
    identity: list[ShownEvent] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    liaisons: list[Liaison] = field(default_factory=list)

    @property
    def past_records(self) -> list[ShownEvent]:
        """Firms merged or converted into this one: their figures stay under their own records."""
        into = [one for one in self.identity if one.event.other_id == self.firm.pk and one.link is not None]
        return [one for one in into if one.event.kind in ("merged", "converted")]

    @property
    def has_responsible(self) -> bool:
        return any(row.until is None and row.duty == Liaison.Duty.RESPONSIBLE for row in self.liaisons)

    @property
    def former_liaisons(self) -> list[Liaison]:
        return [row for row in reversed(self.liaisons) if row.until is not None]

    @property
    def year(self) -> int | None:
        return self.latest.year if self.latest else None

    @property
    def silent_months(self) -> int:
        return sum(line.nature == "未报" for line in self.months)


def open_dossier(firm: Enterprise, user: User) -> Dossier:
    """Nine queries, whatever the firm has; two more where its identity ever changed."""
    dossier = Dossier(firm)
    figures = list(MonthlyFigure.objects.visible_to(user).filter(enterprise=firm).order_by("month"))
    annual = list(AnnualFigure.objects.visible_to(user).filter(enterprise=firm).order_by("-year"))
    dossier.events = list(
        ScaleEvent.objects.visible_to(user)
        .filter(enterprise=firm)
        .select_related("region")
        .order_by("-month", "-id")
    )
    dossier.delisted = list(DelistedEntry.objects.visible_to(user).filter(enterprise=firm).order_by("-year"))
    dossier.spells = list(
        RegionSpell.objects.visible_to(user)
        .filter(enterprise=firm)
        .select_related("region")
        .order_by("since", "id")
    )
    dossier.identity = shown_events(events_of(firm), user, seen_from=firm)
    dossier.contacts = list(Contact.objects.visible_to(user).filter(enterprise=firm))
    dossier.liaisons = list(Liaison.objects.visible_to(user).filter(enterprise=firm).order_by("since", "id"))
    rows = [*figures, *annual, *dossier.events, *dossier.delisted, *dossier.spells]
    touched = sorted({row.batch_id for row in [firm, *rows] if row.batch_id is not None}, reverse=True)
    dossier.batches = list(
        Batch.objects.visible_to(user)
        .filter(pk__in=touched[:200])
        .select_related("region", "sent_by")
        .order_by("-id")[:BATCHES_SHOWN]
    )
    for batch in dossier.batches:
        batch.period_label = period_label(batch.period)
    dossier.reported_months = len(figures)
    by_month = {figure.month: figure for figure in figures}
    if figures:
        _fill_months(dossier, by_month, figures[-1].month)
    dossier.years = _years(annual, by_month)
    return dossier


def _fill_months(dossier: Dossier, by_month: dict[Month, MonthlyFigure], latest: Month) -> None:
    dossier.latest = latest
    running = before = 0
    begun = False
    for number in range(1, 13):
        month = Month(latest.year, number)
        line = MonthLine(month, is_due=month <= latest)
        now, base = by_month.get(month), by_month.get(month - 12)
        if base is not None:
            begun = True
            before += base.revenue_wan
        line.cumulative_before = before if begun else None
        if now is not None:
            running += now.revenue_wan
            line.revenue, line.cumulative = now.revenue_wan, running
            line.tax, line.power = now.tax_paid_wan, now.power_wan_kwh
            line.yoy = growth(now.revenue_wan, base.revenue_wan if base else None)
        dossier.months.append(line)
    dossier.revenue = _sum(by_month, latest, "revenue_wan")
    dossier.tax = _sum(by_month, latest, "tax_paid_wan")
    dossier.power = _sum(by_month, latest, "power_wan_kwh")


def _sum(by_month: dict[Month, MonthlyFigure], latest: Month, attribute: str) -> Sum:
    """Growth compares the months that have the figure in both years."""
    now = {
        month: value
        for month, figure in by_month.items()
        if Month(latest.year, 1) <= month <= latest and (value := getattr(figure, attribute)) is not None
    }
    pairs = [
        (value, base)
        for month, value in now.items()
        if month - 12 in by_month and (base := getattr(by_month[month - 12], attribute)) is not None
    ]
    yoy = growth(sum(p[0] for p in pairs), sum(p[1] for p in pairs)) if pairs else None
    return Sum(sum(now.values()) if now else None, yoy)


def _years(annual: list[AnnualFigure], by_month: dict[Month, MonthlyFigure]) -> list[YearSources]:
    """For each year that has annual figures: what months, survey and tax list say, side by side."""
    by_year: dict[int, dict[str, AnnualFigure]] = {}
    for row in annual:
        by_year.setdefault(row.year, {})[row.source] = row
    sources = []
    for year in sorted(by_year, reverse=True)[:YEARS_SHOWN]:
        months = [figure for month, figure in by_month.items() if month.year == year]
        survey = by_year[year].get(AnnualFigure.Source.SURVEY)
        tax = by_year[year].get(AnnualFigure.Source.TAX)
        lines = []
        for label, unit, yearly, monthly in MEASURES:
            stated = _stated(months, monthly)
            by_months = sum(stated) if stated else None
            by_survey, by_tax = getattr(survey, yearly, None), getattr(tax, yearly, None)
            lines.append(
                MeasureLine(
                    label, unit, len(stated), by_months, by_survey, by_tax, is_count=yearly == "staff"
                )
            )
        told = [line for line in lines if (line.by_months, line.by_survey, line.by_tax) != (None, None, None)]
        sources.append(YearSources(year, len(months), told))
    return sources


def _stated(months: list[MonthlyFigure], attribute: str) -> list[int]:
    return [value for figure in months if attribute and (value := getattr(figure, attribute)) is not None]
