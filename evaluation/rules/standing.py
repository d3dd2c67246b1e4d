"""Who is evaluated: scope, special classes, cohorts, by the scheme's conditions in their order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.conditions import Condition, Frame, sentence
from core.verdicts import TRUE, UNKNOWN
from evaluation.policy import Clause, Scheme, Special
from evaluation.rules.figures import NOT_ANY, Figures, FirmYears, Ints, Mask

#: Where a firm stands; kept in the trace. ``FOLLOWS``: a tenant with its landlord's grade.
GRADED, SPECIAL, OUT_OF_SCOPE, NO_COHORT, FOLLOWS = range(5)


@dataclass(frozen=True, eq=False)
class Standing:
    """``state``; numbers of the special class and the cohort, −1 without one.

    A firm whose class only has a lowest grade (``Special.floor``) is graded like others and keeps its class's number.
    """

    state: Ints
    special: Ints
    cohort: Ints


def standing_of(figures: Figures) -> Standing:
    scheme = figures.scheme
    included = np.zeros(figures.size, np.bool_)
    for clause in scheme.include:
        included |= holds(clause, figures.frame, scheme.data_year)
    cohort = first_of(
        [holds(each.clause, figures.frame, scheme.data_year) for each in scheme.cohorts], figures.size
    )
    if figures.firms.cohort is not None:
        included |= figures.firms.cohort != NOT_ANY
        cohort = np.where(figures.firms.cohort != NOT_ANY, figures.firms.cohort, cohort)
    special = first_of([_is_special(clause, figures) for clause in scheme.special], figures.size)
    ungraded = special != NOT_ANY
    for number, clause in enumerate(scheme.special):
        if clause.floor:
            ungraded &= special != number
    state = np.select([~included, ungraded, cohort == NOT_ANY], [OUT_OF_SCOPE, SPECIAL, NO_COHORT], GRADED)
    return Standing(state.astype(np.int64), np.where(included, special, NOT_ANY), cohort)


def _is_special(clause: Special, figures: Figures) -> Mask:
    """The condition; where the class asks for it, the application, and years that are left."""
    mask = holds(clause, figures.frame, figures.scheme.data_year)
    if clause.application is not None:
        mask = mask & met(clause.application, figures.frame, figures.scheme.data_year)
    return mask & has_years_left(clause.id, clause.max_years, figures.firms)


def has_years_left(clause_id: str, max_years: int | None, firms: FirmYears) -> Mask:
    """Whether a firm may be in the class, or under the move, for one year more; a first year where none is told."""
    used = firms.years_as.get(clause_id)
    if max_years is None or used is None:
        return np.ones(firms.size, np.bool_)
    left: Mask = np.where(used.known, used.values, 0) < max_years
    return left


def holds(clause: Clause, frame: Frame, year: int) -> Mask:
    """The condition, and what the scheme says where a fact is missing."""
    return met(clause.condition, frame, year, if_unknown=clause.if_unknown)


def met(condition: Condition, frame: Frame, year: int, *, if_unknown: bool = False) -> Mask:
    outcome = condition.judge(frame, {"year": year}).outcome
    mask: Mask = outcome == TRUE
    return mask | (outcome == UNKNOWN) if if_unknown else mask


def first_of(masks: Sequence[Mask], size: int) -> Ints:
    """Number of the first clause that holds for each firm; −1 for none."""
    found = np.full(size, NOT_ANY, np.int64)
    for number in reversed(range(len(masks))):
        found[masks[number]] = number
    return found


def told(clause: Clause, firm: FirmYears, scheme: Scheme) -> str:
    """Why the clause holds or not for one firm, in the words of the condition."""
    judgement = clause.condition.judge(Figures(firm, scheme).frame, {"year": scheme.data_year})
    labels = {name: use.label for name, use in scheme.quantities.items()}
    return sentence(judgement.condition, judgement.row(0), labels)
