"""Whether a condition keeps to the ends that its printed words name, and whether bands leave gaps. Pure.

以上 and 以下 include their number, 超过 and 不足 do not: a condition written with ``>`` under a wording that prints
5000万元以上 loses the firm that has just 5000万元.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence as SequenceType
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from core.conditions import Column, Condition, Frame
from core.conditions.kinds import CALENDAR, calendar_label
from core.conditions.nodes import Constant, Criterion, Fact, criteria_of, decimal_text
from core.conditions.units import UNIT_WORDS, unit_of
from core.policies.fields import add_fault
from core.policies.nodes import Node, PolicyFault

#: The number itself belongs to what lies above it (以上, 不足) or to what lies below (超过, 以下).
_ABOVE, _BELOW = "above", "below"
_BEFORE = {
    _ABOVE: ("不低于", "不少于", "不小于", "达到", "不足", "低于", "少于", "小于", "不到", "不满", "满"),
    _BELOW: ("不超过", "不高于", "不大于", "不多于", "超过", "高于", "大于", "多于", "突破"),
}
_AFTER = {"以上": _ABOVE, "以下": _BELOW, "以内": _BELOW}
_SIDES = {word: side for side, words in _BEFORE.items() for word in words}
_UNITS = "|".join(re.escape(word) for word in UNIT_WORDS)
_PRINTED = re.compile(
    rf"(?P<before>{'|'.join(sorted(_SIDES, key=lambda word: -len(word)))})?\s*"
    rf"(?P<number>(?<![\d.\-—~])\d+(?:\.\d+)?)\s*(?P<unit>{_UNITS})"
    rf"\s*(?:\(含\)|及|含)?\s*(?P<after>以上|以下|以内)?(?P<without>\(不含)?"
)
_SIDE_OF = {">=": _ABOVE, "<": _ABOVE, ">": _BELOW, "<=": _BELOW}
_END_HINTS = {_ABOVE: "用 >= 或 <（本数算在上面一边）", _BELOW: "用 > 或 <=（本数算在下面一边）"}


class _End(NamedTuple):
    """A number in base units with what it measures."""

    value: Fraction
    dimensions: tuple[tuple[str, int], ...]


def check_ends(condition: Condition, wording: str | None, node: Node, faults: list[PolicyFault]) -> None:
    """A fault for each number that ``wording`` prints with an end and the condition takes the other way."""
    printed = _printed_ends(wording) if wording else {}
    for criterion in criteria_of(condition.clause) if printed else ():
        for end, side in _sides(criterion):
            text, meant = printed.get(end, ("", side))
            if meant != side:
                message = (
                    f"原文是“{text}”，条件写的是 {criterion.text}，差在是否含本数：应{_END_HINTS[meant]}"
                )
                add_fault(faults, node, message)


def _printed_ends(wording: str) -> dict[_End, tuple[str, str]]:
    """End → the printed words and the side; a number that is printed with both sides is left out."""
    found: dict[_End, set[tuple[str, str]]] = defaultdict(set)
    for match in _PRINTED.finditer(unicodedata.normalize("NFKC", wording)):
        side = _AFTER.get(match["after"] or "") or _SIDES.get(match["before"] or "")
        if side is None:
            continue
        if match["without"]:
            side = _BELOW if side == _ABOVE else _ABOVE
        unit = unit_of(match["unit"])
        found[_End(Fraction(match["number"]) * unit.scale, unit.dimensions)].add((match[0].strip(), side))
    return {end: min(told) for end, told in found.items() if len({side for _, side in told}) == 1}


def _sides(criterion: Criterion) -> Iterator[tuple[_End, str]]:
    side = _SIDE_OF.get(criterion.op)
    for term in criterion.right:
        if side and isinstance(term, Constant) and term.unit is not None:
            yield _End(Fraction(term.value), term.unit.dimensions), side


def gaps_between(conditions: SequenceType[Condition]) -> list[str]:
    """The stretches between bands of one fact that no band takes, as printed; empty for other conditions.

    The bands are judged at every number they name and one step beside it, so nothing is assumed of how they
    are written.
    """
    fact = _only_fact(conditions)
    if fact is None:
        return []
    step = Fraction(1) if fact.type.kind in CALENDAR else fact.type.step
    ends = {
        Fraction(term.value) / step
        for condition in conditions
        for criterion in criteria_of(condition.clause)
        for term in criterion.right
        if isinstance(term, Constant)
    }
    if not ends or any(end.denominator != 1 for end in ends):
        return []
    probes = sorted({end.numerator + beside for end in ends for beside in (-1, 0, 1)})
    column = Column(np.array(probes, dtype=np.int64), np.ones(len(probes), dtype=bool))
    given = {fact.period.parameter: 2000} if fact.period and fact.period.parameter else {}
    taken = np.zeros(len(probes), dtype=bool)
    for condition in conditions:
        keys = condition.needs(given)
        taken |= condition.judge(Frame(len(probes), {str(key): column for key in keys}), given).outcome == 1
    if not taken.any():
        return []
    first, last = np.flatnonzero(taken)[[0, -1]]
    return [_stretch(fact, probes[low], probes[high]) for low, high in _runs(~taken[first:last], int(first))]


def _only_fact(conditions: SequenceType[Condition]) -> Fact | None:
    """The one fact that every criterion compares with fixed numbers, if it is so."""
    criteria = [criterion for condition in conditions for criterion in criteria_of(condition.clause)]
    facts = {criterion.left for criterion in criteria}
    fact = facts.pop() if len(facts) == 1 else None
    fixed = all(isinstance(term, Constant) for criterion in criteria for term in criterion.right)
    is_number = isinstance(fact, Fact) and (fact.type.is_measured or fact.type.kind in CALENDAR)
    return fact if isinstance(fact, Fact) and is_number and fixed else None


def _runs(free: np.ndarray, start: int) -> Iterator[tuple[int, int]]:
    """First and last place of each stretch that is free."""
    places = np.flatnonzero(free)
    for stretch in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else ():
        yield int(stretch[0]) + start, int(stretch[-1]) + start


def _stretch(fact: Fact, low: int, high: int) -> str:
    def told(number: int) -> str:
        if fact.type.kind in CALENDAR:
            return calendar_label(fact.type.kind, number)
        shown = Fraction(number) * fact.type.step / fact.type.measure.scale
        return decimal_text(shown) + fact.type.unit

    return told(low) if low == high else f"{told(low)}至{told(high)}"
