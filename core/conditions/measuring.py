"""One criterion over whole columns: outcome, value, bound and gap of every row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions.columns import Column, Frame
from core.conditions.exact import INT64, Exact, Sized, TooWide
from core.conditions.kinds import CALENDAR, MEASURED, Kind
from core.conditions.nodes import (
    Arithmetic,
    Constant,
    Criterion,
    Fact,
    Parameter,
    Shifted,
    Span,
    Term,
    facts_in,
)
from core.verdicts import UNKNOWN, Outcomes

#: Rows whose facts all stay below are computed in int64, the others with Python's whole numbers.
_SIZES = (2**45, 2**40, 2**36, 2**31, 2**26, 2**20)
_YEAR_ZERO = 1970 * 12


@dataclass(frozen=True, eq=False)
class Leaf:
    """One criterion judged for all rows; all arrays are aligned.

    ``value``, ``bound`` and ``gap`` are whole numbers of ``criterion.step``: 10^-places of ``criterion.unit``,
    or days, months, quarters, years. ``gap`` ≥ 0 says by how much the criterion is met, < 0 by how much it is
    missed; 0 is exactly at the bound. It is rounded away from zero, value and bound half up, and a rounded
    value never reaches a bound that it does not reach. For texts and flags (``criterion.is_graded`` is false)
    ``value`` is the word's number or 0/1, ``bound`` and ``gap`` mean nothing; nor does any number where the
    outcome is unknown. The arrays may be read-only.

    ``lacks``: (fact or parameter, known mask) of all that the criterion reads; ``bases``: (facts of a
    divisor, mask of the rows in which it is greater than zero).
    """

    criterion: Criterion
    outcome: Outcomes
    value: NDArray[Any]
    bound: NDArray[Any]
    gap: NDArray[Any]
    words: tuple[str, ...] = ()
    lacks: tuple[tuple[str, NDArray[np.bool_]], ...] = ()
    bases: tuple[tuple[tuple[str, ...], NDArray[np.bool_]], ...] = ()


@dataclass
class _Numbers:
    value: Any
    bound: Any
    gap: Any
    holds: Any
    #: divisors' facts → rows in which the divisor is greater than zero
    bases: dict[tuple[str, ...], NDArray[np.bool_]] = field(default_factory=dict)


def measure(criterion: Criterion, frame: Frame) -> Leaf:
    """Raises ``KeyError`` when the frame lacks a fact of the criterion."""
    terms = (criterion.left, *criterion.right)
    facts = dict.fromkeys(fact for term in terms for fact in facts_in(term))
    columns = {str(fact.key): frame.columns[str(fact.key)] for fact in facts}
    masks = [(key, column.known) for key, column in columns.items()]
    masks += [(name, np.zeros(frame.size, dtype=bool)) for name in _unset(terms)]
    known = np.ones(frame.size, dtype=bool)
    for _, mask in masks:
        known = known & mask
    if criterion.op in ("known", "unknown"):
        holds = known if criterion.op == "known" else ~known
        return _leaf(criterion, frame.size, _Numbers(0, 0, 0, holds), np.ones(frame.size, dtype=bool))
    words: tuple[str, ...] = ()
    if _unset(terms):
        numbers = _Numbers(0, 0, 0, np.False_)
    elif criterion.kind in MEASURED:
        numbers = _in_both_widths(criterion, frame.size, columns)
    elif criterion.kind in CALENDAR:
        numbers = _compared(criterion, [_ordinals(term, columns) for term in terms])
    else:
        numbers, words = _worded(criterion, columns)
    bases = tuple((keys, np.broadcast_to(mask, frame.size)) for keys, mask in numbers.bases.items())
    for _, mask in bases:
        known = known & mask
    return _leaf(criterion, frame.size, numbers, known, words, tuple(masks), bases)


def _leaf(criterion: Criterion, size: int, numbers: _Numbers, known: NDArray[np.bool_], *rest: Any) -> Leaf:
    outcome = np.array(np.broadcast_to(numbers.holds, size), dtype=np.int8)
    outcome[~known] = UNKNOWN
    value, bound, gap = (
        np.broadcast_to(array, size) for array in (numbers.value, numbers.bound, numbers.gap)
    )
    return Leaf(criterion, outcome, value, bound, gap, *rest)


def _unset(terms: tuple[Term, ...]) -> list[str]:
    """The parameters that were not given."""
    names: list[str] = []
    for term in terms:
        if isinstance(term, Parameter):
            names.append(term.type.name)
        elif isinstance(term, Shifted):
            names += _unset((term.term,))
        elif isinstance(term, Arithmetic | Span):
            names += _unset((term.left, term.right))
    return list(dict.fromkeys(names))


def _in_both_widths(criterion: Criterion, size: int, columns: Mapping[str, Column]) -> _Numbers:
    """All rows in int64 where that is safe; otherwise the rows with the largest figures apart."""
    try:
        return _measured(criterion, columns, INT64)
    except TooWide:
        pass
    largest = np.zeros(size, dtype=np.int64)
    for column in columns.values():
        largest = np.maximum(largest, abs(column.values))
    for limit in _SIZES:
        small = largest < limit
        try:
            near = _measured(criterion, {key: column.take(small) for key, column in columns.items()}, INT64)
        except TooWide:
            continue
        far = _measured(criterion, {key: column.take(~small) for key, column in columns.items()}, None)
        return _joined(small, near, far)
    return _measured(criterion, columns, None)


def _joined(small: NDArray[np.bool_], near: _Numbers, far: _Numbers) -> _Numbers:
    def join(first: Any, second: Any, dtype: type) -> NDArray[Any]:
        whole: NDArray[Any] = np.empty(len(small), dtype=dtype)
        whole[small], whole[~small] = first, second
        return whole

    bases = {keys: join(mask, far.bases[keys], bool) for keys, mask in near.bases.items()}
    value, bound, gap = (
        join(getattr(near, name), getattr(far, name), np.int64) for name in ("value", "bound", "gap")
    )
    return _Numbers(value, bound, gap, join(near.holds, far.holds, bool), bases)


def _measured(criterion: Criterion, columns: Mapping[str, Column], limit: int | None) -> _Numbers:
    work = Work(columns, limit)
    left, *bounds = (work.exact(term) for term in (criterion.left, *criterion.right))
    steps = [_clipped(number.in_steps(criterion.step)) for number in (left, *bounds)]
    gaps = [_clipped(left.plus(bound, -1).in_steps_away(criterion.step)) for bound in bounds]
    numbers = _compared(criterion, steps, gaps)
    numbers.bases = work.bases
    return numbers


def _clipped(number: Sized) -> Any:
    """Back to int64 for telling; the sign is kept, only the very largest figures lose their size."""
    if number.limit is not None:
        return number.whole
    clipped = np.clip(np.asarray(number.whole, dtype=object), -INT64, INT64)
    return np.asarray(clipped, dtype=object).astype(np.int64)  # one number for all rows is no array by itself


def _compared(criterion: Criterion, steps: list[Any], gaps: list[Any] | None = None) -> _Numbers:
    """``steps``: value and bounds; ``gaps``: value − bound, whose sign is exact."""
    value, *bounds = steps
    if gaps is None:
        gaps = [value - bound for bound in bounds]
    if criterion.op in ("in", "not in"):
        found = np.logical_or.reduce([np.equal(gap, 0) for gap in np.broadcast_arrays(*gaps)])
        return _Numbers(value, 0, 0, found if criterion.op == "in" else ~found)
    gap, bound = gaps[0], bounds[0]
    if criterion.op in ("between", "outside"):
        upper_nearer = gap > -gaps[1]
        inside = np.where(upper_nearer, -gaps[1], gap)
        bound = np.where(upper_nearer, bounds[1], bound)
        gap = np.where(upper_nearer, gaps[1], gap)
        value = _short_of(value, bound, gap)
        return (
            _graded(value, bound, inside, at_bound=True)
            if criterion.op == "between"
            else _graded(value, bound, -inside)
        )
    value = _short_of(value, bound, gap)
    if criterion.op in ("==", "!="):
        away = abs(gap)
        return (
            _graded(value, bound, -away, at_bound=True)
            if criterion.op == "=="
            else _graded(value, bound, away)
        )
    margin = gap if criterion.op in (">=", ">") else -gap
    return _graded(value, bound, margin, at_bound=criterion.op in (">=", "<="))


def _graded(value: Any, bound: Any, margin: Any, *, at_bound: bool = False) -> _Numbers:
    return _Numbers(value, bound, margin, margin >= 0 if at_bound else margin > 0)


def _short_of(value: Any, bound: Any, gap: Any) -> Any:
    """A value that rounding has brought onto a bound it does not reach is told one step beside it."""
    rounded = (value == bound) & (gap != 0)
    return np.where(rounded, bound + np.sign(gap), value) if np.any(rounded) else value


class Work:
    """Terms to exact numbers; remembers which divisors had no positive value."""

    def __init__(self, columns: Mapping[str, Column], limit: int | None) -> None:
        self.columns = columns
        self.limit = limit
        self.bases: dict[tuple[str, ...], NDArray[np.bool_]] = {}

    def exact(self, term: Term) -> Exact:
        if isinstance(term, Constant):
            return Exact.of_constant(Fraction(term.value), self.limit)
        if isinstance(term, Fact):
            column = self.columns[str(term.key)]
            return Exact.of_column(column.values, column.size, term.type.step, self.limit)
        if isinstance(term, Span):
            ends = _ordinals(term.left, self.columns), _ordinals(term.right, self.columns)
            days = np.asarray(ends[0] - ends[1])
            size = int(abs(days).max(initial=0))
            return Exact.of_column(
                days, size, _SPAN_SCALES.get(_kind(term.left)) or term.unit.scale, self.limit
            )
        if not isinstance(term, Arithmetic):
            raise TypeError(f"{term.text} is no number")
        left, right = self.exact(term.left), self.exact(term.right)
        if term.op == "*":
            return left.times(right)
        if term.is_extreme:
            return left.extreme(right, lowest=term.op == "min")
        if term.op != "/":
            return left.plus(right, 1 if term.op == "+" else -1)
        quotient, fine = left.over(right)
        if fine is not None:
            keys = tuple(dict.fromkeys(str(fact.key) for fact in facts_in(term.right))) or (term.right.text,)
            self.bases[keys] = fine & self.bases.get(keys, np.True_)
        return quotient


#: A quarter is three months; the other spans count their own unit.
_SPAN_SCALES = {Kind.QUARTER: Fraction(3)}


def _kind(term: Term) -> Kind:
    if isinstance(term, Fact | Parameter):
        return term.type.kind
    return term.kind if isinstance(term, Constant | Shifted) else Kind.NUMBER


def _ordinals(term: Term, columns: Mapping[str, Column]) -> Any:
    """Days, months, quarters or years of a calendar term, int64."""
    if isinstance(term, Constant):
        return np.int64(int(term.value))
    if isinstance(term, Fact):
        return columns[str(term.key)].values
    if not isinstance(term, Shifted):
        raise TypeError(f"{term.text} is no date or period")
    inner = _ordinals(term.term, columns)
    if term.in_days:
        return inner + term.count
    return _SHIFTS[term.kind](inner, term.count)


def _days_moved_by_months(days: Any, months: int) -> Any:
    """The same day of another month; the 31st of a month of 30 days is its 30th."""
    dates = np.asarray(days).astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64)
    moved = month + np.timedelta64(months, "M")
    first = moved.astype("datetime64[D]").astype(np.int64)
    last = (moved + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    return np.minimum(first + day, last)


_SHIFTS: dict[Kind, Callable[[Any, int], Any]] = {
    Kind.DATE: _days_moved_by_months,
    Kind.MONTH: lambda months, count: months + count,
    Kind.QUARTER: lambda quarters, count: quarters + count // 3,
    Kind.YEAR: lambda years, count: years + count // 12,
}


def _worded(criterion: Criterion, columns: Mapping[str, Column]) -> tuple[_Numbers, tuple[str, ...]]:
    """Texts, tags and flags."""
    wanted = [term.value for term in criterion.right if isinstance(term, Constant)]
    values: Any = np.bool_(isinstance(criterion.left, Constant) and criterion.left.value)
    words: tuple[str, ...] = ()
    if isinstance(criterion.left, Fact):
        column = columns[str(criterion.left.key)]
        values, words = column.values, column.words
    if criterion.kind is Kind.FLAG:
        holds = np.equal(values, bool(wanted[0])) == (criterion.op == "==")
        return _Numbers(values, int(bool(wanted[0])), 0, holds), ()
    if criterion.kind is Kind.TAGS:
        found = values[:, words.index(wanted[0])] if wanted[0] in words else np.zeros(len(values), dtype=bool)
        return _Numbers(found, 1, 0, found if criterion.op == "has" else ~found), ()
    sought = np.array([word in wanted for word in words] or [False])
    held = sought[values] if len(words) else np.zeros(len(values), dtype=bool)
    return _Numbers(values, 0, 0, held if criterion.op in ("==", "in") else ~held), words
