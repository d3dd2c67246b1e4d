"""What the statistics page, its lists and the REST door read: lines by one dimension, narrowed by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.models import Region, User
from cultivation.models import IssueStatistics, MonthlyIssue
from cultivation.rules.month_rows import unpacked
from cultivation.rules.months import Table
from cultivation.rules.statistic_lines import StatisticLine
from cultivation.rules.statistic_rows import STATISTIC_SELECTIONS
from cultivation.rules.statistics import SUMMED, by_dimension, chosen, summed
from cultivation.services.month_lists import MonthList, regions_of_lines, sorted_list
from enterprises.rules.industries import DIVISIONS

#: word in the address → dimension of the cells, its heading
BY = {"region": ("line", "地区"), "tier": ("tier", "培育层级"), "industry": ("industry", "行业大类")}
UNKNOWN_INDUSTRY = "未填行业"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the reader asks for; ``tier`` is the number of a tier, ``industry`` of a division."""

    region: Region | None = None
    tier: int | None = None
    industry: int | None = None


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """``value``: what the address of its lists says for the dimension; a region's code, else the number."""

    name: str
    value: str
    line: StatisticLine


class StatisticPage:
    """The statistics of a version within the reader's regions; nothing of others is summed, not even in 合计."""

    def __init__(self, kept: IssueStatistics, issue: MonthlyIssue, user: User, asked: Narrowing) -> None:
        self.kept, self.issue, self.user, self.asked = kept, issue, user, asked

    @cached_property
    def regions(self) -> tuple[Region | None, ...]:
        return regions_of_lines(self.kept.regions, self.user)

    @cached_property
    def _cells(self) -> Table:
        table = unpacked(bytes(self.kept.cells))["cells"]
        return chosen(table, line=[i for i, own in enumerate(self.regions) if own])

    def _lines_of(self, region: Region | None) -> Sequence[int] | None:
        if region is None:
            return None
        return [i for i, own in enumerate(self.regions) if own and own.pk == region.pk]

    def _narrowed(self, table: Table) -> Table:
        asked = self.asked
        return chosen(table, line=self._lines_of(asked.region), tier=asked.tier, industry=asked.industry)

    def _line(self, values: Mapping[str, int]) -> StatisticLine:
        has_no_chain = self.kept.is_joint and self.issue.month.month <= 3
        return StatisticLine(values, has_no_chain, frozenset(self.kept.untold))

    @cached_property
    def total(self) -> StatisticLine:
        return self._line(summed(self._narrowed(self._cells)))

    @property
    def empty_line(self) -> StatisticLine:
        """Of a region without any firm."""
        return self._line(dict.fromkeys(SUMMED, 0))

    def rows(self, by: str) -> list[StatisticRow]:
        """Regions in the document's order, tiers in the rule's, industries by code. ``KeyError`` for another."""
        dimension, _ = BY[by]
        found = by_dimension(self._narrowed(self._cells), dimension)
        return [
            StatisticRow(*self._named(by, value), self._line(sums)) for value, sums in sorted(found.items())
        ]

    def _named(self, by: str, value: int) -> tuple[str, str]:
        if by == "region":
            region = self.regions[value]
            return (region.name, region.pk) if region else ("", "")
        return (self.tiers[value] if by == "tier" else industry_name(value)), str(value)

    @property
    def tiers(self) -> list[str]:
        return list(self.kept.tiers)

    @cached_property
    def industries(self) -> list[tuple[str, str]]:
        """Those that the reader's firms have, for a choice list."""
        return [
            (str(number), industry_name(number)) for number in np.unique(self._cells["industry"]).tolist()
        ]

    @property
    def shown_regions(self) -> list[Region]:
        return [region for region in self.regions if region]

    def listed(self, which: str) -> MonthList:
        """The firms behind a number. ``KeyError`` for a selection there is not."""
        if which in self.kept.untold:
            raise KeyError(which)
        selection = STATISTIC_SELECTIONS[which]
        tables = unpacked(
            bytes(IssueStatistics.objects.values_list("tables", flat=True).get(pk=self.kept.pk))
        )
        table = chosen(tables[selection.table], line=[i for i, own in enumerate(self.regions) if own])
        table = self._narrowed(table)
        rows = {name: column[selection.keeps(table, self.issue.month)] for name, column in table.items()}
        return sorted_list(selection, rows, self.regions)


def statistic_page(issue: MonthlyIssue, user: User, asked: Narrowing) -> StatisticPage | None:
    """``None`` for a version that was closed before statistics were kept."""
    kept = IssueStatistics.objects.filter(issue=issue).defer("tables", "findings").first()
    return StatisticPage(kept, issue, user, asked) if kept else None


def industry_name(division: int) -> str:
    return f"{division:02d} {DIVISIONS.get(f'{division:02d}', '')}".strip() if division else UNKNOWN_INDUSTRY
