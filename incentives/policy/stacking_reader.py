"""Reading what holds between rules: stacking, caps over several rules, budgets. Pure."""

from __future__ import annotations

from core.policies import UNKNOWN, Fields, Mapping
from core.policies.fields import add_fault
from incentives.policy.awards import (
    STACKING,
    STACKING_PER,
    WHEN_SHORT,
    Budget,
    CrossCap,
    Rule,
    Stacking,
)
from incentives.policy.figures import require_yuan
from incentives.policy.marks import read_clause
from incentives.policy.names import Names
from incentives.policy.parts_reader import TITLE_LIMIT
from incentives.policy.terms_reader import read_each, read_limit

_STACKING_KEYS = {
    "id": "代号",
    "title": "名称",
    "policy": "办法",
    "per": "范围",
    "rules": "哪些规则",
    "with": "文件外的资金",
    "prefer": "优先次序",
    "earlier": "以前已得的",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
_CAP_KEYS = {
    "id": "代号",
    "title": "名称",
    "per": "范围",
    "rules": "哪些规则",
    "except": "除外",
    "yuan": "封顶(元)",
    "of": "封顶算式",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
_BUDGET_KEYS = {
    "id": "代号",
    "title": "名称",
    "rules": "哪些规则",
    "except": "除外",
    "yuan": "预算(元)",
    "when_short": "不够时",
    "clause": "条款",
    "note": "说明",
}
_CROSS_PER = ("year", "ever")
#: what was had earlier is set against the highest, or ends the matter, when the document says no more
_PAYS_DIFFERENCE = {"highest": True, "difference": True, "across_levels": True}


def read_stackings(fields: Fields, rules: tuple[Rule, ...], clause: str | None) -> tuple[Stacking, ...]:
    def read(node: Mapping) -> Stacking | None:
        opened = Fields(node, fields.faults, _STACKING_KEYS)
        opened.text_or_none("note")
        policy = opened.choice("policy", STACKING)
        named = _named_rules(opened, "rules", rules)
        others = opened.texts("with")
        if len(named) + len(others) < 2 and opened.get("per") is None:
            add_fault(fields.faults, node, "至少写两条规则，或一条规则和 with（文件外的资金）")
        earlier = opened.choice("earlier", ("difference", "nothing"), default="")
        return Stacking(
            id=opened.text("id", 30),
            title=opened.text_or_none("title", TITLE_LIMIT) or STACKING.get(policy, ""),
            policy=policy,
            per=opened.choice("per", STACKING_PER, default="ever" if policy != "highest" else "year"),
            rules=named,
            others=others,
            prefer=_named_rules(opened, "prefer", rules),
            pays_difference=earlier == "difference" if earlier else _PAYS_DIFFERENCE.get(policy, False),
            clause=read_clause(opened, clause),
            wording=opened.text_or_none("wording"),
        )

    return read_each(fields, "stacking", read)


def read_cross_caps(
    fields: Fields, rules: tuple[Rule, ...], clause: str | None, names: Names
) -> tuple[CrossCap, ...]:
    def read(node: Mapping) -> CrossCap | None:
        opened = Fields(node, fields.faults, _CAP_KEYS)
        opened.text_or_none("note")
        opened.text_or_none("wording")
        fen, quantity = read_limit(opened, names)
        return CrossCap(
            id=opened.text("id", 30),
            title=opened.text_or_none("title", TITLE_LIMIT) or "合计封顶",
            per=opened.choice("per", _CROSS_PER, default="year"),
            rules=_covered(opened, rules),
            fen=fen,
            quantity=quantity,
            clause=read_clause(opened, clause),
        )

    return read_each(fields, "caps", read)


def read_budgets(fields: Fields, rules: tuple[Rule, ...], clause: str | None) -> tuple[Budget, ...]:
    def read(node: Mapping) -> Budget | None:
        opened = Fields(node, fields.faults, _BUDGET_KEYS)
        opened.text_or_none("note")
        fen = require_yuan(opened, "yuan")
        return Budget(
            id=opened.text("id", 30),
            title=opened.text_or_none("title", TITLE_LIMIT) or "预算",
            rules=_covered(opened, rules),
            fen=UNKNOWN if fen is None else fen,
            when_short=opened.choice("when_short", WHEN_SHORT),
            clause=read_clause(opened, clause),
        )

    return read_each(fields, "budgets", read)


def _covered(fields: Fields, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The rules named (all when none is), less those whose id or area stands under ``except``."""
    named = _named_rules(fields, "rules", rules) or tuple(rule.id for rule in rules)
    left_out = set(fields.texts("except"))
    known = {rule.id for rule in rules} | {rule.area for rule in rules if rule.area}
    for word in left_out - known:
        node = fields.get("except") or fields.node
        add_fault(fields.faults, node, f"“{word}”不是规则代号，也不是哪条规则的 area（领域）")
    areas = {rule.id: rule.area for rule in rules}
    return tuple(rule for rule in named if rule not in left_out and areas.get(rule) not in left_out)


def _named_rules(fields: Fields, name: str, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    listed = fields.sequence(name, required=False)
    known = {rule.id for rule in rules}
    named = fields.texts(name)
    for item in listed.items if listed else ():
        word = getattr(item, "text", "")
        if word and word not in known:
            add_fault(fields.faults, item, f"没有代号为 {word} 的规则；文件外的资金写在 with 里")
    return tuple(dict.fromkeys(word for word in named if word in known))
