"""The numbers that a month's analysis speaks of, gathered once for page, text and papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from core.models import Region, User
from cultivation.models import IssueStatistics, MonthlyIssue, RegionMonth
from cultivation.rules.findings import FINDING_SELECTIONS, KIND_WORDS, KINDS, TONES, contributions, counts_of
from cultivation.rules.measures import LAGGING, SLOW
from cultivation.rules.month_rows import unpacked
from cultivation.rules.months import taken
from cultivation.services.month_lists import MonthList, regions_of_lines, sorted_list
from cultivation.services.months import MonthTable, month_table
from cultivation.services.statistic_pages import Narrowing, StatisticPage, StatisticRow, statistic_page


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many firms of each region a finding names; ``rule`` says from which number on, and whose number it is."""

    kind: str
    label: str
    tone: str
    rule: str
    total: int
    by_region: tuple[tuple[Region, int], ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """A region's part in the whole's growth: its own rate, and the points by which it moves the whole."""

    name: str
    own: Decimal | None
    points: Decimal | None


class AnalysisFigures:
    """Findings, districts behind and contributions of a version, within the reader's regions."""

    def __init__(self, statistics: StatisticPage, table: MonthTable, user: User) -> None:
        self.statistics, self.table, self.user = statistics, table, user
        self.issue: MonthlyIssue = statistics.issue

    @property
    def kept(self) -> IssueStatistics:
        return self.statistics.kept

    @cached_property
    def _findings(self) -> dict:
        block = IssueStatistics.objects.values_list("findings", flat=True).get(pk=self.kept.pk)
        return unpacked(bytes(block))["findings"] if block else {}

    @cached_property
    def findings(self) -> list[FindingCount]:
        if not self._findings:
            return []
        shown = {line.region_id for line in self.table.lines}
        places = [(i, own) for i, own in enumerate(self.statistics.regions) if own and own.pk in shown]
        whole = counts_of(self._findings, [place for place, _ in places])
        each = [(region, counts_of(self._findings, [place])) for place, region in places]
        return [
            FindingCount(
                kind,
                KIND_WORDS[kind],
                TONES[kind],
                self._rule(kind),
                whole[kind],
                tuple((region, counts[kind]) for region, counts in each),
            )
            for kind in KINDS
        ]

    @property
    def shown_regions(self) -> list[Region]:
        return [line.region for line in self.table.lines]

    def _rule(self, kind: str) -> str:
        told = self.kept.thresholds.get(kind)
        if told is None:
            return "规上标准见目标文件，预计按本企业往年各月的分布"
        return f"{told['label']}{told['words']}及以上（{told['origin']}）"

    def listed(self, kind: str, region: Region | None = None) -> MonthList:
        """The firms of a finding. ``KeyError`` for a kind there is not."""
        selection = FINDING_SELECTIONS[kind]
        regions = regions_of_lines(self.kept.regions, self.user)
        own = [i for i, one in enumerate(regions) if one and (region is None or one.pk == region.pk)]
        table = self._findings
        if not table:
            raise KeyError(kind)
        mask = selection.keeps(table, self.issue.month)
        for place in range(len(regions)):
            if place not in own:
                mask = mask & (table["line"] != place)
        return sorted_list(selection, taken(table, mask), regions)

    @cached_property
    def behind(self) -> list[RegionMonth]:
        """Districts behind 序时, the furthest first."""
        lines = [line for line in self.table.lines if line.light in (SLOW, LAGGING)]
        return sorted(lines, key=lambda line: line.schedule_gap_exact or 0)

    @cached_property
    def region_rows(self) -> Sequence[StatisticRow]:
        return self.statistics.rows("region")

    def contributions(self, measure: str = "revenue") -> list[Contribution]:
        """Of this month's growth against last year; the points add up to the whole's rate."""
        sides = {
            row.name: (row.line.values[f"{measure}_now"], row.line.values[f"{measure}_base"])
            for row in self.region_rows
        }
        points = contributions(sides)
        return [
            Contribution(row.name, row.line.rate(measure, "yoy").exact, points[row.name])
            for row in self.region_rows
        ]


def analysis_figures(issue: MonthlyIssue, user: User) -> AnalysisFigures | None:
    """``None`` for a version that has no statistics."""
    statistics = statistic_page(issue, user, Narrowing())
    return AnalysisFigures(statistics, month_table(issue=issue, user=user), user) if statistics else None
