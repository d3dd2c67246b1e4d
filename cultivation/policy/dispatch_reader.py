"""Reading the ``dispatch`` part: thresholds of findings and lights, each with its clause, all faults at once. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.policies import UNKNOWN, Fields, Node, PolicyDocument, PolicyFault, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, read_number
from cultivation.policy.basis_reader import BASIS_KEYS, read_basis, tell_doubles
from cultivation.policy.dispatch import OWN_RULES, OWN_THRESHOLDS, DispatchRules
from cultivation.policy.pool import Basis

DISPATCH_KEYS = {"clause": "条款", "note": "说明", "january_with_february": "1—2月合并", "thresholds": "界限"}
THRESHOLD_KEYS = {"code": "代号", "amount": "数值"} | BASIS_KEYS
_MOST = 100


def read_dispatch(node: Node, document: PolicyDocument) -> tuple[DispatchRules | None, list[PolicyFault]]:
    """The ``dispatch`` part of ``document``; what it does not name stays the portal's own."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, DISPATCH_KEYS)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    fields.text_or_none("note")
    inherited = Basis(clause) if clause else None
    rules = OWN_RULES
    if fields.get("january_with_february") is not None:
        told = fields.choice("january_with_february", ("true", "false"))
        rules = replace(rules, is_joint=told == "true", joint_basis=inherited or rules.joint_basis)
    listed = fields.sequence("thresholds", required=False)
    codes = []
    for item in listed.items if listed else ():
        opened = as_mapping(item, faults)
        if opened is None:
            continue
        one = Fields(opened, faults, THRESHOLD_KEYS)
        code = one.choice("code", tuple(OWN_THRESHOLDS))
        codes.append(code)
        basis = read_basis(one, inherited)
        amount_node = one.require("amount", unknown_ok=True)
        amount = UNKNOWN if amount_node is None else read_number(amount_node, faults)
        if amount_node is not None and amount is not None and not isinstance(amount, Unknown):
            if not 0 < amount <= _MOST:
                add_fault(faults, amount_node, f"应大于 0、不超过 {_MOST}")
            if code == "silent" and amount != amount.to_integral_value():
                add_fault(faults, amount_node, "月数应是整数")
        if code and amount is not None:
            rules = rules.with_threshold(code, amount, basis)
    tell_doubles(listed.items if listed else (), codes, "代号", faults)
    return (None if faults else rules), faults
