"""The land ledgers as the rules take them: parcels and what each party says of a lease, with firms by number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from enterprises.models import Enterprise, Lease, Parcel, RegistryEvent
from enterprises.rules.land import OUTSIDE, SINCE_EVER, UNTIL_TODAY, Claim, Plot

_CHUNK = 900


def plots_of(parcels: Iterable[Parcel]) -> list[Plot]:
    return [
        Plot(
            row.enterprise_id,
            row.certificate,
            row.area_mu,
            row.floor_sqm or 0,
            row.far or 0,
            _day(row.since, SINCE_EVER),
            _day(row.until, UNTIL_TODAY),
        )
        for row in parcels
    ]


def actual_plots_of(parcels: Iterable[Parcel]) -> list[Plot]:
    """The same by what is really occupied, where the ledger says so."""
    rows = list(parcels)
    return [
        plot._replace(area=plot.area if row.actual_mu is None else row.actual_mu)
        for plot, row in zip(plots_of(rows), rows, strict=True)
    ]


def claims_of(leases: Iterable[Lease]) -> list[Claim]:
    """Each row as one party's word. A firm that the registry does not know is an outside party, by its code."""
    rows = list(leases)
    firms = _firms_by_code(row.party_key for row in rows if row.party == Lease.Party.FIRM)
    claims = []
    for row in rows:
        other = firms.get(row.party_key, OUTSIDE) if row.party == Lease.Party.FIRM else OUTSIDE
        leased_in = row.direction == Lease.Direction.IN
        claims.append(
            Claim(
                stated_by=row.enterprise_id,
                lessor=other if leased_in else row.enterprise_id,
                lessee=row.enterprise_id if leased_in else other,
                outsider=row.party_key if other == OUTSIDE else "",
                certificate=row.certificate,
                area=row.area_mu or 0,
                floor=row.floor_sqm or 0,
                since=_day(row.since, SINCE_EVER),
                until=_day(row.until, UNTIL_TODAY),
            )
        )
    return claims


def _day(day: date | None, open_end: int) -> int:
    return open_end if day is None else day.toordinal()


def _firms_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Firms by the code they bear or bore."""
    wanted = sorted(set(codes))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        recoded = RegistryEvent.objects.filter(kind=RegistryEvent.Kind.RECODED, old__in=chunk).order_by()
        found.update(recoded.values_list("old", "enterprise_id"))
        found.update(Enterprise.objects.filter(uscc__in=chunk).order_by().values_list("uscc", "pk"))
    return found
