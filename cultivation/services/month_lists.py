"""The firms behind a number of an issue, as they were when it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.models import Region, User
from core.scoping import regions_visible_to
from cultivation.models import IssueRows, MonthlyIssue
from cultivation.rules.month_rows import SELECTIONS, Selection, entered_within, selected, unpacked
from cultivation.rules.months import LISTED, Table
from enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm of a list: its name today, its region then; ``url_key`` only where the reader may open it."""

    name: str
    uscc: str
    region: str
    may_open: bool
    cells: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class MonthList:
    """``number`` is the number that the list stands behind; ``sums`` by column, ``None`` where none is meant."""

    selection: Selection
    rows: Table
    number: int
    sums: tuple[tuple[str, int | None], ...]
    regions: tuple[Region | None, ...]

    def __len__(self) -> int:
        return int(self.rows["firm"].size)

    def __getitem__(self, part: slice) -> list[int]:
        return list(range(len(self))[part])


def month_list(*, issue: MonthlyIssue, which: str, user: User, region: Region | None = None) -> MonthList:
    """``KeyError`` for a selection there is not; rows of the user's regions only, of ``region`` when given."""
    block = IssueRows.objects.get(issue=issue)
    regions = _lines(block, user)
    lines = [i for i, own in enumerate(regions) if own and (region is None or own.pk == region.pk)]
    selection = SELECTIONS[which]
    rows = _ordered(selected(unpacked(bytes(block.tables)), which, issue.month, lines))
    sums = tuple(
        (column.kind, int(rows[column.key].sum()) if column.is_summed else None)
        for column in selection.columns
    )
    return MonthList(selection, rows, _number(selection, rows), sums, regions)


def plan_progress(*, issue: MonthlyIssue, first_year: int, last_year: int, user: User) -> tuple[int, int]:
    """Firms entered in the library years of a multi-year target, and their revenue since (hundredths of 万元)."""
    block = IssueRows.objects.get(issue=issue)
    lines = [i for i, own in enumerate(_lines(block, user)) if own]
    rows = entered_within(unpacked(bytes(block.tables)), first_year, last_year, lines)
    return int(rows["firm"].size), int(rows["revenue"].sum())


def firm_rows(listed: MonthList, places: list[int], user: User) -> list[FirmRow]:
    """The rows at these places with names; two queries, however many."""
    ids = [int(listed.rows["firm"][place]) for place in places]
    # Not scoped by today's region: the row belongs to the region of its own date, and that is the reader's.
    firms = Enterprise.objects.in_bulk(ids)
    visible = set(Enterprise.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    rows = []
    for place, pk in zip(places, ids, strict=True):
        firm, region = firms[pk], listed.regions[int(listed.rows["line"][place])]
        cells = tuple(
            (column.kind, int(listed.rows[column.key][place])) for column in listed.selection.columns
        )
        rows.append(FirmRow(firm.name, firm.uscc, region.name if region else "", pk in visible, cells))
    return rows


def _lines(block: IssueRows, user: User) -> tuple[Region | None, ...]:
    """The region of each line, ``None`` where it is not the user's."""
    seen = {region.code: region for region in regions_visible_to(user).filter(pk__in=block.regions)}
    return tuple(seen.get(code) for code in block.regions)


def _ordered(rows: Table) -> Table:
    """By region, then the largest first, then by firm."""
    weight = -rows["revenue"] if "revenue" in rows else np.zeros(rows["firm"].size, np.int64)
    order = np.lexsort((rows["firm"], weight, rows["line"]))
    return {name: column[order] for name, column in rows.items()}


def _number(selection: Selection, rows: Table) -> int:
    if selection.is_count:
        return int(rows["firm"].size)
    if selection.table == "events":
        return int(np.where(rows["kind"] == LISTED, 1, -1).sum())
    return int(rows["revenue"].sum())
