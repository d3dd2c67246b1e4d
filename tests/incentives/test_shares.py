"""Cost shares: parts sum to the whole to the fen, whatever the amount and the fractions."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.amounts import LIMIT, AmountOutOfRange
from incentives.rules.shares import share_out

HALF = [Fraction(1, 2), Fraction(1, 2)]
THIRDS = [Fraction(1, 3)] * 3


def shared(fen: int, shares: list[Fraction]) -> list[int]:
    return share_out(np.array([fen], np.int64), shares)[0].tolist()


@pytest.mark.parametrize(
    ("fen", "shares", "parts"),
    [
        (5_000_000, HALF, [2_500_000, 2_500_000]),  # 5万元 in 新华区
        (8_000_000, [Fraction(0), Fraction(1)], [0, 8_000_000]),  # 8万元 in 宝丰县
        (1, HALF, [0, 1]),  # of equal remainders the later part takes the fen
        (100, THIRDS, [33, 33, 34]),
        (101, THIRDS, [33, 34, 34]),
        (7, [Fraction(7, 10), Fraction(3, 10)], [5, 2]),
        (-1, HALF, [0, -1]),
        (0, HALF, [0, 0]),
    ],
)
def test_shares_of_one_amount(fen, shares, parts):
    assert shared(fen, shares) == parts


@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_thousand_amounts_keep_their_sum_and_stay_within_a_fen(seed):
    random = Random(seed)
    cuts = sorted(random.randrange(1, 10_000) for _ in range(seed + 1))
    shares = [Fraction(b - a, 10_000) for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    amounts = np.random.default_rng(seed).integers(-LIMIT + 1, LIMIT, 100_000)
    parts = share_out(amounts, shares)
    assert (parts.sum(axis=1) == amounts).all()
    for column, share in zip(parts.T, shares, strict=True):
        low = amounts // 10_000 * int(share * 10_000) + amounts % 10_000 * int(share * 10_000) // 10_000
        assert (np.abs(column - low) <= 1).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=5).filter(any),
    st.lists(st.integers(-LIMIT + 1, LIMIT - 1), min_size=1, max_size=20),
)
def test_agrees_with_largest_remainders_by_hand(weights, amounts):
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    for amount, row in zip(amounts, share_out(np.array(amounts, np.int64), shares).tolist(), strict=True):
        exact = [abs(amount) * share for share in shares]
        parts = [int(part) for part in exact]
        by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], -i))
        for place in by_remainder[: abs(amount) - sum(parts)]:
            parts[place] += 1
        assert row == [part if amount >= 0 else -part for part in parts]


def test_an_amount_beyond_the_range_is_refused_instead_of_wrapping_round():
    with pytest.raises(AmountOutOfRange):
        shared(LIMIT, HALF)
    with pytest.raises(AmountOutOfRange):
        shared(np.iinfo(np.int64).min, HALF)
    with pytest.raises(AmountOutOfRange):
        shared(5, [Fraction(1, 10**9 + 7), Fraction(10**9 + 6, 10**9 + 7)])


def test_shares_that_are_not_parts_of_one_are_refused():
    with pytest.raises(ValueError, match="parts of 1"):
        shared(5, [Fraction(1, 2), Fraction(1, 3)])
    with pytest.raises(ValueError, match="parts of 1"):
        shared(5, [Fraction(3, 2), Fraction(-1, 2)])
