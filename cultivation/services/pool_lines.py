"""Entry lines that counties lower (下调企业营业收入标准): lawful, with a reason, logged; they end, none is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.amounts import from_hundredths, to_hundredths
from core.audit import record
from core.models import PolicyEdition, Region, User
from core.scoping import may_reach
from core.services.policies import document_of
from cultivation.models import PoolLine, Target
from cultivation.policy import PoolRule
from cultivation.rules.lowering import lowering_refused
from cultivation.rules.pool_places import line_at, place_of
from cultivation.rules.screening import quota_of, screen, selected
from cultivation.services.pool_facts import at_latest_month, read_pool
from cultivation.services.pools import PoolRefused, pool_rule

NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class CountyLine:
    """What a county may know before it lowers its line; amounts in 万元, ``None`` where nothing is printed."""

    region: Region
    printed: Decimal | None
    holds: PoolLine | None
    inside: int
    quota: int | None
    #: the line that a city of the province has set for all its counties
    of_city: PoolLine | None = None
    #: a county that stands below a city of the same list
    is_inner: bool = False

    @property
    def gap(self) -> int | None:
        return None if self.quota is None else max(self.quota - self.inside, 0)

    @property
    def amount(self) -> Decimal | None:
        holds = self.holds or self.of_city
        return from_hundredths(holds.amount_wan) if holds else self.printed


def lowered_lines(programme: str, pool: str, year: int) -> dict[str, Decimal]:
    """Lines that hold, in 万元, by region."""
    rows = PoolLine.objects.of_pool(programme, pool).holding().filter(year=year)
    return {code: from_hundredths(amount) for code, amount in rows.values_list("region_id", "amount_wan")}


def quotas_of(programme: str, rule: PoolRule, year: int, locality: str) -> dict[str, int]:
    """How many firms each region is to have; empty where the document does not say."""
    if rule.quota is None or rule.quota.is_open:
        return {}
    rows = Target.objects.of_programme(programme).yearly(rule.quota.metric, year).exclude(region=locality)
    found = quota_of(rule.quota, dict(rows.values_list("region_id", "value")))
    return found[0] if found else {}


def county_lines(edition: PolicyEdition, rule: PoolRule, year: int, user: User) -> list[CountyLine]:
    """The counties of the locality that this reader sees, a province's cities each with its own, counted at the
    printed line."""
    if rule.line is None or rule.line.is_standard_alone:
        return []
    locality = edition.locality
    counties = [region for region in regions_with_lines(locality) if may_reach(user, region)]
    inside = _inside(edition, rule, year, counties)
    quotas = quotas_of(edition.name, rule, year, locality.pk)
    rows = PoolLine.objects.of_pool(edition.name, rule.kind).holding().filter(year=year)
    holding = {line.region_id: line for line in rows.select_related("set_by")}
    return [
        CountyLine(
            region,
            _printed(edition, rule, region),
            holding.get(region.pk),
            inside[region.pk],
            quotas.get(region.pk),
            holding.get(region.parent_id or ""),
            region.parent_id != locality.pk,
        )
        for region in counties
    ]


def lower_line(
    *, programme: str, pool: str, year: int, region: Region, amount: Decimal, reason: str, actor: User
) -> PoolLine:
    """Set a county's own line for the year. Raises ``PoolRefused`` with what the document says against it."""
    edition, rule = pool_rule(programme, pool)
    reason = _reason(reason)
    if region not in regions_with_lines(edition.locality) or not may_reach(actor, region):
        raise PoolRefused("请选择本方案范围内的县（市、区）。")
    if amount != amount.quantize(Decimal("0.01")):
        raise PoolRefused("入库线最多两位小数。")
    inside = _inside(edition, rule, year, [region])[region.pk]
    quota = quotas_of(programme, rule, year, edition.locality_id).get(region.pk)
    printed = _printed(edition, rule, region)
    why = lowering_refused(rule, printed=printed, wanted=amount, inside=inside, quota=quota)
    if why or printed is None:
        raise PoolRefused(f"{why}。")
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        now = timezone.now()
        PoolLine.objects.of_pool(programme, pool).holding().filter(year=year, region=region).update(
            ended_at=now, ended_by=actor
        )
        line = PoolLine.objects.create(
            programme=programme,
            pool=pool,
            year=year,
            region=region,
            amount_wan=to_hundredths(amount),
            printed_wan=to_hundredths(printed),
            inside=inside,
            quota=quota,
            reason=reason,
            edition=edition,
            set_by=actor,
            set_at=now,
        )
        counts = {
            "amount_wan": str(amount),
            "printed_wan": str(printed),
            "inside": inside,
            "quota": quota or 0,
        }
        subject = f"{region.name} {rule.title} {year}"
        record(actor=actor, act="lower_pool_line", region=region, subject=subject, counts=counts)
    return line


def end_line(*, line: PoolLine, actor: User) -> None:
    """Back to the printed line. Raises ``PoolRefused`` for a line that no longer holds."""
    with transaction.atomic():
        ended = PoolLine.objects.filter(pk=line.pk, ended_at=None).update(
            ended_at=timezone.now(), ended_by=actor
        )
        if not ended:
            raise PoolRefused("这条入库线已经停用，请刷新后再看。")
        subject = f"{line.region.name} {line.programme} {line.year}"
        record(
            actor=actor, act="end_pool_line", region=line.region, subject=subject, counts={"line": line.pk}
        )


def regions_with_lines(locality: Region) -> list[Region]:
    """A city's counties; a province's cities, and the counties below each."""
    is_direct = Q(parent=locality)
    if locality.kind == Region.Kind.PROVINCE:
        is_direct |= Q(parent__parent=locality) & ~Q(kind=Region.Kind.TOWNSHIP)
    return list(Region.objects.filter(is_direct).order_by("order", "code"))


def _inside(
    edition: PolicyEdition, rule: PoolRule, year: int, regions: Sequence[Region]
) -> Mapping[str, int]:
    """Firms that the rule puts in at the printed lines, of each of these regions and all below it."""
    rule = at_latest_month(rule, year)
    read = read_pool(edition, rule, year, {})
    mask = selected(rule, screen(rule, read.frame, year).table(), "in")
    counts = np.bincount(read.region[mask], minlength=len(read.regions))
    paths = dict(Region.objects.filter(pk__in=read.regions).values_list("pk", "path"))
    return {
        region.pk: sum(
            int(count)
            for code, count in zip(read.regions, counts, strict=True)
            if paths[code].startswith(region.path)
        )
        for region in regions
    }


def _printed(edition: PolicyEdition, rule: PoolRule, region: Region) -> Decimal | None:
    above = region.path.strip("/").split("/")[-2::-1]
    place = place_of(document_of(edition).regions, region.pk, region.name, region.kind, above)
    return line_at(rule, place, {})


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise PoolRefused("请写明下调的理由。")
    if len(reason) > NOTE_LIMIT:
        raise PoolRefused(f"理由有 {len(reason)} 个字，最多 {NOTE_LIMIT} 个。")
    return reason
