"""Units that headings, title lines and cells state, as factors to the unit a column is kept in. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple


class Unit(NamedTuple):
    """A stated unit: ``Unit("元", Decimal("0.0001"))`` in a column kept in 万元."""

    word: str
    factor: Decimal


_FAMILIES: dict[str, dict[str, str]] = {
    "wan": {"万元": "1", "元": "0.0001", "千元": "0.1", "百万元": "100", "亿元": "10000", "万": "1", "亿": "10000",
            "万元人民币": "1", "人民币万元": "1", "人民币元": "0.0001", "元人民币": "0.0001"},
    "yuan": {"元": "1", "万元": "10000", "千元": "1000", "亿元": "100000000"},
    "wan_kwh": {"万千瓦时": "1", "千瓦时": "0.0001", "度": "0.0001", "kwh": "0.0001", "万度": "1", "万kwh": "1",
                "亿千瓦时": "10000", "兆瓦时": "0.1", "mwh": "0.1", "千kwh": "0.1", "千度": "0.1"},
    "kwh": {"千瓦时": "1", "度": "1", "kwh": "1", "万千瓦时": "10000", "万度": "10000", "万kwh": "10000"},
    "mu": {"亩": "1", "公顷": "15"},
    # 亩 and ㎡ are never turned into each other here: methods say 667 or 666.67
    "sqm": {"平方米": "1", "㎡": "1", "m2": "1", "m²": "1", "平米": "1", "平方": "1", "万平方米": "10000"},
    "tce": {"吨标准煤": "1", "吨标煤": "1", "tce": "1", "万吨标准煤": "10000", "万吨标煤": "10000"},
    "ton": {"吨": "1", "t": "1", "千克": "0.001", "公斤": "0.001", "kg": "0.001", "万吨": "10000"},
    "m3": {"立方米": "1", "方": "1", "吨": "1", "m3": "1", "万立方米": "10000", "万方": "10000", "万吨": "10000"},
    "person": {"人": "1", "名": "1", "万人": "10000"},
    "firm": {"家": "1", "户": "1", "个": "1"},
    "percent": {"%": "1"},
}  # fmt: skip
#: The unit in which each family is kept.
BASE_UNITS = {family: next(iter(words)) for family, words in _FAMILIES.items()}
#: Every unit word, longest first.
UNIT_WORDS = sorted({word for words in _FAMILIES.values() for word in words}, key=len, reverse=True)
_UNIT_LINE = re.compile(r"单位[:：]?(?=([^:：]*))")


def unit_of(word: str, family: str) -> Unit | None:
    """The unit named by a squeezed word, or None when the family does not know it."""
    word = word.casefold().removeprefix("单位").lstrip(":：")
    factor = _FAMILIES.get(family, {}).get(word)
    return None if factor is None else Unit(word, Decimal(factor))


def words_of(family: str) -> tuple[str, ...]:
    """The written forms of a family's units, its own first; one form a size."""
    sizes: dict[str, str] = {}
    for word, factor in _FAMILIES[family].items():
        sizes.setdefault(factor, word)
    return tuple(sizes.values())


def is_unit(word: str) -> bool:
    """Whether any family knows the word."""
    return any(unit_of(word, family) for family in _FAMILIES)


def unit_suffix(text: str, family: str) -> tuple[str, Unit | None]:
    """Split ``"1234.5万元"`` into the number and its unit."""
    folded = text.casefold()
    for word in UNIT_WORDS:
        if folded.endswith(word) and len(text) > len(word):
            unit = unit_of(word, family)
            if unit is not None:
                return text[: -len(word)], unit
    return text, None


def line_units(text: str) -> dict[str, Unit]:
    """Units of a line such as 单位:万元、人, one a family; a family named twice is left out."""
    found: dict[str, Unit] = {}
    for family in _FAMILIES:
        units = _units_of_line(text, family)
        if len(units) == 1:
            found[family] = units[0]
    return found


def family_named_twice(text: str, family: str) -> bool:
    """Whether a line such as 单位:万元、元 leaves open which of two units a column is in."""
    return len(_units_of_line(text, family)) > 1


def _units_of_line(text: str, family: str) -> list[Unit]:
    """The units of one family in a line, one a factor."""
    words = [
        word for hit in _UNIT_LINE.finditer(text) for word in re.split(r"[、,，;；/()或和]+", hit[1]) if word
    ]
    return list({unit.factor: unit for word in words if (unit := unit_of(word, family))}.values())
