"""Sums of money and rates as documents print them, read exactly. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from core.amounts import HUNDREDTH, LIMIT, from_hundredths, to_hundredths
from core.policies import UNKNOWN, Fields, Node, PolicyFault, Scalar, Unknown
from core.policies.fields import add_fault, is_unknown

#: The last place of a price: 0.035元 a kilowatt-hour, while sums end with the fen.
_PRICE_STEP = Decimal("0.000001")
_YUAN_LIMIT = from_hundredths(LIMIT)
_YUAN = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,6})?)\s*(万元|亿元|元)?", re.ASCII)
_SCALES = {"万元": 10_000, "亿元": 10**8, "元": 1, None: 1}
#: 30%, 2‰, 0.3 or 1/3
_RATE = re.compile(r"(\d{1,6}(?:\.\d{1,8})?)\s*(%|％|‰)?", re.ASCII)
_RATIO = re.compile(r"(\d{1,3})/(\d{1,3})", re.ASCII)


def read_yuan(node: Node, faults: list[PolicyFault]) -> int | Unknown | None:
    """Fen of ``50000``, ``5万元`` or ``unknown``; above zero, at most two places of 元; ``None`` with a fault."""
    amount = _read_sum(node, faults, HUNDREDTH, "两位")
    return to_hundredths(amount) if isinstance(amount, Decimal) else amount


def read_price(node: Node, faults: list[PolicyFault]) -> Fraction | Unknown | None:
    """Fen a unit, exact: like ``read_yuan``, but to six places of 元."""
    amount = _read_sum(node, faults, _PRICE_STEP, "六位")
    return Fraction(amount) * 100 if isinstance(amount, Decimal) else amount


def price_text(fen: Fraction) -> str:
    """A price in 元 as it is written: ``0.035``, ``300``."""
    return f"{(Decimal(fen.numerator) / Decimal(fen.denominator * 100)).normalize():f}"


def _read_sum(node: Node, faults: list[PolicyFault], step: Decimal, places: str) -> Decimal | Unknown | None:
    if is_unknown(node):
        return UNKNOWN
    match = _YUAN.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
    if match is None:
        written = f"，写的是“{node.text[:40]}”" if isinstance(node, Scalar) else ""
        add_fault(
            faults, node, f"金额应是数字{written}；以元写（50000）或带单位（5万元），没有印的填 unknown"
        )
        return None
    amount = Decimal(match[1]) * _SCALES[match[2]]
    if not 0 < amount < _YUAN_LIMIT or amount != amount.quantize(step):
        add_fault(faults, node, f"金额以元为单位，大于 0（不给的不写这一项），最多{places}小数（{amount}）")
        return None
    return amount


def require_price(fields: Fields, name: str) -> Fraction | Unknown | None:
    node = fields.require(name, unknown_ok=True)
    return None if node is None else read_price(node, fields.faults)


def require_yuan(fields: Fields, name: str) -> int | Unknown | None:
    node = fields.require(name, unknown_ok=True)
    return None if node is None else read_yuan(node, fields.faults)


def read_rate(node: Node, faults: list[PolicyFault], *, limit: int = 1) -> Fraction | Unknown | None:
    """``30%``, ``2‰``, ``0.3``, ``1/3`` or ``unknown``; above 0, at most ``limit``; ``None`` with a fault."""
    if is_unknown(node):
        return UNKNOWN
    text = node.text.strip() if isinstance(node, Scalar) else ""
    rate = Fraction(0)
    if match := _RATIO.fullmatch(text):
        rate = Fraction(int(match[1]), int(match[2])) if int(match[2]) else rate
    elif match := _RATE.fullmatch(text):
        rate = Fraction(match[1]) / {"%": 100, "％": 100, "‰": 1000, None: 1}[match[2]]
    if not 0 < rate <= limit:
        hint = "，不超过 100%" if limit == 1 else ""
        add_fault(faults, node, f"比例写成 30%、2‰、0.3 或 1/3 的样子{hint}，没有印的填 unknown")
        return None
    return rate


def require_rate(fields: Fields, name: str, *, limit: int = 1) -> Fraction | Unknown | None:
    node = fields.require(name, unknown_ok=True)
    return None if node is None else read_rate(node, fields.faults, limit=limit)
