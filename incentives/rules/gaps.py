"""Whom the end of a period makes a candidate though nothing is known of him: told by rule and fact, not as awards.

A list, a claim or an entry names its recipient; the end of a quarter happens to every firm. A firm of which it is
not known whether the rule reaches it is counted under what is wanting, and becomes an award once it is told. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.verdicts import FALSE
from incentives.rules.codes import CONDITION_FAILED, NOTHING_DUE, OTHER_KEY, OTHER_PERIOD, OTHER_YEAR, Held
from incentives.rules.scopes import Mask
from incentives.rules.sentences import is_near
from incentives.rules.verdicts import RuleVerdict

#: Whether the rule reaches the recipient at all hangs on these.
_OPEN = int(Held.CONDITION | Held.EXCLUSION | Held.FIRST_TIME)
_ANYTHING = int(Held.PART | Held.MODIFIER | Held.CAP | Held.DECIDED)
#: a matter of another rule of the same event
_ANOTHERS = frozenset({OTHER_KEY, OTHER_PERIOD, OTHER_YEAR})


@dataclass(frozen=True, slots=True)
class Gap:
    """``recipients`` of a rule for whom it cannot be told; ``missing``: fact (``full_load[2022Q1]``) → how many."""

    rule: str
    recipients: int
    missing: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "recipients": self.recipients, "missing": self.missing}


def set_aside(verdict: RuleVerdict, by_calendar: Mask) -> tuple[Mask, Gap | None]:
    """Rows of the verdict that are no awards yet, and what is wanting for them."""
    undecided = (verdict.holding & _OPEN != 0) | ((verdict.holding & _ANYTHING != 0) & (verdict.amount == 0))
    rows: Mask = verdict.due & by_calendar[verdict.rows] & undecided
    if not rows.any():
        return rows, None
    counts: Counter[str] = Counter()
    for row in np.flatnonzero(rows).tolist():
        counts.update(dict.fromkeys(missing_of(verdict, row), 1))
    return rows, Gap(verdict.rule.id, int(rows.sum()), dict(sorted(counts.items())))


def missing_of(verdict: RuleVerdict, row: int) -> tuple[str, ...]:
    """The facts for want of which a row is open, by name and period."""
    found: list[str] = []
    for judged in (verdict.conditions, verdict.exclusions):
        found += judged.missing(row) if judged is not None else ()
    for part in verdict.parts:
        if part.judgement is not None:
            found += part.judgement.missing(row)
        found += part.reckoned.missing(row)
    for _modifier, judgement in verdict.modified:
        found += judgement.missing(row)
    return tuple(dict.fromkeys(found))


def is_worth_telling(verdict: RuleVerdict, row: int, by_calendar: Mask) -> bool:
    """A refusal of whom a list or a claim names is always told, unless the event is another rule's matter.

    Of all those whom a period's end makes candidates only who just misses is.
    """
    at = int(verdict.rows[row])
    refusal = verdict.refusal_of(row)
    if refusal.code in _ANOTHERS:
        return verdict.occasions.is_claim(at)
    if not by_calendar[at]:
        return True
    if refusal.code == CONDITION_FAILED and verdict.conditions is not None:
        return is_near(verdict.conditions.row(row))
    if refusal.code == NOTHING_DUE:
        return any(
            part.judgement is not None
            and part.judgement.outcome[row] == FALSE
            and is_near(part.judgement.row(row))
            for part in verdict.parts
        )
    return refusal.code not in (CONDITION_FAILED, NOTHING_DUE) and verdict.computed[row] > 0
