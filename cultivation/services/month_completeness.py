"""Who has reported for a month that is still open, by region, in a fixed number of queries.

The same numbers as the month's statistics would give at this moment (docs/month-figures.md, 报送).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.models import PolicyEdition, Region, Role, User
from core.periods import Month
from core.scoping import regions_visible_to
from core.services.policies import document_of
from cultivation.models import MonthlyCycle, MonthReturn
from cultivation.rules.month_calendar import days_late
from cultivation.services.month_cycles import open_cycles
from cultivation.services.month_facts import CLOSED_WORDS, first_month, on_day
from enterprises.models import Enterprise, MonthlyFigure, RegionSpell


@dataclass(slots=True)
class Completeness:
    """A region's return and its firms: 应报、已报、零报告、未报、代填; ``fillers``: who filled in for it, firms each."""

    region: Region
    returned: MonthReturn | None = None
    late: int = 0
    reporting: int = 0
    zero_reports: int = 0
    silent: int = 0
    fillers: dict[str, int] = field(default_factory=dict)

    @property
    def firms(self) -> int:
        return self.reporting + self.silent

    @property
    def on_behalf(self) -> int:
        return sum(self.fillers.values())

    @property
    def is_in(self) -> bool:
        return self.returned is not None and self.returned.step != MonthReturn.Step.FILL

    @property
    def is_late(self) -> bool:
        """Not in though its day has passed; one that came in late is in."""
        return self.late > 0 and not self.is_in


@dataclass(frozen=True, slots=True)
class ReturnsTable:
    """The returns of a month within the reader's regions; ``total`` adds up those that lie in no other."""

    cycle: MonthlyCycle
    lines: tuple[Completeness, ...]
    total: Completeness

    @property
    def not_in(self) -> list[Completeness]:
        return [line for line in self.lines if not line.is_in]

    @property
    def late(self) -> list[Completeness]:
        return [line for line in self.lines if line.is_late]

    @property
    def parts(self) -> dict[str, list[Completeness]]:
        """What the table can be narrowed to, by the word of the address; "" is the whole."""
        steps = {
            step: [line for line in self.lines if line.returned.step == step] for step in MonthReturn.Step
        }
        return {"": list(self.lines), "late": self.late, "not_in": self.not_in, **steps}

    @property
    def is_whole(self) -> bool:
        return len(self.lines) > 1


def returns_table(*, cycle: MonthlyCycle, user: User, today: date | None = None) -> ReturnsTable:
    """Three queries, however many regions."""
    today = today or timezone.localdate()
    returns = list(MonthReturn.objects.visible_to(user).of_cycle(cycle))
    lines = [Completeness(one.region, one, _late(cycle, one, today)) for one in returns]
    total = Completeness(cycle.region)
    top = [line for line in lines if not any(_within(line.region, other.region) for other in lines)]
    scope = regions_visible_to(user).filter(path__startswith=cycle.region.path)
    for path, filler, reporting, zero in _reported(cycle.month, scope):
        for line in _holding(path, [*lines, total], top):
            line.reporting += reporting
            line.zero_reports += zero
            if filler and not (filler[1] or "").startswith(line.region.path):
                line.fillers[filler[0]] = line.fillers.get(filler[0], 0) + reporting
    for path, silent in _silent_by_path(cycle, scope):
        for line in _holding(path, [*lines, total], top):
            line.silent += silent
    return ReturnsTable(cycle, tuple(lines), total)


def open_returns(*, programme: str, month: Month, user: User) -> ReturnsTable | None:
    """The returns of a month that is asked for and not issued; ``None`` for any other, and where nothing is the reader's."""
    cycle = open_cycles().of_month(programme, month).select_related("region", "edition").first()
    table = returns_table(cycle=cycle, user=user) if cycle else None
    return table if table and table.lines else None


def overdue_counts(user: User, today: date) -> list[tuple[MonthlyCycle, int]]:
    """Months with returns that are overdue within the reader's regions, how many each; the latest first, at most three."""
    late = (
        MonthReturn.objects.visible_to(user).not_in().filter(cycle__in=open_cycles(), cycle__due_on__lt=today)
    )
    counts = dict(late.order_by().values_list("cycle").annotate(returns=Count("pk")))
    newest = sorted(
        MonthlyCycle.objects.in_bulk(counts).values(), key=lambda cycle: cycle.month, reverse=True
    )
    return [(cycle, counts[cycle.pk]) for cycle in newest[:3]]


def silent_firms(*, cycle: MonthlyCycle, region: Region, user: User) -> QuerySet[Enterprise]:
    """The firms behind 未报 of a region, within the reader's own."""
    scope = regions_visible_to(user).filter(path__startswith=region.path)
    spells = _silent_spells(cycle, scope)
    return Enterprise.objects.filter(pk__in=spells.order_by().values("enterprise")).order_by("uscc")


def _late(cycle: MonthlyCycle, one: MonthReturn, today: date) -> int:
    if one.step == MonthReturn.Step.FILL or one.submitted_at is None:
        return days_late(cycle.due_on, today)
    return days_late(cycle.due_on, timezone.localdate(one.submitted_at))


def _within(region: Region, other: Region) -> bool:
    return region.pk != other.pk and region.path.startswith(other.path)


def _holding(path: str, lines: list[Completeness], top: list[Completeness]) -> Iterable[Completeness]:
    """Lines that a firm of the region at ``path`` counts in; 合计 only through a line that is shown."""
    *shown, total = lines
    if any(path.startswith(line.region.path) for line in top):
        yield total
    yield from (line for line in shown if path.startswith(line.region.path))


def _reported(
    month: Month, scope: QuerySet[Region]
) -> Iterable[tuple[str, tuple[str, str | None] | None, int, int]]:
    """Path of the region, who sent it (name and path of his own region; ``None`` for an import), firms, zero reports."""
    sender = "batch__sent_by__"
    rows = (
        MonthlyFigure.objects.filter(month=month, region__in=scope)
        .order_by()
        .values_list("region__path", f"{sender}full_name", f"{sender}role", f"{sender}region__path")
        .annotate(firms=Count("pk"), zero=Count("pk", filter=Q(revenue_wan=0)))
    )
    for path, name, role, own, firms, zero in rows:
        yield path, None if role == Role.SYSTEM else (name, own), firms, zero


def _silent_by_path(cycle: MonthlyCycle, scope: QuerySet[Region]) -> Iterable[tuple[str, int]]:
    spells = _silent_spells(cycle, scope).order_by()
    return spells.values_list("region__path").annotate(firms=Count("enterprise", distinct=True))


def _silent_spells(cycle: MonthlyCycle, scope: QuerySet[Region]) -> QuerySet[RegionSpell]:
    """Region spells, at the month's end, of firms that should have reported and have not (未报)."""
    month = cycle.month
    figures = MonthlyFigure.objects.filter(enterprise=OuterRef("enterprise"))
    since = _known_since(cycle.edition, month)
    closed = Q()
    for word in CLOSED_WORDS:
        closed |= Q(enterprise__status__contains=word)
    return RegionSpell.objects.filter(
        on_day(month.last_day),
        ~closed,
        ~Exists(figures.filter(month=month)),
        Q(enterprise__founded_on=None) | Q(enterprise__founded_on__lte=month.last_day),
        ~Q(enterprise__verification=Enterprise.Verification.PENDING)
        | Exists(figures.for_months(since, month)),
        region__in=scope,
    )


def _known_since(edition: PolicyEdition, month: Month) -> Month:
    return first_month(document_of(edition).parts.get("targets"), month)
