"""责任人 as a page: each firm with who answers for it, and how many of each region nobody answers for. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from core.models import User
from enterprises.models import Enterprise, Liaison
from enterprises.services.liaison import current_by_firm, responsible_firms
from enterprises.services.liaison_duty import duties_for, must_have


@dataclass(frozen=True, slots=True)
class LiaisonLine:
    firm: Enterprise
    responsible: Liaison | None
    leader: Liaison | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a list, how many firms there are and how many have a 责任人."""

    name: str
    label: str
    firms: int
    covered: int

    @property
    def gaps(self) -> int:
        return self.firms - self.covered


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    code: str
    region: str
    firms: int
    covered: int

    @property
    def gaps(self) -> int:
        return self.firms - self.covered


def liaison_lines(firms: Iterable[Enterprise]) -> list[LiaisonLine]:
    """One query for the firms of a page."""
    rows = list(firms)
    now = current_by_firm([firm.pk for firm in rows])
    return [
        LiaisonLine(
            firm, now.get((firm.pk, Liaison.Duty.RESPONSIBLE)), now.get((firm.pk, Liaison.Duty.LEADER))
        )
        for firm in rows
    ]


def coverage(user: User) -> list[Coverage]:
    """All living firms, and each list whose firms must have somebody: one query a list."""
    living = Enterprise.objects.visible_to(user).filter(ended_on=None)
    lists = [("", "存续企业", living)]
    lists += [(duty.name, duty.label, must_have(living, duty.name)) for duty in duties_for()]
    found = []
    for name, label, firms in lists:
        counts = firms.order_by().aggregate(
            firms=Count("pk"), covered=Count("pk", filter=Q(pk__in=responsible_firms()))
        )
        found.append(Coverage(name, label, counts["firms"], counts["covered"]))
    return found


def coverage_by_region(user: User, duty: str) -> list[RegionCoverage]:
    """By assessment region in the official order, of one list (or of all living firms for ``""``)."""
    firms = Enterprise.objects.visible_to(user).filter(ended_on=None)
    if duty:
        firms = must_have(firms, duty)
    rows = (
        firms.order_by("region__order", "region")
        .values_list("region__order", "region", "region__name")
        .annotate(firms=Count("pk"), covered=Count("pk", filter=Q(pk__in=responsible_firms())))
    )
    return [RegionCoverage(code, name, total, covered) for _, code, name, total, covered in rows]
