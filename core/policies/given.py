"""Facts that a worked case gives, read by their types into the columns that conditions judge. Pure.

    甲厂:
      taxable_sales: {2021: 600万元, 2022: unknown}     # or  taxable_sales[2021]: 600万元
      above_scale: false
      honours: [专精特新小巨人]

A number without unit is in the unit of its fact (a ratio: 0.1 is 10%). What is not given is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from core.conditions import Column, FactKey, FactType, Frame, Kind
from core.conditions.columns import kept_number
from core.conditions.kinds import CALENDAR, ordinal_of
from core.conditions.units import unit_of
from core.periods import Month
from core.policies.fields import add_fault, is_unknown, number_in
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[([^\[\]]*)\])?", re.ASCII)
_QUANTITY = re.compile(r"([-+]?[0-9.]+)\s*(\D+)")
_SHAPES = {
    Kind.YEAR: re.compile(r"[12][0-9]{3}"),
    Kind.QUARTER: re.compile(r"[12][0-9]{3}Q[1-4]"),
    Kind.MONTH: re.compile(r"[12][0-9]{3}-[0-9]{2}"),
    Kind.DATE: re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"),
}
_PERIOD_HINTS = {Kind.YEAR: "2021", Kind.QUARTER: "2022Q1", Kind.MONTH: "2022-06", Kind.DATE: "2021-12-31"}

#: What one firm (or another recipient) is given; ``None`` where the case says ``unknown``.
Facts = dict[FactKey, Any]


def read_facts(node: Mapping, types: MappingType[str, FactType], faults: list[PolicyFault]) -> Facts:
    """The facts of one firm, by key; every fault of names, periods and values is noted."""
    facts: Facts = {}
    for written, value in node.entries.items():
        match = _KEY.fullmatch(written)
        fact = types.get(match[1]) if match else None
        if match is None or fact is None:
            near = get_close_matches(match[1] if match else written, types, n=1)
            hint = f"，是不是 {near[0]}？" if near else "，请照“事实一览”写，或先在 facts 部分声明"
            add_fault(faults, value, f"没有“{written}”这个事实{hint}")
        elif match[2] is not None:
            _add(facts, fact, match[2], value, faults)
        elif fact.per is None:
            _add(facts, fact, None, value, faults)
        elif isinstance(value, Mapping):
            for period, item in value.entries.items():
                _add(facts, fact, period, item, faults)
        else:
            hint = _PERIOD_HINTS[fact.per]
            add_fault(faults, value, f"{fact.label}要写明期间，如 {fact.name}: {{{hint}: …}}")
    return facts


def frame_of(rows: SequenceType[Facts], keys: Iterable[FactKey], types: MappingType[str, FactType]) -> Frame:
    """The columns that ``keys`` name for these rows, in their order; what a row does not give is not known."""
    columns = {}
    for key in dict.fromkeys(keys):
        columns[str(key)] = Column.of(types[key.name], [row.get(key) for row in rows])
    return Frame(len(rows), columns)


def _add(facts: Facts, fact: FactType, period: str | None, node: Node, faults: list[PolicyFault]) -> None:
    key = FactKey(fact.name)
    if period is not None:
        if fact.per is None:
            add_fault(faults, node, f"{fact.label}没有期间，请直接写 {fact.name}")
            return
        ordinal = _ordinal(fact.per, period)
        if ordinal is None:
            add_fault(faults, node, f"期间应写成 {_PERIOD_HINTS[fact.per]} 的样子，写的是“{period}”")
            return
        key = FactKey(fact.name, fact.per, ordinal)
    if key in facts:
        add_fault(faults, node, f"{key} 给了两次，请只留一次")
    facts[key] = None if is_unknown(node) else read_value(fact, node, faults)


def read_value(fact: FactType, node: Node, faults: list[PolicyFault]) -> Any:
    """The value of a fact or parameter as ``Column.of`` takes it; ``None`` with a fault, and for a null."""
    if isinstance(node, Scalar) and node.is_null:
        return None
    if fact.kind is Kind.TAGS:
        return _tags(fact, node, faults)
    if not isinstance(node, Scalar):
        add_fault(faults, node, f"{fact.label}应是一个值，不能是列表或表")
        return None
    text = node.text.strip()
    if fact.kind is Kind.FLAG:
        if text in ("true", "false", "是", "否"):
            return text in ("true", "是")
        add_fault(faults, node, f"{fact.label}写 true（是）、false（否）或 unknown")
        return None
    if fact.kind is Kind.TEXT:
        return _word(fact, text, node, faults)
    if fact.kind in CALENDAR:
        value = _calendar(fact.kind, text)
        if value is None:
            hint = _PERIOD_HINTS[fact.kind]
            add_fault(faults, node, f"{fact.label}应写成 {hint} 的样子，写的是“{text}”")
        return value
    return _number(fact, text, node, faults)


def _tags(fact: FactType, node: Node, faults: list[PolicyFault]) -> list[str]:
    items = node.items if isinstance(node, Sequence) else (node,)
    words = []
    for item in items:
        if isinstance(item, Scalar):
            words.append(_word(fact, item.text.strip(), item, faults))
        else:
            add_fault(faults, item, f"{fact.label}是一串文字，如 [专精特新小巨人]")
    return words


def _word(fact: FactType, text: str, node: Node, faults: list[PolicyFault]) -> str:
    if fact.words and text not in fact.words:
        add_fault(faults, node, f"{fact.label}没有“{text}”；可用：{'、'.join(fact.words)}")
    return text


def _number(fact: FactType, text: str, node: Node, faults: list[PolicyFault]) -> Decimal | Fraction | None:
    number: Decimal | Fraction | None = number_in(text)
    match = None if number is not None else _QUANTITY.fullmatch(text)
    if match and (written := number_in(match[1])) is not None:
        try:
            unit = unit_of(match[2].strip())
        except ValueError:
            add_fault(faults, node, f"没有“{match[2].strip()}”这个单位；{fact.label}以{fact.unit or '数'}计")
            return None
        if unit.dimensions != fact.measure.dimensions:
            add_fault(faults, node, f"{fact.label}以{fact.unit or '数'}计，不能写{unit.label}")
            return None
        base = Fraction(1) if fact.measure.is_ratio else fact.measure.scale
        number = Fraction(written) * unit.scale / base
    if number is None:
        unit_hint = f"，如 600 或 600{fact.unit}" if fact.unit else ""
        add_fault(faults, node, f"{fact.label}应是数字{unit_hint}，写的是“{text[:40]}”；没有数的写 unknown")
        return None
    try:
        kept_number(fact, number)
    except ValueError:
        add_fault(
            faults, node, f"{fact.label}以{fact.unit or '数'}计最多 {fact.places} 位小数，写的是“{text}”"
        )
        return None
    return number


def _ordinal(per: Kind, text: str) -> int | None:
    value = _calendar(per, text)
    return None if value is None else ordinal_of(per, value)


def _calendar(kind: Kind, text: str) -> Any:
    """A year, quarter, month or date as written; ``None`` when it is none."""
    if not _SHAPES[kind].fullmatch(text):
        return None
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.YEAR: int,
        Kind.QUARTER: str,
        Kind.MONTH: Month.parse,
        Kind.DATE: date.fromisoformat,
    }
    try:
        value = readers[kind](text)
        ordinal_of(kind, value)
    except ValueError:
        return None
    return value
