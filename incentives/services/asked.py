"""What one computing of a year asks for: the rules that can run, the regions of the locality and their groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.models import PolicyEdition, Region
from enterprises.models import Enterprise
from enterprises.services.firms import KnownFirm, RegionHistory
from enterprises.services.storing import in_chunks
from incentives.policy import Awards, Rule
from incentives.rules.happenings import Who


@dataclass(frozen=True, slots=True)
class Asked:
    """``regions``: those of the locality in the official order; ``groups``: region → place of its group, −1 for none."""

    edition: PolicyEdition
    awards: Awards
    year: int
    rules: tuple[Rule, ...]
    regions: Mapping[str, Region]
    groups: Mapping[str, int]

    @classmethod
    def of(cls, edition: PolicyEdition, awards: Awards, year: int) -> Asked:
        below = list(Region.objects.filter(path__startswith=edition.locality.path).order_by("path"))
        named = {code: place for place, group in enumerate(awards.groups) for code in group.regions}
        groups: dict[str, int] = {}
        for (
            region
        ) in below:  # parents come before what lies below them: a township belongs to its district's group
            groups[region.code] = named.get(region.code, groups.get(region.parent_id or "", -1))
        ordered = sorted(below, key=lambda region: (region.order, region.code))
        rules = tuple(rule for rule in awards.rules if rule.makes_awards)
        return cls(edition, awards, year, rules, {region.code: region for region in ordered}, groups)

    def rules_of(self, event: str, kind: str = "") -> tuple[Rule, ...]:
        """Rules that this event opens, of recipients of this kind."""
        return tuple(
            rule
            for rule in self.rules
            if rule.occasion is not None
            and rule.occasion.event == event
            and (not kind or kind in rule.recipients)
        )

    def keys_of(self, event: str) -> frozenset[str]:
        """The contents that rules of this event name: honours, grades, nodes."""
        return frozenset(key for rule in self.rules_of(event) if rule.occasion for key in rule.occasion.keys)

    def days(self) -> tuple[date, date]:
        return date(self.year, 1, 1), date(self.year, 12, 31)


@dataclass(frozen=True, slots=True)
class Firms:
    """Firms by number, and where each was assessed on a day."""

    known: Mapping[int, KnownFirm]
    history: RegionHistory

    @classmethod
    def of(cls, ids: Iterable[int]) -> Firms:
        known: dict[int, KnownFirm] = {}
        for chunk in in_chunks(sorted(set(ids))):
            rows = Enterprise.objects.filter(pk__in=chunk).order_by().values_list(*KnownFirm._fields)
            known.update({row[0]: KnownFirm._make(row) for row in rows})
        return cls(known, RegionHistory(known.values()))

    def who(self, firm: int) -> Who:
        found = self.known[firm]
        return Who("enterprise", found.uscc, found.name, found.id)

    def region_on(self, firm: int, day: date) -> str:
        return self.history.region_on(firm, day)


def day_number(day: date) -> int:
    """20220615"""
    return day.year * 10_000 + day.month * 100 + day.day
