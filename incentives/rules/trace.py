"""What is kept of a verdict, row by row: codes and numbers from which the words are made on reading. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from incentives.rules.awarding import TRUE, RuleVerdict
from incentives.rules.codes import CONDITION_FAILED, CONDITION_UNKNOWN, NOTHING_DUE, REGION_UNSHARED


def part_traces(verdict: RuleVerdict, row: int) -> list[dict[str, Any]]:
    """Each part of one award: its sum in fen, whether it is due (1, 0, −1 unknown), and the judgement behind it."""
    return [
        {
            "part": part.part,
            "fen": part.fen,
            "outcome": int(part.outcome[row]),
            "verdict": part.judgement.row(row).as_json() if part.judgement else None,
        }
        for part in verdict.parts
    ]


def award_reasons(verdict: RuleVerdict, row: int, *, is_shared: bool) -> list[list[Any]]:
    """What keeps an award from being paid beside its parts: unknown conditions, a region that no clause names."""
    reasons: list[list[Any]] = []
    if verdict.conditions is not None and verdict.conditions.outcome[row] != TRUE:
        reasons.append([CONDITION_UNKNOWN, verdict.conditions.row(row).as_json()])
    if not is_shared:
        reasons.append([REGION_UNSHARED])
    return reasons


def refusal_reasons(verdict: RuleVerdict) -> Iterator[tuple[int, list[list[Any]]]]:
    """(row, reasons) of every entry that the rule does not reach, in the order of the rows."""
    for refusal in sorted(verdict.refusals, key=lambda refusal: refusal.row):
        reason: list[Any] = [refusal.code, *refusal.numbers]
        if refusal.code == CONDITION_FAILED and verdict.conditions is not None:
            reason.append(verdict.conditions.row(refusal.row).as_json())
        if refusal.code == NOTHING_DUE:
            reason.append(part_traces(verdict, refusal.row))
        yield refusal.row, [reason]
