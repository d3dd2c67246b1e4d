"""A condition judged for many firms at once, and what that says of one of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions.columns import FactKey, Frame
from core.conditions.kinds import Kind
from core.conditions.measuring import Leaf, measure
from core.conditions.nodes import AllOf, Always, Clause, Criterion, bind_clause, facts_of
from core.verdicts import FALSE, TRUE, Outcome, Outcomes, all_of, any_of


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition without faults; equal conditions are equal and hash alike however they were spaced."""

    clause: Clause

    @property
    def text(self) -> str:
        """The canonical text: English operators, ``not`` at the criteria, brackets only where needed."""
        return self.clause.text

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts it reads, in the order of first use."""
        return tuple(dict.fromkeys(fact.type.name for fact in facts_of(self.clause)))

    def needs(self, parameters: Mapping[str, Any] | None = None) -> tuple[FactKey, ...]:
        """The facts with their periods; raises ``ValueError`` when a period's parameter is not given."""
        bound = bind_clause(self.clause, parameters or {})
        return tuple(dict.fromkeys(fact.key for fact in facts_of(bound)))

    def bind(self, parameters: Mapping[str, Any]) -> Condition:
        """The condition with the parameters' values in it, such as ``revenue[2021]`` for ``revenue[year-1]``.

        Raises ``ValueError`` or ``TypeError`` for a value that is not of the parameter's kind.
        """
        return Condition(bind_clause(self.clause, parameters))

    def judge(self, frame: Frame, parameters: Mapping[str, Any] | None = None) -> Judgement:
        """Every row of the frame. A parameter that is ``None`` or absent makes its criteria unknown, by name.

        Raises ``KeyError`` for a fact that the frame lacks, ``ValueError`` for a period that is not given.
        """
        bound = self.bind(parameters or {})
        leaves: list[Leaf] = []
        branch = _judge(bound.clause, frame, leaves)
        return Judgement(bound, branch.outcome, tuple(leaves), branch)


@dataclass(frozen=True, eq=False)
class Branch:
    """A clause's outcomes, with its parts' or with the number of its leaf."""

    outcome: Outcomes
    parts: tuple[Branch, ...] = ()
    leaf: int | None = None


def _judge(clause: Clause, frame: Frame, leaves: list[Leaf]) -> Branch:
    if isinstance(clause, Always):
        return Branch(np.full(frame.size, TRUE if clause.holds else FALSE, dtype=np.int8))
    if isinstance(clause, Criterion):
        leaves.append(measure(clause, frame))
        return Branch(leaves[-1].outcome, leaf=len(leaves) - 1)
    parts = tuple(_judge(item, frame, leaves) for item in clause.items)
    combine = all_of if isinstance(clause, AllOf) else any_of
    return Branch(combine(part.outcome for part in parts), parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one leaf says of one firm. ``value`` of a text is the text; ``decides``: the outcome rests on it.

    ``missing``: facts or parameters that are not known; ``baseless``: facts of a divisor that is not
    positive.
    """

    outcome: Outcome
    decides: bool
    value: int | str | None
    bound: int | None
    gap: int | None
    missing: tuple[str, ...] = ()
    baseless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """One firm under a condition whose parameters are set: kept beside ``condition.text``, it can be told
    again at any time by ``sentence``."""

    outcome: Outcome
    findings: tuple[Finding, ...]

    def as_json(self) -> list[Any]:
        return [
            int(self.outcome),
            [
                [
                    int(one.outcome),
                    one.decides,
                    one.value,
                    one.bound,
                    one.gap,
                    list(one.missing),
                    list(one.baseless),
                ]
                for one in self.findings
            ],
        ]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> RowVerdict:
        findings = tuple(
            Finding(Outcome(outcome), bool(decides), value, bound, gap, tuple(missing), tuple(baseless))
            for outcome, decides, value, bound, gap, missing, baseless in kept[1]
        )
        return cls(Outcome(kept[0]), findings)


@dataclass(frozen=True, eq=False)
class Judgement:
    """``outcome``: int8 a row, 1 true, 0 false, -1 unknown; ``leaves`` in the order as written;
    ``condition`` has the parameters' values in it."""

    condition: Condition
    outcome: Outcomes
    leaves: tuple[Leaf, ...]
    branch: Branch

    @cached_property
    def deciding(self) -> tuple[NDArray[np.bool_], ...]:
        """For each leaf, the rows whose outcome rests on it: all clauses of an ``and`` that holds, the failed
        ones of one that fails, the unknown ones of one that is unknown; ``or`` the other way round."""
        found: dict[int, NDArray[np.bool_]] = {}
        waiting = [(self.branch, np.ones(len(self.outcome), dtype=bool))]
        while waiting:
            branch, rests = waiting.pop()
            if branch.leaf is not None:
                found[branch.leaf] = rests
            waiting.extend((part, rests & (part.outcome == branch.outcome)) for part in branch.parts)
        return tuple(found[leaf] for leaf in range(len(self.leaves)))

    def missing(self, row: int) -> tuple[str, ...]:
        """The facts (``"revenue[2021]"``) and parameters for want of which the row is unknown; empty when it
        is decided. A divisor that is known but not positive names its facts too."""
        if self.outcome[row] != Outcome.UNKNOWN:
            return ()
        names: list[str] = []
        for finding in self.row(row).findings:
            if finding.decides:
                names += (*finding.missing, *finding.baseless)
        return tuple(dict.fromkeys(names))

    def row(self, row: int) -> RowVerdict:
        """All that the judgement says of one row, as plain numbers and names."""
        findings = (self._finding(leaf, number, row) for number, leaf in enumerate(self.leaves))
        return RowVerdict(Outcome(int(self.outcome[row])), tuple(findings))

    def _finding(self, leaf: Leaf, number: int, row: int) -> Finding:
        outcome, decides = Outcome(int(leaf.outcome[row])), bool(self.deciding[number][row])
        if outcome is Outcome.UNKNOWN:
            missing = tuple(name for name, known in leaf.lacks if not known[row])
            baseless = [name for names, fine in leaf.bases if not fine[row] for name in names]
            left = tuple(name for name in dict.fromkeys(baseless) if name not in missing)
            return Finding(outcome, decides, None, None, None, missing, left)
        number_kept = int(leaf.value[row])
        is_text = leaf.criterion.kind is Kind.TEXT and leaf.criterion.op not in ("known", "unknown")
        value = leaf.words[number_kept] if is_text else number_kept
        if not leaf.criterion.is_graded:
            return Finding(outcome, decides, value, None, None)
        return Finding(outcome, decides, value, int(leaf.bound[row]), int(leaf.gap[row]))
