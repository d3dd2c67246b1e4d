"""Reading flags, effects and the year's steps. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType

from core.conditions import FactType
from core.policies import UNKNOWN, Node, PolicyFault, Scalar, Sequence, Unknown
from core.policies.fields import Fields, add_fault, as_mapping, is_unknown, read_whole
from evaluation.policy.scheme import Effect, Flag
from evaluation.policy.settings import SettingFields
from evaluation.policy.vocabulary import condition_of
from evaluation.policy.workflow import (
    DAY_KINDS,
    FIELDS,
    ORDERS,
    STEPS,
    Deadline,
    Publicity,
    Publishing,
    Workflow,
)

Facts = MappingType[str, FactType]

_FLAG_KEYS = {"id": "代号", "label": "名称", "when": "条件", "averaging": "按几年平均"}
_EFFECT_KEYS = {
    "grade": "等级",
    "policy": "政策代号",
    "label": "政策名称",
    "value": "数值",
    "unit": "单位",
    "period": "期间",
    "cohort": "分组",
    "needs": "另需数据",
    "refundable": "是否可退",
}
_WORKFLOW_KEYS = {"steps": "步骤", "deadlines": "期限", "publicity": "公示", "publish": "公布"}
_PUBLICITY_KEYS = {
    "days": "天数",
    "kind": "日子",
    "closes_at": "截止时刻",
    "silence_is_consent": "逾期视为无异议",
}
_PUBLISH_KEYS = {"fields": "公布内容", "order": "排列", "cohorts": "分组公布"}
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def read_flags(node: Sequence, facts: Facts, faults: list[PolicyFault]) -> tuple[Flag, ...]:
    flags = []
    for item in node.items:
        mapping = as_mapping(item, faults)
        if mapping is None:
            continue
        fields = SettingFields(mapping, faults, _FLAG_KEYS)
        when = fields.require("when", unknown_ok=True)
        fields.text_or_unknown("averaging") if fields.get("averaging") else None
        condition = None if when is None or is_unknown(when) else condition_of(fields, "when", facts)
        flags.append(
            Flag(fields.text("id", 30), fields.text("label", 60), condition, fields.own_or_inherited())
        )
    return tuple(flags)


def read_effects(
    node: Sequence, grades: tuple[str, ...], cohorts: tuple[str, ...], faults: list[PolicyFault]
) -> tuple[Effect, ...]:
    effects = []
    for item in node.items:
        mapping = as_mapping(item, faults)
        if mapping is None:
            continue
        fields = SettingFields(mapping, faults, _EFFECT_KEYS)
        effects.append(
            Effect(
                grade=fields.choice("grade", grades),
                policy=fields.text("policy", 30),
                label=fields.text("label", 60),
                value=fields.number("value") if fields.get("value") else None,
                unit=fields.text_or_none("unit", 20) or "",
                period=fields.text_or_none("period", 40) or "",
                cohort=fields.choice("cohort", cohorts) if fields.get("cohort") else "",
                needs=fields.text_or_none("needs", 40) or "",
                refundable=fields.flag("refundable", default=False),
                origin=fields.own_or_inherited(),
            )
        )
    return tuple(effects)


def read_workflow(node: Node, faults: list[PolicyFault]) -> Workflow | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, faults, _WORKFLOW_KEYS)
    steps = fields.texts("steps")
    for step in steps:
        if step not in STEPS:
            add_fault(faults, mapping.entries["steps"], f"没有步骤“{step}”；可写：{'、'.join(STEPS)}")
    return Workflow(steps, _read_deadlines(fields), _read_publicity(fields), _read_publishing(fields))


def _read_deadlines(fields: SettingFields) -> tuple[Deadline, ...]:
    node = fields.mapping("deadlines") if fields.get("deadlines") else None
    if node is None:
        return ()
    block = SettingFields(node, fields.faults, STEPS, fields.origin)
    origin = block.own_or_inherited()
    deadlines = []
    for step in (name for name in node.entries if name in STEPS):
        value = node.entries[step]
        day: str | Unknown = UNKNOWN
        if isinstance(value, Scalar) and _DAY.fullmatch(value.text):
            day = value.text
        elif not is_unknown(value):
            add_fault(fields.faults, value, '期限写月和日，如 "03-31"；没有写明的填 unknown')
        deadlines.append(Deadline(step, day, origin))
    return tuple(deadlines)


def _read_publicity(fields: SettingFields) -> Publicity | None:
    node = fields.mapping("publicity") if fields.get("publicity") else None
    if node is None:
        return None
    own = SettingFields(node, fields.faults, _PUBLICITY_KEYS, fields.origin)
    days = own.custom("days", read_whole)
    kind = own.one_of("kind", DAY_KINDS)

    def time(value: Node, faults: list[PolicyFault]) -> str | None:
        if isinstance(value, Scalar) and _TIME.fullmatch(value.text):
            return value.text
        add_fault(faults, value, '截止时刻写成 "17:30" 的样子')
        return None

    closes = own.custom("closes_at", time)
    silence = own.one_of("silence_is_consent", ("true", "false"))
    consents: bool | Unknown = (
        silence.value if isinstance(silence.value, Unknown) else silence.value == "true"
    )
    return Publicity(days.value, kind.value, closes.value, consents, own.own_or_inherited())


def _read_publishing(fields: SettingFields) -> Publishing:
    node = fields.mapping("publish") if fields.get("publish") else None
    if node is None:
        return Publishing(("name", "grade"), "code", cohorts_apart=True)
    own = Fields(node, fields.faults, _PUBLISH_KEYS)
    shown = own.texts("fields") or ("name", "grade")
    for name in shown:
        if name not in FIELDS:
            add_fault(fields.faults, node.entries["fields"], f"没有“{name}”；可写：{'、'.join(FIELDS)}")
    return Publishing(
        shown,
        own.choice("order", ORDERS, "code"),
        own.choice("cohorts", ("separate", "together"), "separate") == "separate",
    )
