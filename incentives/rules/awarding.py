"""One rule over every entry of a year: who is reached, which parts are due, what is unknown. Pure, vectorised.

Money is int64 fen; outcomes are 1 true, 0 false, −1 unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.amounts import LIMIT, AmountOutOfRange
from core.conditions import Frame, Judgement
from core.policies import Unknown
from incentives.policy.awards import Awards, Part, Rule
from incentives.rules.codes import (
    CONDITION_FAILED,
    NOT_FIRST,
    NOT_IN_FORCE,
    NOTHING_DUE,
    OTHER_LIBRARY_YEAR,
)
from incentives.rules.history import Column, Entries, FirstTimes
from incentives.rules.shares import share_out

Fen = NDArray[np.int64]
Mask = NDArray[np.bool_]
TRUE, FALSE, UNKNOWN_OUTCOME = 1, 0, -1
UNSHARED = "unshared"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Entries under judgement with what is known of them; ``sharing`` is the place of the cost shares, −1 for none."""

    entries: Entries
    first: FirstTimes
    sharing: Column
    frame: Frame

    @property
    def size(self) -> int:
        return int(self.entries.firm.size)


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """Outcome of a part by row, and the judgement behind it (``None``: due without a condition)."""

    part: str
    fen: int
    outcome: NDArray[np.int8]
    judgement: Judgement | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry is not reached: a code and its numbers."""

    row: int
    code: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """``due`` marks rows with an award; ``held`` those of them that something unknown keeps from being paid."""

    rule: Rule
    due: Mask
    held: Mask
    amount: Fen
    parts: tuple[PartVerdict, ...]
    conditions: Judgement | None
    refusals: tuple[Refusal, ...]


def judge_rule(rule: Rule, candidates: Candidates, year: int) -> RuleVerdict:
    """Every candidate of ``year`` under ``rule``; raises ``AmountOutOfRange``, ``ValueError`` for a blocked rule."""
    if not rule.can_run or rule.occasion is None:
        raise ValueError(f"rule {rule.id} lacks {'、'.join(rule.unknowns)}")
    refused: list[Refusal] = []
    open_rows = np.ones(candidates.size, np.bool_)
    entries = candidates.entries
    _refuse(
        refused,
        open_rows,
        entries.library_year != year,
        OTHER_LIBRARY_YEAR,
        entries.library_year,
        entries.month,
    )
    _refuse(refused, open_rows, ~_in_force(rule, entries.month), NOT_IN_FORCE, entries.month)
    if rule.occasion.first_time:
        for first_code, code in NOT_FIRST.items():
            _refuse(refused, open_rows, candidates.first.code == first_code, code, candidates.first.when)
    years = rule.years(year)
    conditions = rule.conditions.judge(candidates.frame, years) if rule.conditions else None
    held = np.zeros(candidates.size, np.bool_)
    if conditions is not None:
        _refuse(refused, open_rows, conditions.outcome == FALSE, CONDITION_FAILED)
        held |= conditions.outcome == UNKNOWN_OUTCOME
    parts = tuple(_judge_part(part, candidates, years) for part in rule.parts)
    amount = _amount(rule, parts, candidates.size)
    for part in parts:
        held |= part.outcome == UNKNOWN_OUTCOME
    held |= candidates.sharing < 0
    due = open_rows & ((amount > 0) | held)
    _refuse(refused, open_rows, ~due, NOTHING_DUE)
    return RuleVerdict(rule, due, held & due, np.where(due, amount, 0), parts, conditions, tuple(refused))


def shares_of(awards: Awards, sharing: Column, amount: Fen) -> list[dict[str, int]]:
    """Level → fen of each row; rows whose region no clause names are ``unshared``."""
    shares: list[dict[str, int]] = [{UNSHARED: int(fen)} for fen in amount]
    for place, given in enumerate(awards.sharings):
        rows = np.flatnonzero(sharing == place)
        columns = share_out(amount[rows], [share for _level, share in given.parts])
        levels = [level for level, _share in given.parts]
        for row, fens in zip(rows, columns.tolist(), strict=True):
            shares[int(row)] = dict(zip(levels, fens, strict=True))
    return shares


def _judge_part(part: Part, candidates: Candidates, years: dict[str, int]) -> PartVerdict:
    if isinstance(part.fen, Unknown):
        raise ValueError(f"part {part.id} has no amount")
    if part.when is None:
        return PartVerdict(part.id, part.fen, np.full(candidates.size, TRUE, np.int8), None)
    judgement = part.when.judge(candidates.frame, years)
    return PartVerdict(part.id, part.fen, judgement.outcome, judgement)


def _amount(rule: Rule, parts: tuple[PartVerdict, ...], rows: int) -> Fen:
    """The sum of the parts that are due, capped. An unknown part adds nothing: what stands is certain."""
    if sum(part.fen for part in parts) >= LIMIT:
        raise AmountOutOfRange(f"rule {rule.id} adds to more than an amount holds")
    amount = np.zeros(rows, np.int64)
    for part in parts:
        amount += np.where(part.outcome == TRUE, np.int64(part.fen), 0)
    return amount if rule.cap_fen is None else np.minimum(amount, rule.cap_fen)


def _in_force(rule: Rule, month: Column) -> Mask:
    """Months that touch the period in which the rule is in force; what is not printed does not limit."""
    inside = np.ones(month.size, np.bool_)
    if rule.first_day:
        inside &= month >= rule.first_day.year * 100 + rule.first_day.month
    if rule.last_day:
        inside &= month <= rule.last_day.year * 100 + rule.last_day.month
    return inside


def _refuse(refused: list[Refusal], open_rows: Mask, failed: Mask, code: str, *numbers: Column) -> None:
    """Note rows that fail here and were still open: the first reason in the order of the rule decides."""
    for row in np.flatnonzero(open_rows & failed).tolist():
        refused.append(Refusal(row, code, tuple(int(column[row]) for column in numbers)))
    open_rows &= ~failed
