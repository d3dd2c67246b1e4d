"""Land that a firm uses in a year: own + leased in − leased out, with dates, and what the ledgers contradict. Pure.

A lease between two firms is one lease, stated by each of them: where both speak they must say the same, else its
land is not known for either; where one speaks, it counts at both ends, so that no 亩 is counted twice or lost.
Leases to outside parties (民用房, 村二厂, 小微园) leave the list of firms and are still subtracted.

Areas are whole hundredths of 亩 or ㎡, days are ordinals (``date.toordinal``), firms are their numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: an outside party of a lease: no firm of the registry
OUTSIDE = -1
SINCE_EVER, UNTIL_TODAY = 0, 10**7
_MONTHS = 12


class Weighting(StrEnum):
    """``NONE``: what is in use on 31 December; ``MONTHS``: months in use ÷ 12, a month by its last day."""

    NONE = "none"
    MONTHS = "months_in_use"


class Plot(NamedTuple):
    """A parcel as its owner holds it; ``far`` in hundredths and ``floor`` 0 where the ledger does not say."""

    owner: int
    certificate: str
    area: int
    floor: int
    far: int
    since: int
    until: int


class Claim(NamedTuple):
    """What one party says of a lease: ``area`` in 亩 or ``floor`` in ㎡, the other one 0."""

    stated_by: int
    lessor: int
    lessee: int
    #: who the outside party is, where one end is ``OUTSIDE``
    outsider: str
    certificate: str
    area: int
    floor: int
    since: int
    until: int


class Lease(NamedTuple):
    """A lease as the two parties' words make it; ``is_settled`` false: they contradict each other."""

    lessor: int
    lessee: int
    certificate: str
    area: int
    floor: int
    since: int
    until: int
    is_settled: bool


class LandFault(NamedTuple):
    """Something that the ledgers contradict. ``firms``: whom it concerns; sentences are made on reading."""

    code: str
    firms: tuple[int, ...]
    certificate: str
    #: what is stated and what it is held against, hundredths of 亩 or ㎡
    stated: int
    allowed: int
    day: int


#: the two parties say different things of one lease: the land of both is not known
ENDS_DIFFER = "ENDS_DIFFER"
#: only one of two firms reported the lease; it counts at both ends
ONE_SIDED = "ONE_SIDED"
#: more is leased out of a parcel on a day than the parcel has
AREA_OVER, FLOOR_OVER = "AREA_OVER", "FLOOR_OVER"
#: a lease reaches beyond the days on which its lessor holds the parcel
NOT_COVERED = "NOT_COVERED"
#: a lessor names a certificate that is not his and that he does not lease himself
NO_PARCEL = "NO_PARCEL"


def settle(claims: Iterable[Claim]) -> tuple[list[Lease], list[LandFault]]:
    """One lease for what two parties say of it, and where they differ or only one of them speaks."""
    by_lease: dict[tuple[int, int, str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_lease[claim.lessor, claim.lessee, claim.outsider, claim.certificate].append(claim)
    leases: list[Lease] = []
    faults: list[LandFault] = []
    for (lessor, lessee, _, certificate), said in by_lease.items():
        ours = sorted({_terms(claim) for claim in said if claim.stated_by == lessor})
        theirs = sorted({_terms(claim) for claim in said if claim.stated_by == lessee})
        between_firms = OUTSIDE not in (lessor, lessee)
        differ = between_firms and bool(ours) and bool(theirs) and ours != theirs
        if differ:
            stated, allowed = sum(sum(terms[:2]) for terms in ours), sum(sum(terms[:2]) for terms in theirs)
            faults.append(LandFault(ENDS_DIFFER, (lessor, lessee), certificate, stated, allowed, ours[0][2]))
        elif between_firms and not (ours and theirs):
            terms = (ours or theirs)[0]
            silent = lessee if ours else lessor
            faults.append(
                LandFault(
                    ONE_SIDED, (said[0].stated_by, silent), certificate, terms[0] or terms[1], 0, terms[2]
                )
            )
        # of a lease in dispute every day that either party names is in dispute
        spoken = sorted({*ours, *theirs}) if differ else ours or theirs
        leases += [Lease(lessor, lessee, certificate, *terms, not differ) for terms in spoken]
    return leases, faults


def _terms(claim: Claim) -> tuple[int, int, int, int]:
    return claim.area, claim.floor, claim.since, claim.until


# ---------------------------------------------------------------- the year


@dataclass(frozen=True, eq=False)
class LandYear:
    """Columns beside ``firms``, hundredths of 亩 and ㎡. ``ground``: leased floor ÷ FAR, the land under it.

    ``known``: the ledgers speak of the firm and no lease of it is contradicted; ``ground_known``: besides, every
    leased floor lies on a parcel whose FAR is registered.
    """

    firms: Ints
    own: Ints
    leased_in: Ints
    leased_out: Ints
    floor_in: Ints
    floor_out: Ints
    ground_in: Ints
    ground_out: Ints
    known: Mask
    ground_known: Mask
    #: the ledgers speak of the firm: what it holds itself is known though a lease of it be in dispute
    own_known: Mask

    @property
    def used(self) -> Ints:
        """own + in − out of leased land; leased floor is turned into 亩 by the method that asks."""
        return self.own + self.leased_in - self.leased_out


def land_of_year(
    firms: Iterable[int], plots: Sequence[Plot], leases: Sequence[Lease], year: int, weighting: Weighting
) -> LandYear:
    """The land of these firms in a year, exact: areas × months are summed first and divided once, half up."""
    ids = np.unique(np.fromiter(firms, dtype=np.int64))
    ends = _month_ends(year, weighting)
    held = _in_use(plots, ends)
    own, mentioned = np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=bool)
    _add(own, mentioned, ids, _column(plots, "owner"), _column(plots, "area") * held)
    used = _in_use(leases, ends)
    area, floor = _column(leases, "area") * used, _column(leases, "floor") * used
    ground, ground_told = _ground(plots, leases)
    ground = ground * used
    sums = {name: np.zeros(len(ids), dtype=np.int64) for name in ("area", "floor", "ground")}
    both: list[dict[str, Ints]] = []
    unsettled, no_far = np.zeros(len(ids), dtype=bool), np.zeros(len(ids), dtype=bool)
    torn = ~np.array([lease.is_settled for lease in leases], dtype=bool) & (used > 0)
    missing = ~ground_told & (used > 0)
    for end in ("lessee", "lessor"):
        parties = _column(leases, end)
        mine = {name: column.copy() for name, column in sums.items()}
        for name, amounts in (("area", area), ("floor", floor), ("ground", ground)):
            _add(mine[name], mentioned, ids, parties, amounts)
        both.append(mine)
        _mark(unsettled, ids, parties[torn])
        _mark(no_far, ids, parties[missing])
    taken, given = both
    known = mentioned & ~unsettled
    parts = len(ends)
    return LandYear(
        firms=ids,
        own=_part(own, parts),
        leased_in=_part(taken["area"], parts),
        leased_out=_part(given["area"], parts),
        floor_in=_part(taken["floor"], parts),
        floor_out=_part(given["floor"], parts),
        ground_in=_part(taken["ground"], parts),
        ground_out=_part(given["ground"], parts),
        known=known,
        ground_known=known & ~no_far,
        own_known=mentioned,
    )


def _month_ends(year: int, weighting: Weighting) -> Ints:
    months = range(_MONTHS, _MONTHS + 1) if weighting is Weighting.NONE else range(1, _MONTHS + 1)
    firsts = [date(year + month // 12, month % 12 + 1, 1).toordinal() for month in months]
    return np.array(firsts, dtype=np.int64) - 1


def _column(rows: Sequence[Plot] | Sequence[Lease], name: str) -> Ints:
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)


def _in_use(rows: Sequence[Plot] | Sequence[Lease], ends: Ints) -> Ints:
    """On how many of these days each row is in force."""
    since, until = _column(rows, "since"), _column(rows, "until")
    counted: Ints = ((since[:, None] <= ends) & (ends <= until[:, None])).sum(axis=1, dtype=np.int64)
    return counted


def _places(ids: Ints, firms: Ints) -> tuple[Ints, Mask]:
    if not len(ids):
        return np.zeros(len(firms), dtype=np.int64), np.zeros(len(firms), dtype=bool)
    places = np.minimum(np.searchsorted(ids, firms), len(ids) - 1)
    return places.astype(np.int64), ids[places] == firms


def _add(total: Ints, mentioned: Mask, ids: Ints, firms: Ints, amounts: Ints) -> None:
    places, asked = _places(ids, firms)
    np.add.at(total, places[asked], amounts[asked])
    mentioned[places[asked]] = True


def _mark(mask: Mask, ids: Ints, firms: Ints) -> None:
    places, asked = _places(ids, firms)
    mask[places[asked]] = True


def _part(amount: Ints, parts: int) -> Ints:
    """amount ÷ parts, half up; amounts are never negative here."""
    return amount if parts == 1 else (2 * amount + parts) // (2 * parts)


def _ground(plots: Sequence[Plot], leases: Sequence[Lease]) -> tuple[Ints, Mask]:
    """Leased floor ÷ FAR of its parcel, half up, and whether the FAR is known (no floor: nothing to ask)."""
    far = {plot.certificate: plot.far for plot in plots if plot.far and plot.certificate}
    ratios = np.array([far.get(lease.certificate, 0) for lease in leases], dtype=np.int64)
    floors = _column(leases, "floor") * 100
    divisor = np.maximum(ratios, 1)
    return (2 * floors + divisor) // (2 * divisor) * (ratios > 0), (ratios > 0) | (floors == 0)


# ---------------------------------------------------------------- what the ledgers contradict


def parcel_faults(plots: Sequence[Plot], leases: Sequence[Lease]) -> list[LandFault]:
    """Leases held against the parcels they are of: dates covered, and never more let than there is on any day."""
    by_certificate: dict[str, list[Plot]] = defaultdict(list)
    for plot in plots:
        by_certificate[plot.certificate].append(plot)
    let: dict[tuple[str, int], list[Lease]] = defaultdict(list)
    taken = {(lease.lessee, lease.certificate) for lease in leases}
    for lease in leases:
        if lease.lessor != OUTSIDE and lease.certificate and lease.is_settled:
            let[lease.certificate, lease.lessor].append(lease)
    faults: list[LandFault] = []
    for (certificate, lessor), rows in let.items():
        own = [plot for plot in by_certificate[certificate] if plot.owner == lessor]
        if own:
            faults += _of_parcel(own[0], rows)
        elif (lessor, certificate) not in taken:
            faults.append(
                LandFault(NO_PARCEL, (lessor,), certificate, rows[0].area or rows[0].floor, 0, rows[0].since)
            )
    return faults


def _of_parcel(plot: Plot, rows: Sequence[Lease]) -> list[LandFault]:
    faults = []
    for lease in rows:
        if lease.since < plot.since or lease.until > plot.until:
            day = lease.since if lease.since < plot.since else plot.until
            faults.append(
                LandFault(NOT_COVERED, (plot.owner,), plot.certificate, lease.area or lease.floor, 0, day)
            )
    # the sum can only rise on a day on which a lease begins
    for code, limit, name in ((AREA_OVER, plot.area, "area"), (FLOOR_OVER, plot.floor, "floor")):
        days = sorted({lease.since for lease in rows}) if limit else []
        for day in days:
            total = sum(getattr(lease, name) for lease in rows if lease.since <= day <= lease.until)
            if total > limit:
                faults.append(LandFault(code, (plot.owner,), plot.certificate, total, limit, day))
                break
    return faults
