"""Several sources of one figure: how far they lie apart, and which counts where a bureau has said so. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: one hundredth of a percent
BASIS = 10_000
#: where fewer than two sources speak there is nothing to compare
NOTHING = -1


def spreads(values: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Firms × sources in hundredths → largest minus smallest, in basis points of the larger size; ``NOTHING`` for a
    firm that fewer than two sources know. Two zeros do not differ."""
    most = np.where(known, values, np.iinfo(np.int64).min).max(axis=1, initial=np.iinfo(np.int64).min)
    least = np.where(known, values, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)
    compared = known.sum(axis=1) >= 2
    most, least = np.where(compared, most, 0), np.where(compared, least, 0)
    base = np.maximum(np.abs(most), np.abs(least))
    # 10^12 hundredths × 10^4 stays inside 63 bits
    apart = (most - least) * BASIS // np.maximum(base, 1)
    return np.where(compared, apart, NOTHING)


def settled(
    values: NDArray[np.int64],
    known: NDArray[np.bool_],
    order: Sequence[int],
    apart: NDArray[np.int64],
    tolerance: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``(value, source)`` that counts for each firm; source -1 where none does.

    With an ``order`` the first source of it that speaks counts. Without one a firm's figure is settled only where its
    sources lie no further apart than ``tolerance``: a conflict stays open until somebody decides.
    """
    rows = np.arange(len(values))
    source = np.full(len(values), -1, dtype=np.int64)
    for place in reversed(order):
        source = np.where(known[:, place], place, source)
    if not order:
        first = np.where(known.any(axis=1), known.argmax(axis=1), -1)
        source = np.where((apart == NOTHING) | (apart <= tolerance), first, -1)
    return np.where(source >= 0, values[rows, np.maximum(source, 0)], 0), source
