"""What conditions and quantities of the ``awards`` part may name: the portal's facts, the document's own
declared facts, what an event brings with it, and the rule's years. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from core.conditions import YEAR, Condition, FactType, Kind, Quantity, read_quantity
from core.conditions import read_condition as read_text
from core.facts import catalogue
from core.policies import Node, PolicyDocument, PolicyFault, Scalar, Sequence
from core.policies.fields import add_fault

_MONEY = (("money", 1),)

#: Facts that each event carries; they need no declaration.
EVENT_FACTS: MappingType[str, FactType] = {
    fact.name: fact
    for fact in (
        FactType("event_key", "事项内容", Kind.TEXT),
        FactType("event_date", "事项日期", Kind.DATE),
        FactType("event_month", "事项月份", Kind.MONTH),
        FactType("event_month_number", "事项是几月", Kind.NUMBER),
        FactType("entry_type", "入库类型", Kind.TEXT),
        FactType("library_year", "审批库年度", Kind.YEAR),
        FactType("first_time", "首次", Kind.FLAG),
        FactType("recipient_region", "所在地区", Kind.TEXT),
        FactType("region_group", "地区分组", Kind.TEXT),
        FactType("in_directory", "年末在库", Kind.FLAG, per=Kind.YEAR),
        FactType("entry_year", "首次入库年度", Kind.YEAR),
        FactType("decided", "核定金额", Kind.MONEY),
        FactType("upper_state", "中央奖补", Kind.MONEY),
        FactType("upper_province", "省级奖补", Kind.MONEY),
        FactType("upper_city", "市级奖补", Kind.MONEY),
        FactType("upper_district", "县区奖补", Kind.MONEY),
    )
}


@dataclass(frozen=True)
class Names:
    """``years``: name → label of the rule's year parameters; ``year`` itself is always there."""

    facts: MappingType[str, FactType]
    years: MappingType[str, str]

    @classmethod
    def of(cls, document: PolicyDocument, years: MappingType[str, str] | None = None) -> Names:
        declared: MappingType[str, FactType] = getattr(document, "facts", {})
        return cls({**catalogue(), **EVENT_FACTS, **declared}, years or {})

    def with_years(self, years: MappingType[str, str]) -> Names:
        return Names(self.facts, years)

    @property
    def parameters(self) -> list[FactType]:
        return [YEAR, *(FactType(name, label, Kind.YEAR) for name, label in self.years.items())]

    def condition(self, node: Node, faults: list[PolicyFault]) -> Condition | None:
        """One line of text, or a list of lines that must all hold."""
        lines = node.items if isinstance(node, Sequence) else (node,)
        texts = [line.text for line in lines if isinstance(line, Scalar) and line.text.strip()]
        if not texts or len(texts) != len(lines):
            add_fault(faults, node, "条件写成一行文字，如 main_revenue[year-1] >= 5000万元")
            return None
        if len(texts) > 1:
            for line in lines:  # each alone first, so that a fault is told with its own line
                if isinstance(line, Scalar):
                    self.condition_of(line.text, line, faults)
            return self.condition_of(" and ".join(f"({text})" for text in texts), node, [])
        return self.condition_of(texts[0], lines[0], faults)

    def condition_of(self, text: str, node: Node, faults: list[PolicyFault]) -> Condition | None:
        condition, found = read_text(text, self.facts, self.parameters)
        for fault in found:
            add_fault(faults, node, str(fault))
        return condition

    def quantity(
        self, node: Node, faults: list[PolicyFault], *, money: bool, text: str | None = None
    ) -> Quantity | None:
        """``text``: what to read when it is not the node's own text; ``money``: it must be a sum of money."""
        if not isinstance(node, Scalar) or not node.text.strip():
            add_fault(faults, node, "写成一个算式，如 main_revenue[year] - main_revenue[year-1]")
            return None
        quantity, found = read_quantity(text or node.text, self.facts, self.parameters)
        for fault in found:
            add_fault(faults, node, str(fault))
        if quantity is not None and money and quantity.unit.dimensions != _MONEY:
            shown = quantity.unit.label or "没有单位"
            add_fault(faults, node, f"这里应是金额，算式的单位是 {shown}；数字后面请写万元或元")
            return None
        return quantity
