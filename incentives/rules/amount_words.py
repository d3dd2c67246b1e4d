"""How an amount was worked out, and what limits left of it, in words: made on reading from what was stored. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.conditions.nodes import Fact, facts_in
from incentives.policy import Awards, Part, Rule
from incentives.policy.amounts import Amount, Choosing
from incentives.policy.awards import STACKING, WHEN_SHORT
from incentives.rules.codes import HELD_WORDS, Held
from incentives.rules.fact_rows import fact_words

_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[([^\[\]]*)\])?")
_SHIFTED = re.compile(r"([A-Za-z_]\w*)([+-]\d+)?")
_SIGNS = {" - ": "－", " + ": "＋", " * ": "×", " / ": "÷", "min(": "取低(", "max(": "取高("}
_FEN_A_WAN = 1_000_000
Reason = Sequence[Any]


def wan_words(fen: int) -> str:
    """``5万元``, ``2.5万元``; exact to the fen."""
    number = (Decimal(fen) / _FEN_A_WAN).normalize()
    return f"{number:,f}万元"


def amount_words(rule: Rule, part: Part, how: Mapping[str, Any], year: int) -> str:
    """``辅导备案``, ``融资额度 600,000,000 元 × 2‰``; empty for one printed number."""
    return "，".join(_told(rule, part.amount, how, year))


def lacking_words(rule: Rule, how: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts for want of which the amount is not known."""
    labels = {fact.type.name: fact.type for fact in _facts(rule)}
    found = [fact_words(name, labels) for name in how.get("missing", ())]
    for inner in how.get("inner", ()):
        found += lacking_words(rule, inner)
    return tuple(dict.fromkeys(found))


def limit_words(awards: Awards, rule: Rule, reasons: Sequence[Reason]) -> str:
    """What a cap, another award or a budget left of it."""
    told = []
    for code, *numbers in reasons:
        if code == "capped":
            _place, before, after = numbers
            told.append(f"封顶后由 {wan_words(before)}减为 {wan_words(after)}")
        elif code == "stacked":
            told.append(_stacking_words(awards, *numbers))
        elif code == "budget":
            budget = next((one for one in awards.budgets if one.id == numbers[0]), None)
            if budget is not None:
                told.append(f"“{budget.title}”不够，{WHEN_SHORT[budget.when_short]}")
    return "；".join(told)


def held_words(rule: Rule, reasons: Sequence[Reason]) -> list[str]:
    """What keeps an award from being paid beside its conditions and parts."""
    told = [HELD_WORDS[Held(numbers[0])] for code, *numbers in reasons if code == "held"]
    if ["held", int(Held.UNCLEAR)] in [list(reason) for reason in reasons]:
        told += [word.rstrip("。") for word in rule.unclear]
    return told


def _stacking_words(awards: Awards, stacking: str, instead: str, against: int) -> str:
    found = next((one for one in awards.stackings if one.id == stacking), None)
    name = f"“{found.title}”{STACKING[found.policy]}" if found else "同享规定"
    if instead:
        return f"{name}，由“{awards.rule(instead).title}”给"
    return f"{name}，抵减以前已得的 {wan_words(against)}" if against else name


def _told(rule: Rule, amount: Amount, how: Mapping[str, Any], year: int) -> Iterator[str]:
    inner: Amount = amount
    if isinstance(amount, Choosing) and how.get("branch", -1) >= 0:
        choice = amount.choices[how["branch"]]
        inner = choice.amount
        if choice.label:
            yield choice.label
    if "of" in how and "base" in how:
        number, unit = how["base"]
        told = f"{_quantity_words(rule, how['of'], year)} {Decimal(number):,f} {unit}".rstrip()
        yield f"{told} × {_rate_words(Fraction(how['rate']))}" if "rate" in how else told
    for one in how.get("inner", ()):
        yield from _told(rule, inner, one, year)


def _quantity_words(rule: Rule, text: str, year: int) -> str:
    """The quantity with the labels of its facts and the periods of this year."""
    labels = {fact.type.name: fact.type for fact in _facts(rule)}
    years = rule.years(year)

    def label(found: re.Match[str]) -> str:
        name, period = found[1], found[2]
        if name not in labels:
            return found[0]
        shifted = _SHIFTED.fullmatch(period) if period else None
        if shifted and shifted[1] in years:
            period = str(years[shifted[1]] + int(shifted[2] or 0))
        return fact_words(f"{name}[{period}]" if period else name, labels)

    told = _NAMED.sub(label, text)
    for sign, word in _SIGNS.items():
        told = told.replace(sign, word)
    return told


def _facts(rule: Rule) -> Iterator[Fact]:
    for quantity in rule.quantities():
        yield from facts_in(quantity.term)


def _rate_words(rate: Fraction) -> str:
    for times, sign in ((100, "%"), (1000, "‰")):
        shown = rate * times
        if shown.denominator == 1 or times == 1000:
            number = Decimal(shown.numerator) / Decimal(shown.denominator)
            return f"{number.normalize():f}{sign}"
    return str(rate)
