"""Amounts as whole hundredths. Pure: no Django, no float.

Declared figures are 万元 with two places, computed and paid money is 元 with two places (fen); both are
kept as whole hundredths in a BIGINT and meet people as ``Decimal``. On SQLite a Decimal column is REAL and
its sums drift, which is why no amount is ever stored as one.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")
#: Larger than any figure a firm or a province can declare, and far inside BIGINT when a million are summed.
LIMIT = 10**14


class AmountOutOfRange(ValueError):
    """The amount does not fit: |amount| ≥ 10^12 (万元 or 元)."""


def to_hundredths(amount: Decimal | int | str) -> int:
    """Round half up to two places and return whole hundredths: ``Decimal("2045.055")`` → ``204506``."""
    if isinstance(amount, float):
        raise TypeError("amounts are Decimal, int or str, never float")
    hundredths = int(Decimal(amount).quantize(HUNDREDTH, ROUND_HALF_UP).scaleb(2))
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
