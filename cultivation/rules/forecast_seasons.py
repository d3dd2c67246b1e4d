"""The seasons of a firm: how its months stand to each other in an ordinary year, learnt from its own years. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cultivation.rules.forecast_level import MONTHS, Mask, Numbers

#: Complete years before that seasons are learnt from, at most.
MOST_YEARS = 3
#: Months that a year before must have, and have sales in, to tell of seasons.
_NEARLY_ALL = 9
#: How like each other two years of a firm are taken to be before they have shown it, and after how many months
#: of comparison their own likeness counts as much as that.
_LIKE, _LIKE_MONTHS = 0.5, 6.0


def seasons_of(values: Numbers, seen: Mask, now: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Twelve factors a firm, their mean 1, and the years (of nine months and more) they rest on (``MOST_YEARS`` at most).

    How far a year's shape is trusted is read from how like each other the years are, this one's months included:
    the reliability of one year, stepped up for the mean of several (Spearman–Brown).
    """
    size = len(values)
    shapes, complete = [], []
    for start in range(0, now, MONTHS)[-MOST_YEARS:]:
        known = seen[:, start : start + MONTHS]
        year = values[:, start : start + MONTHS]
        # a month that is missing is taken for an ordinary one
        year = np.where(known, year, _mean(year, known)[:, None])
        whole = year.sum(axis=1)
        usable = (known.sum(axis=1) >= _NEARLY_ALL) & (whole > 0) & ((year > 0).sum(axis=1) >= _NEARLY_ALL)
        factors = np.divide(year * MONTHS, whole[:, None], out=np.ones_like(year), where=usable[:, None])
        shapes.append(np.clip(factors, 0.1, 3.0))
        complete.append(usable)
    years = np.array(complete, np.int64).reshape(len(complete), size).sum(axis=0)
    total = np.zeros((size, MONTHS))
    for shape, usable in zip(shapes, complete, strict=True):
        total += np.where(usable[:, None], shape - 1, 0)
    own = np.divide(total, years[:, None], out=np.zeros_like(total), where=years[:, None] > 0)
    alike = _likeness(shapes, complete, values[:, now:], seen[:, now:])
    trust = years * alike / (1 + np.maximum(years - 1, 0) * alike)
    season = 1 + trust[:, None] * own
    factors_of_mean_one: Numbers = season / season.mean(axis=1, keepdims=True)
    return factors_of_mean_one, years


def _likeness(shapes: list[Numbers], complete: list[Mask], this: Numbers, seen: Mask) -> Numbers:
    """How like each other two years of a firm are, month by month, 0–1; drawn to ``_LIKE`` while little is known."""
    cross, norm, months = (np.zeros(len(this)) for _ in range(3))
    everything = np.ones_like(seen)
    for place, shape in enumerate(shapes):
        for other, usable in zip(shapes[:place], complete[:place], strict=True):
            _compare(shape, other, everything, complete[place] & usable, cross, norm, months)
        _compare(this, shape, seen, complete[place] & (seen.sum(axis=1) > 2), cross, norm, months)
    usual = np.divide(norm, months, out=np.ones_like(norm), where=months > 0)
    alike = (cross + _LIKE_MONTHS * _LIKE * usual) / (norm + _LIKE_MONTHS * usual + 1e-12)
    return np.clip(alike, 0.0, 1.0)


def _compare(
    one: Numbers, two: Numbers, seen: Mask, usable: Mask, cross: Numbers, norm: Numbers, months: Numbers
) -> None:
    """Add what the months that both years have say of their likeness."""
    a, b = _deviations(one, seen), _deviations(two, seen)
    fine = usable & (_mean(one, seen) > 0)
    cross += np.where(fine, (a * b).sum(axis=1), 0)
    norm += np.where(fine, (a * a + b * b).sum(axis=1) / 2, 0)
    months += np.where(fine, seen.sum(axis=1), 0)


def _deviations(values: Numbers, seen: Mask) -> Numbers:
    mean = _mean(values, seen)[:, None]
    return np.where(
        seen, np.clip(np.divide(values, mean, out=np.ones_like(values), where=mean > 0) - 1, -1, 2), 0
    )


def _mean(values: Numbers, seen: Mask) -> Numbers:
    mean: Numbers = np.where(seen, values, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return mean
