"""One rule over every occasion of a year: who is reached, what is due, what is unknown. Pure, vectorised.

Order of work: occasion → conditions → exclusions → amount → modifiers → rounding → caps of the rule. What
holds between rules comes after it, in ``settling``. Money is int64 fen; outcomes are 1 true, 0 false, −1 unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.conditions import Condition, Frame, Judgement
from core.verdicts import FALSE, TRUE, UNKNOWN, all_of
from incentives.policy.awards import Cap, CrossCap, Modifier, Occasion, Part, Rounding, Rule
from incentives.rules.codes import (
    ALREADY_AWARDED,
    BUDGET_SPENT,
    CAP_REACHED,
    CONDITION_FAILED,
    EXCLUDED,
    FIRST_NOT_KNOWN,
    NOT_FIRST,
    NOT_IN_FORCE,
    NOTHING_DUE,
    NUMBER_OF,
    OTHER_KEY,
    OTHER_LIBRARY_YEAR,
    OTHER_PERIOD,
    OTHER_YEAR,
    REFUSALS,
    STACKED,
    Held,
)
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Candidates, Occasions, days_of
from incentives.rules.reckoning import FINE, Reckoned, guarded, reckon, times
from incentives.rules.scopes import Column, Earlier, Mask, codes_of, filled, repeated, sums_at

UNSHARED = "unshared"
_FEN = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """Outcome and fen of a part by row, and the judgement behind it (``None``: due without a condition)."""

    part: Part
    fen: Column
    outcome: NDArray[np.int8]
    judgement: Judgement | None
    reckoned: Reckoned


@dataclass(frozen=True, slots=True)
class CapTrace:
    """What a cap left: fen before and after it, by row."""

    cap: Cap | CrossCap
    before: Column
    after: Column


@dataclass(frozen=True, slots=True)
class StackTrace:
    """What a stacking did: ``instead`` counts in ``rules`` (−1: what was had earlier, −2: nothing), by row;
    ``against`` is the fen that was set against the award."""

    stacking: str
    rules: tuple[str, ...]
    instead: Column
    against: Column


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an occasion is not reached: a code and its numbers."""

    row: int
    code: str
    numbers: tuple[int | str, ...]


@dataclass(eq=False)
class RuleVerdict:
    """Rows are places in ``rows``, which are places in the candidates.

    ``refusal`` counts in ``codes.REFUSALS``; ``holding`` is a set of ``codes.Held``. ``computed`` is the sum
    before any cap, ``amount`` what is left after all that came so far.
    """

    rule: Rule
    year: int
    candidates: Candidates
    rows: Column
    refusal: NDArray[np.int8]
    holding: Column
    parts: tuple[PartVerdict, ...]
    conditions: Judgement | None
    exclusions: Judgement | None
    modified: tuple[tuple[Modifier, Judgement], ...]
    computed: Column
    amount: Column
    caps: list[CapTrace] = field(default_factory=list)
    stackings: list[StackTrace] = field(default_factory=list)
    #: (budget, rows that it left less or nothing)
    budgets: list[tuple[str, Mask]] = field(default_factory=list)

    @property
    def occasions(self) -> Occasions:
        return self.candidates.occasions

    @cached_property
    def years(self) -> dict[str, int]:
        return self.rule.years(self.year)

    @property
    def due(self) -> Mask:
        """Rows with an award, held ones among them."""
        found: Mask = (self.refusal == 0) & (
            (self.amount > 0) | (self.holding != 0) | (not self.rule.pays_money)
        )
        return found

    @property
    def held(self) -> Mask:
        found: Mask = self.due & (self.holding != 0)
        return found

    def refuse(self, rows: Mask, code: str) -> None:
        """Rows that are still open; the first reason in the order of the work decides."""
        self.refusal[(self.refusal == 0) & rows] = NUMBER_OF[code]

    def hold(self, rows: Mask, why: Held) -> None:
        self.holding[rows & (self.refusal == 0)] |= int(why)

    @property
    def refusals(self) -> list[Refusal]:
        return [self.refusal_of(row) for row in np.flatnonzero(self.refusal).tolist()]

    def refusal_of(self, row: int) -> Refusal:
        code, at = REFUSALS[int(self.refusal[row])], int(self.rows[row])
        occasions = self.occasions
        numbers: tuple[int | str, ...] = ()
        if code == OTHER_LIBRARY_YEAR:
            numbers = (int(occasions.library_year[at]), int(occasions.month[at]))
        elif code == OTHER_YEAR:
            numbers = (int(occasions.year[at]),)
        elif code == NOT_IN_FORCE:
            numbers = (int(occasions.month[at]),)
        elif code in (NOT_FIRST[1], NOT_FIRST[2]):
            numbers = (int(occasions.first.when[at]),)
        elif code == STACKED:
            numbers = (self.stacked(row) or ("", "", 0))[:2]
        elif code == BUDGET_SPENT:
            numbers = (self.budgeted(row) or "",)
        return Refusal(at, code, numbers)

    def stacked(self, row: int) -> tuple[str, str, int] | None:
        """The stacking that changed the row, the rule that pays instead ("": what was had earlier), fen of that."""
        for trace in reversed(self.stackings):
            instead = int(trace.instead[row])
            if instead != -2:
                return trace.stacking, trace.rules[instead] if instead >= 0 else "", int(trace.against[row])
        return None

    def budgeted(self, row: int) -> str | None:
        """The budget that left the row less than it was due."""
        return next((budget for budget, rows in self.budgets if rows[row]), None)


def judge_rule(
    rule: Rule,
    candidates: Candidates,
    year: int,
    *,
    earlier: Earlier | None = None,
    as_of: int | None = None,
) -> RuleVerdict:
    """Every occasion of ``year`` under ``rule``; ``as_of`` is the year up to which later parts are looked at.

    Raises ``AmountOutOfRange``, and ``ValueError`` for a rule that names no occasion.
    """
    if rule.occasion is None:
        raise ValueError(f"rule {rule.id} names no occasion")
    before = earlier or Earlier.none()
    rows = reached_rows(rule, rule.occasion, candidates.occasions)
    whole = rows.size == candidates.size
    frame = candidates.frame if whole else candidates.frame.take(rows)
    years = rule.years(year)
    judged = [_judged(condition, frame, years) for condition in (rule.conditions, rule.exclusions)]
    parts = tuple(_judge_part(part, frame, rule, year, as_of or year) for part in rule.parts)
    modified = tuple((modifier, modifier.when.judge(frame, years)) for modifier in rule.modifiers)
    computed = _summed(rule, parts, modified, rows.size)
    verdict = RuleVerdict(
        rule=rule,
        year=year,
        candidates=candidates,
        rows=rows,
        refusal=np.zeros(rows.size, np.int8),
        holding=np.zeros(rows.size, np.int64),
        parts=parts,
        conditions=judged[0],
        exclusions=judged[1],
        modified=modified,
        computed=computed,
        amount=computed.copy(),
    )
    _refuse_by_occasion(verdict, rule.occasion, before)
    _refuse_by_conditions(verdict)
    _enter_decided(verdict, frame)
    for cap in rule.caps:
        _apply_cap(verdict, cap, frame, before)
    if rule.unclear:
        verdict.hold(np.ones(rows.size, np.bool_), Held.UNCLEAR)
    verdict.amount[verdict.refusal != 0] = 0
    return verdict


def reached_rows(rule: Rule, occasion: Occasion, occasions: Occasions) -> Column:
    """Events of the rule's kind, of recipients that it names, that are no claim under another rule."""
    is_event = occasions.event == EVENT_NUMBERS[occasion.event]
    kinds = [KIND_NUMBERS[kind] for kind in rule.recipients]
    is_kind = occasions.kind == kinds[0] if len(kinds) == 1 else np.isin(occasions.kind, kinds)
    return np.flatnonzero(is_event & is_kind & occasions.open_to(rule.id))


def _judged(condition: Condition | None, frame: Frame, years: dict[str, int]) -> Judgement | None:
    return None if condition is None else condition.judge(frame, years)


def _judge_part(part: Part, frame: Frame, rule: Rule, year: int, as_of: int) -> PartVerdict:
    """A part of a later year is judged in that year, and counts for nothing before it has come."""
    when = None
    outcomes = []
    if year + part.after_years > as_of:
        outcomes.append(np.full(frame.size, FALSE))
    elif part.when is not None:
        when = part.when.judge(frame, rule.years(year + part.after_years))
        outcomes.append(when.outcome)
    reckoned = reckon(part.amount, frame, rule.years(year))
    outcome = all_of([*outcomes, reckoned.outcome])
    fine = np.where(outcome == TRUE, reckoned.fine, 0)
    return PartVerdict(part, (fine + FINE // 2) // FINE, outcome, when, reckoned)


def _summed(
    rule: Rule, parts: Sequence[PartVerdict], modified: Sequence[tuple[Modifier, Judgement]], size: int
) -> Column:
    """The parts that are due, modified, added up and rounded once. An unknown part adds nothing."""
    total = np.zeros(size, np.int64)
    for part in parts:
        fine = np.where(part.outcome == TRUE, part.reckoned.fine, 0)
        for modifier, judgement in modified:
            if not modifier.parts or part.part.id in modifier.parts:
                rows = judgement.outcome == TRUE
                fine[rows] = times(fine[rows], modifier.times)
        total = guarded(total + guarded(fine))
    return rounded(total, rule.rounding)


def rounded(fine: Column, rounding: Rounding) -> Column:
    """Ten-thousandths of a fen to whole fen, in the steps of ``rounding``."""
    step = rounding.fen * FINE
    lift = {"half_up": step // 2, "up": step - 1, "down": 0}[rounding.mode]
    return (fine + lift) // step * rounding.fen


def _refuse_by_occasion(verdict: RuleVerdict, occasion: Occasion, earlier: Earlier) -> None:
    occasions, rows = verdict.occasions, verdict.rows
    if occasion.year_by == "approval_library":
        verdict.refuse(occasions.library_year[rows] != verdict.year, OTHER_LIBRARY_YEAR)
    else:
        verdict.refuse(occasions.year[rows] != verdict.year, OTHER_YEAR)
    if occasion.period is not None:
        start, end = days_of(occasion.period)
        outside = (occasions.first_day[rows] < start) | (occasions.last_day[rows] > end)
        verdict.refuse(outside, OTHER_PERIOD)
    if occasion.keys:
        verdict.refuse(~occasions.keyed(occasion.keys)[rows], OTHER_KEY)
    verdict.refuse(~_in_force(verdict.rule, occasions)[rows], NOT_IN_FORCE)
    if occasion.first_time:
        first = occasions.first.code[rows]
        for number, code in NOT_FIRST.items():
            verdict.refuse(first == number, code)
        verdict.hold(first == FIRST_NOT_KNOWN, Held.FIRST_TIME)
    if occasion.once != "event":
        _refuse_second(verdict, occasion.once, earlier)


def _refuse_second(verdict: RuleVerdict, once: str, earlier: Earlier) -> None:
    """What was awarded before, and all but the first of those that come together."""
    had = earlier.of((verdict.rule.id,), verdict.year if once == "year" else None)
    now, then, named = codes_of(once, verdict.occasions.scope.take(verdict.rows), had.scope)
    verdict.refuse(np.isin(now, then) & named, ALREADY_AWARDED)
    verdict.hold(~named, Held.SCOPE)
    open_rows = np.flatnonzero((verdict.refusal == 0) & named)
    again = np.zeros(verdict.rows.size, np.bool_)
    again[open_rows] = repeated(now[open_rows])
    verdict.refuse(again, ALREADY_AWARDED)


def _in_force(rule: Rule, occasions: Occasions) -> Mask:
    """Events that touch the period in which the rule is in force; what is not printed does not limit."""
    inside = np.ones(occasions.size, np.bool_)
    if rule.first_day:
        inside &= occasions.last_day >= _day_number(rule.first_day)
    if rule.last_day:
        inside &= occasions.first_day <= _day_number(rule.last_day)
    return inside


def _day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _refuse_by_conditions(verdict: RuleVerdict) -> None:
    if verdict.conditions is not None:
        verdict.refuse(verdict.conditions.outcome == FALSE, CONDITION_FAILED)
        verdict.hold(verdict.conditions.outcome == UNKNOWN, Held.CONDITION)
    if verdict.exclusions is not None:
        verdict.refuse(verdict.exclusions.outcome == TRUE, EXCLUDED)
        verdict.hold(verdict.exclusions.outcome == UNKNOWN, Held.EXCLUSION)
    for modifier, judgement in verdict.modified:
        touched = np.zeros(verdict.rows.size, np.bool_)
        for part in verdict.parts:
            if not modifier.parts or part.part.id in modifier.parts:
                touched |= part.outcome == TRUE
        verdict.hold((judgement.outcome == UNKNOWN) & touched, Held.MODIFIER)
    lacking = np.zeros(verdict.rows.size, np.bool_)
    for part in verdict.parts:
        lacking |= part.outcome == UNKNOWN
    if verdict.rule.unknowns:
        verdict.hold(np.ones(verdict.rows.size, np.bool_), Held.UNPRINTED)
    else:
        verdict.hold(lacking, Held.PART)
    if verdict.rule.pays_money:
        verdict.refuse((verdict.computed == 0) & (verdict.holding == 0), NOTHING_DUE)
    else:
        paid = np.zeros(verdict.rows.size, np.bool_)
        for part in verdict.parts:
            paid |= part.outcome != FALSE
        verdict.refuse(~paid, NOTHING_DUE)


def _enter_decided(verdict: RuleVerdict, frame: Frame) -> None:
    """An amount that is only a maximum: what was decided counts, at most the maximum."""
    if not verdict.rule.is_maximum:
        return
    decided = frame.columns["decided"]
    verdict.hold(~decided.known, Held.DECIDED)
    verdict.amount = np.where(decided.known, np.minimum(verdict.amount, decided.values), 0)


def _apply_cap(verdict: RuleVerdict, cap: Cap, frame: Frame, earlier: Earlier) -> None:
    before = verdict.amount.copy()
    size = verdict.rows.size
    if cap.quantity is not None:
        measured = cap.quantity.measure(frame, verdict.years, _FEN)
        verdict.hold(~measured.known & (before > 0), Held.CAP)
        room = np.where(measured.known, np.maximum(measured.whole, 0), before)
    elif isinstance(cap.fen, int):
        room = np.full(size, cap.fen, np.int64)
    else:
        verdict.hold(before > 0, Held.CAP)
        return
    if cap.per == "award":
        verdict.amount = np.minimum(before, room)
    else:
        had = earlier.of((verdict.rule.id,), verdict.year if cap.per == "year" else None)
        now, then, named = codes_of(cap.per, verdict.occasions.scope.take(verdict.rows), had.scope)
        verdict.hold(~named & (before > 0), Held.SCOPE)
        open_amount = np.where(verdict.refusal == 0, before, 0)
        verdict.amount = filled(open_amount, room - sums_at(now, then, had.fen), now)
    verdict.caps.append(CapTrace(cap, before, verdict.amount))
    verdict.refuse((verdict.amount == 0) & (before > 0), CAP_REACHED)
