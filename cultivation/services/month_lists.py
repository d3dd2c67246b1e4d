"""The firms behind a number of an issue, as they were when it was computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from core.models import Region, User
from core.periods import Month
from core.scoping import regions_visible_to
from cultivation.models import IssueRows, MonthlyIssue
from cultivation.rules.month_rows import Selection, selected, selection_of, unpacked
from cultivation.rules.months import LISTED, Table
from enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a list and how it is written: amount, count, rate, month, year, change or flag."""

    kind: str
    value: Any

    @property
    def is_number(self) -> bool:
        return self.kind in {"amount", "count", "rate"}


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm of a list: its name today, its region then; ``may_open`` only where the reader may see the firm."""

    pk: int
    name: str
    uscc: str
    region: str
    may_open: bool
    cells: tuple[Cell, ...]


class MonthList(Sequence[int]):
    """Rows of a selection, the largest first within each region; ``number`` is the number they stand behind.

    A sequence of places, so that a paginator takes part of it and only those firms are read.
    """

    def __init__(self, selection: Selection, rows: Table, regions: tuple[Region | None, ...]) -> None:
        self.selection, self.rows, self.regions = selection, rows, regions

    def __len__(self) -> int:
        return int(self.rows["firm"].size)

    def __getitem__(self, part: Any) -> Any:
        return range(len(self))[part]

    @property
    def number(self) -> int:
        if self.selection.is_count:
            return len(self)
        if self.selection.table == "events":
            return int(np.where(self.rows["kind"] == LISTED, 1, -1).sum())
        return int(self.rows[self.selection.adds].sum())

    @property
    def number_kind(self) -> str:
        return "count" if self.selection.is_count or self.selection.table == "events" else "amount"

    @property
    def order(self) -> str:
        return "按地区、金额从大到小" if "revenue" in self.rows else "按地区"

    @property
    def parts(self) -> str:
        """How the rows make up the number, where the number is not their count."""
        if self.selection.is_count or self.selection.table != "events":
            return ""
        listed = int((self.rows["kind"] == LISTED).sum())
        return f"：入库 {listed} 减退库 {len(self) - listed}"

    @property
    def sums(self) -> list[Cell | None]:
        """合计 by column over the whole list, ``None`` where adding up means nothing."""
        return [
            Cell(column.kind, int(self.rows[column.key].sum())) if column.is_summed else None
            for column in self.selection.columns
        ]


def month_list(*, issue: MonthlyIssue, which: str, user: User, region: Region | None = None) -> MonthList:
    """``KeyError`` for a selection there is not; rows of the user's regions only, of ``region`` when given."""
    selection = selection_of(which)
    block = IssueRows.objects.get(issue=issue)
    regions = regions_of_lines(block.regions, user)
    lines = [i for i, own in enumerate(regions) if own and (region is None or own.pk == region.pk)]
    rows = selected(unpacked(bytes(block.tables)), selection, issue.month, lines)
    return sorted_list(selection, rows, regions)


def sorted_list(selection: Selection, rows: Table, regions: tuple[Region | None, ...]) -> MonthList:
    """The largest first within each region."""
    weight = -rows["revenue"] if "revenue" in rows else np.zeros(rows["firm"].size, np.int64)
    order = np.lexsort((rows["firm"], weight, rows["line"]))
    return MonthList(selection, {name: column[order] for name, column in rows.items()}, regions)


def firm_rows(listed: MonthList, places: Sequence[int], user: User) -> list[FirmRow]:
    """The rows at these places with names; two queries, however many."""
    ids = [int(listed.rows["firm"][place]) for place in places]
    # Not scoped by today's region: the row belongs to the region of its own date, and that one is the reader's.
    firms = Enterprise.objects.only("pk", "name", "uscc").in_bulk(ids)
    visible = set(Enterprise.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    rows = []
    for place, pk in zip(places, ids, strict=True):
        region = listed.regions[int(listed.rows["line"][place])]
        cells = tuple(
            Cell(column.kind, _shown(column.kind, int(listed.rows[column.key][place])))
            for column in listed.selection.columns
        )
        firm = firms[pk]
        rows.append(FirmRow(pk, firm.name, firm.uscc, region.name if region else "", pk in visible, cells))
    return rows


def _shown(kind: str, value: int) -> Any:
    if kind == "month":
        return Month.from_number(value).label
    if kind == "rate":
        return Decimal(value) / 1_000_000
    if kind == "change":
        return "入库" if value == LISTED else "退库"
    if kind == "flag":
        return "是" if value else "否"
    return value


def regions_of_lines(codes: Sequence[str], user: User) -> tuple[Region | None, ...]:
    """The region of each line, ``None`` where it is not the user's."""
    seen = {region.code: region for region in regions_visible_to(user).filter(pk__in=codes)}
    return tuple(seen.get(code) for code in codes)
