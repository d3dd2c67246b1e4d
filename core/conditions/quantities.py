"""A quantity: the arithmetic of the condition language without a comparison, exact over whole columns. Pure.

quantity = read_quantity("main_revenue[year] - main_revenue[year-1]", catalogue)[0]
measured = quantity.measure(frame, {"year": 2022}, step=Fraction(1, 100))   # whole fen, rounded down
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions.columns import Column, FactKey, Frame
from core.conditions.exact import INT64, TooWide
from core.conditions.grammar import read_syntax
from core.conditions.kinds import YEAR, FactType, Kind
from core.conditions.measuring import Work
from core.conditions.nodes import Constant, Term, bind_term, facts_in
from core.conditions.terms import Faulty, TermReader, kind_of, measure_of
from core.conditions.tokens import ConditionFault
from core.conditions.units import Unit

#: Rows whose facts all stay below are computed in int64, the others with Python's whole numbers.
_SIZES = (2**45, 2**40, 2**36, 2**31, 2**26, 2**20)


@dataclass(frozen=True, eq=False)
class Measured:
    """``whole`` of ``step`` a row (in base units), 0 where not ``known``; ``lacks`` names each fact with its mask of known rows,
    ``bases`` the facts of each divisor with the rows in which it is greater than zero."""

    whole: NDArray[np.int64]
    known: NDArray[np.bool_]
    lacks: tuple[tuple[str, NDArray[np.bool_]], ...]
    bases: tuple[tuple[tuple[str, ...], NDArray[np.bool_]], ...]
    step: Fraction

    def missing(self, row: int) -> tuple[str, ...]:
        """The facts for want of which the row is unknown."""
        names = [name for name, known in self.lacks if not known[row]]
        names += [name for keys, fine in self.bases if not fine[row] for name in keys]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Quantity:
    term: Term

    @property
    def text(self) -> str:
        return self.term.text

    @property
    def kind(self) -> Kind:
        return kind_of(self.term)

    @property
    def unit(self) -> Unit:
        """How it is written; ``unit.scale`` is one of it in base units, ``unit.dimensions`` what it measures."""
        return measure_of(self.term)

    @property
    def constant(self) -> Fraction | None:
        """The value in base units of a quantity without facts that is one number; else ``None``."""
        is_number = isinstance(self.term, Constant) and not isinstance(self.term.value, str)
        return Fraction(self.term.value) if is_number and isinstance(self.term, Constant) else None

    def needs(self, parameters: Mapping[str, Any]) -> tuple[FactKey, ...]:
        """The facts with their periods; raises ``ValueError`` when a period's parameter is not given."""
        return tuple(dict.fromkeys(fact.key for fact in facts_in(bind_term(self.term, parameters))))

    def measure(
        self, frame: Frame, parameters: Mapping[str, Any], step: Fraction, *, up: bool = False
    ) -> Measured:
        """How many ``step`` (in base units: 元, 人, 1 for a ratio) each row holds, rounded down or ``up``, exact.

        A row is unknown when a fact is, or when a divisor is not greater than zero. What no int64 holds is
        clipped to its ends: the caller has a limit of his own.
        """
        term = bind_term(self.term, parameters)
        keys = [str(fact.key) for fact in dict.fromkeys(facts_in(term))]
        columns = {key: frame.columns[key] for key in keys}
        whole, found = _in_both_widths(term, columns, frame.size, -step if up else step)
        whole = -whole if up else whole
        lacks = tuple((key, column.known) for key, column in columns.items())
        bases = tuple((names, np.broadcast_to(mask, frame.size)) for names, mask in found.items())
        known = np.ones(frame.size, np.bool_)
        for _, mask in (*lacks, *bases):
            known &= mask
        return Measured(np.where(known, whole, 0), known, lacks, bases, step)


Bases = dict[tuple[str, ...], NDArray[np.bool_]]


def read_quantity(
    text: str, catalogue: Mapping[str, FactType], parameters: Iterable[FactType] = (YEAR,)
) -> tuple[Quantity | None, tuple[ConditionFault, ...]]:
    """The quantity that ``text`` states, or every fault; see ``core.conditions.read_condition``."""
    syntax, faults = read_syntax(text)
    reader = TermReader(catalogue, {parameter.name: parameter for parameter in parameters})
    try:
        term = reader.term(syntax)
    except Faulty as error:
        found = {*faults, *reader.faults, *([error.fault] if error.fault else [])}
        return None, tuple(sorted(found))
    found = {*faults, *reader.faults}
    return (None, tuple(sorted(found))) if found else (Quantity(term), ())


def _in_both_widths(
    term: Term, columns: Mapping[str, Column], size: int, step: Fraction
) -> tuple[NDArray[np.int64], Bases]:
    """All rows in int64 where that is safe; otherwise the rows with the largest figures apart."""
    try:
        return _floored(term, columns, size, step, INT64)
    except TooWide:
        pass
    largest = np.zeros(size, np.int64)
    for column in columns.values():
        largest = np.maximum(largest, abs(column.values))
    for limit in _SIZES:
        small = largest < limit
        try:
            near = _floored(term, _taken(columns, small), int(small.sum()), step, INT64)
        except TooWide:
            continue
        far = _floored(term, _taken(columns, ~small), int((~small).sum()), step, None)
        whole = np.empty(size, np.int64)
        whole[small], whole[~small] = near[0], far[0]
        bases: Bases = {}
        for names, mask in near[1].items():
            bases[names] = np.empty(size, np.bool_)
            bases[names][small], bases[names][~small] = mask, far[1][names]
        return whole, bases
    return _floored(term, columns, size, step, None)


def _taken(columns: Mapping[str, Column], rows: NDArray[np.bool_]) -> dict[str, Column]:
    return {key: column.take(rows) for key, column in columns.items()}


def _floored(
    term: Term, columns: Mapping[str, Column], size: int, step: Fraction, limit: int | None
) -> tuple[NDArray[np.int64], Bases]:
    work = Work(columns, limit)
    exact = work.exact(term)
    factor = exact.scale / step  # below zero where the caller rounds up
    top, below = exact.top.times(factor.numerator), exact.below.times(factor.denominator)
    whole: Any = top.whole // below.whole
    if limit is None:
        whole = np.clip(np.asarray(whole, dtype=object), -INT64, INT64).astype(np.int64)
    return np.array(np.broadcast_to(whole, size), np.int64), {
        names: np.array(np.broadcast_to(mask, size), np.bool_) for names, mask in work.bases.items()
    }
