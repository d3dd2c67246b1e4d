"""The words that conditions and formulas of a scheme may use. Pure.

A name without a period is that of the data year; ``tax[year-1]`` asks for another one. The survey's own quantities come
first, then what the document makes or declares itself, then every fact that the portal offers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from core.conditions import Condition, FactType, Kind, read_condition
from core.conditions.kinds import RESERVED
from core.policies import Fields, PolicyDocument
from core.policies.fields import add_fault, is_unknown
from evaluation.policy.indicators import Indicator
from evaluation.policy.quantities import MEASURES, Quantity

ABOVE_SCALE = "above_scale"
YEARS_IN_PRODUCTION = "years_in_production"
#: Decimal places with which the value of an indicator is compared; a share of 1 is kept in millionths too.
VALUE_PLACES = 6
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_KINDS = {"万元": Kind.AMOUNT, "亩": Kind.AREA}


def _fact(quantity: Quantity) -> FactType:
    # hundredths throughout, as the quantities are kept
    kind = _KINDS.get(quantity.unit, Kind.QUANTITY if quantity.unit else Kind.NUMBER)
    return FactType(quantity.id, quantity.label, kind, quantity.unit, places=2, per=Kind.YEAR, bare=True)


#: Where a firm is and what it is to others, besides its quantities.
PLACES = {
    "region": FactType("region", "县区(园区)", Kind.TEXT),
    "town": FactType("town", "乡镇(街道)", Kind.TEXT),
    "zone": FactType("zone", "园区", Kind.TEXT),
    "industry_group": FactType("industry_group", "行业组", Kind.TEXT),
}
ROLES = {
    "is_tenant": FactType("is_tenant", "承租企业", Kind.FLAG),
    "is_landlord": FactType("is_landlord", "出租企业", Kind.FLAG),
    "is_group_member": FactType("is_group_member", "有同一控制的其他企业", Kind.FLAG),
}
CATALOGUE = {
    **{name: _fact(quantity) for name, quantity in MEASURES.items()},
    ABOVE_SCALE: FactType(ABOVE_SCALE, "年末在规上名录", Kind.FLAG, per=Kind.YEAR, bare=True),
    YEARS_IN_PRODUCTION: FactType(
        YEARS_IN_PRODUCTION, "年末已投产年数", Kind.COUNT, "年", per=Kind.YEAR, bare=True
    ),
    **PLACES,
    **ROLES,
}
#: What is known once the firms are scored and ranked.
SCORE = FactType("score", "综合得分", Kind.QUANTITY, "分", places=6)
INITIAL_GRADE = FactType("initial_grade", "初评等级", Kind.TEXT)


def facts_of(document: PolicyDocument) -> dict[str, FactType]:
    """What the portal offers and what the document declares, then what an evaluation knows by itself."""
    by_year = {
        name: replace(fact, bare=True) if fact.per is Kind.YEAR else fact
        for name, fact in document.types.items()
    }
    return by_year | CATALOGUE


def indicator_facts(indicators: Iterable[Indicator]) -> dict[str, FactType]:
    """The values of indicators, the score and the initial grade, for gates, moves, bonus and flags."""
    found = {"score": SCORE, "initial_grade": INITIAL_GRADE}
    for indicator in indicators:
        kind, unit = (Kind.RATIO, "") if indicator.is_share else (Kind.QUANTITY, indicator.unit)
        places = -1 if indicator.is_share else VALUE_PLACES
        # a name or unit at fault has been told already
        with suppress(ValueError):
            found[indicator.id] = FactType(indicator.id, indicator.label, kind, unit, places)
    return found


def is_name(text: str) -> bool:
    """Whether conditions could name it."""
    return _NAME.fullmatch(text) is not None and text not in RESERVED


def condition_or_unknown(
    fields: Fields, name: str, facts: Mapping[str, FactType]
) -> tuple[Condition | None, bool]:
    """The condition and whether the entry can be used; ``unknown`` is legal: what hangs on it never happens."""
    node = fields.require(name, unknown_ok=True)
    if node is None or is_unknown(node):
        return None, node is not None
    condition = condition_of(fields, name, facts)
    return condition, condition is not None


def condition_of(fields: Fields, name: str, facts: Mapping[str, FactType] | None = None) -> Condition | None:
    """The condition written under ``name``; every fault of it goes to the fields' faults."""
    text = fields.text(name)
    if not text:
        return None
    condition, faults = read_condition(text, CATALOGUE if facts is None else facts)
    for fault in faults:
        add_fault(fields.faults, fields.node.entries[name], f"条件“{text}”{fault}")
    return condition
