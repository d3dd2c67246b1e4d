"""Reading the ``awards`` part: every rule, amount, share and condition checked, all faults told at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from datetime import date

from core.conditions import Condition
from core.policies import Fields, Mapping, Node, PolicyDocument, PolicyFault, Scalar, Sequence, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown, read_whole
from incentives.policy.awards import (
    EVENTS,
    LEVELS,
    ONCE,
    RECIPIENTS,
    YEAR_BY,
    Awards,
    Occasion,
    RegionGroup,
    Rule,
    YearParameter,
)
from incentives.policy.marks import read_clause, read_mark
from incentives.policy.names import Names
from incentives.policy.parts_reader import YEARS_LIMIT, read_parts
from incentives.policy.sharing_reader import read_groups, read_sharings
from incentives.policy.stacking_reader import read_budgets, read_cross_caps, read_stackings
from incentives.policy.terms_reader import (
    read_caps,
    read_clawbacks,
    read_instalments,
    read_modifiers,
    read_procedure,
    read_retention,
    read_rounding,
    read_unclear,
)

_PART_KEYS = {
    "clause": "条款",
    "note": "说明",
    "region_groups": "地区分组",
    "sharing": "资金分担",
    "rules": "奖补规则",
    "stacking": "同享与就高",
    "caps": "多条规则合计封顶",
    "budgets": "预算",
}
_RULE_KEYS = {
    "id": "规则代号",
    "title": "名称",
    "clause": "条款",
    "wording": "原文",
    "level": "哪级的政策",
    "area": "领域",
    "recipient": "奖补对象",
    "occasion": "触发事项",
    "conditions": "条件",
    "exclusions": "不予奖补的情形",
    "parameters": "年度参数",
    "amount": "金额",
    "modifiers": "加成与减计",
    "cap_yuan": "封顶(元)",
    "caps": "封顶",
    "rounding": "取整",
    "instalments": "分期",
    "retention": "在库要求",
    "clawback": "追回",
    "sharing": "资金分担",
    "procedure": "兑现程序",
    "in_force": "施行期间",
    "unclear": "文件待明确",
    "note": "说明",
}
_OCCASION_KEYS = {
    "event": "事项",
    "first_time": "是否首次",
    "year_by": "年度口径",
    "keys": "事项内容",
    "period": "期间",
    "once": "几次",
    "apart": "几年内不重复",
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
_PERIOD = re.compile(r"[12]\d{3}(Q[1-4]|-(0[1-9]|1[0-2]))?", re.ASCII)


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
    names = Names.of(document)
    listed = fields.sequence("rules")
    rules: list[Rule] = []
    lines: dict[str, int] = {}
    for item in listed.items if listed else ():
        rule = _read_rule(item, clause, document, groups, names, faults)
        if rule is None:
            continue
        if rule.id in lines:
            add_fault(faults, item, f"规则代号 {rule.id} 已在第 {lines[rule.id]} 行用过，请换一个")
        lines[rule.id] = item.line
        rules.append(rule)
    part = Awards(
        groups,
        sharings,
        tuple(rules),
        stackings=read_stackings(fields, tuple(rules), clause),
        caps=read_cross_caps(fields, tuple(rules), clause, names),
        budgets=read_budgets(fields, tuple(rules), clause),
    )
    return (None if faults else part), faults


def _read_rule(
    node: Node,
    clause: str | None,
    document: PolicyDocument,
    groups: tuple[RegionGroup, ...],
    names: Names,
    faults: list[PolicyFault],
) -> Rule | None:
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
    names = names.with_years(
        dict.fromkeys(_names(fields.get("parameters")), "")
        | {given.name: given.label for given in parameters}
    )
    read = read_parts(fields, rule_clause, names)
    first_day, last_day = _read_period(fields)
    conditions, exclusions = fields.get("conditions"), fields.get("exclusions")
    level = fields.choice("level", LEVELS) if fields.get("level") is not None else None
    return Rule(
        id=rule_id,
        title=fields.text("title", _TITLE_LIMIT),
        clause=rule_clause,
        wording=fields.text_or_none("wording"),
        recipients=_read_recipients(fields),
        occasion=_read_occasion(fields, required=read.shape != "unknown"),
        conditions=None if conditions is None else names.condition(conditions, faults),
        parameters=parameters,
        shape=read.shape,
        parts=read.parts,
        first_day=first_day,
        last_day=last_day,
        note=fields.text_or_none("note"),
        unknowns=read.unknowns,
        exclusions=None if exclusions is None else _read_exclusions(exclusions, names, faults),
        level=level,
        area=fields.text_or_none("area", _TITLE_LIMIT),
        modifiers=read_modifiers(fields, rule_clause, names, read.parts),
        caps=read_caps(fields, rule_clause, names),
        rounding=read_rounding(fields),
        instalments=read_instalments(fields, names, read.parts),
        retention=read_retention(fields, rule_clause, names),
        clawbacks=read_clawbacks(fields, rule_clause, names),
        sharings=read_sharings(fields, document, groups, rule_clause),
        procedure=read_procedure(fields),
        is_maximum=read.is_maximum,
        in_kind=read.in_kind,
        unclear=read_unclear(fields),
    )


def _read_exclusions(node: Node, names: Names, faults: list[PolicyFault]) -> Condition | None:
    """A list of exclusions leaves out whoever meets any of them."""
    if not isinstance(node, Sequence):
        return names.condition(node, faults)
    read = [(item, names.condition(item, faults)) for item in node.items]
    texts = [f"({item.text})" for item, found in read if found is not None and isinstance(item, Scalar)]
    return names.condition_of(" or ".join(texts), node, []) if texts else None


def _read_recipients(fields: Fields) -> tuple[str, ...]:
    """One kind, or a list of kinds that the same rule reaches."""
    node = fields.get("recipient")
    if not isinstance(node, Sequence):
        return (fields.choice("recipient", RECIPIENTS),)
    kinds = fields.texts("recipient")
    for item in node.items:
        if isinstance(item, Scalar) and item.text not in RECIPIENTS:
            add_fault(fields.faults, item, f"奖补对象只能是：{'、'.join(RECIPIENTS)}")
    return kinds


def _read_occasion(fields: Fields, *, required: bool) -> Occasion | None:
    if not required and fields.get("occasion") is None:
        return None
    given = fields.get("occasion")
    if isinstance(given, Scalar):
        add_fault(fields.faults, given, f"写成 occasion: {{event: {given.text[:20]}}} 的样子")
        return None
    node = fields.mapping("occasion")
    if node is None:
        return None
    occasion = Fields(node, fields.faults, _OCCASION_KEYS)
    event = occasion.choice("event", EVENTS)
    first_time = occasion.choice("first_time", ("true", "false"), default="false") == "true"
    default_year = "approval_library" if event == "listed" else "event_date"
    period = occasion.text_or_none("period")
    if period is not None and not _PERIOD.fullmatch(period):
        add_fault(fields.faults, node.entries["period"], "期间写成 2022、2022Q1 或 2022-06 的样子")
    given = occasion.get("apart")
    apart = 0 if given is None else read_whole(given, fields.faults) or 0
    if given is not None and not 2 <= apart <= YEARS_LIMIT:
        add_fault(fields.faults, given, f"几年内不重复写 2 到 {YEARS_LIMIT}；同一年度一次写 once: year")
    usual = "ever" if first_time else "year" if apart else "event"
    return Occasion(
        event=event,
        first_time=first_time,
        year_by=occasion.choice("year_by", YEAR_BY, default=default_year),
        mark=read_mark(occasion),
        keys=occasion.texts("keys"),
        period=period,
        once=occasion.choice("once", ONCE, default=usual),
        apart=apart,
    )


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
