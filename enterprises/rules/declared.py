"""Declared facts as cells and as kept texts: what a person writes, what is stored, what a condition reads. Pure.

A value is kept as text in one canonical form, so that nothing is lost to binary and the store reads as people do:
``1234.5``, ``是``, ``2022-03-01``, ``2022-05``, ``2022Q3``, ``甲、乙``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.conditions import Column as FactValues
from core.conditions import FactType, Kind
from core.conditions.columns import kept_number
from core.periods import Month
from intake.rules.columns import Cells, Column
from intake.rules.dates import read_date, read_month, read_year
from intake.rules.figures import NOT_A_NUMBER, TOO_LARGE, read_decimal
from intake.rules.findings import Finding, must_mend
from intake.rules.names import read_text
from intake.rules.text import squeezed, written
from intake.rules.units import BASE_UNITS, unit_of

YES, NO = "是", "否"
_YES = frozenset(["是", "有", "Y", "YES", "TRUE", "1", "√", "✓"])
_NO = frozenset(["否", "无", "N", "NO", "FALSE", "0", "×"])
_QUARTER = re.compile(r"(\d{4})(?:年)?(?:Q|第)?([1-4一二三四])(?:季度?)?", re.ASCII)
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_TAGS = re.compile(r"[、,，;；/]")
#: 18 digits before the point and six behind it are more than any figure of a firm.
_MOST_DIGITS = 15
VALUE_LIMIT = 200

PERIOD_CURE = {
    Kind.YEAR: "按年的数据，期间写年度，如 2022",
    Kind.QUARTER: "按季的数据，期间写季度，如 2022Q3",
    Kind.MONTH: "按月的数据，期间写月份，如 2022-05",
}
NO_PERIOD = must_mend(
    "PERIOD_TEXT", "看不出是哪年、哪季或哪月", "请写 2022、2022Q3 或 2022-05；不分期间的数据留空"
)
NO_QUARTER = must_mend("QUARTER_TEXT", "看不出是哪个季度", "请按 2022Q3 或 2022年第3季度 填写")
NOT_YES_OR_NO = must_mend("FLAG_TEXT", "不是“是”或“否”", "请填写“是”或“否”；不清楚的留空")


def kind_of_period(period: str) -> Kind | None:
    """``""`` → None, ``2022`` → YEAR, ``2022Q3`` → QUARTER, ``2022-05`` → MONTH."""
    if not period:
        return None
    return {4: Kind.YEAR, 6: Kind.QUARTER}.get(len(period), Kind.MONTH)


def period_text(period: int | str | Month | None) -> str:
    """A period as it is kept."""
    return "" if period is None else str(period)


def read_quarter(value: object) -> str | Finding:
    hit = _QUARTER.fullmatch(squeezed(written(value))[:20])
    if hit is None or not 1949 <= int(hit[1]) <= 2999:
        return NO_QUARTER
    return f"{hit[1]}Q{_QUARTERS.get(hit[2], hit[2])}"


@dataclass(frozen=True, kw_only=True)
class PeriodColumn(Column):
    """期间 of a row: a year, a quarter, a month or nothing."""

    key: str = "period"
    heading: str = "期间"
    aliases: tuple[str, ...] = ("所属期", "所属期间", "统计期", "年度", "季度", "月份")

    def read(self, value: object, cells: Cells) -> object:
        for reader in (read_year, read_quarter):
            found = reader(value)
            if not isinstance(found, Finding):
                return str(found)
        month = read_month(value, None, cells.numbers_as_text)
        return NO_PERIOD if isinstance(month, Finding) else str(month)


@dataclass(frozen=True, kw_only=True)
class FactColumn(Column):
    """One declared fact; cells become the canonical text of its kind."""

    fact: FactType
    carried: bool = False

    @property
    def choices_offered(self) -> tuple[str, ...]:
        return (
            (YES, NO)
            if self.fact.kind is Kind.FLAG
            else ()
            if self.fact.kind is Kind.TAGS
            else self.fact.words
        )

    def read(self, value: object, cells: Cells) -> object:
        return read_value(value, self.fact, cells)

    def _read_one(self, value: object, cells: Cells) -> object:
        if isinstance(value, bool) and self.fact.kind is Kind.FLAG:
            return YES if value else NO
        return super()._read_one(value, cells)

    def _is_choice(self, value: str) -> bool:
        return self.fact.kind is Kind.FLAG and squeezed(value).upper() in _YES | _NO


def fact_column(fact: FactType) -> FactColumn:
    """The column of a fact, its unit in the heading."""
    unit = fact.unit if fact.is_measured else ""
    heading = f"{fact.label}({unit})" if unit else fact.label
    aliases = (fact.label, fact.name) if unit else (fact.name,)
    return FactColumn(key=fact.name, heading=heading, aliases=aliases, unit=_family(fact), fact=fact)


def _family(fact: FactType) -> str:
    """The family of units that a heading or a cell may state the fact in; none but its own otherwise."""
    for family in BASE_UNITS if fact.is_measured and fact.kind is not Kind.RATIO else ():
        unit = unit_of(fact.unit, family)
        if unit is not None and unit.factor == 1:
            return family
    return ""


def read_value(value: object, fact: FactType, cells: Cells) -> str | Finding:
    """One cell that is not blank as canonical text."""
    if fact.kind is Kind.FLAG:
        word = squeezed(written(value)).upper()
        return YES if word in _YES else NO if word in _NO else NOT_YES_OR_NO
    if fact.kind is Kind.TEXT:
        return _word(written(value), fact)
    if fact.kind is Kind.TAGS:
        return _tags(written(value), fact)
    if fact.kind is Kind.DATE:
        day = read_date(value, date(1949, 10, 1), date(2999, 12, 31))
        return day if isinstance(day, Finding) else day.isoformat()
    if fact.kind is Kind.MONTH:
        month = read_month(value, None, cells.numbers_as_text)
        return month if isinstance(month, Finding) else str(month)
    if fact.kind is Kind.QUARTER:
        return read_quarter(value)
    if fact.kind is Kind.YEAR:
        year = read_year(value)
        return year if isinstance(year, Finding) else str(year)
    return _number(value, fact, cells)


def _number(value: object, fact: FactType, cells: Cells) -> str | Finding:
    if fact.kind is Kind.RATIO and isinstance(value, str):
        value = squeezed(value).removesuffix("%")
    number = read_decimal(value, _family(fact), cells.unit)
    if isinstance(number, Finding):
        return NOT_A_NUMBER if number.code == "NUMBER_TEXT" else number
    if number and number.adjusted() >= _MOST_DIGITS:
        return TOO_LARGE
    kept = number.quantize(Decimal(1).scaleb(-fact.places), ROUND_HALF_UP)
    if fact.kind is Kind.COUNT and kept != number:
        return must_mend("NUMBER_FRACTION", "应为整数", "请填写不带小数的数字")
    text = format(kept, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _word(text: str, fact: FactType) -> str | Finding:
    found = read_text(text, VALUE_LIMIT, "内容")
    if isinstance(found, Finding) or not fact.words or found in fact.words:
        return found
    return must_mend("CHOICE", "不在可选的内容里", f"请填写其中之一：{'、'.join(fact.words)}")


def _tags(text: str, fact: FactType) -> str | Finding:
    found = read_text(text, VALUE_LIMIT, "内容")
    if isinstance(found, Finding):
        return found
    tags = list(dict.fromkeys(filter(None, map(str.strip, _TAGS.split(found)))))
    odd = [tag for tag in tags if fact.words and tag not in fact.words]
    if odd:
        return must_mend(
            "CHOICE", f"“{odd[0]}”不在可选的内容里", f"几项用顿号隔开，可选：{'、'.join(fact.words)}"
        )
    return "、".join(tags)


# -------------------------------------------------------------------- reading back


def shown_fact(text: str, fact: FactType) -> str:
    """A kept text with its unit, as people read it."""
    if not fact.is_measured:
        return text
    unit = "" if fact.unit == "个" and fact.kind is Kind.COUNT else fact.unit
    return f"{Decimal(text):,f}{'' if unit == '%' else ' ' if unit else ''}{unit}"


def fact_values(fact: FactType, texts: Iterable[str | None]) -> FactValues:
    """Kept texts as a column for conditions; ``None`` and what this fact can no longer mean are unknown."""
    return FactValues.of(fact, [None if text is None else _meant(text, fact) for text in texts])


def _meant(text: str, fact: FactType) -> object:
    try:
        value = _python_value(text, fact)
        if fact.is_measured and value is not None:
            kept_number(fact, value)
    except (ValueError, ArithmeticError):
        # kept under another meaning of the name: not known, rather than taken for something else
        return None
    return value


def _python_value(text: str, fact: FactType) -> object:
    if fact.kind is Kind.FLAG:
        return {YES: True, NO: False}.get(text)
    if fact.kind is Kind.TEXT:
        return text if not fact.words or text in fact.words else None
    if fact.kind is Kind.TAGS:
        return tuple(text.split("、"))
    if fact.kind is Kind.DATE:
        return date.fromisoformat(text)
    if fact.kind is Kind.MONTH:
        return Month.parse(text)
    if fact.kind is Kind.QUARTER:
        return text if _QUARTER.fullmatch(text) else None
    if fact.kind is Kind.YEAR:
        return int(text)
    number = Decimal(text)
    if fact.kind is Kind.RATIO:
        return Fraction(number) * fact.measure.scale
    return number
