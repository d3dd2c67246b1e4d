"""Amounts as whole hundredths. Pure: no Django, no float.

Declared figures are 万元 with two places, computed and paid money is 元 with two places (fen); both are
kept as whole hundredths in a BIGINT and meet people as ``Decimal``. On SQLite a Decimal column is REAL and
its sums drift, which is why no amount is ever stored as one.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

HUNDREDTH = Decimal("0.01")
#: 10^10 万元 or 元: larger than any figure of a firm; a million of them still sum inside BIGINT.
LIMIT = 10**12


class AmountOutOfRange(ValueError):
    """The amount is no number, or |amount| ≥ 10^10 (万元 or 元)."""


def to_hundredths(amount: Decimal | int | str) -> int:
    """Round half up to two places and return whole hundredths: ``Decimal("2045.055")`` → ``204506``."""
    if isinstance(amount, float | bool):
        raise TypeError("amounts are Decimal, int or str, never float")
    try:
        exact = Decimal(amount)
        # looked at before rounding: rounding 1e30 to two places is more than Decimal's 28 digits
        hundredths = int(exact.quantize(HUNDREDTH, ROUND_HALF_UP).scaleb(2)) if abs(exact) < LIMIT else LIMIT
    except InvalidOperation as error:
        raise AmountOutOfRange(str(amount)) from error
    if abs(hundredths) >= LIMIT:
        raise AmountOutOfRange(str(amount))
    return hundredths


def from_hundredths(hundredths: int) -> Decimal:
    """``204506`` → ``Decimal("2045.06")``, always two places."""
    return Decimal(hundredths).scaleb(-2).quantize(HUNDREDTH)


def format_amount(amount: Decimal | None) -> str:
    """``1,234.50`` with a true minus sign; ``—`` when unknown."""
    if amount is None:
        return "—"
    return f"{amount:,.2f}".replace("-", "−")


def ratio_of(part: int, whole: int | None) -> Decimal | None:
    """part ÷ whole to four places, half up; ``None`` when the base is missing, zero or negative."""
    if whole is None or whole <= 0:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
