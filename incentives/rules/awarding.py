"""One rule over every occasion of a year: who is reached, what is due, what is unknown. Pure, vectorised.

Order of work: occasion → conditions → exclusions → amount → modifiers → rounding → caps of the rule. What
holds between rules comes after it, in ``settling``. Money is int64 fen; outcomes are 1 true, 0 false, −1 unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.conditions import Condition, Frame, Judgement
from core.verdicts import FALSE, TRUE, UNKNOWN, all_of
from incentives.policy.awards import Modifier, Part, Rounding, Rule
from incentives.rules.capping import apply_cap
from incentives.rules.codes import CONDITION_FAILED, EXCLUDED, NOTHING_DUE, Held
from incentives.rules.occasions import Candidates
from incentives.rules.reaching import reached_rows, refuse_by_occasion, refuse_second
from incentives.rules.reckoning import FINE, guarded, reckon, times
from incentives.rules.scopes import Column, Earlier
from incentives.rules.verdicts import PartVerdict, RuleVerdict


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
    refuse_by_occasion(verdict, rule.occasion, before)
    _refuse_by_conditions(verdict)
    refuse_second(verdict, rule.occasion.once)
    _enter_decided(verdict, frame)
    for cap in rule.caps:
        apply_cap(verdict, cap, frame, before)
    if rule.unclear:
        verdict.hold(np.ones(rows.size, np.bool_), Held.UNCLEAR)
    verdict.amount[verdict.refusal != 0] = 0
    return verdict


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
