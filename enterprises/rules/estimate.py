"""How large a firm below the line seems to be: one estimate a signal, each with its own basis, never merged. Pure.

A signal is an estimate of the year's revenue (hundredths of 万元): sales scaled to twelve months, or another quantity
times what firms above the line in the same division of industry earn with one unit of it (their median).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MONTHS_OF_A_YEAR = 12
#: Fewer firms to compare with say nothing of an industry.
FEWEST_PEERS = 5
#: Estimates are told to 0.01 万元; ratios are kept to a millionth.
_RATIO = 1_000_000

#: key → what it is called. The first are sales themselves, the others are scaled by the industry.
SIGNALS = {
    "tax_sales": "税务应税销售折年",
    "invoiced": "开票销售折年",
    "declared": "自报营业收入折年",
    "last_year": "上年税务名单应税销售",
    "power": "按用电量估算",
    "tax": "按税收估算",
    "staff": "按从业人员估算",
}
SCALED = ("power", "tax", "staff")


class Sums(NamedTuple):
    """A quantity of each firm over the months that were stated; ``months`` 0 where nothing was."""

    total: NDArray[np.int64]
    months: NDArray[np.int64]


class Estimate(NamedTuple):
    """``value`` and what it rests on, aligned with the firms; ``known`` where it could be made.

    ``ratio`` (millionths: hundredths of 万元 a hundredth of a unit) and ``peers`` are 0 for sales.
    """

    value: NDArray[np.int64]
    known: NDArray[np.bool_]
    base: NDArray[np.int64]
    months: NDArray[np.int64]
    ratio: NDArray[np.int64]
    peers: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Firms:
    """What the signals need of each firm."""

    above_scale: NDArray[np.bool_]
    #: division of GB/T 4754 as a number, 0 where unknown
    division: NDArray[np.int64]


def annualised(sums: Sums, *, is_stock: bool = False) -> NDArray[np.int64]:
    """Sums scaled from the months stated to twelve, half up; of a stock (people) their mean."""
    times = 1 if is_stock else MONTHS_OF_A_YEAR
    months = np.maximum(sums.months, 1)
    return np.where(sums.months > 0, (2 * sums.total * times + months) // (2 * months), 0)


def sales_estimate(sums: Sums) -> Estimate:
    zeros = np.zeros(len(sums.total), dtype=np.int64)
    return Estimate(annualised(sums), sums.months > 0, sums.total, sums.months, zeros, zeros)


def scaled_estimate(sums: Sums, revenue: Sums, firms: Firms, *, is_stock: bool = False) -> Estimate:
    """The quantity times the median revenue per unit of the firms above the line in the same division."""
    quantity, earned = annualised(sums, is_stock=is_stock), annualised(revenue)
    is_peer = firms.above_scale & (quantity > 0) & (earned > 0) & (firms.division > 0)
    ratio, peers = np.zeros_like(quantity), np.zeros_like(quantity)
    for division in np.unique(firms.division[is_peer]):
        peer = is_peer & (firms.division == division)
        count = int(np.count_nonzero(peer))
        if count < FEWEST_PEERS:
            continue
        # 10^12 × 10^6 stays inside 63 bits; the lower median is a firm's own ratio, not a mean of two
        each = np.sort(earned[peer] * _RATIO // quantity[peer])
        mine = firms.division == division
        ratio[mine], peers[mine] = each[(count - 1) // 2], count
    known = (quantity > 0) & (peers > 0)
    pairs = zip(quantity.tolist(), ratio.tolist(), strict=True)
    value = np.array([min(q * r // _RATIO, 10**12) for q, r in pairs], dtype=np.int64).reshape(len(quantity))
    return Estimate(np.where(known, value, 0), known, sums.total, sums.months, ratio, peers)


def over(estimates: Mapping[str, Estimate], line: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many signals of each firm reach the line, and how many could be made at all."""
    reached, known = _none(estimates), _none(estimates)
    for one in estimates.values():
        reached += one.known & (one.value >= line)
        known += one.known
    return reached, known


def _none(estimates: Mapping[str, Estimate]) -> NDArray[np.int64]:
    size = len(next(iter(estimates.values())).value) if estimates else 0
    return np.zeros(size, dtype=np.int64)


def most_first(
    reached: NDArray[np.int64], largest: NDArray[np.int64], keys: Sequence[int]
) -> NDArray[np.int64]:
    """The order of a list: most signals over the line first, then the largest estimate, then the firm's number."""
    return np.lexsort((np.asarray(keys), -largest, -reached))
