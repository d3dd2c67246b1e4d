"""Reading the steps of a tier table: the highest step reached decides, and ends that overlap are asked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from core.conditions import Condition
from core.policies import Fields, Node, PolicyFault, Scalar, Sequence
from core.policies.fields import add_fault, as_mapping
from incentives.policy.amounts import Amount, Choice
from incentives.policy.names import Names

LOW_SIGNS = {"at_least": ">=", "more_than": ">"}
HIGH_SIGNS = {"at_most": "<=", "less_than": "<"}
_END_KEYS = {
    "at_least": "以上（含）",
    "more_than": "超过（不含）",
    "at_most": "以下（含）",
    "less_than": "不足（不含）",
    "label": "档名",
}


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a step: its sign, its value in base units and as it is written."""

    name: str
    value: Fraction
    text: str
    inclusive: bool


@dataclass(frozen=True, slots=True)
class _Step:
    node: Node
    low: _End | None
    high: _End | None
    choice: Choice

    @property
    def order(self) -> tuple[bool, Fraction, bool]:
        """Steps without a lower end first; of equal ends the one that includes it first."""
        return (
            self.low is not None,
            self.low.value if self.low else Fraction(0),
            not self.low.inclusive if self.low else False,
        )


def tier_choices(
    on: Scalar,
    listed: Sequence,
    overlap: str,
    keys: dict[str, str],
    read: Callable[[Fields], Amount | None],
    names: Names,
    faults: list[PolicyFault],
) -> tuple[Choice, ...]:
    """The steps as branches, the highest first (the lowest first for ``overlap: lower``)."""
    measured = names.quantity(on, faults, money=False)
    if measured is None:
        return ()
    steps: list[_Step] = []
    for item in listed.items:
        mapping = as_mapping(item, faults)
        if mapping is None:
            continue
        fields = Fields(mapping, faults, _END_KEYS | keys)
        step = _read_step(fields, on, names, read)
        if step is not None:
            steps.append(step)
    steps.sort(key=lambda step: step.order)
    if not overlap:
        _check_overlaps(steps, faults)
    elif overlap == "ask" and any(step.high is None for step in steps[:-1]):
        add_fault(faults, listed, "只写下限的各档按达到的最高一档，不用写 overlap: ask")
    chosen = steps if overlap == "lower" else steps[::-1]
    return tuple(step.choice for step in chosen)


def _read_step(
    fields: Fields, on: Scalar, names: Names, read: Callable[[Fields], Amount | None]
) -> _Step | None:
    low, high = _read_end(fields, LOW_SIGNS, on, names), _read_end(fields, HIGH_SIGNS, on, names)
    given = [name for name in (*LOW_SIGNS, *HIGH_SIGNS) if fields.get(name) is not None]
    if not given:
        add_fault(fields.faults, fields.node, "每档写明界限：at_least、more_than、at_most、less_than")
    amount = read(fields)
    ends = [end for end in (low, high) if end is not None]
    if amount is None or not ends or len(ends) != len(given):
        return None
    signs = LOW_SIGNS | HIGH_SIGNS
    text = " and ".join(f"({on.text}) {signs[end.name]} {end.text}" for end in ends)
    label = fields.text_or_none("label", 60) or "，".join(
        f"{_END_KEYS[end.name][:2]}{end.text}" for end in ends
    )
    condition: Condition | None = names.condition_of(text, fields.node, fields.faults)
    return None if condition is None else _Step(fields.node, low, high, Choice(label, condition, amount))


def _read_end(fields: Fields, signs: dict[str, str], on: Scalar, names: Names) -> _End | None:
    given = [name for name in signs if fields.get(name) is not None]
    if len(given) > 1:
        add_fault(fields.faults, fields.node, f"{'、'.join(given)} 只写一个")
    node = fields.get(given[0]) if given else None
    if node is None:
        return None
    bound = names.quantity(node, fields.faults, money=False)
    value = bound.constant if bound else None
    if bound is not None and value is None:
        add_fault(fields.faults, node, "界限写成一个数，如 8000万元、25%")
    if value is None or not isinstance(node, Scalar):
        return None
    return _End(given[0], value, node.text, given[0] in ("at_least", "at_most"))


def _check_overlaps(steps: list[_Step], faults: list[PolicyFault]) -> None:
    """Two steps with both ends that hold the same value: the document must say, or it is asked.

    Steps with a lower end alone always reach into those above them: there the highest decides.
    """
    for lower, higher in pairwise(steps):
        if lower.high is None or higher.low is None:
            continue
        touching = lower.high.value == higher.low.value and lower.high.inclusive and higher.low.inclusive
        if touching or lower.high.value > higher.low.value:
            message = (
                f"与另一档在 {higher.low.text} 处重叠；请写 overlap："
                "higher（按高档）、lower（按低档）或 ask（文件没有写明，待定）"
            )
            add_fault(faults, higher.node, message)
