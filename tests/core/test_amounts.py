"""Amounts are whole hundredths: rounded half up once at the door, exact ever after."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts import (
    LIMIT,
    AmountOutOfRange,
    format_amount,
    from_hundredths,
    ratio_of,
    to_hundredths,
)

HUNDREDTHS = st.integers(-(LIMIT - 1), LIMIT - 1)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2045.05", 204505),
        ("2045.054", 204505),
        ("2045.055", 204506),  # a float would be 2045.0549999… and go down
        ("1.005", 101),
        ("0.005", 1),
        ("-0.005", -1),  # half up is away from zero
        ("-1.004", -100),
        ("2e3", 200000),
        ("1e-99999", 0),
        (Decimal("0.1") + Decimal("0.2"), 30),
        (7, 700),
        ("0", 0),
    ],
)
def test_an_amount_is_rounded_half_up_to_two_places(written, kept):
    assert to_hundredths(written) == kept


@pytest.mark.parametrize("amount", [0.1, 2045.055, float("nan"), True])
def test_a_float_is_never_an_amount(amount):
    with pytest.raises(TypeError):
        to_hundredths(amount)


@pytest.mark.parametrize(
    "amount", ["1e17", "-1e17", "1e40", "NaN", "sNaN", "Infinity", "-Infinity", "二千", ""]
)
def test_what_is_no_amount_or_too_large_is_refused_by_one_error(amount):
    with pytest.raises(AmountOutOfRange):
        to_hundredths(amount)


def test_the_limit_is_the_first_amount_that_is_refused():
    assert to_hundredths(from_hundredths(LIMIT - 1)) == LIMIT - 1
    for amount in (
        from_hundredths(LIMIT),
        -from_hundredths(LIMIT),
        from_hundredths(LIMIT) - Decimal("0.005"),
    ):
        with pytest.raises(AmountOutOfRange):
            to_hundredths(amount)


def test_a_million_of_the_largest_amounts_sum_inside_bigint():
    assert (LIMIT - 1) * 1_000_000 < 2**63


@given(HUNDREDTHS)
def test_what_is_kept_is_shown_and_read_back_unchanged(hundredths):
    amount = from_hundredths(hundredths)
    assert amount.as_tuple().exponent == -2
    assert to_hundredths(amount) == to_hundredths(str(amount)) == hundredths


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=6))
def test_rounding_is_never_off_by_more_than_half_a_hundredth(amount):
    error = Fraction(to_hundredths(amount), 100) - Fraction(amount)
    assert abs(error) <= Fraction(1, 200)
    if abs(error) == Fraction(1, 200):
        assert (error > 0) == (amount > 0)


def test_the_precision_of_the_caller_changes_nothing():
    with localcontext() as narrow:
        narrow.prec = 12
        assert to_hundredths("1234567.125") == 123456713
        assert from_hundredths(123456713) == Decimal("1234567.13")


def test_amounts_are_shown_with_thousands_a_true_minus_and_a_dash_when_unknown():
    assert format_amount(from_hundredths(123456750)) == "1,234,567.50"
    assert format_amount(from_hundredths(-5)) == "−0.05"
    assert format_amount(from_hundredths(0)) == "0.00"
    assert format_amount(None) == "—"


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**15))
def test_a_ratio_is_the_exact_quotient_rounded_half_up_to_four_places(part, whole):
    exact = Fraction(part, whole)
    rounded = (abs(exact) * 10_000 + Fraction(1, 2)).__floor__()
    assert ratio_of(part, whole) == Decimal(rounded if part >= 0 else -rounded).scaleb(-4)


@pytest.mark.parametrize("base", [None, 0, -1])
def test_without_a_positive_base_there_is_no_ratio(base):
    assert ratio_of(5, base) is None
