"""One firm's verdict told in Chinese; the same words on pages, in Excel, Word and the API. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.conditions.judging import Condition, Finding, RowVerdict
from core.conditions.kinds import CALENDAR, Kind, calendar_label
from core.conditions.nodes import (
    Arithmetic,
    Constant,
    Criterion,
    Fact,
    Parameter,
    Shifted,
    Span,
    Term,
    Window,
    criteria_of,
    decimal_text,
    facts_of,
)
from core.verdicts import Outcome

#: criterion → (when it holds, when it does not)
_WORDS = {
    ">=": ("不低于", "低于"),
    ">": ("高于", "不高于"),
    "<=": ("不高于", "高于"),
    "<": ("低于", "不低于"),
    "==": ("等于", "不等于"),
    "!=": ("不等于", "等于"),
}
_CALENDAR_WORDS = {
    ">=": ("不早于", "早于"),
    ">": ("晚于", "不晚于"),
    "<=": ("不晚于", "晚于"),
    "<": ("早于", "不早于"),
    "==": ("就是", "不是"),
    "!=": ("不是", "就是"),
}
_CALENDAR_UNITS = {Kind.DATE: "天", Kind.MONTH: "个月", Kind.QUARTER: "个季度", Kind.YEAR: "年"}
_SIGNS = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_WAYS = {"sum": "合计", "avg": "平均"}
_OPENINGS = {Outcome.TRUE: "符合", Outcome.FALSE: "不符合", Outcome.UNKNOWN: "不能判定"}
#: Shown decimals: two, and more only where two would hide the difference.
_SHOWN_PLACES = 2


def sentence(condition: Condition, verdict: RowVerdict, labels: Mapping[str, str] | None = None) -> str:
    """``不符合：2021年应税销售 487.70 万元，低于 500 万元，差 12.30 万元。``

    ``condition`` is the one with the parameters' values in it (``judgement.condition``). ``labels`` replaces
    the labels of facts, by name or by ``"name[2021]"``. Only the leaves on which the outcome rests are told. Raises
    ``ValueError`` when the verdict is of another condition.
    """
    criteria = list(criteria_of(condition.clause))
    if len(criteria) != len(verdict.findings):
        raise ValueError("the verdict belongs to another condition")
    names = _Names(condition, labels or {})
    told = [
        leaf_sentence(criterion, finding, names)
        for criterion, finding in zip(criteria, verdict.findings, strict=True)
        if finding.decides
    ]
    opening = _OPENINGS[verdict.outcome]
    return f"{opening}：{'；'.join(dict.fromkeys(told))}。" if told else f"{opening}。"


class _Names:
    """Labels of facts with their periods: 2021年应税销售."""

    def __init__(self, condition: Condition, labels: Mapping[str, str]) -> None:
        self.labels = labels
        self.keys = {fact.text: self.fact(fact) for fact in facts_of(condition.clause)}
        for criterion in criteria_of(condition.clause):
            for parameter in _parameters(criterion):
                self.keys[parameter.type.name] = labels.get(parameter.type.name, parameter.type.label)

    def fact(self, fact: Fact) -> str:
        if fact.text in self.labels:
            return self.labels[fact.text]
        label = self.labels.get(fact.type.name, fact.type.label)
        if fact.period is None:
            return label
        period = fact.period
        shown = period.text if period.parameter else calendar_label(period.kind, period.ordinal)
        return f"{shown}{label}"

    def listed(self, names: tuple[str, ...]) -> str:
        return "、".join(self.keys.get(name, name) for name in names)

    def term(self, term: Term) -> str:
        if isinstance(term, Fact):
            return self.fact(term)
        if isinstance(term, Parameter):
            return self.keys[term.type.name]
        if isinstance(term, Constant):
            return constant_label(term)
        if isinstance(term, Shifted):
            return f"{self.term(term.term)}{'加' if term.count > 0 else '减'}{term.text.rsplit(' ', 1)[1]}"
        if isinstance(term, Span):
            return f"{self.term(term.right)}至{self.term(term.left)}"
        if isinstance(term, Window):
            first, last = term.ends
            return f"{self.fact(first).removesuffix(first.type.label)}至{self.fact(last)}{_WAYS[term.way]}"
        growth = _growth(term)
        if growth:
            later, earlier = growth
            return f"{self.fact(later)}比{self.fact(earlier).removesuffix(later.type.label)}增长"
        if term.is_extreme:
            return extreme_words([self.term(item) for item in term.items], term.op)
        left, right = self.term(term.left), self.term(term.right)
        if isinstance(term.left, Arithmetic) and term.op in "*/" and term.left.op in "+-":
            left = f"（{left}）"
        if isinstance(term.right, Arithmetic) and term.op != "+":
            right = f"（{right}）"
        return f"{left}{_SIGNS[term.op]}{right}"


def extreme_words(items: Sequence[str], op: str) -> str:
    """``“年租金”与“20,000 元”中较低的``"""
    return f"{'、'.join(items)}中较{'低' if op == 'min' else '高'}的"


def leaf_sentence(criterion: Criterion, finding: Finding, names: _Names) -> str:
    """One clause, as much as possible in the words of the document it comes from."""
    subject = names.term(criterion.left)
    if finding.outcome is Outcome.UNKNOWN:
        told = [f"缺{names.listed(finding.missing)}"] if finding.missing else []
        told += [f"{names.listed(finding.baseless)}不大于零，无法作分母"] if finding.baseless else []
        return "，".join(told)
    holds = finding.outcome is Outcome.TRUE
    if criterion.op in ("known", "unknown"):
        return f"{subject}{'已知' if (criterion.op == 'known') is holds else '未知'}"
    if not criterion.is_graded:
        return _unmeasured(criterion, finding, subject, names, holds)
    return (
        _calendar(criterion, finding, subject, names)
        if criterion.kind in CALENDAR
        else _measured(criterion, finding, subject, names)
    )


def _calendar(criterion: Criterion, finding: Finding, subject: str, names: _Names) -> str:
    value, bound, gap = _numbers(finding)
    relation, asked = _relation(criterion, finding, names, calendar_label(criterion.kind, bound))
    missed = f"，差 {abs(gap)} {_CALENDAR_UNITS[criterion.kind]}" if gap < 0 else ""
    return f"{subject}是{calendar_label(criterion.kind, value)}，{relation}{missed}{asked}"


def _measured(criterion: Criterion, finding: Finding, subject: str, names: _Names) -> str:
    value, bound, gap = _numbers(finding)
    unit, kept = criterion.unit.label if criterion.unit else "", criterion.places
    places = _telling_places(criterion, value, bound, gap)
    relation, asked = _relation(criterion, finding, names, _shown(bound, kept, 0) + _spaced(unit))
    missed = ""
    if gap < 0:
        word = "超出" if _is_over(criterion, value, bound) else "差"
        missed = f"，{word} {_shown(-gap, kept, places)} {'个百分点' if unit == '%' else unit}".rstrip()
    return f"{subject} {_shown(value, kept, places)}{_spaced(unit)}，{relation}{missed}{asked}"


def _numbers(finding: Finding) -> tuple[int, int, int]:
    if not isinstance(finding.value, int) or finding.bound is None or finding.gap is None:
        raise ValueError("the verdict belongs to another condition")
    return finding.value, finding.bound, finding.gap


def constant_label(term: Constant) -> str:
    """500 万元, 10%, 2021年12月31日, “县(市)”"""
    if term.kind in CALENDAR:
        return calendar_label(term.kind, int(term.value))
    if term.kind is Kind.TEXT:
        return f"“{term.value}”"
    if term.kind is Kind.FLAG:
        return "是" if term.value else "否"
    if term.unit is None:
        return term.text
    number = Decimal(decimal_text(Fraction(term.value) / term.unit.scale))
    return f"{number:,f}".replace("-", "−") + _spaced(term.unit.label)


def _relation(criterion: Criterion, finding: Finding, names: _Names, bound: str) -> tuple[str, str]:
    """How value and bound stand to each other, and what is asked where that does not say it already."""
    holds, is_calendar = finding.outcome is Outcome.TRUE, criterion.kind in CALENDAR
    if criterion.op in ("between", "outside"):
        ends = " " + "至 ".join(names.term(term) for term in criterion.right) + " 之间"
        if (criterion.op == "between") is holds:
            return f"在{ends}", "" if holds else "（应在此范围之外）"
        is_below = (finding.value or 0) < (finding.bound or 0)  # type: ignore[operator]
        words = ("早于", "晚于") if is_calendar else ("低于", "高于")
        return f"{words[0] if is_below else words[1]} {bound}", "" if holds else f"（应在{ends}）"
    met, failed = (_CALENDAR_WORDS if is_calendar else _WORDS)[criterion.op]
    if not holds and not finding.gap and criterion.op in (">", "<"):
        return f"正好是 {bound}", f"（应{met}它）"
    return f"{met if holds else failed} {bound}", ""


def _unmeasured(criterion: Criterion, finding: Finding, subject: str, names: _Names, holds: bool) -> str:
    """Texts, tags, flags, and numbers that should be one of several."""
    listed = "、".join(names.term(term) for term in criterion.right)
    if criterion.kind is Kind.FLAG:
        return f"{subject}：{'是' if finding.value else '否'}"
    if criterion.kind is Kind.TAGS:
        return f"{subject}{'有' if finding.value else '没有'}{listed}"
    if criterion.kind is Kind.TEXT:
        value = f"“{finding.value}”"
    elif criterion.kind in CALENDAR:
        value = calendar_label(criterion.kind, int(finding.value or 0))
    else:
        unit = criterion.unit.label if criterion.unit else ""
        value = f"{_shown(int(finding.value or 0), criterion.places, 0)}{_spaced(unit)}"
    if holds and criterion.op in ("==", "in"):
        return f"{subject}是{value}"
    if holds:
        return f"{subject}是{value}，不是{listed}"
    needed = "应是" if criterion.op in ("==", "in") else "不应是"
    return f"{subject}是{value}，{needed}{listed}"


def _is_over(criterion: Criterion, value: int, bound: int) -> bool:
    """The value is above what is allowed, rather than short of what is asked."""
    return criterion.op in ("<=", "<") or (criterion.op == "between" and value > bound)


def _telling_places(criterion: Criterion, value: int, bound: int, gap: int) -> int:
    """The fewest decimals, from two on, in which value and bound still differ when they do."""
    places = min(criterion.places, _SHOWN_PLACES)
    while places < criterion.places and gap:
        if _shown(value, criterion.places, places) != _shown(bound, criterion.places, places):
            break
        places += 1
    return places


def _shown(steps: int, kept: int, shown: int) -> str:
    """``steps`` of 10^-kept with thousands and a true minus; ``shown`` 0 drops only zeros."""
    number = Decimal(steps).scaleb(-kept)
    if shown:
        number = number.quantize(Decimal(1).scaleb(-shown), ROUND_HALF_UP)
        return f"{number:,.{shown}f}".replace("-", "−")
    whole = number.quantize(Decimal(1), ROUND_DOWN)
    number = whole if number == whole else number.normalize()
    return f"{number:,f}".replace("-", "−")


def _spaced(unit: str) -> str:
    return f" {unit}" if unit and unit not in ("%", "‰") else unit


def _growth(term: Arithmetic) -> tuple[Fact, Fact] | None:
    """The later and the earlier fact of ``a[2022] / a[2021] - 1`` or ``(a[2022] - a[2021]) / a[2021]``."""
    if term.op == "-" and isinstance(term.left, Arithmetic) and term.left.op == "/":
        later, earlier = term.left.left, term.left.right
        one = isinstance(term.right, Constant) and term.right.value == 1
    elif term.op == "/" and isinstance(term.left, Arithmetic) and term.left.op == "-":
        later, earlier = term.left.left, term.left.right
        one = earlier == term.right
    else:
        return None
    if not (one and isinstance(later, Fact) and isinstance(earlier, Fact)):
        return None
    same = later.type == earlier.type and later.period != earlier.period
    return (later, earlier) if same else None


def _parameters(criterion: Criterion) -> list[Parameter]:
    found: list[Parameter] = []
    waiting: list[Term] = [criterion.left, *criterion.right]
    while waiting:
        term = waiting.pop()
        if isinstance(term, Parameter):
            found.append(term)
        elif isinstance(term, Shifted):
            waiting.append(term.term)
        elif isinstance(term, Arithmetic | Span):
            waiting += (term.left, term.right)
    return found
