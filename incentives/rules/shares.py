"""Cost shares between levels: whole fen, and the parts always sum to the whole. Pure, vectorised."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from core.amounts import LIMIT, AmountOutOfRange

Fen = NDArray[np.int64]


def share_out(amounts: Fen, shares: Sequence[Fraction], *, last_takes_rest: bool = False) -> Fen:
    """``amounts`` (fen) → one column a share, by largest remainder; of equal remainders the later share is first.

    With ``last_takes_rest`` every part is rounded down and the last takes what is left, as some documents say.
    Shape (rows, shares). Raises ``AmountOutOfRange`` for |amount| ≥ 10^10 元, ``ValueError`` when the shares
    do not sum to 1. An amount below zero (a difference) is shared like its opposite.
    """
    if sum(shares, Fraction(0)) != 1 or min(shares) < 0:
        raise ValueError("cost shares must be parts of 1")
    denominator = lcm(*(share.denominator for share in shares))
    weights = np.array([share.numerator * (denominator // share.denominator) for share in shares], np.int64)
    size = np.abs(amounts)
    if amounts.size and (int(amounts.max()) >= LIMIT or int(amounts.min()) <= -LIMIT):
        raise AmountOutOfRange("an award outside the range of amounts")
    if denominator > np.iinfo(np.int64).max // LIMIT:
        raise AmountOutOfRange("cost shares too fine to compute exactly")
    products = size[:, None] * weights
    parts = products // denominator
    remainders = products % denominator
    left = size - parts.sum(axis=1)
    if last_takes_rest:
        parts[:, -1] += left
        return parts * np.sign(amounts)[:, None]
    # places by remainder, the largest first; the later of equal ones first, hence the columns turned round
    order = np.argsort(-remainders[:, ::-1], axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(shares))[None, :], axis=1)
    parts += place[:, ::-1] < left[:, None]
    return parts * np.sign(amounts)[:, None]
