"""The ``facts`` part: data that a document uses and the portal does not know by itself. Pure.

A declared fact is named in conditions like any other; its values come in with a sheet made from these lines. A name
that the portal offers already may be repeated when it means the same: kind, unit and period equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.conditions import FactType, Kind
from core.conditions.kinds import RESERVED
from core.conditions.units import is_counted, unit_of
from core.facts import catalogue
from core.policies.fields import CLAUSE_LIMIT, Fields, add_fault, as_mapping
from core.policies.nodes import Node, PolicyFault

KIND_LABELS = {
    Kind.AMOUNT: "金额（万元）",
    Kind.MONEY: "金额（元，到分）",
    Kind.AREA: "面积（亩）",
    Kind.QUANTITY: "带单位的数",
    Kind.RATIO: "比例",
    Kind.COUNT: "个数",
    Kind.NUMBER: "不带单位的数",
    Kind.DATE: "日期",
    Kind.MONTH: "月份",
    Kind.QUARTER: "季度",
    Kind.YEAR: "年度",
    Kind.TEXT: "文字",
    Kind.TAGS: "多项标签",
    Kind.FLAG: "是或否",
}
PER_LABELS = {Kind.YEAR: "每年", Kind.QUARTER: "每季", Kind.MONTH: "每月"}
FACT_KEYS = {
    "label": "名称",
    "kind": "类别",
    "unit": "单位",
    "places": "小数位数",
    "per": "期间",
    "words": "可选的文字",
    "source": "数据来源",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
#: A name is a column's name in sheets and in the store of declared values.
NAME_LIMIT = 40
#: More places than any unit of the known documents needs.
_MOST_PLACES = 6
#: Names that conditions read as something else.
_TAKEN = RESERVED | {"year"}
#: kinds that have their unit of their own, and one that goes with it
_MEASURES = {Kind.AMOUNT: "万元", Kind.MONEY: "元", Kind.AREA: "亩", Kind.RATIO: "%"}
_TIMES = ((("months", 1),), (("days", 1),))


@dataclass(frozen=True, slots=True)
class DeclaredFact:
    """``source`` names the department or paper that the values come from."""

    type: FactType
    source: str
    clause: str | None
    wording: str | None
    note: str | None
    line: int


def read_declared(node: Node, faults: list[PolicyFault]) -> dict[str, DeclaredFact]:
    """The declared facts by name, as far as they can be made out: conditions that name one do not repeat its
    fault."""
    mapping = as_mapping(node, faults)
    declared = {}
    for name, item in mapping.entries.items() if mapping else ():
        fact = _read_fact(name, item, faults)
        if fact is not None:
            declared[name] = fact
    return declared


def _read_fact(name: str, node: Node, faults: list[PolicyFault]) -> DeclaredFact | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    if len(name) > NAME_LIMIT or name in _TAKEN or not name.isascii() or not name.isidentifier():
        message = f"事实名用英文字母、数字和下划线，最多 {NAME_LIMIT} 个，如 full_load；year 等用语不能作名"
        add_fault(faults, node, message)
        return None
    fields = Fields(mapping, faults, FACT_KEYS)
    label, source = fields.text("label", 40), fields.text("source", 60)
    kinds = {kind.value: kind for kind in Kind}
    kind = kinds.get(fields.choice("kind", kinds))
    per = fields.choice("per", [period.value for period in PER_LABELS]) if fields.get("per") else ""
    words = fields.texts("words")
    if words and kind not in (None, Kind.TEXT, Kind.TAGS):
        add_fault(faults, mapping.entries["words"], "只有文字和多项标签才写 words（可选的文字）")
    places = _read_places(fields, kind)
    unit = _read_unit(fields, kind)
    clause, wording = fields.text_or_none("clause", CLAUSE_LIMIT), fields.text_or_none("wording")
    note = fields.text_or_none("note")
    if kind is None or (kind is Kind.QUANTITY and not unit):
        return None
    fact = FactType(name, label, kind, unit, places, kinds.get(per), words)
    offered = catalogue().get(name)
    if offered is not None and not same_meaning(offered, fact):
        message = f"系统里已有 {name}：{offered.label}，{told_type(offered)}；与这里写的“{told_type(fact)}”不同，请换一个名字"
        add_fault(faults, node, message)
        return None
    return DeclaredFact(offered or fact, source, clause, wording, note, node.line)


def _read_unit(fields: Fields, kind: Kind | None) -> str:
    node = fields.get("unit")
    if kind is Kind.QUANTITY and node is None:
        fields.require("unit")
    if node is None:
        return ""
    text = fields.text("unit", 20)
    try:
        unit = unit_of(text)
    except ValueError:
        if text:
            add_fault(fields.faults, node, f"没有“{text}”这个单位，可用的单位见“条件怎么写”")
        return ""
    if kind is None or kind is Kind.QUANTITY:
        return text
    own = _MEASURES.get(kind)
    if kind is Kind.COUNT:
        if not (is_counted(unit) or unit.dimensions in _TIMES):
            message = f"个数的单位应是家、人、项、次等，不能是{text}；带单位的数写 kind: quantity"
            add_fault(fields.faults, node, message)
    elif own is None:
        add_fault(fields.faults, node, f"类别是{KIND_LABELS[kind]}的，不写单位")
    elif unit.dimensions != unit_of(own).dimensions:
        add_fault(fields.faults, node, f"类别是{KIND_LABELS[kind]}的，单位不能是{text}")
    return text


def _read_places(fields: Fields, kind: Kind | None) -> int:
    node = fields.get("places")
    if node is None:
        return -1
    places = fields.whole("places")
    if kind not in (None, Kind.QUANTITY, Kind.NUMBER, Kind.RATIO):
        add_fault(fields.faults, node, "只有带单位的数、不带单位的数和比例才写 places（小数位数）")
    elif places is not None and places > _MOST_PLACES:
        add_fault(fields.faults, node, f"小数最多 {_MOST_PLACES} 位")
    return -1 if places is None else places


def same_meaning(one: FactType, other: FactType) -> bool:
    return (one.kind, one.unit, one.per) == (other.kind, other.unit, other.per)


def told_type(fact: FactType) -> str:
    """``每季、金额（万元）``"""
    unit = fact.unit if fact.unit and fact.kind in (Kind.QUANTITY, Kind.COUNT) else ""
    return "、".join(
        filter(None, [PER_LABELS.get(fact.per) if fact.per else "", KIND_LABELS[fact.kind], unit])
    )
