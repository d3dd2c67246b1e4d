"""A region's target shared out below it (分解), re-issued during the year, with what a suggestion rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Count, QuerySet

from core.audit import record
from core.models import PolicyEdition, Region, Role, User
from core.policies import Figure
from core.scoping import may_reach
from cultivation.models import Target
from cultivation.policy import Goal
from cultivation.policy.sums import sum_gap
from cultivation.rules.suggestion import DEFAULT_WEIGHT, suggested_targets
from cultivation.services.programmes import targets_part
from cultivation.services.targets import save_targets
from enterprises.models import Enterprise, ScaleEvent

REASON_LIMIT = 200
#: What can be shared out and set by hand: whole firms.
EDITABLE = {
    Target.Metric.NEWLY_LISTED.value: Target.Metric.NEWLY_LISTED.label,
    Target.Metric.NET_ADDED.value: Target.Metric.NET_ADDED.label,
}
#: no document prints more for one region and year
LARGEST = 1_000_000


class TargetRefused(Exception):
    """The figures cannot be set; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Share:
    """A region below: its firms above scale, what it added last year, its target, and the one suggested."""

    region: Region
    above_scale: int
    added: int
    target: int | None
    suggested: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """``stands``: the target of the whole region; ``is_floor``: the document prints it with 以上."""

    whole: Region
    metric: str
    year: int
    stands: int | None
    is_floor: bool
    total: int
    weight: Fraction
    shares: tuple[Share, ...]

    @property
    def label(self) -> str:
        return EDITABLE[self.metric]

    @property
    def set_sum(self) -> int | None:
        known = [share.target for share in self.shares if share.target is not None]
        return sum(known) if known else None

    @property
    def above_scale(self) -> int:
        return sum(share.above_scale for share in self.shares)

    @property
    def added(self) -> int:
        return sum(share.added for share in self.shares)


def may_set(user: User, edition: PolicyEdition, whole: Region) -> bool:
    """The bureau for its whole locality; a district officer below his own region, a park's for its own document too."""
    if not may_reach(user, whole) or not whole.path.startswith(edition.locality.path):
        return False
    return user.role in (Role.BUREAU_STAFF, Role.DISTRICT_OFFICER)


def breakdown(
    *,
    edition: PolicyEdition,
    whole: Region,
    metric: str,
    year: int,
    total: int | None,
    weight: Fraction | None,
) -> Breakdown:
    """``total`` and ``weight`` of the calculator; the target that stands, and half by half, unless given. Four queries."""
    below = list(Region.objects.filter(parent=whole).order_by("order", "code"))
    rows = Target.objects.of_programme(edition.name).yearly(metric, year)
    targets = dict(rows.filter(region__in=[whole, *below]).values_list("region_id", "value"))
    present = _counted(below, Enterprise.objects.filter(above_scale=True), "region")
    listed = ScaleEvent.objects.filter(kind=ScaleEvent.Kind.LISTED, library_year=year - 1)
    added = _counted(below, listed, "region")
    bases = {region.pk: (present[region.pk], added[region.pk]) for region in below}
    stands = targets.get(whole.pk)
    goal = _goal(edition, whole, metric, year)
    asked = total if total is not None else (stands or sum(targets.get(r.pk, 0) for r in below))
    share = DEFAULT_WEIGHT if weight is None else weight
    suggested = suggested_targets(asked, bases, share)
    shares = tuple(
        Share(region, *bases[region.pk], targets.get(region.pk), suggested[region.pk]) for region in below
    )
    return Breakdown(whole, metric, year, stands, bool(goal and goal.has_end), asked, share, shares)


def reissue_targets(
    *,
    edition: PolicyEdition,
    whole: Region,
    metric: str,
    year: int,
    figures: Mapping[str, int],
    reason: str,
    actor: User,
) -> int:
    """Set the targets of the regions right below ``whole``; how many changed. Raises ``TargetRefused``.

    Together they must be the target of ``whole``, where it has one: exactly, or at least where 以上 is printed; and
    what a region below has shared out itself must still fit its new figure.
    """
    reason = reason.strip()
    if not may_set(actor, edition, whole):
        raise TargetRefused("您不能调整这个地区的目标。")
    if metric not in EDITABLE:
        raise TargetRefused("这项指标由政策文件或目标任务表下达。")
    if not reason or len(reason) > REASON_LIMIT:
        raise TargetRefused(f"请写明调整的理由，最多 {REASON_LIMIT} 个字。")
    below = {region.pk: region for region in Region.objects.filter(parent=whole)}
    if not figures or set(figures) - set(below):
        raise TargetRefused(f"请填写{whole.name}下一级各地区的目标。")
    if any(not 0 <= number <= LARGEST for number in figures.values()):
        raise TargetRefused(f"目标应是 0—{LARGEST:,} 的整数。")
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        stored = {t.region_id: t for t in Target.objects.of_programme(edition.name).yearly(metric, year)}
        told = _misfits(edition, whole, metric, year, figures, stored, below)
        if told:
            raise TargetRefused("；".join(told))
        rows = [
            Target(
                programme=edition.name,
                region_id=code,
                year=year,
                until_year=year,
                metric=metric,
                unit="家",
                value=number,
                clause="页面调整",
            )
            for code, number in figures.items()
            if code not in stored or stored[code].value != number
        ]
        save_targets(rows, actor=actor, reason=reason)
        if rows:
            subject = f"{edition.name} {whole.name} {year}年{EDITABLE[metric]}"
            record(
                actor=actor,
                act="reissue_targets",
                region=whole,
                subject=subject,
                counts={"targets": len(rows)},
            )
    return len(rows)


def _misfits(
    edition: PolicyEdition,
    whole: Region,
    metric: str,
    year: int,
    figures: Mapping[str, int],
    stored: Mapping[str, Target],
    below: Mapping[str, Region],
) -> list[str]:
    """Sum checks both ways: against the target above, and against what has been shared out below."""
    told = []
    after = {code: figures.get(code, stored[code].value if code in stored else 0) for code in below}
    own = stored.get(whole.pk)
    goal = _goal(edition, whole, metric, year)
    if own is not None:
        figure = Figure(own.amount, "", "at_least" if goal and goal.has_end else None)
        gap = sum_gap(figure, [Decimal(number) for number in after.values()])
        if gap:
            end = "以上" if goal and goal.has_end else ""
            told.append(f"{whole.name}目标 {own.value} 家{end}，下一级{gap}，请调整后再下达")
    lower = Target.objects.of_programme(edition.name).yearly(metric, year).filter(region__parent__in=figures)
    sums: dict[str, int] = {}
    for code, value in lower.values_list("region__parent_id", "value"):
        sums[code] = sums.get(code, 0) + value
    told += [
        f"{below[code].name}已分解到下一级共 {total} 家，与新目标 {figures[code]} 家不符，请先调整下一级"
        for code, total in sums.items()
        if total != figures[code] and stored.get(code) is not None and stored[code].value != figures[code]
    ]
    return told


def _goal(edition: PolicyEdition, region: Region, metric: str, year: int) -> Goal | None:
    part = targets_part(edition)
    goals = part.goals if part else ()
    slot = (metric, region.pk, year, year)
    return next((g for g in goals if (g.metric, g.region, g.first_year, g.last_year) == slot), None)


def _counted(below: list[Region], rows: QuerySet, lookup: str) -> dict[str, int]:
    """Rows of each region and all below it."""
    found = rows.order_by().values_list(f"{lookup}__path").annotate(count=Count("pk"))
    counts = dict.fromkeys((region.pk for region in below), 0)
    for path, count in found:
        for region in below:
            if path.startswith(region.path):
                counts[region.pk] += count
    return counts
