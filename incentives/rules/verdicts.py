"""What one rule says of every occasion of a year, by row: outcomes, amounts, and what limits left of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.conditions import Judgement
from incentives.policy.awards import Cap, CrossCap, Modifier, Part, Rule
from incentives.rules.codes import (
    BUDGET_SPENT,
    NOT_FIRST,
    NOT_IN_FORCE,
    NUMBER_OF,
    OTHER_LIBRARY_YEAR,
    OTHER_YEAR,
    REFUSALS,
    STACKED,
    Held,
)
from incentives.rules.occasions import Candidates, Occasions
from incentives.rules.reckoning import Reckoned
from incentives.rules.scopes import Column, Mask

UNSHARED = "unshared"


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
