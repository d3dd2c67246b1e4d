"""调整 of a month: drawn when it is closed, against the month before as issued; frozen with its issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.models import User
from core.periods import Month
from core.scoping import regions_visible_to
from cultivation.models import Correction, IssueRows, MonthAdjustments, MonthlyIssue
from cultivation.rules.adjustments import CAUSES, adjustments, line_sums
from cultivation.rules.month_rows import packed, unpacked, widened
from cultivation.rules.months import LISTED, OUTSIDE, Table, taken
from enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class AdjustedRegion:
    """A region's 调整: amounts in whole hundredths of 万元, entries and exits, firms whose figures differ."""

    name: str
    revenue: int
    tax: int
    firms: int
    newly_listed: int
    delisted: int


@dataclass(frozen=True, slots=True)
class AdjustedFirm:
    """A firm behind it: what differs and why; ``corrections`` are the papers that say so."""

    pk: int
    name: str
    region: str
    words: str
    revenue: int
    tax: int
    may_open: bool
    corrections: tuple[Correction, ...]


class AdjustedRow(NamedTuple):
    """A row before its firm is read: thousands may stand behind a month, a page shows fifty."""

    line: int
    firm: int
    region: str
    words: str
    revenue: int
    tax: int


@dataclass(frozen=True, slots=True)
class AdjustmentTable:
    issue: MonthlyIssue
    base: MonthlyIssue
    regions: tuple[AdjustedRegion, ...]
    rows: tuple[AdjustedRow, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a month takes over of earlier ones, computed and not kept yet."""

    base: MonthlyIssue
    regions: list[str]
    tables: bytes


def draw_adjustments(
    *, programme: str, month: Month, regions: Sequence[str], tables: dict[str, Table]
) -> Drawn | None:
    """Against the month before as issued; ``None`` where it was not. ``tables`` name firms by their keys."""
    base = _base(programme, month)
    if base is None:
        return None
    before = _renumbered(IssueRows.objects.get(issue=base), regions)
    now = {name: widened(table) for name, table in tables.items()}
    return Drawn(base, list(regions), packed(adjustments(now, before, month)))


def keep_adjustments(*, issue: MonthlyIssue, drawn: Drawn | None) -> None:
    """Inside the transaction that keeps the draft."""
    if drawn is None:
        MonthAdjustments.objects.filter(issue=issue).delete()
        return
    kept = {"base": drawn.base, "regions": drawn.regions, "tables": drawn.tables}
    MonthAdjustments.objects.update_or_create(issue=issue, defaults=kept)


def settle_adjustments(issue: MonthlyIssue) -> None:
    """Drawn anew where the month before was issued, or issued again, after this draft was computed."""
    base = _base(issue.programme, issue.month)
    kept = MonthAdjustments.objects.filter(issue=issue).values_list("base", flat=True).first()
    if kept == (base and base.pk):
        return
    rows = IssueRows.objects.get(issue=issue)
    drawn = draw_adjustments(
        programme=issue.programme,
        month=issue.month,
        regions=rows.regions,
        tables=unpacked(bytes(rows.tables)),
    )
    keep_adjustments(issue=issue, drawn=drawn)


def adjustment_table(*, issue: MonthlyIssue, user: User) -> AdjustmentTable | None:
    """The reader's regions that have any; ``None`` where the month before was never issued."""
    kept = MonthAdjustments.objects.select_related("base").filter(issue=issue).first()
    if kept is None:
        return None
    tables = unpacked(bytes(kept.tables))
    names = dict(regions_visible_to(user).filter(pk__in=kept.regions).values_list("pk", "name"))
    sums = line_sums(tables, len(kept.regions))
    regions = tuple(
        AdjustedRegion(names[code], **{name: int(column[line]) for name, column in sums.items()})
        for line, code in enumerate(kept.regions)
        if code in names and (any(int(column[line]) for column in sums.values()))
    )
    return AdjustmentTable(issue, kept.base, regions, _rows(kept.regions, names, tables))


def adjusted_firms(table: AdjustmentTable, rows: Sequence[AdjustedRow], user: User) -> list[AdjustedFirm]:
    """These rows with names and papers; three queries, however many."""
    ids = {row.firm for row in rows}
    # Not scoped by today's region: the row belongs to the region of its own date, and that one is the reader's.
    names = dict(Enterprise.objects.filter(pk__in=ids).values_list("pk", "name"))
    visible = set(Enterprise.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    papers: dict[int, list[Correction]] = {}
    approved = Correction.objects.visible_to(user).approved().defer("evidence")
    for paper in approved.filter(enterprise__in=ids, month__lt=table.issue.month):
        papers.setdefault(paper.enterprise_id, []).append(paper)
    return [
        AdjustedFirm(
            row.firm,
            names[row.firm],
            row.region,
            row.words,
            row.revenue,
            row.tax,
            row.firm in visible,
            tuple(papers.get(row.firm, ())),
        )
        for row in rows
    ]


def _base(programme: str, month: Month) -> MonthlyIssue | None:
    issues = MonthlyIssue.objects.latest_for(programme, month - 1)
    return issues.filter(state=MonthlyIssue.State.ISSUED).first()


def _renumbered(before: IssueRows, regions: Sequence[str]) -> dict[str, Table]:
    """The tables as issued with their lines numbered as today's; a region that has no line today falls out."""
    place = {code: line for line, code in enumerate(regions)}
    number = np.array([place.get(code, OUTSIDE) for code in before.regions], np.int64)
    tables = {}
    for name, table in unpacked(bytes(before.tables)).items():
        moved = table | {"line": number[table["line"]]}
        tables[name] = taken(moved, moved["line"] != OUTSIDE)
    return tables


def _rows(codes: Sequence[str], names: dict[str, str], tables: dict[str, Table]) -> tuple[AdjustedRow, ...]:
    """Figures and events of the reader's regions, by region and firm."""
    figures, events = tables["figures"], tables["events"]
    found = [
        (line, firm, CAUSES[cause], revenue, tax)
        for line, firm, cause, revenue, tax in _lists(figures, "line", "firm", "cause", "revenue", "tax")
    ]
    for line, firm, kind, month, sign in _lists(events, "line", "firm", "kind", "month", "sign"):
        way, word = "补记" if sign > 0 else "撤销", "入库" if kind == LISTED else "退库"
        found.append((line, firm, f"{way}{Month.from_number(month).label}{word}", 0, 0))
    return tuple(
        AdjustedRow(line, firm, names[codes[line]], words, revenue, tax)
        for line, firm, words, revenue, tax in sorted(found, key=lambda row: row[:2])
        if codes[line] in names
    )


def _lists(table: Table, *keys: str) -> Iterator[tuple[int, ...]]:
    return zip(*(table[key].tolist() for key in keys), strict=True)
