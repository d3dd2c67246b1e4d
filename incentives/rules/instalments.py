"""What of an award is paid when: instalments looked at again at payment, stops and recoveries. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from core.conditions import Condition, sentence
from core.verdicts import FALSE, TRUE, UNKNOWN, Outcomes
from incentives.policy.awards import Instalment, Retention, Rule
from incentives.rules.scopes import Column, Earlier, codes_of, sums_at
from incentives.rules.shares import share_out
from incentives.rules.verdicts import RuleVerdict

DUE, LATER, STOPPED, WAITING = "due", "later", "stopped", "held"
STATES = (DUE, LATER, STOPPED, WAITING)


@dataclass(frozen=True, slots=True)
class Piece:
    """One instalment of every award: fen, and its state as a place in ``STATES``."""

    id: str
    title: str
    year: int
    fen: Column
    state: Column


@dataclass(frozen=True, slots=True)
class Payments:
    """``pieces`` sum to the award; ``payable``: what may be paid by ``as_of``; ``recover``: what comes back."""

    pieces: tuple[Piece, ...]
    payable: Column
    recover: Column


def payments_of(verdict: RuleVerdict, *, as_of: int, earlier: Earlier | None = None) -> Payments:
    """Every award of the verdict, looked at in the year ``as_of``."""
    rule = verdict.rule
    gone, waits = _years_gone(verdict, as_of)
    pieces = tuple(
        _piece(verdict, given, fen, gone, waits, as_of) for given, fen in _cut(rule, verdict.amount)
    )
    payable = np.zeros(verdict.rows.size, np.int64)
    for piece in pieces:
        payable += np.where(piece.state == STATES.index(DUE), piece.fen, 0)
    return Payments(pieces, payable, _recover(verdict, as_of, earlier or Earlier.none(), payable, gone))


def _cut(rule: Rule, amount: Column) -> list[tuple[Instalment, Column]]:
    """The award in its pieces; in one when the document pays it at once.

    Of printed sums each is paid as far as the award reaches; shares are cut by largest remainder.
    """
    given = rule.instalments
    if not given:
        return [(Instalment("all", "一次性", None, Fraction(1), 0, None), amount)]
    if given[0].fen is not None:
        fens: list[Column] = []
        left = amount
        for piece in given:
            fens.append(np.minimum(left, piece.fen or 0))
            left = left - fens[-1]
        return list(zip(given, fens, strict=True))
    columns = share_out(amount, [piece.share or Fraction(0) for piece in given])
    return [(piece, columns[:, place]) for place, piece in enumerate(given)]


def _years_gone(verdict: RuleVerdict, as_of: int) -> tuple[Column, Column]:
    """The first year in which the retention fails, and the first in which it is unknown; 9999 for never."""
    gone = np.full(verdict.rows.size, 9999, np.int64)
    waits = gone.copy()
    retention = verdict.rule.retention
    for after in range(retention.years if retention else 0):
        year = verdict.year + after
        if year > as_of or retention is None:
            break
        outcome = _judged(verdict, retention, year)
        gone = np.where((outcome == FALSE) & (gone == 9999), year, gone)
        waits = np.where((outcome == UNKNOWN) & (waits == 9999), year, waits)
    return gone, waits


def _judged(verdict: RuleVerdict, retention: Retention, year: int) -> Outcomes:
    frame = verdict.candidates.frame
    return retention.stay.judge(frame, verdict.rule.years(year)).outcome[verdict.rows]


def _piece(
    verdict: RuleVerdict, given: Instalment, fen: Column, gone: Column, waits: Column, as_of: int
) -> Piece:
    year = verdict.year + given.after_years
    state = np.full(verdict.rows.size, STATES.index(DUE), np.int64)
    if year > as_of:
        state[:] = STATES.index(LATER)
        state[gone <= as_of] = STATES.index(STOPPED)
        return Piece(given.id, given.title, year, fen, state)
    state[waits <= year] = STATES.index(WAITING)
    if given.when is not None:
        frame = verdict.candidates.frame
        outcome = given.when.judge(frame, verdict.rule.years(year)).outcome[verdict.rows]
        state[outcome == UNKNOWN] = STATES.index(WAITING)
        state[outcome == FALSE] = STATES.index(STOPPED)
    state[gone <= year] = STATES.index(STOPPED)
    return Piece(given.id, given.title, year, fen, state)


def _recover(verdict: RuleVerdict, as_of: int, earlier: Earlier, payable: Column, gone: Column) -> Column:
    """What must come back: all that was paid when the retention is broken, or the part that a clause names.

    What was paid is what the recipient has had of this rule before, else what was payable until now.
    """
    had = earlier.of((verdict.rule.id,))
    now, then, _named = codes_of("ever", verdict.occasions.scope.take(verdict.rows), had.scope)
    paid = sums_at(now, then, had.fen)
    paid = np.where(paid > 0, paid, payable)
    recover = np.zeros(verdict.rows.size, np.int64)
    retention = verdict.rule.retention
    if retention is not None and retention.on_exit == "recover":
        recover = np.where(gone <= as_of, paid, recover)
    for clawback in verdict.rule.clawbacks:
        frame = verdict.candidates.frame
        holds = clawback.when.judge(frame, verdict.rule.years(as_of)).outcome[verdict.rows] == TRUE
        part = share_out(paid, [clawback.share, 1 - clawback.share])[:, 0]
        recover = np.where(holds, np.maximum(recover, part), recover)
    return recover


@dataclass(frozen=True, slots=True)
class Plan:
    """One instalment of an award as it is approved: when it falls due, and how much."""

    id: str
    title: str
    year: int
    fen: int


def planned_pieces(rule: Rule, amount: int, year: int) -> tuple[Plan, ...]:
    """The instalments of one award of ``amount`` fen, in order; they sum to it."""
    whole = np.array([amount], np.int64)
    return tuple(
        Plan(piece.id, piece.title, year + piece.after_years, int(fen[0]))
        for piece, fen in _cut(rule, whole)
        if int(fen[0])
    )


def why_not(verdict: RuleVerdict, row: int, instalment: str, as_of: int) -> str:
    """What keeps an instalment of one award from being paid in ``as_of``, in words; empty where nothing does."""
    rule, at = verdict.rule, int(verdict.rows[row])
    piece = next((one for one in rule.instalments if one.id == instalment), None)
    year = verdict.year + (piece.after_years if piece else 0)
    asked: list[tuple[Condition, int]] = []
    if rule.retention is not None:
        stays = range(verdict.year, min(verdict.year + rule.retention.years, year + 1, as_of + 1))
        asked += [(rule.retention.stay, one) for one in stays]
    if piece is not None and piece.when is not None and year <= as_of:
        asked.append((piece.when, year))
    for condition, one in asked:
        judged = condition.judge(verdict.candidates.frame, rule.years(one))
        if judged.outcome[at] != TRUE:
            return sentence(judged.condition, judged.row(at)).rstrip("。")
    return ""
