"""Conditions of the ``awards`` part: read against the facts that the apps offer and the rule's own years. Pure."""

from __future__ import annotations

from core.conditions import YEAR, Condition, FactType, Kind
from core.conditions import read_condition as read_text
from core.facts import catalogue
from core.policies import Node, PolicyFault, Scalar
from core.policies.fields import add_fault


def read_condition(node: Node, years: dict[str, str], faults: list[PolicyFault]) -> Condition | None:
    """``years``: name → label of the rule's year parameters; ``year`` itself is always there."""
    if not isinstance(node, Scalar) or not node.text.strip():
        add_fault(faults, node, "条件写成一行文字，如 main_revenue[year-1] >= 5000万元")
        return None
    parameters = [YEAR, *(FactType(name, label, Kind.YEAR) for name, label in years.items())]
    condition, found = read_text(node.text, catalogue(), parameters)
    for fault in found:
        add_fault(faults, node, str(fault))
    return condition
