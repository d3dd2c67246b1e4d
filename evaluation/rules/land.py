"""实际用地 = 自有 + 租入 − 租出, with leased floor converted as the scheme says. Pure, on columns of whole hundredths."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

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
    own = _own(columns, land)
    leased_in, leased_out = columns["land_leased_in"], columns["land_leased_out"]
    parts = [own, leased_in, leased_out]
    used = own.values + leased_in.values - leased_out.values
    for name, sign in (("floor_leased_in", 1), ("floor_leased_out", -1)):
        floor = _floor(columns, name, land)
        if floor is not None:
            used = used + sign * floor.values
            parts.append(floor)
    if land.blank_lease.known_or(PROVISIONAL["blank_lease"]) == "zero":
        known = np.logical_or.reduce([part.known for part in parts])
    else:
        # floor is a way to tell a lease, not a part that everybody has
        told = [own.known, leased_in.known | _known(parts, 3), leased_out.known | _known(parts, 4)]
        known = np.logical_and.reduce(told)
    return Column(used, known)


def _known(parts: list[Column], number: int) -> np.ndarray:
    return parts[number].known if number < len(parts) else np.zeros(parts[0].known.size, np.bool_)


def _own(columns: Mapping[str, Column], land: Land) -> Column:
    """By certificate or as it is used; with only one of the two told, that one."""
    own = columns["land_own"]
    basis = "actual" if land.basis is None else land.basis.known_or(PROVISIONAL["basis"])
    if basis == "actual":
        return own
    certificate = columns["land_certificate"]
    if basis == "certificate":
        return certificate
    larger = np.maximum(
        np.where(own.known, own.values, certificate.values),
        np.where(certificate.known, certificate.values, own.values),
    )
    return Column(larger, own.known | certificate.known)


def _floor(columns: Mapping[str, Column], name: str, land: Land) -> Column | None:
    """Leased floor (㎡) as 亩, half up to hundredths; ``None`` where the scheme does not convert it."""
    rule = "none" if land.leased_floor is None else land.leased_floor.known_or(PROVISIONAL["leased_floor"])
    if rule == "none":
        return None
    if rule == "share_of_parcel":
        return columns["parcel_share"] if name == "floor_leased_in" else None
    floor = columns[name]
    per_mu = Decimal(667) if land.sqm_per_mu is None else land.sqm_per_mu.known_or(Decimal(667))
    # ㎡ and 亩 are both kept in hundredths; the divisor is made whole by its six places
    divisor, scale = int(per_mu * 10**6), 10**6
    if rule == "floor/sqm_per_mu":
        return Column(_half_up(floor.values, scale, np.full(floor.known.size, divisor)), floor.known)
    far = columns["far"]
    ratio = np.where(far.known & (far.values > 0), far.values, _HUNDRED)
    exact = floor.values.astype(object) * (scale * _HUNDRED)
    below = ratio.astype(object) * divisor
    mu = (2 * exact + below) // (2 * below)
    return Column(mu.astype(np.int64), floor.known & far.known & (far.values > 0))


def _half_up(values: np.ndarray, factor: int, divisor: np.ndarray) -> np.ndarray:
    exact = values.astype(object) * factor
    below = divisor.astype(object)
    found: np.ndarray = ((2 * exact + below) // (2 * below)).astype(np.int64)
    return found
