"""An amount over whole columns, exact: what each row is due under one shape. Pure, vectorised.

Amounts are carried in ten-thousandths of a fen, each figure rounded down to them, so that the one rounding
to the fen at the end is right: what lies below a half stays below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.amounts import LIMIT, AmountOutOfRange
from core.conditions import Frame, Judgement, Measured, Quantity
from core.conditions.exact import INT64
from core.policies import Unknown
from core.verdicts import FALSE, TRUE, UNKNOWN, Outcomes
from incentives.policy.amounts import (
    Amount,
    Banded,
    Choosing,
    Combined,
    Fixed,
    Formula,
    PerUnit,
    Rated,
    conditions_in,
    quantities_of,
)
from incentives.rules.scopes import Column, Mask

#: ten-thousandths of a fen
FINE = 10_000
_FEN = Fraction(1, 100)
_LIMIT = LIMIT * FINE


@dataclass(frozen=True, eq=False)
class Reckoned:
    """``fine``: 0 where the outcome is not true. ``chosen``: the branch that decides a row, −1 for none.

    ``base``: what a rate or a count was applied to, with the quantity; ``judged``: the branches' conditions.
    """

    fine: Column
    outcome: Outcomes
    base: Measured | None = None
    quantity: Quantity | None = None
    rate: Fraction | None = None
    chosen: Column | None = None
    judged: tuple[Judgement | None, ...] = ()
    inner: tuple[tuple[Column, Reckoned], ...] = ()

    def missing(self, row: int) -> tuple[str, ...]:
        """The facts for want of which the base of a row is not known, by name and period."""
        found = list(self.base.missing(row)) if self.base is not None else []
        for rows, inner in self.inner:
            at = int(rows.searchsorted(row))
            if at < rows.size and rows[at] == row:
                found += inner.missing(at)
        return tuple(dict.fromkeys(found))


def reckon(amount: Amount, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    """Every row of the frame; raises ``AmountOutOfRange``."""
    if isinstance(amount, Fixed):
        return _fixed(amount, frame.size)
    if isinstance(amount, Rated):
        return _rated(amount, frame, years)
    if isinstance(amount, PerUnit):
        return _per_unit(amount, frame, years)
    if isinstance(amount, Formula):
        measured = amount.money.measure(frame, years, _FEN / FINE)
        return replace(_due(measured, measured.whole), base=measured, quantity=amount.money)
    if isinstance(amount, Banded):
        return _banded(amount, frame, years)
    if isinstance(amount, Choosing):
        return _choosing(amount, frame, years)
    if isinstance(amount, Combined):
        return _combined(amount, frame, years)
    return Reckoned(np.zeros(frame.size, np.int64), np.full(frame.size, TRUE))


def times(fine: Column, factor: Fraction) -> Column:
    """``fine`` × ``factor``, rounded down."""
    if factor == 1:
        return fine
    largest = max(int(fine.max(initial=0)), -int(fine.min(initial=0)))
    if largest * factor.numerator <= INT64:
        return fine * factor.numerator // factor.denominator
    wide = fine.astype(object) * factor.numerator // factor.denominator
    return guarded(np.clip(wide, -INT64, INT64).astype(np.int64))


def guarded(fine: Column) -> Column:
    """Raises ``AmountOutOfRange`` for an amount of 10^10 元 and more."""
    if fine.size and (int(fine.max()) >= _LIMIT or int(fine.min()) <= -_LIMIT):
        raise AmountOutOfRange("an award is more than an amount holds")
    return fine


def _fixed(amount: Fixed, size: int) -> Reckoned:
    if isinstance(amount.fen, Unknown):
        return _unprinted(size)
    return Reckoned(np.full(size, amount.fen * FINE, np.int64), np.full(size, TRUE))


def _unprinted(size: int, base: Measured | None = None, quantity: Quantity | None = None) -> Reckoned:
    return Reckoned(np.zeros(size, np.int64), np.full(size, UNKNOWN), base, quantity)


def _due(measured: Measured, fine: Column) -> Reckoned:
    """True where something is due; what comes out at zero or below pays nothing."""
    outcome = np.where(fine > 0, TRUE, FALSE)
    outcome[~measured.known] = UNKNOWN
    return Reckoned(guarded(np.where(outcome == TRUE, fine, 0)), outcome)


def _rated(amount: Rated, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    if isinstance(amount.rate, Unknown):
        return _unprinted(frame.size, amount.base.measure(frame, years, _FEN), amount.base)
    measured = amount.base.measure(frame, years, _FEN / FINE / amount.rate)
    found = _due(measured, measured.whole)
    return replace(found, base=measured, quantity=amount.base, rate=amount.rate)


def _per_unit(amount: PerUnit, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    if isinstance(amount.fen, Unknown):
        return _unprinted(frame.size, amount.units.measure(frame, years, amount.each), amount.units)
    if amount.begun != "exact":
        measured = amount.units.measure(frame, years, amount.each, up=amount.begun == "up")
        fine = times(measured.whole, amount.fen * FINE)
    else:
        measured = amount.units.measure(frame, years, amount.each / (amount.fen * FINE))
        fine = measured.whole
    return replace(_due(measured, fine), base=measured, quantity=amount.units)


def _banded(amount: Banded, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    """Each piece of the base at its own rate; a piece that ends below where it begins is empty."""
    base = amount.base.measure(frame, years, _FEN / FINE)
    fine = np.zeros(frame.size, np.int64)
    start = np.zeros(frame.size, np.int64)
    known, printed = base.known.copy(), True
    lacks, bases = [*base.lacks], [*base.bases]
    for band in amount.bands:
        end = base.whole
        if band.up_to is not None:
            limit = band.up_to.measure(frame, years, _FEN / FINE)
            known &= limit.known
            lacks += limit.lacks
            bases += limit.bases
            end = np.minimum(base.whole, limit.whole)
        piece = np.maximum(end - start, 0)
        if isinstance(band.rate, Unknown):
            printed = False
        else:
            fine = guarded(fine + times(guarded(piece), band.rate))
        start = np.maximum(start, end)
    measured = Measured(base.whole, known, tuple(dict(lacks).items()), tuple(dict(bases).items()), base.step)
    found = _due(measured, fine) if printed else _unprinted(frame.size)
    return replace(found, base=measured, quantity=amount.base)


def _choosing(amount: Choosing, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    size = frame.size
    fine, outcome = np.zeros(size, np.int64), np.full(size, FALSE)
    chosen, left = np.full(size, -1, np.int64), np.ones(size, np.bool_)
    judged: list[Judgement | None] = []
    inner: list[tuple[Column, Reckoned]] = []
    held = np.zeros(size, np.int64)
    for place, choice in enumerate(amount.choices):
        judgement = choice.when.judge(frame, years) if choice.when else None
        judged.append(judgement)
        says = np.full(size, TRUE) if judgement is None else judgement.outcome
        if amount.asks:
            held += says == TRUE
        here = left & (says == TRUE)
        outcome[left & (says == UNKNOWN)] = UNKNOWN
        left &= says == FALSE
        rows = np.flatnonzero(here)
        if not rows.size:
            continue
        chosen[rows] = place
        found = reckon(choice.amount, narrowed(frame, choice.amount, years, rows), years)
        fine[rows], outcome[rows] = found.fine, found.outcome
        inner.append((rows, found))
    twice = held > 1
    fine[twice], outcome[twice] = 0, UNKNOWN
    return Reckoned(fine, outcome, chosen=chosen, judged=tuple(judged), inner=tuple(inner))


def _combined(amount: Combined, frame: Frame, years: Mapping[str, Any]) -> Reckoned:
    """The highest or lowest of those that are due; one that is unknown leaves the whole unknown."""
    found = [reckon(item, frame, years) for item in amount.items]
    fines = np.stack([one.fine for one in found])
    outcomes = np.stack([one.outcome for one in found])
    is_due = outcomes == TRUE
    if amount.op == "highest":
        fine = np.where(is_due, fines, 0).max(axis=0)
        outcome = np.where(is_due.any(axis=0), TRUE, FALSE)
    else:  # what is not due pays nothing, so that the lowest pays nothing
        fine = np.where(is_due, fines, 0).min(axis=0)
        outcome = np.where(is_due.all(axis=0), TRUE, FALSE)
    outcome[(outcomes == UNKNOWN).any(axis=0)] = UNKNOWN
    rows = np.arange(frame.size)
    return Reckoned(np.where(outcome == TRUE, fine, 0), outcome, inner=tuple((rows, one) for one in found))


def narrowed(frame: Frame, amount: Amount, years: Mapping[str, Any], rows: NDArray[np.int64]) -> Frame:
    """Only these rows, and only the columns that the amount reads."""
    if rows.size == frame.size:
        return frame
    keys = {str(key) for quantity in quantities_of(amount) for key in quantity.needs(years)}
    keys |= {str(key) for condition in conditions_in(amount) for key in condition.needs(years)}
    return Frame(rows.size, {key: frame.columns[key].take(rows) for key in keys})


__all__ = ["FALSE", "FINE", "TRUE", "UNKNOWN", "Mask", "Reckoned", "guarded", "narrowed", "reckon", "times"]
