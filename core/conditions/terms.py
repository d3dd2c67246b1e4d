"""Values of a condition: facts, parameters, constants and arithmetic, with kinds and units checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction

from core.conditions.grammar import Syntax
from core.conditions.kinds import CALENDAR, KIND_NAMES, MEASURED, FactType, Kind
from core.conditions.nodes import (
    Arithmetic,
    Constant,
    Fact,
    Parameter,
    Period,
    Shifted,
    Span,
    Term,
    Window,
)
from core.conditions.tokens import ConditionFault
from core.conditions.units import PLAIN, Unit, combined, is_counted, unit_of

#: Places in which quotients and products are shown; they are compared exactly.
_DERIVED_PLACES = 4
MOST_PLACES = 6
#: periods that one ``sum`` or ``avg`` takes, at most
MOST_PERIODS = 36
_DECLARE = "；系统没有的数据，先在文件的 facts 部分声明"
_MONTHS_A_STEP = {Kind.YEAR: 12, Kind.QUARTER: 3, Kind.MONTH: 1, Kind.DATE: 1}
_SPAN_UNITS = {Kind.DATE: "天", Kind.MONTH: "个月", Kind.QUARTER: "个月", Kind.YEAR: "年"}


class Faulty(Exception):
    """This part has a fault that is noted already, or is about to be."""

    def __init__(self, at: int = 0, message: str = "") -> None:
        super().__init__(message)
        self.fault = ConditionFault(at, message) if message else None


class TermReader:
    """Reads values against the facts and parameters that there are; faults go to ``faults``."""

    def __init__(self, facts: Mapping[str, FactType], parameters: Mapping[str, FactType]) -> None:
        self.facts = facts
        self.parameters = parameters
        self.faults: list[ConditionFault] = []

    def read_terms(self, parts: tuple[Syntax, ...]) -> list[Term]:
        """Every part, so that the faults of both sides are told."""
        terms: list[Term] = []
        faulty = False
        for part in parts:
            try:
                terms.append(self.term(part))
            except Faulty as error:
                faulty = True
                if error.fault:
                    self.faults.append(error.fault)
        if faulty:
            raise Faulty
        return terms

    def term(self, syntax: Syntax) -> Term:
        match syntax.op:
            case "number":
                value, unit = syntax.value
                return Constant(Kind.RATIO if unit.is_ratio else Kind.NUMBER, value, unit)
            case "calendar":
                return Constant(syntax.value[0], syntax.value[1])
            case "text":
                return Constant(Kind.TEXT, syntax.value)
            case "truth":
                return Constant(Kind.FLAG, syntax.value)
            case "name":
                return self._named(syntax)
            case "negative":
                return self._negative(syntax)
            case "+" | "-" | "*" | "/":
                return self._arithmetic(syntax)
            case "min" | "max":
                return self._extreme(syntax)
            case "sum" | "avg":
                return self._window(syntax)
            case "broken":
                raise Faulty
        raise Faulty(syntax.at, "这里应是一个数，不是一个判断")

    def _named(self, syntax: Syntax) -> Term:
        name = syntax.value
        if name in self.parameters and not syntax.parts:
            return Parameter(self.parameters[name])
        fact = self.facts.get(name)
        if fact is None:
            near = get_close_matches(name, [*self.facts, *self.parameters], n=1)
            hint = f"，是不是 {near[0]}（{self._label(near[0])}）？" if near else _DECLARE
            raise Faulty(syntax.at, f"没有名为 {name} 的事实{hint}")
        if fact.per is None or (fact.bare and not syntax.parts):
            if syntax.parts:
                raise Faulty(syntax.at, f"{fact.label}（{name}）不分期，去掉方括号")
            return Fact(fact)
        return Fact(fact, self._period(fact, fact.per, syntax))

    def _label(self, name: str) -> str:
        return (self.facts.get(name) or self.parameters[name]).label

    def _period(self, fact: FactType, kind: Kind, syntax: Syntax) -> Period:
        example = {Kind.YEAR: "2021", Kind.MONTH: "2022-06", Kind.QUARTER: "2022Q1"}[kind]
        if not syntax.parts:
            raise Faulty(
                syntax.at, f"{fact.label}（{fact.name}）要写明{KIND_NAMES[kind]}，如 {fact.name}[{example}]"
            )
        term = self.term(syntax.parts[0])
        if kind is Kind.YEAR and _is_bare_whole(term):
            term = _as_year(term, syntax.parts[0].at)
        if isinstance(term, Constant) and term.kind is kind:
            return Period(kind, int(term.value))
        if isinstance(term, Parameter) and term.type.kind is kind:
            return Period(kind, 0, term.type.name)
        if isinstance(term, Shifted) and isinstance(term.term, Parameter) and term.kind is kind:
            return Period(kind, term.count // _MONTHS_A_STEP[kind], term.term.type.name)
        raise Faulty(syntax.parts[0].at, f"方括号里应是{KIND_NAMES[kind]}，如 {example}")

    def _window(self, syntax: Syntax) -> Term:
        """A fact over periods that follow each other, as the sum (or mean) that it stands for."""
        first, last = (self._named(Syntax("name", part.at, (part,), syntax.value)) for part in syntax.parts)
        if not isinstance(first, Fact) or not isinstance(last, Fact) or not first.period or not last.period:
            raise Faulty(syntax.at, f"{syntax.value} 不是分期的事实，不能逐期相加")
        if not is_measured(first):
            raise Faulty(syntax.at, f"{first.type.label}不是数，不能相加")
        begin, end = first.period, last.period
        count = end.ordinal - begin.ordinal + 1
        if begin.parameter != end.parameter or not 2 <= count <= MOST_PERIODS:
            message = f"从第一期写到最后一期，2 至 {MOST_PERIODS} 期，两头用同一个写法，如 month-11 to month"
            raise Faulty(syntax.at, message)
        unit = measure_of(first)
        total: Term = first
        for step in range(1, count):
            one = Fact(first.type, replace(begin, ordinal=begin.ordinal + step))
            total = Arithmetic("+", total, one, unit, places_in(first, unit))
        assert isinstance(total, Arithmetic)
        if syntax.op == "sum":
            return Window("+", total.left, total.right, unit, total.places, "sum")
        number = Constant(Kind.NUMBER, Fraction(count), PLAIN)
        return Window("/", total, number, unit, _DERIVED_PLACES, "avg")

    def _negative(self, syntax: Syntax) -> Term:
        term = self.term(syntax.parts[0])
        if not is_measured(term):
            raise Faulty(syntax.at, "负号后面应是一个数")
        if isinstance(term, Constant):
            return replace(term, value=-Fraction(term.value))
        unit = measure_of(term)
        return Arithmetic("-", Constant(Kind.NUMBER, Fraction(0), unit), term, unit, places_in(term, unit))

    def _arithmetic(self, syntax: Syntax) -> Term:
        left, right = self.read_terms(syntax.parts)
        if kind_of(left) in CALENDAR and syntax.op in "+-":
            return self._calendar(left, right, syntax)
        for term in (left, right):
            if not is_measured(term):
                raise Faulty(syntax.at, f"{KIND_NAMES[kind_of(term)]}不能用来加减乘除")
        if syntax.op in "+-":
            left = self.fitted(left, right, syntax) if isinstance(left, Constant) else left
            right = self.fitted(right, left, syntax)
            unit = measure_of(right if isinstance(left, Constant) else left)
            places = max(places_in(left, unit), places_in(right, unit))
            return Arithmetic(syntax.op, left, right, unit, places)
        if syntax.op == "/" and isinstance(right, Constant) and Fraction(right.value) <= 0:
            raise Faulty(syntax.at, "除数应大于 0")
        unit = combined(measure_of(left), measure_of(right), 1 if syntax.op == "*" else -1)
        return Arithmetic(syntax.op, left, right, unit, _DERIVED_PLACES)

    def _extreme(self, syntax: Syntax) -> Term:
        """The lowest or the highest of several quantities of one measure."""
        first, *others = self.read_terms(syntax.parts)
        for other in (first, *others):
            if not is_measured(other):
                raise Faulty(syntax.at, f"{KIND_NAMES[kind_of(other)]}不能用在 {syntax.op} 里")
        for other in others:
            left = self.fitted(first, other, syntax) if isinstance(first, Constant) else first
            right = self.fitted(other, left, syntax)
            unit = measure_of(right if isinstance(left, Constant) else left)
            places = max(places_in(left, unit), places_in(right, unit))
            first = Arithmetic(syntax.op, left, right, unit, places)
        return first

    def _calendar(self, left: Term, right: Term, syntax: Syntax) -> Term:
        kind = kind_of(left)
        if kind_of(right) is kind and syntax.op == "-":
            return Span(left, right, unit_of(_SPAN_UNITS[kind]))
        if not isinstance(right, Constant) or not is_measured(right):
            raise Faulty(syntax.at, f"{KIND_NAMES[kind]}只能加减写明的时间，如 {syntax.op} 2年")
        sign = 1 if syntax.op == "+" else -1
        count, in_days = _steps(kind, right, syntax.at)
        if isinstance(left, Shifted) and left.in_days == in_days:
            return replace(left, count=left.count + sign * count)
        return Shifted(left, kind, sign * count, in_days)

    def fitted(self, term: Term, other: Term, syntax: Syntax) -> Term:
        """``term`` beside ``other``: a bare number takes its unit; another quantity is a fault."""
        kind, wanted = kind_of(term), kind_of(other)
        if wanted is Kind.YEAR and _is_bare_whole(term):
            return _as_year(term, syntax.at)
        if is_measured(term) and is_measured(other):
            return self._fitted_number(term, other, syntax)
        if wanted is Kind.TAGS:
            return term
        if kind is not wanted:
            raise Faulty(syntax.at, f"{_described(other)}，不能与 {_named(term)} 比较")
        return term

    def _fitted_number(self, term: Term, other: Term, syntax: Syntax) -> Term:
        unit, wanted = measure_of(term), measure_of(other)
        if (
            isinstance(term, Constant)
            and unit == PLAIN
            and _is_ratio_fact(other)
            and Fraction(term.value) > 1
        ):
            raise Faulty(
                syntax.at, f"{_described(other)}，请写 {term.text}%；确是 {term.text} 倍的写 {term.text}倍"
            )
        if unit.dimensions == wanted.dimensions:
            return term
        if isinstance(term, Constant) and unit == PLAIN:
            if not term.value or is_counted(wanted):
                return replace(term, value=Fraction(term.value) * wanted.scale, unit=wanted)
            raise Faulty(syntax.at, f"{_described(other)}，数字后面请写单位，如 {term.text}{wanted.label}")
        if isinstance(other, Constant) and measure_of(other) == PLAIN:
            return term  # the bare number is fitted in its turn
        hint = "；两个都是个数的，声明时写同一个 unit" if _is_share_of_counts(other) else ""
        raise Faulty(syntax.at, f"{_described(other)}，不能与 {_named(term)} 比较或加减{hint}")


def kind_of(term: Term) -> Kind:
    if isinstance(term, Fact | Parameter):
        return term.type.kind
    if isinstance(term, Constant | Shifted):
        return term.kind
    return Kind.NUMBER


def is_measured(term: Term) -> bool:
    return kind_of(term) in MEASURED


def measure_of(term: Term) -> Unit:
    if isinstance(term, Fact | Parameter):
        return term.type.measure
    return getattr(term, "unit", None) or PLAIN


def places_in(term: Term, unit: Unit) -> int:
    """The decimal places that the term's values need in ``unit``, at most ``MOST_PLACES``."""
    if isinstance(term, Arithmetic):
        return term.places
    if isinstance(term, Fact | Parameter):
        last = term.type.step / unit.scale
    elif isinstance(term, Constant):
        last = Fraction(term.value) / unit.scale
    else:
        return 0
    return next(
        (places for places in range(MOST_PLACES) if (last * 10**places).denominator == 1), MOST_PLACES
    )


def _is_ratio_fact(term: Term) -> bool:
    return isinstance(term, Fact | Parameter) and term.type.kind is Kind.RATIO


def _is_share_of_counts(term: Term) -> bool:
    """``rank / ranked``, counted in 个 and 家."""
    if not isinstance(term, Arithmetic) or term.op != "/":
        return False
    return all(is_counted(measure_of(side)) for side in (term.left, term.right))


def _is_bare_whole(term: Term) -> bool:
    return isinstance(term, Constant) and term.unit == PLAIN and Fraction(term.value).denominator == 1


def _as_year(term: Term, at: int) -> Constant:
    year = int(term.value) if isinstance(term, Constant) else 0
    if not 1900 <= year <= 2999:
        raise Faulty(at, f"{year} 不像年度")
    return Constant(Kind.YEAR, year)


def _steps(kind: Kind, duration: Constant, at: int) -> tuple[int, bool]:
    """Whole months, or days and ``True``; a bare number counts the kind's own steps, except for dates."""
    unit, value = measure_of(duration), Fraction(duration.value)
    if unit == PLAIN and kind is not Kind.DATE:
        months, in_days = value * _MONTHS_A_STEP[kind], False
    else:
        months, in_days = value, unit.label == "天"
    right_unit = unit == PLAIN or unit.dimensions in ((("months", 1),), (("days", 1),))
    if not right_unit or (in_days and kind is not Kind.DATE) or (unit == PLAIN and kind is Kind.DATE):
        raise Faulty(at, f"{KIND_NAMES[kind]}只能加减写明的时间，如 2年")
    if months.denominator != 1 or (not in_days and months % _MONTHS_A_STEP[kind]):
        raise Faulty(at, f"{KIND_NAMES[kind]}只能加减整数的时间")
    return int(months), in_days


def _described(term: Term) -> str:
    name = f"{term.type.label}（{term.type.name}）" if isinstance(term, Fact | Parameter) else f"{term.text} "
    if is_measured(term):
        unit = measure_of(term)
        return f"{name}的单位是 {unit.label}" if unit.label else f"{name}没有单位"
    return f"{name}是{KIND_NAMES[kind_of(term)]}"


def _named(term: Term) -> str:
    if not isinstance(term, Fact | Parameter):
        return term.text
    unit = f"，{term.type.unit}" if term.type.unit else ""
    return f"{term.type.label}（{term.type.name}{unit}）"
