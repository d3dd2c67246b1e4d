"""Reading bonus and penalty: points, per cents, counts, groups and caps. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from decimal import Decimal

from core.conditions import FactType
from core.policies import Mapping, Node, PolicyFault
from core.policies.fields import add_fault, as_mapping
from evaluation.policy.adjusting import Adjusting, Adjustment, Counted, Group
from evaluation.policy.settings import SettingFields
from evaluation.policy.vocabulary import condition_or_unknown

Facts = MappingType[str, FactType]

_KEYS = {"bonus": "加分", "penalty": "扣分", "groups": "加扣分组", "caps": "合计封顶"}
_ITEM_KEYS = {
    "id": "代号",
    "label": "名称",
    "when": "条件",
    "if_unknown": "数据不明时",
    "points": "分",
    "percent": "得分的百分之几",
    "per": "按什么计数",
    "free": "不计的数",
    "step": "每多少计一次",
    "first": "第一次的分",
    "each": "以后每次的分",
    "cap": "封顶",
    "group": "组",
}
_GROUP_KEYS = {"take": "取法", "cap": "封顶"}
_CAP_KEYS = {"bonus_total": "加分合计", "penalty_total": "扣分合计"}
TAKES = {"highest": "只取最高一项", "sum": "各项相加"}


def read_adjusting(
    node: Node, facts: Facts, quantities: tuple[str, ...], faults: list[PolicyFault]
) -> Adjusting:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return Adjusting()
    fields = SettingFields(mapping, faults, _KEYS)
    items: list[Adjustment] = []
    for name in ("bonus", "penalty"):
        sequence = fields.sequence(name, required=False)
        for item in sequence.items if sequence else ():
            adjustment = _read_item(item, name == "penalty", fields, facts, quantities)
            if adjustment is not None:
                items.append(adjustment)
    groups = _read_groups(fields)
    seen: set[str] = set()
    for adjustment in items:
        if adjustment.id in seen:
            add_fault(faults, mapping, f"代号“{adjustment.id}”写了两次，请改成不同的")
        if adjustment.group and adjustment.group not in groups:
            add_fault(
                faults, mapping, f"“{adjustment.label}”的组 {adjustment.group} 不在 groups（加扣分组）里"
            )
        seen.add(adjustment.id)
    caps_node = fields.mapping("caps") if fields.get("caps") else None
    caps = SettingFields(caps_node, faults, _CAP_KEYS, fields.origin) if caps_node else None
    return Adjusting(
        tuple(items),
        groups,
        caps.optional_number("bonus_total", least=0) if caps else None,
        caps.optional_number("penalty_total", least=0) if caps else None,
    )


def _read_item(
    node: Node, is_penalty: bool, block: SettingFields, facts: Facts, quantities: tuple[str, ...]
) -> Adjustment | None:
    mapping = as_mapping(node, block.faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, block.faults, _ITEM_KEYS, block.origin)
    for name in ("points", "percent", "first", "each", "cap"):
        value = mapping.entries.get(name)
        if value is not None and getattr(value, "text", "").startswith("-"):
            add_fault(block.faults, value, "写正数；写在 penalty 里的就是扣分")
    condition, is_usable = condition_or_unknown(fields, "when", facts)
    counted = _read_counted(fields, mapping, quantities) if fields.get("per") else None
    points = fields.number("points", least=0) if fields.get("points") else None
    percent = fields.number("percent", least=0) if fields.get("percent") else None
    if sum(given is not None for given in (points, percent, counted)) != 1:
        add_fault(
            block.faults,
            mapping,
            "points（分）、percent（得分的百分之几）、per（按数计分）写其中一种；文件没有写明的填 unknown",
        )
    adjustment_id, label = fields.text("id", 20), fields.text("label", 40)
    unknown = fields.choice("if_unknown", ("in", "out"), "out") == "in"
    origin = fields.own_or_inherited()
    if not is_usable:
        return None
    return Adjustment(
        id=adjustment_id,
        label=label,
        is_penalty=is_penalty,
        condition=condition,
        if_unknown=unknown,
        origin=origin,
        points=points,
        percent=percent,
        counted=counted,
        cap=fields.optional_number("cap", least=0),
        group=fields.text_or_none("group", 20) or "",
    )


def _read_counted(fields: SettingFields, mapping: Mapping, quantities: tuple[str, ...]) -> Counted | None:
    name = fields.text("per")
    if name not in quantities:
        add_fault(
            fields.faults,
            mapping.entries["per"],
            f"“{name}”不在 quantities（指标数据）里；已有：{'、'.join(quantities)}",
        )
    each = fields.number("each", least=0).known_or(Decimal(0))
    first = fields.optional_number("first", least=0)
    free, step = fields.optional_number("free", least=0), fields.optional_number("step", least=0)
    size = Decimal(1) if step is None else step.known_or(Decimal(1))
    if size <= 0:
        add_fault(fields.faults, mapping.entries["step"], "每多少计一次应大于 0")
        size = Decimal(1)
    return Counted(
        name,
        Decimal(0) if free is None else free.known_or(Decimal(0)),
        size,
        each if first is None else first.known_or(each),
        each,
    )


def _read_groups(fields: SettingFields) -> dict[str, Group]:
    node = fields.mapping("groups") if fields.get("groups") else None
    groups: dict[str, Group] = {}
    for name, item in node.entries.items() if node else ():
        mapping = as_mapping(item, fields.faults)
        if mapping is not None:
            own = SettingFields(mapping, fields.faults, _GROUP_KEYS, fields.origin)
            cap = own.optional_number("cap", least=0)
            value = None if cap is None or not isinstance(cap.value, Decimal) else cap.value
            groups[name] = Group(own.choice("take", TAKES), value)
    return groups
