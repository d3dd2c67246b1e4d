"""The end of a period as an event of everybody: of each firm that was there, of each district and township."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from core.models import Region
from enterprises.models import Enterprise
from enterprises.querysets import SECOND_RECORD
from incentives.rules.codes import FIRST
from incentives.rules.happenings import Happening, Who
from incentives.rules.occasions import days_of
from incentives.services.asked import Asked, Firms

#: recipients that are regions themselves
_PLACES = {
    "district": (Region.Kind.COUNTY, Region.Kind.DISTRICT, Region.Kind.ZONE),
    "region": (Region.Kind.CITY, Region.Kind.COUNTY, Region.Kind.DISTRICT, Region.Kind.ZONE),
    "township": (Region.Kind.TOWNSHIP,),
}


def period_ends(asked: Asked) -> Iterator[Happening]:
    """A year's end, and the end of each period that a rule names; of other periods lists must tell."""
    for event, period in _periods(asked):
        first_day, last_day = days_of(period)
        told = {"event": event, "first_day": first_day, "last_day": last_day, "library_year": asked.year}
        for kind, kinds in _PLACES.items():
            if asked.rules_of(event, kind):
                for region in asked.regions.values():
                    if region.kind in kinds and region.pk != asked.edition.locality_id:
                        who = Who(kind, region.code, region.name)
                        yield Happening(who=who, region=region.code, first=FIRST, by_calendar=True, **told)
        if asked.rules_of(event, "enterprise"):
            for who, region in _firms_on(_as_day(last_day), asked):
                yield Happening(who=who, region=region, first=FIRST, by_calendar=True, **told)


def _periods(asked: Asked) -> list[tuple[str, str]]:
    found = {
        ("period_end", rule.occasion.period)
        for rule in asked.rules_of("period_end")
        if rule.occasion and rule.occasion.period and int(rule.occasion.period[:4]) == asked.year
    }
    if asked.rules_of("year_end"):
        found.add(("year_end", str(asked.year)))
    return sorted(found)


def _firms_on(day: date, asked: Asked) -> Iterator[tuple[Who, str]]:
    """Firms of the locality on that day, and where each was assessed."""
    path = asked.edition.locality.path
    here = Q(region__path__startswith=path) | Q(region_spells__region__path__startswith=path)
    rows = Enterprise.objects.filter(here).living_on(day).exclude(ended_as=SECOND_RECORD).order_by()
    firms = Firms.of(rows.values_list("pk", flat=True).distinct())
    for firm in firms.known:
        region = firms.region_on(firm, day)
        if region in asked.regions:
            yield firms.who(firm), region


def _as_day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
