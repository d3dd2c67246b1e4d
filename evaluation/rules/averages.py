"""亩均 of a group of firms in the two ways that "平均" may mean, beside the aim of a document. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.policies import Unknown
from evaluation.rules.baselines import mean
from evaluation.rules.figures import Figures, Mask


@dataclass(frozen=True, slots=True)
class Average:
    """万元/亩. ``mean_of_ratios``: every firm counts alike; ``ratio_of_sums``: every 亩 does; ``None`` without firms.

    ``firms`` have both figures and land; ``of`` are all of the group.
    """

    mean_of_ratios: Decimal | None
    ratio_of_sums: Decimal | None
    firms: int
    of: int


def average_per_mu(figures: Figures, quantity: str, group: Mask) -> Average:
    top, land = figures.column(quantity), figures.column("land")
    counted = group & top.known & land.known & (land.values > 0)
    size, of = int(counted.sum()), int(group.sum())
    if not size:
        return Average(None, None, 0, of)
    above, below = top.values[counted], land.values[counted]
    ratios = mean(above.astype(np.float64) / below.astype(np.float64))
    # amounts and areas are both hundredths: sums of whole numbers, divided once
    sums = Decimal(sum(above.tolist())) / Decimal(sum(below.tolist()))
    return Average(Decimal(repr(ratios)), sums, size, of)


_COMPARED = {
    "more_than": lambda value, aim: value > aim,
    "at_least": lambda value, aim: value >= aim,
    "less_than": lambda value, aim: value < aim,
    "at_most": lambda value, aim: value <= aim,
}


def is_reached(value: Decimal | None, aim: Decimal | Unknown, comparison: str) -> bool | None:
    """``None`` where there is no value, or no aim is printed; a plain number counts as reached from itself on."""
    if value is None or isinstance(aim, Unknown):
        return None
    return bool(_COMPARED.get(comparison, _COMPARED["at_least"])(value, aim))
