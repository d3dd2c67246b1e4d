"""Units of measure: what may be compared with what, and by which exact factor. Pure.

亩 and ㎡ are kept apart on purpose: methods say 667 or 666.67, so a condition writes ``* 1亩 / 667㎡`` itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

#: base quantity → exponent, sorted; empty for a plain number or a ratio
Dimensions = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """``scale`` is one of this unit in base units (元, 千瓦时, 月 …), exact."""

    label: str
    dimensions: Dimensions
    scale: Fraction

    @property
    def is_ratio(self) -> bool:
        return self.label == "%"


#: The first unit of a quantity that stands for it where a product has no name of its own.
_TABLE: dict[str, tuple[tuple[str, Fraction | int], ...]] = {
    "money": (("万元", 10_000), ("元", 1), ("千元", 1_000), ("百万元", 10**6), ("亿元", 10**8)),
    "dollar": (("万美元", 10_000), ("美元", 1), ("亿美元", 10**8)),
    "mu": (("亩", 1), ("万亩", 10_000)),
    "sqm": (("㎡", 1), ("公顷", 10_000)),
    "power": (("万千瓦时", 10_000), ("千瓦时", 1), ("亿千瓦时", 10**8)),
    "capacity": (("千瓦", 1), ("瓦", Fraction(1, 1000)), ("兆瓦", 1_000), ("万千瓦", 10_000)),
    "coal": (("吨标煤", 1_000), ("千克标煤", 1), ("万吨标煤", 10**7)),
    "mass": (("吨", 1_000), ("千克", 1), ("万吨", 10**7)),
    "volume": (("立方米", 1), ("万立方米", 10_000)),
    "distance": (("公里", 1), ("米", Fraction(1, 1000))),
    "person": (("人", 1), ("万人", 10_000)),
    "firm": (("家", 1),),
    "item": (("个", 1), ("项", 1), ("件", 1), ("次", 1), ("台", 1), ("套", 1)),
    "point": (("分", 1),),
    "months": (("年", 12), ("个月", 1)),
    "days": (("天", 1),),
    "": (("%", Fraction(1, 100)), ("‰", Fraction(1, 1000)), ("倍", 1)),
}
_ALIASES = {
    "平方米": "㎡", "m²": "㎡", "度": "千瓦时", "kWh": "千瓦时", "公斤": "千克", "名": "人", "户": "家", "日": "天",
    "吨标准煤": "吨标煤", "万吨标准煤": "万吨标煤", "个百分点": "%", "百分点": "%",
    "标箱": "个", "辆": "台", "条": "项", "座": "个", "间": "个", "张": "件", "笔": "项", "艘": "台", "期": "次", "人次": "次",
}  # fmt: skip
_SIMPLE = {
    label: Unit(label, ((base, 1),) if base else (), Fraction(scale))
    for base, units in _TABLE.items()
    for label, scale in units
}
_DEFAULTS = {base: units[0][0] for base, units in _TABLE.items()}
#: How a month is written under a price: 10元/㎡·月
_UNDER = {"月": "个月"}
_SIGN = re.compile("[/·]")
#: A bare number may stand for these: 80 after a count of staff can only be 80人.
_COUNTED = {"person", "firm", "item", "point"}

PLAIN = Unit("", (), Fraction(1))
PERCENT = _SIMPLE["%"]
#: Longest first, so that 万元 is read before 万.
UNIT_WORDS = tuple(sorted([*_SIMPLE, *_ALIASES], key=lambda word: -len(word)))


def unit_of(label: str) -> Unit:
    """``"万元"``, ``"万元/亩"``, ``"元/㎡·月"`` or ``""``; raises ``ValueError`` for one that is not in the table."""
    if not label:
        return PLAIN
    first, *rest = [_simple_unit(word, place) for place, word in enumerate(_SIGN.split(label))]
    if len(rest) < 2:
        return combined(first, rest[0], -1) if rest else first
    return _price(label, first, rest)


def _simple_unit(word: str, place: int) -> Unit:
    known = _SIMPLE.get(_ALIASES.get(word) or (_UNDER.get(word) if place else None) or word)
    if known is None:
        raise ValueError(f"not a unit: {word}")
    return known


def _price(label: str, over: Unit, under: list[Unit]) -> Unit:
    """What is paid for each of several units at once, a head and a month: shown as it is written."""
    found = over
    for unit in under:
        found = combined(found, unit, -1)
    scale = over.scale
    for unit in under:
        scale /= unit.scale
    return Unit(label, found.dimensions, scale) if found.dimensions else found


def combined(left: Unit, right: Unit, exponent: int) -> Unit:
    """The unit of ``left × right`` (``exponent`` 1) or ``left ÷ right`` (-1)."""
    exponents = dict(left.dimensions)
    for base, power in right.dimensions:
        exponents[base] = exponents.get(base, 0) + exponent * power
    dimensions = tuple(sorted((base, power) for base, power in exponents.items() if power))
    if not right.dimensions:
        return PERCENT if not dimensions and PERCENT in (left, right) else left
    if not left.dimensions and exponent == 1:
        return right
    if not dimensions:
        return PERCENT
    if exponent == -1 and len(left.dimensions) == len(right.dimensions) == 1 and len(dimensions) == 2:
        return Unit(f"{left.label}/{right.label}", dimensions, left.scale / right.scale)
    return _named_by_default(dimensions)


def _named_by_default(dimensions: Dimensions) -> Unit:
    """How a product is shown that has no unit of its own, in the first unit of each quantity."""
    over: list[str] = []
    under: list[str] = []
    scale = Fraction(1)
    for base, power in dimensions:
        unit = _SIMPLE[_DEFAULTS[base]]
        (over if power > 0 else under).extend([unit.label] * abs(power))
        scale *= Fraction(unit.scale**power)
    label = "·".join(over) or "1"
    return Unit("/".join([label, *under]), dimensions, scale)


def is_counted(unit: Unit) -> bool:
    """Whether a number without unit may be compared with it: 人, 家, 项, 分 …"""
    return len(unit.dimensions) == 1 and unit.dimensions[0][0] in _COUNTED and unit.dimensions[0][1] == 1
