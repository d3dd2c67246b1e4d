"""What if a sum, a rate, a line or a budget were another: the figures of a document by name, and the rules with some
of them changed. Nothing here is stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from core.amounts import from_hundredths
from core.conditions import Condition, FactType, read_condition
from core.policies import PolicyFault, Scalar, Unknown
from incentives.policy import Awards, Part, Rule
from incentives.policy.amounts import (
    Amount,
    Banded,
    Choosing,
    Combined,
    Fixed,
    PerUnit,
    Rated,
    has_unknown,
)
from incentives.policy.awards import Budget, Cap
from incentives.policy.figures import price_text, read_price, read_rate, read_yuan
from incentives.policy.names import Names

Figure = TypeVar("Figure")
YUAN, RATE, LINE = "yuan", "rate", "line"
KIND_WORDS = {YUAN: "元", RATE: "比例", LINE: "条件"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One figure that may be changed: ``text`` as it stands, empty where the document does not print it."""

    name: str
    rule: str
    title: str
    kind: str
    text: str

    @property
    def unit(self) -> str:
        return KIND_WORDS[self.kind]


@dataclass
class _Walk:
    """Goes through the figures of a document: notes each, and gives back what is asked for instead."""

    given: Mapping[str, str]
    facts: Mapping[str, FactType]
    leaves: list[Leaf] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    rule: str = ""
    parameters: tuple[FactType, ...] = ()

    def yuan(self, name: str, title: str, fen: int | Unknown) -> int | Unknown:
        shown = "" if isinstance(fen, Unknown) else f"{from_hundredths(fen).normalize():f}"
        text = self._asked(name, title, YUAN, shown)
        if text is None:
            return fen
        faults: list[PolicyFault] = []
        found = read_yuan(Scalar(name, 1, text, True), faults)
        return found if isinstance(found, int) else self._faulty(name, faults, fen)

    def price(self, name: str, title: str, fen: Fraction | Unknown) -> Fraction | Unknown:
        text = self._asked(name, title, YUAN, "" if isinstance(fen, Unknown) else price_text(fen))
        if text is None:
            return fen
        faults: list[PolicyFault] = []
        found = read_price(Scalar(name, 1, text, True), faults)
        return found if isinstance(found, Fraction) else self._faulty(name, faults, fen)

    def rate(self, name: str, title: str, rate: Fraction | Unknown) -> Fraction | Unknown:
        shown = "" if isinstance(rate, Unknown) else _rate_text(rate)
        text = self._asked(name, title, RATE, shown)
        if text is None:
            return rate
        faults: list[PolicyFault] = []
        found = read_rate(Scalar(name, 1, text, True), faults)
        return found if isinstance(found, Fraction) else self._faulty(name, faults, rate)

    def line(self, name: str, title: str, condition: Condition | None) -> Condition | None:
        if condition is None:
            return None
        text = self._asked(name, title, LINE, condition.text)
        if text is None:
            return condition
        found, faults = read_condition(text, self.facts, self.parameters)
        if found is None:
            self.faults[name] = "；".join(str(fault) for fault in faults)
            return condition
        return found

    def _asked(self, name: str, title: str, kind: str, shown: str) -> str | None:
        """What is asked for instead; ``None`` where it stays as it stands."""
        self.leaves.append(Leaf(name, self.rule, title, kind, shown))
        text = self.given.get(name, "").strip()
        return text if text and text != shown else None

    def _faulty(self, name: str, faults: list[PolicyFault], stays: Figure) -> Figure:
        self.faults[name] = "；".join(fault.message for fault in faults) or "请写一个数"
        return stays


@dataclass(frozen=True, slots=True)
class Changed:
    """The rules with what was asked for; ``leaves`` as they stand; ``faults`` by name: what cannot be read."""

    awards: Awards
    leaves: tuple[Leaf, ...]
    faults: Mapping[str, str]


def with_changes(awards: Awards, names: Names, given: Mapping[str, str]) -> Changed:
    walk = _Walk(given, names.facts)
    rules = tuple(_rule(rule, names, walk) for rule in awards.rules)
    walk.rule = ""
    budgets = tuple(_budget(budget, walk) for budget in awards.budgets)
    return Changed(replace(awards, rules=rules, budgets=budgets), tuple(walk.leaves), walk.faults)


def _rule(rule: Rule, names: Names, walk: _Walk) -> Rule:
    if rule.occasion is None or not rule.pays_money or rule.in_kind is not None:
        return rule
    walk.rule = rule.id
    walk.parameters = tuple(names.with_years({one.name: one.label for one in rule.parameters}).parameters)
    before = len(walk.leaves)
    conditions = walk.line(f"{rule.id}.if", "条件", rule.conditions)
    parts = tuple(_part(rule, part, walk) for part in rule.parts)
    caps = tuple(_cap(cap, f"{rule.id}.cap{place}", walk) for place, cap in enumerate(rule.caps))
    is_printed = not any(has_unknown(part.amount) for part in parts)
    was_asked = any(walk.given.get(leaf.name) for leaf in walk.leaves[before:])
    unknowns = () if rule.unknowns and is_printed and was_asked else rule.unknowns
    return replace(rule, conditions=conditions, parts=parts, caps=caps, unknowns=unknowns)


def _part(rule: Rule, part: Part, walk: _Walk) -> Part:
    title = part.title if part.title != rule.title else "金额"
    path = f"{rule.id}.{part.id}"
    when = walk.line(f"{path}.if", f"{title}的条件", part.when)
    return replace(part, when=when, amount=_amount(part.amount, path, title, walk))


def _cap(cap: Cap, path: str, walk: _Walk) -> Cap:
    return cap if cap.fen is None else replace(cap, fen=walk.yuan(path, "封顶", cap.fen))


def _budget(budget: Budget, walk: _Walk) -> Budget:
    return replace(budget, fen=walk.yuan(f"budget.{budget.id}", f"预算：{budget.title}", budget.fen))


def _amount(amount: Amount, path: str, title: str, walk: _Walk) -> Amount:
    if isinstance(amount, Fixed):
        return replace(amount, fen=walk.yuan(f"{path}.yuan", title, amount.fen))
    if isinstance(amount, PerUnit):
        return replace(amount, fen=walk.price(f"{path}.yuan", f"{title}，每单位", amount.fen))
    if isinstance(amount, Rated):
        return replace(amount, rate=walk.rate(f"{path}.rate", f"{title}，比例", amount.rate))
    if isinstance(amount, Banded):
        bands = (
            replace(band, rate=walk.rate(f"{path}.{place}.rate", f"{title}，第{place + 1}段", band.rate))
            for place, band in enumerate(amount.bands)
        )
        return replace(amount, bands=tuple(bands))
    if isinstance(amount, Choosing):
        choices = []
        for place, choice in enumerate(amount.choices):
            label = choice.label or f"第{place + 1}档"
            when = choice.when
            if amount.graded:
                when = walk.line(f"{path}.{place}.if", f"{label}的界限", choice.when)
            inner = _amount(choice.amount, f"{path}.{place}", label, walk)
            choices.append(replace(choice, when=when, amount=inner))
        return replace(amount, choices=tuple(choices))
    if isinstance(amount, Combined):
        items = (_amount(one, f"{path}.{place}", title, walk) for place, one in enumerate(amount.items))
        return replace(amount, items=tuple(items))
    return amount


def _rate_text(rate: Fraction) -> str:
    shown = rate * 100
    if (10**6 * shown).denominator != 1:
        return f"{rate.numerator}/{rate.denominator}"
    return f"{(Decimal(shown.numerator) / Decimal(shown.denominator)).normalize():f}%"
