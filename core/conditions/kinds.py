"""Kinds of facts, and how each is kept as whole numbers. Pure.

=========  ======================================================  ==========================================
kind       kept as (int64 unless said)                             in Python, for ``Column.of`` and parameters
=========  ======================================================  ==========================================
AMOUNT     hundredths of 万元                                       Decimal or int in the unit
MONEY      fen                                                     the same
AREA       hundredths of 亩                                         the same
QUANTITY   10^-places of any unit (吨标煤, 万千瓦时, 万元/亩); 2      the same
RATIO      millionths of 1 (0.0999 → 99900)                        Decimal, 0–1
COUNT      whole 个, or the unit given (人, 家, 项)                  int
NUMBER     10^-places of a number without unit; 2                  Decimal or int
DATE       days since 1970-01-01                                   date
MONTH      year × 12 + month − 1                                   Month
QUARTER    year × 4 + quarter − 1                                  "2022Q1"
YEAR       the year                                                int
TEXT       number of the word in ``Column.words``                  str
TAGS       bool matrix rows × ``Column.words``                     a collection of str
FLAG       bool                                                    bool
=========  ======================================================  ==========================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from core.conditions.units import Unit, unit_of
from core.periods import Month


class Kind(Enum):
    AMOUNT = "amount"
    MONEY = "money"
    AREA = "area"
    QUANTITY = "quantity"
    RATIO = "ratio"
    COUNT = "count"
    NUMBER = "number"
    DATE = "date"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    TEXT = "text"
    TAGS = "tags"
    FLAG = "flag"


#: kind → (unit, decimal places) when a fact does not say otherwise
_DEFAULTS = {
    Kind.AMOUNT: ("万元", 2),
    Kind.MONEY: ("元", 2),
    Kind.AREA: ("亩", 2),
    Kind.QUANTITY: ("", 2),
    Kind.RATIO: ("%", 4),
    Kind.COUNT: ("个", 0),
    Kind.NUMBER: ("", 2),
}
MEASURED = frozenset(_DEFAULTS)
CALENDAR = frozenset({Kind.DATE, Kind.MONTH, Kind.QUARTER, Kind.YEAR})
#: The periods that a fact may be asked for.
PERIODS = frozenset({Kind.YEAR, Kind.QUARTER, Kind.MONTH})
KIND_NAMES = {
    Kind.DATE: "日期",
    Kind.MONTH: "月份",
    Kind.QUARTER: "季度",
    Kind.YEAR: "年度",
    Kind.TEXT: "文字",
    Kind.TAGS: "多项标签",
    Kind.FLAG: "“是或否”",
}
RESERVED = frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "known",
        "unknown",
        "has",
        "true",
        "false",
        "to",
        "sum",
        "avg",
    }
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class FactType:
    """What a condition may know of a fact or a parameter without loading it.

    ``per`` is the period that the fact is asked for (``revenue[2021]``), ``None`` for one value a firm;
    ``words`` are the only texts a TEXT or TAGS fact can have, empty for any; ``bare``: named without a period it is
    that of the judgement's own year. Raises ``ValueError``.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    places: int = -1
    per: Kind | None = None
    words: tuple[str, ...] = ()
    bare: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.lower() in RESERVED:
            raise ValueError(f"not a name of a fact: {self.name}")
        if self.per is not None and self.per not in PERIODS:
            raise ValueError(f"{self.name}: facts are by year, quarter or month, not by {self.per}")
        unit, places = _DEFAULTS.get(self.kind, ("", 0))
        object.__setattr__(self, "unit", self.unit or unit)
        object.__setattr__(self, "places", self.places if self.places >= 0 else places)
        if self.kind is Kind.QUANTITY and not self.unit:
            raise ValueError(f"{self.name}: a quantity has a unit")
        unit_of(self.unit)

    @property
    def is_measured(self) -> bool:
        return self.kind in MEASURED

    @property
    def measure(self) -> Unit:
        return unit_of(self.unit)

    @property
    def step(self) -> Fraction:
        """The last place that is kept, in base units: 0.01 万元 is 100 元."""
        return self.measure.scale / Fraction(10**self.places)


#: The year that a judgement is about; every condition may name it unless other parameters are given.
YEAR = FactType("year", "年度", Kind.YEAR)


def ordinal_of(kind: Kind, value: Any) -> int:
    """A date, ``Month``, ``"2022Q1"`` or year as the whole number it is kept as; raises ``ValueError``."""
    if kind is Kind.DATE and isinstance(value, date):
        return value.toordinal() - _EPOCH
    if kind is Kind.MONTH and isinstance(value, Month):
        return value.year * 12 + value.month - 1
    if kind is Kind.QUARTER and isinstance(value, str) and (match := _QUARTER.fullmatch(value)):
        return int(match[1]) * 4 + int(match[2]) - 1
    if kind is Kind.YEAR and isinstance(value, int) and 1900 <= value <= 2999:
        return int(value)
    raise ValueError(f"not a {kind.value}: {value!r}")


def calendar_value(kind: Kind, ordinal: int) -> Any:
    """The date, ``Month``, ``"2022Q1"`` or year of a kept number."""
    if kind is Kind.DATE:
        return date(1970, 1, 1) + timedelta(days=ordinal)
    if kind is Kind.MONTH:
        return Month(ordinal // 12, ordinal % 12 + 1)
    if kind is Kind.QUARTER:
        return f"{ordinal // 4:04d}Q{ordinal % 4 + 1}"
    return ordinal


def calendar_label(kind: Kind, ordinal: int) -> str:
    """2021年12月31日, 2022年6月, 2022年第1季度, 2022年"""
    value = calendar_value(kind, ordinal)
    if kind is Kind.DATE:
        return f"{value.year}年{value.month}月{value.day}日"
    if kind is Kind.MONTH:
        return str(value.label)
    if kind is Kind.QUARTER:
        return f"{ordinal // 4}年第{ordinal % 4 + 1}季度"
    return f"{value}年"


def exact_of(value: Decimal | int | Fraction) -> Fraction:
    """Raises ``TypeError`` for a float: what it was meant to be can no longer be known."""
    if isinstance(value, float | bool):
        raise TypeError("numbers are Decimal or int, never float")
    return Fraction(value)
