"""The columns of a round, and how scores are kept: whole numbers, so that no database and no order of rows matters. Pure.

Quantities are whole hundredths of their unit. Points are whole 10^-8 (``FINE``); a score is the sum of its points,
rounded half up to the scheme's places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column
from evaluation.policy import LAND, QUANTITIES, Scheme

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FINE_PLACES = 8
FINE = 10**FINE_PLACES
#: No item counts for more, or less: a firm that meets it is marked. Ninety such items still add inside int64.
POINTS_LIMIT = 10**9


@dataclass(frozen=True, eq=False)
class FirmYears:
    """One year of every listed firm, row by row in any order.

    ``quantities``: by ``QUANTITIES``; ``region``: number of the assessment region; ``years_in_production``: whole
    years at the end of the year.
    """

    quantities: dict[str, Column]
    above_scale: Mask
    years_in_production: Column
    region: Ints

    def __post_init__(self) -> None:
        sizes = {len(column.known) for column in self.quantities.values()}
        sizes |= {self.above_scale.size, self.years_in_production.known.size, self.region.size}
        if len(sizes) != 1 or set(self.quantities) != set(QUANTITIES):
            raise ValueError(f"columns do not fit together: {sizes}, {sorted(self.quantities)}")

    @property
    def size(self) -> int:
        return int(self.region.size)

    def take(self, rows: NDArray[Any]) -> FirmYears:
        return FirmYears(
            {name: column.take(rows) for name, column in self.quantities.items()},
            self.above_scale[rows],
            self.years_in_production.take(rows),
            self.region[rows],
        )


def with_land(firms: FirmYears, scheme: Scheme) -> dict[str, Column]:
    """The quantities and, by the scheme's formula, 实际用地 = own + leased in − leased out."""
    own = firms.quantities["land_own"]
    leased_in, leased_out = firms.quantities["land_leased_in"], firms.quantities["land_leased_out"]
    used = own.values + leased_in.values - leased_out.values
    if scheme.blank_lease.known_or("zero") == "zero":
        # a firm that only rents leaves its own land empty: one of the three must be told
        known = own.known | leased_in.known | leased_out.known
    else:
        known = own.known & leased_in.known & leased_out.known
    return firms.quantities | {LAND.id: Column(used, known)}


def fine(points: Floats) -> Ints:
    """Points as whole 10^-8, half up (四舍五入, by magnitude); at most ``POINTS_LIMIT`` either way."""
    kept = np.clip(points, -POINTS_LIMIT, POINTS_LIMIT)
    whole: Ints = (np.sign(kept) * np.floor(np.abs(kept) * FINE + 0.5)).astype(np.int64)
    return whole


def rounded(fine_points: Ints, decimals: int) -> Ints:
    """Whole 10^-decimals, half up by magnitude."""
    step = 10 ** (FINE_PLACES - decimals)
    whole: Ints = np.sign(fine_points) * ((np.abs(fine_points) + step // 2) // step)
    return whole
