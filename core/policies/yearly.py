"""Setting the figures of a new year in the text itself: only the leaves under ``yearly: true``, nothing else. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as MappingType

from core.policies.fields import YEARLY, is_unknown, number_in
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence, UnreadableText, read_nodes
from core.policies.outline import CONDITION_KEYS

#: a parameter's figure is written with its unit: 1000万元
PARAMETER_VALUE = "value"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SAFE = re.compile(r"-?\d+(\.\d+)?|\d{4}-\d{2}-\d{2}|unknown|null|true|false", re.ASCII)


def yearly_leaves(text: str) -> dict[str, Scalar]:
    """Key path → scalar of every number, date, blank and condition below a table that says ``yearly: true``."""
    try:
        top, _ = read_nodes(text)
    except UnreadableText:
        return {}
    leaves: dict[str, Scalar] = {}
    _collect(top, leaves, name="", yearly=False)
    return leaves


def _collect(node: Node, leaves: dict[str, Scalar], *, name: str, yearly: bool) -> None:
    if isinstance(node, Mapping):
        mark = node.entries.get(YEARLY)
        yearly = yearly or (isinstance(mark, Scalar) and mark.text == "true")
        for key, item in node.entries.items():
            if key != YEARLY:
                _collect(item, leaves, name=key, yearly=yearly)
    elif isinstance(node, Sequence):
        for item in node.items:
            _collect(item, leaves, name=name, yearly=yearly)
    elif yearly and _is_figure(node, name):
        leaves[node.key] = node


def _is_figure(node: Scalar, name: str) -> bool:
    """What changes with the year: not the names, codes, clauses and words around it."""
    if name in CONDITION_KEYS or name == PARAMETER_VALUE or is_unknown(node):
        return True
    return node.plain and (number_in(node.text) is not None or bool(_DATE.fullmatch(node.text)))


def with_values(text: str, values: MappingType[str, str]) -> tuple[str, list[PolicyFault]]:
    """``text`` with these leaves (key path → new value) set where they stand, and nothing else touched.

    A key that is no yearly leaf is a fault. The new text may be faulty as a document: reading it tells.
    """
    leaves = yearly_leaves(text)
    faults = [
        PolicyFault(1, key, "这里没有标明每年更新（yearly: true），不能在表单里改")
        for key in values
        if key not in leaves
    ]
    if faults:
        return text, faults
    new = text.removeprefix("\ufeff")
    changed = [(leaves[key], value.strip()) for key, value in values.items()]
    for leaf, value in sorted(changed, key=lambda pair: -pair[0].span[0]):
        if value != leaf.text:
            start, end = leaf.span
            new = new[:start] + _written(value, leaf) + new[end:]
    return new, []


def _written(value: str, leaf: Scalar) -> str:
    """As plain as it was where that is safe; otherwise in quotes."""
    if _SAFE.fullmatch(value) and leaf.plain:
        return value
    return json.dumps(value, ensure_ascii=False)
