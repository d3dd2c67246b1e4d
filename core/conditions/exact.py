"""Exact arithmetic on whole columns: a value is ``top ÷ below × scale``, never a float. Pure.

Sizes are bounded before each step: what could leave int64 raises ``TooWide``, and the caller computes those
few rows with Python's own whole numbers instead (``limit=None``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

INT64 = 2**63 - 1


class TooWide(Exception):
    """A step could leave int64 for some row."""


@dataclass(frozen=True, slots=True, eq=False)
class Sized:
    """Whole numbers with a bound of their absolute value."""

    #: an int64 or object column, or one number for all rows
    whole: Any
    size: int
    limit: int | None

    def fits(self, size: int) -> int:
        if self.limit is not None and size > self.limit:
            raise TooWide
        return size

    def times(self, other: Sized | int) -> Sized:
        if isinstance(other, int):
            other = Sized(other, abs(other), self.limit)
        if isinstance(other.whole, int) and other.whole == 1:
            return self
        if isinstance(self.whole, int) and self.whole == 1:
            return Sized(other.whole, other.size, self.limit)
        size = self.fits(self.size * other.size)
        self.fits(max(self.size, other.size))
        return Sized(self.whole * other.whole, size, self.limit)

    def plus(self, other: Sized, sign: int) -> Sized:
        size = self.fits(self.size + other.size)
        return Sized(self.whole + other.whole if sign > 0 else self.whole - other.whole, size, self.limit)


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """``below`` and ``scale`` are always greater than 0."""

    top: Sized
    below: Sized
    scale: Fraction

    @classmethod
    def of_constant(cls, value: Fraction, limit: int | None) -> Exact:
        sign = (value > 0) - (value < 0)
        return cls(Sized(sign, abs(sign), limit), Sized(1, 1, limit), abs(value) or Fraction(1))

    @classmethod
    def of_column(cls, values: NDArray[Any], size: int, scale: Fraction, limit: int | None) -> Exact:
        whole = values if limit is not None else values.astype(object)
        return cls(Sized(whole, size, limit), Sized(1, 1, limit), scale)

    def times(self, other: Exact) -> Exact:
        return Exact(self.top.times(other.top), self.below.times(other.below), self.scale * other.scale)

    def over(self, other: Exact) -> tuple[Exact, NDArray[np.bool_] | None]:
        """The quotient, and in which rows there is one: a base that is zero or negative gives none."""
        base, fine = other.top, None
        if isinstance(base.whole, int):
            fine = None if base.whole > 0 else np.zeros(1, dtype=bool)
            base = Sized(1, 1, base.limit)
        else:
            fine = np.asarray(base.whole > 0, dtype=bool)
            base = Sized(np.where(fine, base.whole, 1), max(base.size, 1), base.limit)
        quotient = Exact(self.top.times(other.below), self.below.times(base), self.scale / other.scale)
        return quotient, fine

    def plus(self, other: Exact, sign: int = 1) -> Exact:
        ratio = self.scale / other.scale
        left = self.top.times(ratio.numerator)
        right = other.top.times(ratio.denominator)
        scale = other.scale / ratio.denominator
        if self.below.whole is other.below.whole:
            return Exact(left.plus(right, sign), self.below, scale)
        top = left.times(other.below).plus(right.times(self.below), sign)
        return Exact(top, self.below.times(other.below), scale)

    def extreme(self, other: Exact, *, lowest: bool) -> Exact:
        """The lower or the higher of two in each row; both are brought over one divisor first."""
        ratio = self.scale / other.scale
        left = self.top.times(ratio.numerator).times(other.below)
        right = other.top.times(ratio.denominator).times(self.below)
        whole: Any
        if isinstance(left.whole, int) and isinstance(right.whole, int):
            whole = (min if lowest else max)(left.whole, right.whole)
        else:
            whole = (np.minimum if lowest else np.maximum)(left.whole, right.whole)
        top = Sized(whole, max(left.size, right.size), left.limit)
        return Exact(top, self.below.times(other.below), other.scale / ratio.denominator)

    def in_steps(self, step: Fraction) -> Sized:
        """How many steps, rounded half up (away from zero)."""
        top, below = self._fraction(step)
        if isinstance(below.whole, int) and below.whole == 1:
            return top
        doubled = top.times(2)
        doubled.fits(doubled.size + below.size)
        below.times(2)
        rounded = (abs(doubled.whole) + below.whole) // (below.whole * 2)
        return Sized(np.sign(top.whole) * rounded, top.size + 1, top.limit)

    def in_steps_away(self, step: Fraction) -> Sized:
        """How many steps, rounded away from zero: what is missing is never told as nothing."""
        top, below = self._fraction(step)
        if isinstance(below.whole, int) and below.whole == 1:
            return top
        top.fits(top.size + below.size)
        rounded = (abs(top.whole) + (below.whole - 1)) // below.whole
        return Sized(np.sign(top.whole) * rounded, top.size, top.limit)

    def _fraction(self, step: Fraction) -> tuple[Sized, Sized]:
        factor = self.scale / step
        return self.top.times(factor.numerator), self.below.times(factor.denominator)
