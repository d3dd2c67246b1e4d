"""The words that conditions of a scheme may use: a firm's quantities of the year and where it stands at its end. Pure."""

from __future__ import annotations

from core.conditions import Condition, FactType, Kind, read_condition
from core.policies import Fields
from core.policies.fields import add_fault
from evaluation.policy.quantities import MEASURES, Quantity

ABOVE_SCALE = "above_scale"
YEARS_IN_PRODUCTION = "years_in_production"
_KINDS = {"万元": Kind.AMOUNT, "亩": Kind.AREA}


def _fact(quantity: Quantity) -> FactType:
    # hundredths throughout, as the quantities are kept
    return FactType(
        quantity.id, quantity.label, _KINDS.get(quantity.unit, Kind.QUANTITY), quantity.unit, places=2
    )


CATALOGUE = {
    **{name: _fact(quantity) for name, quantity in MEASURES.items()},
    ABOVE_SCALE: FactType(ABOVE_SCALE, "年末在规上名录", Kind.FLAG),
    YEARS_IN_PRODUCTION: FactType(YEARS_IN_PRODUCTION, "年末已投产年数", Kind.COUNT, "年"),
}


def condition_of(fields: Fields, name: str) -> Condition | None:
    """The condition written under ``name``; every fault of it goes to the fields' faults."""
    text = fields.text(name)
    if not text:
        return None
    condition, faults = read_condition(text, CATALOGUE)
    for fault in faults:
        add_fault(fields.faults, fields.node.entries[name], f"条件“{text}”{fault}")
    return condition
