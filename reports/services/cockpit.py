"""驾驶舱: the year on one page. Its numbers are those of the month page, of the pool and of the published grades;
nothing is counted a second way."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import quote

from core.models import PolicyEdition, User
from core.periods import Month
from core.permissions import can
from core.policies import UNKNOWN, Unknown
from cultivation.models import MonthlyIssue, RegionMonth
from cultivation.policy import Targets
from cultivation.rules.measures import BASIS_GROSS, share
from cultivation.rules.months import MonthLine, total_of
from cultivation.services.month_pages import MonthPage, current_month, month_page
from cultivation.services.pool_pages import PoolPlace, Stat, member_counts, pool_place, stats_of
from cultivation.services.programmes import targets_part
from evaluation.models import Round
from evaluation.services.round_pages import RoundLine, round_lines


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A closed month as the trend shows it: the version on view, and the sum of the reader's lines in it."""

    issue: MonthlyIssue
    total: MonthLine


@dataclass(frozen=True, slots=True)
class TrendMonth:
    """A month of the year; a month that nobody has closed, or that comes after the one on view, has no point."""

    month: Month
    now: MonthPoint | None
    last: MonthPoint | None
    #: 序时目标 in whole firms, half up; ``None`` without a target, or where 净增 counts towards it
    scheduled: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its share of the largest, or of the whole, and the query that opens exactly its firms."""

    word: str
    note: str
    count: int
    share: Decimal
    query: str


@dataclass(frozen=True, slots=True)
class PoolFunnel:
    place: PoolPlace
    members: int
    tiers: list[Bar]
    sources: list[Stat]


@dataclass(frozen=True, slots=True)
class Grades:
    """Firms by grade of the newest published round, within the reader's regions."""

    line: RoundLine
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Cockpit:
    page: MonthPage
    #: the latest closed month, where the one on view is not closed
    newest: Month | None
    trend: tuple[TrendMonth, ...]
    pool: PoolFunnel | None
    grades: Grades | None

    @property
    def at(self) -> TrendMonth | None:
        """The month on view within the trend."""
        return self.trend[self.page.month.month - 1] if self.trend else None

    @property
    def has_last_year(self) -> bool:
        return any(row.last for row in self.trend)

    @property
    def is_gross(self) -> bool:
        return self.page.issue is not None and self.page.issue.basis == BASIS_GROSS


def cockpit_of(user: User, programme: str, asked: str) -> Cockpit | None:
    """``asked`` is a month such as 2022-06; anything else means the latest closed one.

    ``None`` when the reader has no such programme, or none at all.
    """
    place = current_month(user, programme)
    if place is None:
        return None
    name, latest = place
    month = _parsed(asked) or latest
    page = month_page(user=user, programme=name, month=month)
    if page is None:
        return None
    closed = page.table is not None
    has_lines = page.table is not None and bool(page.table.lines)
    return Cockpit(
        page=page,
        newest=None if closed else next((m for m in page.months if m != month), None),
        trend=_trend(user, page) if has_lines else (),
        pool=_pool(user, name),
        grades=_grades(user, page.programme),
    )


def _parsed(text: str) -> Month | None:
    try:
        return Month.parse(text)
    except ValueError:
        return None


def _trend(user: User, page: MonthPage) -> tuple[TrendMonth, ...]:
    """The twelve months of the year on view; one query for all lines of both years."""
    year, table = page.month.year, page.table
    first, last = Month(year - 1, 1), Month(year, 12)
    lines = RegionMonth.objects.visible_to(user).of_newest_versions()
    lines = lines.filter(
        issue__programme=page.programme.name, issue__month__gte=first, issue__month__lte=last
    ).select_related("issue")
    by_month: dict[Month, list[RegionMonth]] = defaultdict(list)
    for line in lines:
        by_month[line.issue.month].append(line)
    points = {month: _point(rows) for month, rows in by_month.items()}
    target = table.total.target if table and table.issue.basis == BASIS_GROSS else None
    part = targets_part(page.programme) if page.programme else None
    return tuple(
        TrendMonth(
            month=month,
            now=points.get(month) if month <= page.month else None,
            last=points.get(month - 12),
            scheduled=_scheduled(target, part, month),
        )
        for month in (Month(year, number) for number in range(1, 13))
    )


def _scheduled(target: int | None, part: Targets | None, month: Month) -> int | None:
    """Firms that are due by the end of a month, to the nearest whole one."""
    due = part.counting.due_at(month.month) if part else UNKNOWN
    return None if target is None or isinstance(due, Unknown) else math.floor(target * due + Fraction(1, 2))


def _point(lines: list[RegionMonth]) -> MonthPoint:
    issue = lines[0].issue
    return MonthPoint(issue, total_of(lines, months_passed=issue.month.month, basis=issue.basis))


def _pool(user: User, programme: str) -> PoolFunnel | None:
    """The programme's first pool as it stands today; ``None`` while it has no members within reach."""
    place = pool_place(user, programme) if can(user, "pool.view") else None
    if place is None:
        return None
    counts = member_counts(place, user)
    if not counts.members:
        return None
    tiers, sources = stats_of(place, counts)
    largest = max(stat.count for stat in tiers) if tiers else 0
    bars = [_bar(stat.word, stat.note, stat.count, largest, stat.query) for stat in tiers]
    return PoolFunnel(place, counts.members, bars, sources)


def _grades(user: User, programme: PolicyEdition) -> Grades | None:
    """The newest published round of the programme's locality; ``None`` while there is none."""
    if not can(user, "evaluation.view"):
        return None
    rounds = Round.objects.visible_to(user).current().filter(region=programme.locality)
    newest = rounds.select_related("edition", "region").order_by("-year", "-published_at").first()
    if newest is None:
        return None
    line = round_lines(user, [newest])[0]
    bars = [_bar(name, "", count, line.graded, f"grade={quote(name)}") for name, count in line.counts.items()]
    return Grades(line, bars)


def _bar(word: str, note: str, count: int, whole: int, query: str) -> Bar:
    return Bar(word, note, count, share(count, whole) or Decimal(0), query)
