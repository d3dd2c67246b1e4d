"""A condition put into Chinese, for pages that show a document: 上年税收 不低于 100万元，且规上. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.conditions import YEAR, FactType, read_condition
from core.conditions.kinds import CALENDAR, Kind, calendar_label
from core.conditions.nodes import (
    AllOf,
    Always,
    AnyOf,
    Arithmetic,
    Clause,
    Constant,
    Criterion,
    Fact,
    Shifted,
    Span,
    Term,
    Window,
)
from core.conditions.sentences import extreme_words

_WORDS = {
    ">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于", "==": "等于", "!=": "不等于", "in": "是", "not in": "不是",
    "has": "含", "lacks": "不含",
}  # fmt: skip
_CALENDAR_WORDS = {">=": "不早于", ">": "晚于", "<=": "不晚于", "<": "早于", "==": "是", "!=": "不是"}
_SIGNS = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_YEARS = {0: "当年", -1: "上年", -2: "前年"}


def in_words(text: str, types: Mapping[str, FactType]) -> str:
    """Empty where the condition uses parameters of its own or cannot be read: then the text alone is shown."""
    condition, _ = read_condition(text, types, (YEAR,))
    return "" if condition is None else _clause(condition.clause)


def _clause(clause: Clause, inside: bool = False) -> str:
    if isinstance(clause, Always):
        return "没有条件" if clause.holds else "从不"
    if isinstance(clause, Criterion):
        return _criterion(clause)
    word = "，且" if isinstance(clause, AllOf) else "，或"
    told = word.join(_clause(item, inside=True) for item in clause.items)
    return f"（{told}）" if inside and isinstance(clause, AnyOf | AllOf) else told


def _criterion(criterion: Criterion) -> str:
    left = _term(criterion.left)
    if criterion.op in ("known", "unknown"):
        return f"{left}{'有数' if criterion.op == 'known' else '没有数'}"
    right = [_term(term) for term in criterion.right]
    if criterion.op in ("between", "outside"):
        return f"{left}{'' if criterion.op == 'between' else '不'}在 {right[0]} 至 {right[1]} 之间"
    if criterion.kind is Kind.FLAG:
        (truth,) = criterion.right
        holds = isinstance(truth, Constant) and bool(truth.value) is (criterion.op == "==")
        return left if holds else f"不是{left}"
    words = _CALENDAR_WORDS if criterion.kind in CALENDAR else _WORDS
    word = words.get(criterion.op) or _WORDS[criterion.op]
    return f"{left} {word} {'、'.join(right)}"


def _term(term: Term) -> str:
    if isinstance(term, Fact):
        return _period(term) + term.type.label
    if isinstance(term, Constant):
        if term.kind in CALENDAR:
            return calendar_label(term.kind, int(term.value))
        return f"“{term.value}”" if term.kind is Kind.TEXT else term.text
    if isinstance(term, Arithmetic) and term.is_extreme:
        return f"（{extreme_words([_term(item) for item in term.items], term.op)}）"
    if isinstance(term, Window):
        first, last = term.ends
        return f"{_period(first)}至{_term(last)}{'合计' if term.way == 'sum' else '平均'}"
    if isinstance(term, Arithmetic):
        left, right = (
            f"（{_term(side)}）" if isinstance(side, Arithmetic) else _term(side)
            for side in (term.left, term.right)
        )
        return f"{left}{_SIGNS[term.op]}{right}"
    if isinstance(term, Shifted):
        amount = f"{abs(term.count)}天" if term.in_days else _months(abs(term.count))
        return f"{_term(term.term)}{'前' if term.count < 0 else '后'}{amount}"
    if isinstance(term, Span):
        return f"{_term(term.right)}到{_term(term.left)}"
    return term.type.label


def _period(fact: Fact) -> str:
    period = fact.period
    if period is None:
        return ""
    if not period.parameter:
        return calendar_label(period.kind, period.ordinal)
    return _YEARS.get(period.ordinal) or f"当年{period.ordinal:+d}年"


def _months(count: int) -> str:
    return f"{count}个月" if count % 12 else f"{count // 12}年"
