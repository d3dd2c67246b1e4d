"""From the tree of operators to a typed clause; every fault of units, kinds and names at once. Pure."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction

from core.conditions.grammar import COMPARISONS, Syntax
from core.conditions.kinds import CALENDAR, KIND_NAMES, Kind
from core.conditions.nodes import (
    INVERSE,
    AllOf,
    Always,
    AnyOf,
    Clause,
    Constant,
    Criterion,
    Fact,
    Parameter,
    Term,
)
from core.conditions.terms import MOST_PLACES, Faulty, TermReader, kind_of, measure_of, places_in
from core.conditions.tokens import ConditionFault


class Reader(TermReader):
    """Reads clauses; the values in them are read by ``TermReader``."""

    def clause(self, syntax: Syntax, positive: bool = True) -> Clause:
        """A clause, or a placeholder when a fault was noted."""
        if syntax.op in ("and", "or"):
            return self._junction(syntax, positive)
        if syntax.op == "not":
            return self.clause(syntax.parts[0], not positive)
        if syntax.op == "truth":
            return Always(syntax.value is positive)
        try:
            criterion = self._criterion(syntax)
            return criterion if positive else replace(criterion, op=INVERSE[criterion.op])
        except Faulty as error:
            if error.fault:
                self.faults.append(error.fault)
            return Always(holds=False)

    def _junction(self, syntax: Syntax, positive: bool) -> Clause:
        kind = AllOf if (syntax.op == "and") is positive else AnyOf
        items: list[Clause] = []
        for part in syntax.parts:
            item = self.clause(part, positive)
            items.extend(item.items if isinstance(item, kind) else [item])
        return kind(tuple(items))

    def _criterion(self, syntax: Syntax) -> Criterion:
        if syntax.op in (*COMPARISONS, "between", "in"):
            return self._comparison(syntax)
        if syntax.op in ("known", "unknown"):
            fact = self.term(syntax.parts[0])
            if not isinstance(fact, Fact):
                raise Faulty(syntax.at, "已知、未知前面只能是一个事实")
            return Criterion(syntax.op, fact, kind=fact.type.kind, at=syntax.at)
        if syntax.op == "has":
            return self._has(syntax)
        if syntax.op == "broken":
            raise Faulty
        term = self.term(syntax)
        if isinstance(term, Fact | Parameter) and term.type.kind is Kind.FLAG:
            return Criterion("==", term, (Constant(Kind.FLAG, value=True),), kind=Kind.FLAG, at=syntax.at)
        raise Faulty(syntax.at, "这里应是一个判断，缺少比较，如 >= 500万元")

    def _has(self, syntax: Syntax) -> Criterion:
        left, right = self.read_terms(syntax.parts)
        if not (isinstance(left, Fact) and left.type.kind is Kind.TAGS):
            raise Faulty(syntax.at, "has（含）前面只能是多项标签的事实")
        if not isinstance(right, Constant) or right.kind is not Kind.TEXT:
            raise Faulty(syntax.at, "has（含）后面写一个加引号的文字")
        self._check_words(left, (right,), syntax)
        return Criterion("has", left, (right,), kind=Kind.TAGS, at=syntax.at)

    def _comparison(self, syntax: Syntax) -> Criterion:
        left, *right = self.read_terms(syntax.parts)
        if isinstance(left, Constant) and syntax.op in COMPARISONS:
            left = self.fitted(left, right[0], syntax)
        right = [self.fitted(term, left, syntax) for term in right]
        kind = kind_of(left)
        if kind in (Kind.TEXT, Kind.FLAG, Kind.TAGS):
            self._check_equality(left, right, syntax)
            return Criterion(syntax.op, left, tuple(right), kind=kind, at=syntax.at)
        if syntax.op == "between":
            self._check_ends(right, syntax)
        if kind in CALENDAR:
            return Criterion(syntax.op, left, tuple(right), kind=kind, at=syntax.at)
        unit = measure_of(right[0] if isinstance(left, Constant) else left)
        places = max(places_in(term, unit) for term in (left, *right))
        return Criterion(syntax.op, left, tuple(right), unit, min(places, MOST_PLACES), kind, syntax.at)

    def _check_equality(self, left: Term, right: list[Term], syntax: Syntax) -> None:
        kind = kind_of(left)
        if kind is Kind.TAGS:
            raise Faulty(syntax.at, '多项标签请用 has（含），如 honours has "专精特新"')
        if syntax.op not in ("==", "!=", "in"):
            raise Faulty(syntax.at, f"{KIND_NAMES[kind]}只能用 ==、!= 或 in 比较")
        if not isinstance(left, Fact) or any(isinstance(term, Fact) for term in right):
            raise Faulty(syntax.at, f"{KIND_NAMES[kind]}的左边写一个事实，右边写固定的值")
        if kind is Kind.FLAG and (syntax.op == "in" or not isinstance(right[0], Constant)):
            raise Faulty(syntax.at, "是或否只与 true、false 比较，或直接写事实的名字")
        self._check_words(left, right, syntax)

    def _check_words(
        self, left: Fact | Parameter, right: list[Term] | tuple[Term, ...], syntax: Syntax
    ) -> None:
        words = left.type.words
        for term, part in zip(right, syntax.parts[1:], strict=True):
            if isinstance(term, Constant) and words and str(term.value) not in words:
                near = get_close_matches(str(term.value), words, n=1, cutoff=0.4)
                hint = f"，是不是“{near[0]}”？" if near else f"；可用：{'、'.join(words[:12])}"
                self.faults.append(ConditionFault(part.at, f"{left.type.label}没有“{term.value}”{hint}"))

    def _check_ends(self, ends: list[Term], syntax: Syntax) -> None:
        low, high = ends
        if (
            isinstance(low, Constant)
            and isinstance(high, Constant)
            and Fraction(low.value) > Fraction(high.value)
        ):
            raise Faulty(syntax.at, f"下限 {low.text} 大于上限 {high.text}")
