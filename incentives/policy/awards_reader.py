"""Reading the ``awards`` part: every rule, amount, share and condition checked, all faults told at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from datetime import date

from core.policies import Fields, Mapping, Node, PolicyDocument, PolicyFault, Scalar, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown
from incentives.policy.amounts_reader import read_amount, read_cap
from incentives.policy.awards import (
    COMPUTED_RECIPIENTS,
    EVENTS,
    RECIPIENTS,
    YEAR_BY,
    Awards,
    Occasion,
    Rule,
    YearParameter,
)
from incentives.policy.condition_texts import read_condition
from incentives.policy.marks import read_clause, read_mark
from incentives.policy.sharing_reader import read_groups, read_sharings

_PART_KEYS = {
    "clause": "条款",
    "note": "说明",
    "region_groups": "地区分组",
    "sharing": "资金分担",
    "rules": "奖补规则",
}
_RULE_KEYS = {
    "id": "规则代号",
    "title": "名称",
    "clause": "条款",
    "wording": "原文",
    "recipient": "奖补对象",
    "occasion": "触发事项",
    "conditions": "条件",
    "parameters": "年度参数",
    "amount": "金额",
    "cap_yuan": "封顶(元)",
    "in_force": "施行期间",
    "note": "说明",
}
_OCCASION_KEYS = {
    "event": "事项",
    "first_time": "是否首次",
    "year_by": "年度口径",
    "src": "来源",
    "note": "说明",
}
_PARAMETER_KEYS = {"label": "名称", "value": "取值", "src": "来源", "note": "说明"}
_PERIOD_KEYS = {"from": "施行日期", "until": "失效日期"}
_RULE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_ID_LIMIT = 60
_YEAR_WORD = re.compile(r"year(?:([+-])([0-9]))?", re.ASCII)
_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_TITLE_LIMIT = 60


def read_awards(node: Node, document: PolicyDocument) -> tuple[Awards | None, list[PolicyFault]]:
    """The ``awards`` part of ``document``; its regions must be in the document's own tree."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, _PART_KEYS)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    fields.text_or_none("note")
    groups = read_groups(fields, document, clause)
    sharings = read_sharings(fields, document, groups, clause)
    listed = fields.sequence("rules")
    rules: list[Rule] = []
    lines: dict[str, int] = {}
    for item in listed.items if listed else ():
        rule = _read_rule(item, clause, faults)
        if rule is None:
            continue
        if rule.id in lines:
            add_fault(faults, item, f"规则代号 {rule.id} 已在第 {lines[rule.id]} 行用过，请换一个")
        lines[rule.id] = item.line
        rules.append(rule)
    return (None if faults else Awards(groups, sharings, tuple(rules))), faults


def _read_rule(node: Node, clause: str | None, faults: list[PolicyFault]) -> Rule | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _RULE_KEYS)
    rule_id = fields.text("id", _ID_LIMIT)
    if rule_id and not _RULE_ID.fullmatch(rule_id):
        add_fault(faults, mapping.entries["id"], "规则代号用小写字母、数字和连字符，如 first-listing")
    rule_clause = read_clause(fields, clause)
    parameters = _read_parameters(fields)
    # a parameter at fault is named all the same, so that conditions do not repeat its fault
    names = dict.fromkeys(_names(fields.get("parameters")), "") | {
        given.name: given.label for given in parameters
    }
    shape, parts, unknowns = read_amount(fields, rule_clause, names)
    recipient = fields.choice("recipient", RECIPIENTS)
    if shape != "unknown" and recipient and recipient not in COMPUTED_RECIPIENTS:
        usable = "、".join(RECIPIENTS[kind] for kind in sorted(COMPUTED_RECIPIENTS))
        message = f"本版本只能测算对{usable}的奖补，对{RECIPIENTS[recipient]}的请先把金额填 unknown"
        add_fault(faults, mapping.entries["recipient"], message)
    first_day, last_day = _read_period(fields)
    conditions = fields.get("conditions")
    return Rule(
        id=rule_id,
        title=fields.text("title", _TITLE_LIMIT),
        clause=rule_clause,
        wording=fields.text_or_none("wording"),
        recipient=recipient,
        occasion=_read_occasion(fields, required=shape != "unknown"),
        conditions=None if conditions is None else read_condition(conditions, names, faults),
        parameters=parameters,
        shape=shape,
        parts=parts,
        cap_fen=read_cap(fields),
        first_day=first_day,
        last_day=last_day,
        note=fields.text_or_none("note"),
        unknowns=unknowns,
    )


def _read_occasion(fields: Fields, *, required: bool) -> Occasion | None:
    if not required and fields.get("occasion") is None:
        return None
    node = fields.mapping("occasion")
    if node is None:
        return None
    occasion = Fields(node, fields.faults, _OCCASION_KEYS)
    event = occasion.choice("event", EVENTS)
    first_time = occasion.choice("first_time", ("true", "false"), default="false") == "true"
    return Occasion(event, first_time, occasion.choice("year_by", YEAR_BY), read_mark(occasion))


def _read_parameters(fields: Fields) -> tuple[YearParameter, ...]:
    if fields.get("parameters") is None:
        return ()
    mapping = fields.mapping("parameters")
    found = [_read_parameter(name, node, fields.faults) for name, node in _entries(mapping).items()]
    return tuple(given for given in found if given is not None)


def _read_parameter(name: str, node: Node, faults: list[PolicyFault]) -> YearParameter | None:
    if not _PARAMETER_NAME.fullmatch(name) or name == "year":
        add_fault(faults, node, "参数名用小写字母、数字和下划线，如 revenue_year；year 是奖补年度本身")
        return None
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _PARAMETER_KEYS)
    label, mark = fields.text("label", _TITLE_LIMIT), read_mark(fields)
    value = fields.require("value")
    if value is None:
        return None
    text = value.text if isinstance(value, Scalar) else ""
    if re.fullmatch(r"[12][0-9]{3}", text, re.ASCII):
        return YearParameter(name, label, None, int(text), mark)
    match = _YEAR_WORD.fullmatch(text)
    if match is None:
        add_fault(faults, value, "年度写成 year（奖补年度）、year-1（上一年度）或 2021 的样子")
        return None
    offset = int(f"{match[1] or ''}{match[2] or 0}")
    return YearParameter(name, label, offset, None, mark)


def _read_period(fields: Fields) -> tuple[date | None, date | None]:
    """First and last day; what the document does not say does not limit."""
    node = fields.get("in_force")
    if node is None or is_unknown(node):
        return None, None
    mapping = as_mapping(node, fields.faults)
    if mapping is None:
        return None, None
    period = Fields(mapping, fields.faults, _PERIOD_KEYS)
    days: list[date | None] = []
    for name in _PERIOD_KEYS:
        day = period.date_or_unknown(name) if period.get(name) is not None else None
        days.append(None if isinstance(day, Unknown) else day)
    first, last = days
    if first and last and last < first:
        add_fault(fields.faults, mapping, f"失效日期 {last} 早于施行日期 {first}")
    return first, last


def _entries(mapping: Mapping | None) -> MappingType[str, Node]:
    return mapping.entries if mapping else {}


def _names(node: Node | None) -> list[str]:
    found = node.entries if isinstance(node, Mapping) else {}
    return [name for name in found if _PARAMETER_NAME.fullmatch(name)]
