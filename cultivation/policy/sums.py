"""Whether printed figures add to the total printed beside them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.policies import Figure, Unknown


def missed_sum(total: Figure, amounts: Sequence[Decimal | Unknown]) -> str | None:
    """How printed ``amounts`` miss the ``total`` printed beside them and how to mend the document, or ``None``."""
    gap = sum_gap(total, amounts)
    if gap is None:
        return None
    told = f"写 {total.amount}，{gap}，请对照文件逐项核对"
    if total.comparison is None and "多" in gap:
        told += "；文件就是这样印的（往下多分），在这张表上写 adds_to: at_least"
    return told


def sum_gap(total: Figure, amounts: Sequence[Decimal | Unknown]) -> str | None:
    """What ``amounts`` add to and by how much they miss ``total``, or ``None``.

    A plain total must be met exactly, one with 以上 and the like must be kept; an unknown amount can excuse
    that they add to less, never that they add to more.
    """
    known = [amount for amount in amounts if not isinstance(amount, Unknown)]
    if isinstance(total.amount, Unknown):
        return None
    added = sum(known, Decimal(0))
    difference = added - total.amount
    has_gaps = len(known) < len(amounts)
    kept = {
        None: difference == 0 or (has_gaps and difference < 0),
        "at_least": difference >= 0 or has_gaps,
        "more_than": difference > 0 or has_gaps,
        "at_most": difference <= 0,
        "less_than": difference < 0,
    }[total.comparison]
    if kept:
        return None
    gap = f"多 {difference}" if difference > 0 else f"少 {-difference}"
    return f"各项相加为 {added}（{gap}）"
