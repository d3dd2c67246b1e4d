"""The target table as the document prints it, and how far its totals have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count

from core.models import PolicyEdition, Region, User
from core.policies import UNKNOWN, PolicyDocument, Unknown
from core.services.policies import document_of
from cultivation.models import MonthlyIssue, Target, TargetChange
from cultivation.policy import BASES, ENTRY_YEARS, Targets, WorkCalendar
from cultivation.policy.calendar import EVERY
from cultivation.policy.targets import COUNTED_UNITS
from cultivation.rules.levels import topmost
from cultivation.services.months import MonthTable, month_table
from cultivation.services.programmes import targets_part
from cultivation.services.target_goals import (
    Goal,
    Reached,
    counted_list,
    goal_of,
    reached_by_region,
    reached_in_all,
)
from intake.models import Batch


@dataclass(frozen=True, slots=True)
class TargetRow:
    """``above``: the regions of the table that hold this one; ``place``: its number among those that none holds."""

    region: Region
    values: tuple[Target | None, ...]
    above: tuple[str, ...] = ()
    place: int | None = None

    @property
    def label(self) -> str:
        return "　" * len(self.above) + self.region.name

    @property
    def total(self) -> Decimal:
        return sum((target.amount for target in self.values if target), Decimal(0))


@dataclass(frozen=True, slots=True)
class TargetTable:
    """One metric: regions down, each below the one that holds it, years across. ``sums`` add up the rows on view, a
    county not beside its city; a stock has no sum over years."""

    metric: str
    label: str
    unit: str
    years: tuple[int, ...]
    rows: tuple[TargetRow, ...]
    is_flow: bool
    clause: str
    #: whether regions add up; shares and means do not
    adds_up: bool = True
    #: what the document sets for the whole locality, by year; shown where the rows do not add to it
    whole: tuple[Target | None, ...] = ()
    #: what has been reached of the year of the newest statistics, by region; ``which``: the list behind it
    reached: Mapping[str, Reached] = field(default_factory=dict)
    which: str = ""

    @property
    def whole_differs(self) -> bool:
        """The locality's own figures say something that the sum of the rows does not."""
        amounts = [target.amount if target else None for target in self.whole]
        sums = list(self.sums) if self.adds_up else [None] * len(amounts)
        return any(
            amount is not None and amount != total for amount, total in zip(amounts, sums, strict=True)
        )

    @property
    def is_adjusted(self) -> bool:
        """A figure on view is no longer the document's."""
        return any(target.is_adjusted for row in self.rows for target in row.values if target)

    @property
    def lines(self) -> list[tuple[TargetRow, Reached | None]]:
        return [(row, self.reached.get(row.region.pk)) for row in self.rows]

    @property
    def reached_in_all(self) -> Reached | None:
        return reached_in_all(
            [self.reached[row.region.pk] for row in self.rows if row.region.pk in self.reached]
        )

    @property
    def is_counted(self) -> bool:
        return self.unit in COUNTED_UNITS

    @property
    def sums(self) -> list[Decimal]:
        return [self._sum(place) for place in range(len(self.years))]

    def _sum(self, place: int) -> Decimal:
        found = {row.region.pk: target.amount for row in self.rows if (target := row.values[place])}
        top = topmost(found, {row.region.pk: row.above for row in self.rows})
        return sum((found[code] for code in top), Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum(self.sums, Decimal(0))


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A step of the year's work: its last day, or how often it comes; ``is_blank`` where the document prints no day."""

    title: str
    day: date | None
    every: str
    who: str | None
    is_blank: bool


@dataclass(frozen=True, slots=True)
class TargetPage:
    edition: PolicyEdition
    document: PolicyDocument
    tables: tuple[TargetTable, ...]
    goals: tuple[Goal, ...]
    issue: MonthlyIssue | None
    counting: tuple[tuple[str, str], ...]
    calendar: tuple[CalendarLine, ...] = ()

    @property
    def batches(self) -> list[Batch]:
        """The lists that have changed targets on view since the document, each once."""
        targets = [t for table in self.tables for row in table.rows for t in row.values if t]
        return list({t.batch.pk: t.batch for t in targets if t.batch}.values())


def target_page(*, edition: PolicyEdition, user: User) -> TargetPage:
    document = document_of(edition)
    targets = list(
        Target.objects.of_programme(edition.name)
        .visible_to(user)
        .select_related("region", "edition", "batch")
        .order_by("year", "until_year", "region__order", "region_id")
    )
    issue = MonthlyIssue.objects.visible_to(user).filter(programme=edition.name).newest_first().first()
    table = month_table(issue=issue, user=user) if issue else None
    spans = [target for target in targets if target.year < target.until_year]
    return TargetPage(
        edition,
        document,
        _tables(edition, targets, table),
        tuple(goal_of(target, issue, table, document, user) for target in spans),
        issue,
        _counting(document),
        _calendar(document, issue.month.year if issue else max((t.year for t in targets), default=0)),
    )


def _calendar(document: PolicyDocument, year: int) -> tuple[CalendarLine, ...]:
    """The year's steps with their days, then those that come again and again, then those without a day."""
    part = document.parts.get("calendar")
    if not isinstance(part, WorkCalendar) or not year:
        return ()
    once = [
        CalendarLine(step.title, day, "", step.who, False)
        for day, step in part.of_year(year)
        if step.every in ("year", "once")
    ]
    rest = [
        CalendarLine(step.title, None, EVERY[step.every], step.who, step.every in ("year", "once"))
        for step in part.steps
        if step.every not in ("year", "once") or isinstance(step.by, Unknown)
    ]
    return (*once, *rest)


def yearly_targets(edition: PolicyEdition) -> list[int]:
    """The years that the programme has targets for, the earliest first."""
    rows = Target.objects.of_programme(edition.name).order_by("year").values_list("year", "until_year")
    return sorted({year for year, until in rows if year == until})


def reissue_history(edition: PolicyEdition, user: User, limit: int = 50) -> list[TargetChange]:
    """What was set and changed, the latest first; the first loading of a document is one story, not a hundred."""
    rows = TargetChange.objects.visible_to(user).of_programme(edition.name)
    later = rows.exclude(before=None, way=TargetChange.Way.EDITION)
    return list(later.select_related("region", "actor")[:limit])


def metric_labels(document: PolicyDocument) -> dict[str, str]:
    """What every metric is called, the document's own included."""
    labels = dict(Target.Metric.choices)
    part = document.parts.get("targets")
    return labels | {one.code: one.label for one in part.metrics} if isinstance(part, Targets) else labels


def _tables(
    edition: PolicyEdition, targets: list[Target], month: MonthTable | None = None
) -> tuple[TargetTable, ...]:
    tables = []
    part = targets_part(edition)
    labels = metric_labels(document_of(edition))
    for metric, label in labels.items():
        yearly = [t for t in targets if t.metric == metric and t.year == t.until_year]
        districts = [t for t in yearly if t.region_id != edition.locality_id] or yearly
        if not districts:
            continue
        years = tuple(sorted({t.year for t in districts}))
        regions = {t.region_id: t.region for t in districts}
        cells = {(t.region_id, t.year): t for t in districts}
        rows = _rows(regions, cells, years)
        clause = next((t.clause for t in districts if t.edition_id), "")
        is_flow = _is_flow(edition, metric)
        adds_up = part.metric(metric).adds_up if part else True
        locality = edition.locality_id if edition.locality_id not in regions else None
        whole = tuple(
            next((t for t in yearly if t.region_id == locality and t.year == year), None) for year in years
        )
        reached: dict[str, Reached] = {}
        if month and month.issue.month.year in years:
            own = {code: cells.get((code, month.issue.month.year)) for code in regions}
            found = reached_by_region(metric, part, month, own)
            reached = {code: one for code, one in found.items() if code in regions}
        which = counted_list(metric, part)
        tables.append(
            TargetTable(
                metric, label, districts[0].unit, years, rows, is_flow, clause, adds_up, whole, reached, which
            )
        )
    return tuple(tables)


def _rows(
    regions: dict[str, Region], cells: dict[tuple[str, int], Target], years: tuple[int, ...]
) -> tuple[TargetRow, ...]:
    """Regions in the official order, each below the one of the table that holds it."""
    chains = {
        code: tuple(step for step in region.path.strip("/").split("/") if step in regions)
        for code, region in regions.items()
    }
    places = count(1)
    return tuple(
        TargetRow(
            regions[code],
            tuple(cells.get((code, year)) for year in years),
            chains[code][:-1],
            None if chains[code][:-1] else next(places),
        )
        for code in sorted(regions, key=lambda code: [(regions[step].order, step) for step in chains[code]])
    )


def _is_flow(edition: PolicyEdition, metric: str) -> bool:
    part = document_of(edition).parts.get("targets")
    return part.metric(metric).is_flow if isinstance(part, Targets) else metric != Target.Metric.TOTAL


def _counting(document: PolicyDocument) -> tuple[tuple[str, str], ...]:
    part = document.parts.get("targets")
    if not isinstance(part, Targets):
        return ()
    counting = part.counting
    clause = "文件未载明" if counting.clause is UNKNOWN else str(counting.clause)
    return (
        ("完成率", BASES[counting.basis]),
        ("年度", ENTRY_YEARS[counting.entry_year]),
        ("序时进度", counting.schedule_words),
        ("条款", clause),
        ("说明", counting.note or ""),
    )
