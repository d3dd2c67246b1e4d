"""The meaning of a condition: typed, frozen, hashable, and able to write itself down again. Pure.

``not`` is gone: it is pushed down to the criteria while reading (De Morgan holds with unknown too), so a
criterion's gap is always how much is missing from what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from core.conditions.columns import FactKey
from core.conditions.kinds import (
    CALENDAR,
    MEASURED,
    FactType,
    Kind,
    calendar_value,
    exact_of,
    ordinal_of,
)
from core.conditions.units import Unit


@dataclass(frozen=True, slots=True)
class Period:
    """``parameter`` and a whole number of its steps, or no parameter and the period's own number."""

    kind: Kind
    ordinal: int
    parameter: str = ""

    @property
    def text(self) -> str:
        if self.parameter:
            return self.parameter + (f"{self.ordinal:+d}" if self.ordinal else "")
        return str(calendar_value(self.kind, self.ordinal))


@dataclass(frozen=True, slots=True)
class Fact:
    type: FactType
    period: Period | None = None

    @property
    def key(self) -> FactKey:
        """Raises ``ValueError`` while the period still hangs on a parameter."""
        if self.period is None:
            return FactKey(self.type.name)
        if self.period.parameter:
            raise ValueError(f"{self.text}: the parameter {self.period.parameter} is not given")
        return FactKey(self.type.name, self.period.kind, self.period.ordinal)

    @property
    def text(self) -> str:
        return self.type.name if self.period is None else f"{self.type.name}[{self.period.text}]"


@dataclass(frozen=True, slots=True)
class Parameter:
    type: FactType

    @property
    def text(self) -> str:
        return self.type.name


@dataclass(frozen=True, slots=True)
class Constant:
    """A number in base units with the unit it is written in, or an ordinal, a text, a truth."""

    kind: Kind
    value: Fraction | int | str | bool
    unit: Unit | None = None

    @property
    def text(self) -> str:
        if self.kind in CALENDAR:
            return str(calendar_value(self.kind, int(self.value)))
        if self.kind is Kind.TEXT:
            return f"'{self.value}'" if '"' in str(self.value) else f'"{self.value}"'
        if self.kind is Kind.FLAG:
            return "true" if self.value else "false"
        unit = self.unit
        return decimal_text(Fraction(self.value) / (unit.scale if unit else 1)) + (unit.label if unit else "")


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``op`` is ``+ - * /``, ``min`` or ``max``; ``unit`` and ``places`` are how the result is shown, it is kept exact."""

    op: str
    left: Term
    right: Term
    unit: Unit
    places: int

    @property
    def text(self) -> str:
        if self.is_extreme:
            return f"{self.op}({', '.join(term.text for term in self.items)})"
        level = _level(self)
        left = f"({self.left.text})" if _level(self.left) < level else self.left.text
        nested = _level(self.right) < level or (_level(self.right) == level and self.op in "-/")
        return f"{left} {self.op} {f'({self.right.text})' if nested else self.right.text}"

    @property
    def is_extreme(self) -> bool:
        return self.op in ("min", "max")

    @property
    def items(self) -> tuple[Term, ...]:
        """The two sides; of a lowest or highest all that are compared."""
        if self.is_extreme and isinstance(self.left, Arithmetic) and self.left.op == self.op:
            return (*self.left.items, self.right)
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Window(Arithmetic):
    """One fact added up (``sum``) or averaged (``avg``) over periods that follow each other; told as one thing."""

    way: str = "sum"

    @property
    def ends(self) -> tuple[Fact, Fact]:
        """The first and the last period."""
        facts = list(facts_in(self))
        return facts[0], facts[-1]

    @property
    def text(self) -> str:
        first, last = self.ends
        until = last.period.text if last.period else ""
        return f"{self.way}({first.text.removesuffix(']')} to {until}])"


@dataclass(frozen=True, slots=True)
class Shifted:
    """A date or period moved by whole months, or a date by days; a day that a month lacks is its last."""

    term: Term
    kind: Kind
    count: int
    in_days: bool

    @property
    def text(self) -> str:
        count = abs(self.count)
        in_months = f"{count}个月" if count % 12 else f"{count // 12}年"
        amount = f"{count}天" if self.in_days else in_months
        return f"{self.term.text} {'-' if self.count < 0 else '+'} {amount}"


@dataclass(frozen=True, slots=True)
class Span:
    """From ``right`` to ``left``: days between dates, months between months, years between years."""

    left: Term
    right: Term
    unit: Unit

    @property
    def text(self) -> str:
        right = f"({self.right.text})" if isinstance(self.right, Shifted) else self.right.text
        return f"{self.left.text} - {right}"


Term = Fact | Parameter | Constant | Arithmetic | Shifted | Span

#: The criterion that holds exactly when the other does not.
INVERSE = {
    ">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "==",
    "between": "outside", "outside": "between",
    "in": "not in", "not in": "in", "known": "unknown", "unknown": "known", "has": "lacks", "lacks": "has",
}  # fmt: skip
#: Criteria that say by how much they are met or missed.
GRADED = frozenset({">=", "<", ">", "<=", "==", "!=", "between", "outside"})


@dataclass(frozen=True, slots=True)
class Criterion:
    """One leaf. ``unit`` and ``places`` are those of its value, bound and gap; ``unit`` is ``None`` for what
    has none. Calendar criteria count in days, months, quarters or years."""

    op: str
    left: Term
    right: tuple[Term, ...] = ()
    unit: Unit | None = None
    places: int = 0
    kind: Kind = Kind.NUMBER
    at: int = field(default=0, compare=False)

    @property
    def is_graded(self) -> bool:
        return self.op in GRADED and (self.kind in MEASURED or self.kind in CALENDAR)

    @property
    def step(self) -> Fraction:
        """The last place of value, bound and gap in base units."""
        return (self.unit.scale if self.unit else Fraction(1)) / Fraction(10**self.places)

    @property
    def text(self) -> str:
        left = self.left.text
        right = ", ".join(term.text for term in self.right)
        match self.op:
            case "between":
                return f"{left} between {self.right[0].text} and {self.right[1].text}"
            case "outside":
                return f"not {left} between {self.right[0].text} and {self.right[1].text}"
            case "in" | "not in":
                return f"{left} {self.op} ({right})"
            case "known" | "unknown":
                return f"{left} is {self.op}"
            case "has":
                return f"{left} has {right}"
            case "lacks":
                return f"not {left} has {right}"
        if self.kind is Kind.FLAG:
            return left if (self.op == "==") == bool(_value_of(self.right[0])) else f"not {left}"
        return f"{left} {self.op} {right}"


@dataclass(frozen=True, slots=True)
class Always:
    """``true`` or ``false`` written out: an award without conditions."""

    holds: bool

    @property
    def text(self) -> str:
        return "true" if self.holds else "false"


@dataclass(frozen=True, slots=True)
class AllOf:
    items: tuple[Clause, ...]

    @property
    def text(self) -> str:
        return " and ".join(f"({item.text})" if isinstance(item, AnyOf) else item.text for item in self.items)


@dataclass(frozen=True, slots=True)
class AnyOf:
    items: tuple[Clause, ...]

    @property
    def text(self) -> str:
        return " or ".join(item.text for item in self.items)


Clause = Criterion | Always | AllOf | AnyOf


def decimal_text(value: Fraction) -> str:
    """A terminating fraction written out without exponent: ``0.5``, ``-3``, ``1000``."""
    with localcontext() as context:
        context.prec = 60
        number = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{number.normalize():f}" if number else "0"


def criteria_of(clause: Clause) -> Iterator[Criterion]:
    """The leaves in the order in which they are written."""
    if isinstance(clause, Criterion):
        yield clause
    elif isinstance(clause, AllOf | AnyOf):
        for item in clause.items:
            yield from criteria_of(item)


def facts_in(term: Term) -> Iterator[Fact]:
    if isinstance(term, Fact):
        yield term
    elif isinstance(term, Shifted):
        yield from facts_in(term.term)
    elif isinstance(term, Arithmetic | Span):
        yield from facts_in(term.left)
        yield from facts_in(term.right)


def facts_of(clause: Clause) -> list[Fact]:
    """Every fact once, in the order of first use."""
    terms = (term for criterion in criteria_of(clause) for term in (criterion.left, *criterion.right))
    return list(dict.fromkeys(fact for term in terms for fact in facts_in(term)))


def bind_clause(clause: Clause, given: Mapping[str, Any]) -> Clause:
    """The clause with parameters replaced by their values; those without a value stay and are unknown."""
    if isinstance(clause, Criterion):
        right = tuple(bind_term(term, given) for term in clause.right)
        return replace(clause, left=bind_term(clause.left, given), right=right)
    if isinstance(clause, AllOf | AnyOf):
        return replace(clause, items=tuple(bind_clause(item, given) for item in clause.items))
    return clause


def bind_term(term: Term, given: Mapping[str, Any]) -> Term:
    if isinstance(term, Parameter):
        value = given.get(term.type.name)
        return term if value is None else constant_of(term.type, value)
    if isinstance(term, Fact) and term.period is not None and term.period.parameter:
        value = given.get(term.period.parameter)
        if value is None:
            return term
        ordinal = ordinal_of(term.period.kind, value) + term.period.ordinal
        return replace(term, period=Period(term.period.kind, ordinal))
    if isinstance(term, Shifted):
        return replace(term, term=bind_term(term.term, given))
    if isinstance(term, Arithmetic | Span):
        return replace(term, left=bind_term(term.left, given), right=bind_term(term.right, given))
    return term


def constant_of(parameter: FactType, value: Any) -> Constant:
    """The constant that a parameter's value is; raises ``ValueError`` or ``TypeError`` for another kind."""
    if parameter.kind in CALENDAR:
        return Constant(parameter.kind, ordinal_of(parameter.kind, value))
    if parameter.is_measured:
        unit = parameter.measure
        return Constant(parameter.kind, exact_of(value) * (1 if unit.is_ratio else unit.scale), unit)
    wanted = bool if parameter.kind is Kind.FLAG else str
    if not isinstance(value, wanted):
        raise TypeError(f"{parameter.name}: {value!r} is not {wanted.__name__}")
    return Constant(parameter.kind, value)


def _level(term: Term) -> int:
    if isinstance(term, Window):
        return 3
    if isinstance(term, Arithmetic) and not term.is_extreme:
        return 1 if term.op in "+-" else 2
    return 1 if isinstance(term, Shifted | Span) else 3


def _value_of(term: Term) -> Any:
    return term.value if isinstance(term, Constant) else True
