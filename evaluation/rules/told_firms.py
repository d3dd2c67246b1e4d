"""Firms as a worked case tells them, read into the columns of a round. Pure.

甲: {above_scale: true, land_own: 10, tax: {2021: 200, 2020: 180}, emissions: not_applicable}
乙: {cohort: above, values: {tax_per_mu: 20, va_per_mu: 100}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np

from core.conditions import Column, FactKey, FactType, Kind
from core.conditions.columns import kept_number
from core.policies import Mapping, Node, PolicyFault, Scalar
from core.policies.fields import Fields, add_fault, as_mapping, read_whole
from core.policies.given import Facts, read_facts
from evaluation.policy import QUANTITIES, Scheme
from evaluation.policy.vocabulary import ABOVE_SCALE, ROLES, YEARS_IN_PRODUCTION
from evaluation.rules.figures import FINE, NOT_ANY, FirmYears

NOT_APPLICABLE = "not_applicable"
_OWN = {
    "cohort": "分组",
    "region": "县区(园区)",
    "landlord": "出租方",
    "group": "同一控制的牵头企业",
    "values": "指标值",
    "years_as": "已享受年数",
}
#: Figures are read with so many places and rounded half up to what is kept, as at the portal's own door.
_READ_PLACES = 9
_VALUE = re.compile(r"[-+]?\d{1,10}(\.\d{1,8})?", re.ASCII)


@dataclass(frozen=True)
class Told:
    """One firm: ``facts`` by key, names of what does not apply, and what else the case says of it."""

    name: str
    facts: Facts
    not_applicable: frozenset[str]
    cohort: str
    region: str
    landlord: str
    group: str
    values: dict[str, Decimal]
    years_as: dict[str, int]
    node: Node


def read_firms(node: Mapping, scheme: Scheme, year: int, faults: list[PolicyFault]) -> list[Told]:
    """Every firm of the table; ``year`` is the one that figures without a year are of."""
    types = {name: _wide(fact) for name, fact in _facts(scheme).items()}
    found = []
    for name, value in node.entries.items():
        mapping = as_mapping(value, faults)
        if mapping is not None:
            found.append(_read_firm(name, mapping, scheme, types, year, faults))
    names = {told.name for told in found}
    for told in found:
        for other in filter(None, (told.landlord, told.group)):
            if other not in names:
                add_fault(faults, told.node, f"“{other}”不在给定的企业里")
    return found


def _facts(scheme: Scheme) -> dict[str, FactType]:
    """What may be told: neither what is worked out nor roles, which follow from landlord and group."""
    made = {name for name, use in scheme.quantities.items() if use.formula is not None}
    indicators = {i.id for cohort in scheme.cohorts for i in cohort.indicators}
    hidden = {*made, *indicators, *ROLES, "land", "score", "initial_grade", "region"}
    return {name: fact for name, fact in scheme.facts.items() if name not in hidden}


def _wide(fact: FactType) -> FactType:
    return replace(fact, places=_READ_PLACES) if fact.is_measured else fact


def _read_firm(
    name: str,
    node: Mapping,
    scheme: Scheme,
    types: dict[str, FactType],
    year: int,
    faults: list[PolicyFault],
) -> Told:
    own = Mapping(node.key, node.line, {key: value for key, value in node.entries.items() if key in _OWN})
    fields = Fields(own, faults, _OWN)
    absent, told = set(), {}
    for key, value in node.entries.items():
        if key in _OWN:
            continue
        if isinstance(value, Scalar) and value.text == NOT_APPLICABLE:
            if key not in scheme.quantities:
                add_fault(faults, value, f"不适用只能写在 quantities（指标数据）的各项上，“{key}”不在其中")
            absent.add(key)
            continue
        fact = types.get(key)
        # a yearly fact without a year is of the year that is evaluated
        is_bare = fact is not None and fact.bare and not isinstance(value, Mapping)
        told[f"{key}[{year}]" if is_bare else key] = value
    cohorts = [cohort.id for cohort in scheme.cohorts]
    values_node = fields.mapping("values") if fields.get("values") else None
    years_node = fields.mapping("years_as") if fields.get("years_as") else None
    return Told(
        name,
        read_facts(Mapping(node.key, node.line, told), types, faults),
        frozenset(absent),
        fields.choice("cohort", cohorts) if fields.get("cohort") else "",
        fields.text_or_none("region") or "",
        fields.text_or_none("landlord") or "",
        fields.text_or_none("group") or "",
        _read_values(values_node, scheme, faults),
        _read_years(years_node, scheme, faults),
        node,
    )


def _read_values(node: Mapping | None, scheme: Scheme, faults: list[PolicyFault]) -> dict[str, Decimal]:
    ids = {i.id: i.label for cohort in scheme.cohorts for i in cohort.indicators}
    fields = None if node is None else Fields(node, faults, ids)
    found = {}
    for name in ids if fields else ():
        value = fields.get(name) if fields else None
        number = None if value is None else _read_value(value, faults)
        if number is not None:
            found[name] = number
    return found


def _read_value(node: Node, faults: list[PolicyFault]) -> Decimal | None:
    """The value of an indicator is a quotient and may have more places than any printed figure."""
    if isinstance(node, Scalar) and _VALUE.fullmatch(node.text):
        return Decimal(node.text)
    add_fault(faults, node, "指标值应是数字，整数最多 10 位，小数最多 8 位")
    return None


def _read_years(node: Mapping | None, scheme: Scheme, faults: list[PolicyFault]) -> dict[str, int]:
    ids = {clause.id: clause.label for clause in scheme.special}
    ids |= {move.id: move.label for move in scheme.moves}
    fields = None if node is None else Fields(node, faults, ids)
    found = {}
    for name in ids if fields else ():
        value = fields.get(name) if fields else None
        number = None if value is None else read_whole(value, faults)
        if number is not None:
            found[name] = number
    return found


def columns_of(
    firms: SequenceType[Told],
    scheme: Scheme,
    year: int,
    regions: SequenceType[str],
    before: SequenceType[Told] = (),
    ledgers: MappingType[str, Column] = MappingProxyType({}),
) -> FirmYears:
    """The firms as columns; last year's figures of the same firms serve where this year's rows do not tell them."""
    earlier = {told.name: told for told in before}
    rows = [_with_earlier(told, earlier.get(told.name), year) for told in firms]
    names = {told.name: number for number, told in enumerate(firms)}
    keys = list(dict.fromkeys(key for row in rows for key in row))
    columns = {
        _frame_key(key, year): _column(scheme.facts[key.name], [row.get(key) for row in rows]) for key in keys
    }
    nothing = Column(np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_))
    quantities = {name: columns.pop(name, nothing) for name in QUANTITIES}
    above = columns.pop(ABOVE_SCALE, nothing)
    years = columns.pop(YEARS_IN_PRODUCTION, nothing)
    indicators = list(dict.fromkeys(name for told in firms for name in told.values))
    classes = list(dict.fromkeys(name for told in firms for name in told.years_as))
    cohorts = [cohort.id for cohort in scheme.cohorts]
    return FirmYears(
        quantities,
        above.values.astype(np.bool_) & above.known,
        Column(years.values, years.known),
        np.array([regions.index(told.region) for told in firms], np.int64),
        {**ledgers, **columns, "region": Column.of_texts([told.region for told in firms])},
        {
            name: np.array([name in told.not_applicable for told in firms], np.bool_)
            for name in scheme.quantities
        },
        {name: _numbers([told.values.get(name) for told in firms], FINE) for name in indicators},
        {name: _numbers([told.years_as.get(name) for told in firms], 1) for name in classes},
        np.arange(len(firms), dtype=np.int64),
        np.array([names.get(told.landlord, NOT_ANY) for told in firms], np.int64),
        np.array([names.get(told.group, NOT_ANY) for told in firms], np.int64),
        np.array([cohorts.index(told.cohort) if told.cohort else NOT_ANY for told in firms], np.int64),
    )


def _with_earlier(told: Told, earlier: Told | None, year: int) -> Facts:
    if earlier is None:
        return told.facts
    past = {
        key: value for key, value in earlier.facts.items() if key.per is Kind.YEAR and key.ordinal == year - 1
    }
    return {**past, **told.facts}


def _frame_key(key: FactKey, year: int) -> str:
    return key.name if key.per is Kind.YEAR and key.ordinal == year else str(key)


def _column(fact: FactType, values: list[Any]) -> Column:
    if not fact.is_measured:
        return Column.of(fact, values)
    known = np.array([value is not None for value in values], np.bool_)
    kept = [0 if value is None else _rounded(fact, value) for value in values]
    return Column(np.array(kept, np.int64), known)


def _rounded(fact: FactType, value: Decimal | int | Fraction) -> int:
    """Half up by magnitude to the places that the fact keeps."""
    wide = kept_number(_wide(fact), value)
    return int(Decimal(int(wide)).scaleb(fact.places - _READ_PLACES).to_integral_value(ROUND_HALF_UP))


def _numbers(values: SequenceType[Decimal | int | None], times: int) -> Column:
    known = np.array([value is not None for value in values], np.bool_)
    whole = [
        int((Decimal(value) * times).to_integral_value(ROUND_HALF_UP)) if value is not None else 0
        for value in values
    ]
    return Column(np.array(whole, np.int64), known)
