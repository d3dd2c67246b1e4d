"""The value of an indicator for every firm, and why some have none. Pure, set-based."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.conditions import Column, Kind
from evaluation.policy import Filling, Indicator, QuantityUse
from evaluation.rules.figures import FINE, Figures, Floats, Ints, Mask

#: How an item came by its points; kept in the trace.
(
    SCORED,
    CAPPED,
    FLOORED,
    NOT_REPORTED,
    ZERO_DEN,
    BEYOND_LIMIT,
    NOT_APPLICABLE,
    NEGATIVE,
    NO_BASELINE,
    REPLACED,
) = range(10)
#: States of items without a value to score.
EMPTY = (NOT_REPORTED, ZERO_DEN, NOT_APPLICABLE, NEGATIVE, NO_BASELINE, REPLACED)


@dataclass(frozen=True, eq=False)
class Values:
    """``top ÷ below`` in the indicator's unit where ``state`` is ``SCORED``; 0 ÷ 1 elsewhere."""

    top: Floats
    below: Floats
    state: Ints

    @property
    def has_value(self) -> Mask:
        mask: Mask = self.state == SCORED
        return mask

    @property
    def value(self) -> Floats:
        quotient: Floats = self.top / self.below
        return quotient

    def take(self, rows: Ints) -> Values:
        return Values(self.top[rows], self.below[rows], self.state[rows])


_KEEP = Filling("keep")


class _Part(NamedTuple):
    top: Floats
    below: Floats
    reported: Mask
    divisible: Mask


def values_of(indicator: Indicator, figures: Figures) -> Values:
    """Every firm's value; years and changes are made of the yearly ones."""
    applies = ~np.logical_or.reduce([figures.not_applicable(name) for name in indicator.parts])
    if indicator.change:
        part = _changed(indicator, figures)
    elif indicator.years > 1:
        part = _over_years(indicator, figures)
    else:
        part = _of_year(indicator, figures, 0)
    state = np.select(
        [~applies, ~part.reported, ~part.divisible], [NOT_APPLICABLE, NOT_REPORTED, ZERO_DEN], SCORED
    ).astype(np.int64)
    scored = state == SCORED
    top, below = np.where(scored, part.top, 0.0), np.where(scored, part.below, 1.0)
    told = figures.firms.given.get(indicator.id)
    if told is not None:
        top, below = np.where(told.known, told.values / FINE, top), np.where(told.known, 1.0, below)
        state = np.where(told.known & applies, SCORED, state)
    decimals = None if indicator.value_decimals is None else indicator.value_decimals.known_or(6)
    if decimals is not None:
        scale = 10.0**decimals
        value = top / below * scale
        top, below = np.sign(value) * np.floor(np.abs(value) + 0.5), np.full(value.size, scale)
    if indicator.negative.known_or(_KEEP).kind != "keep":
        state = np.where((state == SCORED) & (top < 0), NEGATIVE, state)
    return Values(top, below, state)


def _of_year(indicator: Indicator, figures: Figures, offset: int) -> _Part:
    uses = figures.scheme.quantities
    num = figures.column(indicator.num, offset)
    if not indicator.den:
        below = np.full(figures.size, 10.0 ** places_of(uses[indicator.num]))
        return _Part(num.values.astype(np.float64), below, num.known, np.ones(figures.size, np.bool_))
    den = figures.column(indicator.den, offset)
    reported = num.known & den.known
    divisible = den.values > 0
    top, below = num.values.astype(np.float64), np.where(divisible, den.values, 1).astype(np.float64)
    # both are whole steps of their unit; only where the steps differ does one of them grow
    places = places_of(uses[indicator.den]) - places_of(uses[indicator.num])
    if places > 0:
        top = top * 10.0**places
    elif places < 0:
        below = below * 10.0**-places
    return _Part(top, below, reported, divisible)


def places_of(use: QuantityUse) -> int:
    """Decimal places that a quantity is kept with, in its own unit; a share of 1 has two more than its per cents."""
    return use.fact.places + (2 if use.fact.kind is Kind.RATIO else 0)


def _changed(indicator: Indicator, figures: Figures) -> _Part:
    """(this ÷ last year) − 1, or 1 − that for a reduction; a base that is not positive cannot be divided by."""
    now, before = _of_year(indicator, figures, 0), _of_year(indicator, figures, -1)
    # (a/b − c/d) ÷ (c/d) = (a·d − c·b) ÷ (c·b)
    base = before.top * now.below
    grown = now.top * before.below - base
    sign = 1.0 if indicator.change == "growth" else -1.0
    divisible = now.divisible & before.divisible & (before.top > 0)
    return _Part(sign * grown, np.where(divisible, base, 1.0), now.reported & before.reported, divisible)


def _over_years(indicator: Indicator, figures: Figures) -> _Part:
    """The mean of the years' values, or their sums divided, over the years that count."""
    parts = [_of_year(indicator, figures, -back) for back in range(indicator.years)]
    usable = [part.reported & part.divisible for part in parts]
    count = np.sum(usable, axis=0)
    reported = np.any([part.reported for part in parts], axis=0)
    enough = count > 0
    if not indicator.skips_missing_years:
        reported = np.all([part.reported for part in parts], axis=0)
        enough = np.all(usable, axis=0)
    zero = np.zeros(figures.size)
    if indicator.years_by == "ratio_of_sums":
        top = sum((np.where(mask, part.top, 0.0) for part, mask in zip(parts, usable, strict=True)), zero)
        below = sum((np.where(mask, part.below, 0.0) for part, mask in zip(parts, usable, strict=True)), zero)
        return _Part(top, np.where(enough, below, 1.0), reported, enough)
    ratios = [np.where(mask, part.top / part.below, 0.0) for part, mask in zip(parts, usable, strict=True)]
    return _Part(sum(ratios, zero), np.maximum(count, 1).astype(np.float64), reported, enough)


def kept_value(values: Values) -> Column:
    """Values in 10^-6 of their unit, for conditions that name the indicator."""
    whole = np.clip(np.rint(values.value * 10**6), -(2.0**60), 2.0**60).astype(np.int64)
    return Column(whole, values.has_value | (values.state == NEGATIVE))
