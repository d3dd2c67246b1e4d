"""What is kept of a verdict, row by row: codes and numbers from which the words are made on reading. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.conditions import Judgement, Measured, Quantity
from core.verdicts import TRUE
from incentives.rules.codes import (
    CONDITION_FAILED,
    CONDITION_UNKNOWN,
    EXCLUDED,
    EXCLUSION_UNKNOWN,
    NOTHING_DUE,
    REGION_UNSHARED,
    Held,
)
from incentives.rules.reckoning import Reckoned
from incentives.rules.verdicts import PartVerdict, RuleVerdict

#: holding reasons that are kept with their judgement, or shown with the parts
_TOLD_APART = Held.CONDITION | Held.EXCLUSION | Held.PART | Held.UNSHARED


def part_traces(verdict: RuleVerdict, row: int) -> list[dict[str, Any]]:
    """Each part of one award: its sum in fen, whether it is due (1, 0, −1 unknown), and the judgement behind it."""
    return [part_trace(part, row) for part in verdict.parts]


def part_trace(part: PartVerdict, row: int) -> dict[str, Any]:
    """``how``: what the amount was worked out from, where it is more than one printed number."""
    # the sum that a printed part would bring is told also where it is not due
    fen = part.part.fen if isinstance(part.part.fen, int) else int(part.fen[row])
    trace: dict[str, Any] = {
        "part": part.part.id,
        "fen": fen,
        "outcome": int(part.outcome[row]),
        "verdict": part.judgement.row(row).as_json() if part.judgement else None,
    }
    how = reckoning_trace(part.reckoned, row)
    return trace | {"how": how} if how else trace


def reckoning_trace(reckoned: Reckoned, row: int) -> dict[str, Any]:
    """``of``: what was measured, ``base``: how much in its unit, ``rate``; for a table ``branch`` and ``next``: the branches before
    the one that holds (those that would have decided first), each with its judgement."""
    how: dict[str, Any] = {}
    if reckoned.base is not None and reckoned.quantity is not None:
        if reckoned.base.known[row]:
            how["of"] = reckoned.quantity.text
            how["base"] = _base(reckoned.base, reckoned.quantity, row)
        else:
            how["missing"] = list(reckoned.base.missing(row))
    if reckoned.rate is not None:
        how["rate"] = str(reckoned.rate)
    if reckoned.chosen is not None:
        chosen = int(reckoned.chosen[row])
        how["branch"] = chosen
        before = reckoned.judged[: chosen if chosen >= 0 else len(reckoned.judged)]
        how["before"] = [[place, _row(judged, row)] for place, judged in enumerate(before) if judged]
    for rows, inner in reckoned.inner:
        at = rows.searchsorted(row)
        if at < rows.size and rows[at] == row:
            found = reckoning_trace(inner, int(at))
            if found:
                how.setdefault("inner", []).append(found)
    return how


def _base(base: Measured, quantity: Quantity, row: int) -> list[str]:
    """The figure in 元 for money, else in the quantity's unit, and that unit."""
    is_money = quantity.unit.dimensions == (("money", 1),)
    scale = Fraction(1) if is_money else quantity.unit.scale
    exact = int(base.whole[row]) * base.step / scale
    number = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.000001"))
    return [f"{number.normalize():f}", "元" if is_money else quantity.unit.label]


def _row(judgement: Judgement, row: int) -> list[Any]:
    return judgement.row(row).as_json()


def award_reasons(verdict: RuleVerdict, row: int) -> list[list[Any]]:
    """What keeps an award from being paid beside its parts: unknown conditions, a region that no clause names."""
    reasons: list[list[Any]] = []
    held = Held(int(verdict.holding[row]))
    if verdict.conditions is not None and verdict.conditions.outcome[row] != TRUE:
        reasons.append([CONDITION_UNKNOWN, _row(verdict.conditions, row)])
    if verdict.exclusions is not None and Held.EXCLUSION in held:
        reasons.append([EXCLUSION_UNKNOWN, _row(verdict.exclusions, row)])
    if Held.UNSHARED in held:
        reasons.append([REGION_UNSHARED])
    reasons += [["held", int(one)] for one in held & ~_TOLD_APART]
    if stacked := verdict.stacked(row):
        reasons.append(["stacked", *stacked])
    if budget := verdict.budgeted(row):
        reasons.append(["budget", budget])
    reasons += [
        ["capped", place, int(cap.before[row]), int(cap.after[row])]
        for place, cap in enumerate(verdict.caps)
        if cap.before[row] != cap.after[row]
    ]
    return reasons


def refusal_reasons(verdict: RuleVerdict) -> Iterator[tuple[int, list[list[Any]]]]:
    """(row of the verdict, reasons) of every occasion that the rule does not reach, in the order of the rows."""
    for row in verdict.refusal.nonzero()[0].tolist():
        refusal = verdict.refusal_of(row)
        reason: list[Any] = [refusal.code, *refusal.numbers]
        if refusal.code == CONDITION_FAILED and verdict.conditions is not None:
            reason.append(_row(verdict.conditions, row))
        if refusal.code == EXCLUDED and verdict.exclusions is not None:
            reason.append(_row(verdict.exclusions, row))
        if refusal.code == NOTHING_DUE:
            reason.append(part_traces(verdict, row))
        yield row, [reason]
