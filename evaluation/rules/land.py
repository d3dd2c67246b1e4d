"""实际用地 = 自有 + 租入 − 租出, with leased floor converted as the scheme says. Pure, on columns of whole hundredths."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column
from evaluation.policy.choices import PROVISIONAL
from evaluation.policy.scheme import Land

_HUNDRED = 100
#: What a firm may leave blank because it has none.
LEASE_PARTS = frozenset(
    ("land_own", "land_leased_in", "land_leased_out", "floor_leased_in", "floor_leased_out", "parcel_share")
)


def area_used(columns: Mapping[str, Column], land: Land) -> Column:
    """亩; a firm that only rents leaves its own land empty: one of the parts must be told where blanks count as 0."""
    own, leased_in, leased_out = land_parts(columns, land)
    used = own.values + leased_in.values - leased_out.values
    if land.blank_lease.known_or(PROVISIONAL["blank_lease"]) == "zero":
        return Column(used, own.known | leased_in.known | leased_out.known)
    return Column(used, own.known & leased_in.known & leased_out.known)


def land_parts(columns: Mapping[str, Column], land: Land) -> tuple[Column, Column, Column]:
    """自有, 租入, 租出 in 亩, leased floor in them."""
    names = land.parts
    number = 2 if land.basis_word == "larger" else 1
    own = columns[names[0]] if number == 1 else _larger(columns[names[0]], columns[names[1]])
    leased = [columns[names[number]], columns[names[number + 1]]]
    if land.source == "survey" and land.floor_rule == "share_of_parcel":
        share = columns[names[number + 2]]
        taken, let = (Column(np.maximum(sign * share.values, 0), share.known) for sign in (1, -1))
        return own, _added(leased[0], taken), _added(leased[1], let)
    for place, name in enumerate(names[number + 2 : number + 4]):
        leased[place] = _added(leased[place], _converted(columns[name], columns, land))
    return own, leased[0], leased[1]


def _larger(one: Column, other: Column) -> Column:
    """With only one of the two told, that one."""
    larger = np.maximum(
        np.where(one.known, one.values, other.values), np.where(other.known, other.values, one.values)
    )
    return Column(larger, one.known | other.known)


def _added(area: Column, floor: Column) -> Column:
    """A lease is told by its land or by its floor: what is not told of the two is none."""
    return Column(area.values + floor.values, area.known | floor.known)


def _converted(floor: Column, columns: Mapping[str, Column], land: Land) -> Column:
    """Leased floor as 亩, half up to hundredths; the ledgers have divided by the FAR already."""
    if land.floor_rule == "share_of_parcel":
        return floor
    per_mu = Decimal(667) if land.sqm_per_mu is None else land.sqm_per_mu.known_or(Decimal(667))
    # ㎡ and 亩 are both kept in hundredths; the divisor is made whole by its six places
    above, below = 10**6, np.full(floor.known.size, int(per_mu * 10**6), dtype=object)
    known = floor.known
    if "FAR" in land.floor_rule and land.source == "survey":
        far = columns["far"]
        usable = far.known & (far.values > 0)
        above *= _HUNDRED
        below = below * np.where(usable, far.values, _HUNDRED).astype(object)
        known = known & (usable | (floor.values == 0))
    return Column(_half_up(floor.values.astype(object) * above, below), known)


def _half_up(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = ((2 * above + below) // (2 * below)).astype(np.int64)
    return found
