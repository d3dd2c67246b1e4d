"""Who is evaluated: scope, special classes, cohorts, by the scheme's conditions in their order. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.conditions import Column, Frame, sentence
from core.verdicts import TRUE, UNKNOWN
from evaluation.policy import Clause, Scheme
from evaluation.policy.vocabulary import ABOVE_SCALE, YEARS_IN_PRODUCTION
from evaluation.rules.figures import FirmYears, Ints, Mask, with_land

#: Where a firm stands; kept in the trace.
GRADED, SPECIAL, OUT_OF_SCOPE, NO_COHORT = range(4)
NOT_ANY = -1


@dataclass(frozen=True, eq=False)
class Standing:
    """``state``; numbers of the special class and the cohort, −1 without one."""

    state: Ints
    special: Ints
    cohort: Ints


def conditions_frame(firms: FirmYears, scheme: Scheme) -> Frame:
    """The facts that a scheme's conditions may name."""
    known = np.ones(firms.size, np.bool_)
    columns = with_land(firms, scheme) | {
        ABOVE_SCALE: Column(firms.above_scale, known),
        YEARS_IN_PRODUCTION: firms.years_in_production,
    }
    return Frame(firms.size, columns)


def standing_of(firms: FirmYears, scheme: Scheme) -> Standing:
    frame = conditions_frame(firms, scheme)
    included = np.zeros(firms.size, np.bool_)
    for clause in scheme.include:
        included |= holds(clause, frame, scheme.data_year)
    cohort = _first(tuple(each.clause for each in scheme.cohorts), frame, scheme.data_year)
    special = _first(scheme.special, frame, scheme.data_year)
    state = np.select(
        [~included, special != NOT_ANY, cohort == NOT_ANY], [OUT_OF_SCOPE, SPECIAL, NO_COHORT], GRADED
    )
    return Standing(state.astype(np.int64), np.where(included, special, NOT_ANY), cohort)


def holds(clause: Clause, frame: Frame, year: int) -> Mask:
    """The condition, and what the scheme says where a fact is missing."""
    outcome = clause.condition.judge(frame, {"year": year}).outcome
    mask: Mask = outcome == TRUE
    return mask | (outcome == UNKNOWN) if clause.if_unknown else mask


def _first(clauses: tuple[Clause, ...], frame: Frame, year: int) -> Ints:
    """Number of the first clause that holds for each firm; −1 for none."""
    found = np.full(frame.size, NOT_ANY, np.int64)
    for number in reversed(range(len(clauses))):
        found[holds(clauses[number], frame, year)] = number
    return found


def told(clause: Clause, firm: FirmYears, scheme: Scheme) -> str:
    """Why the clause holds or not for one firm, in the words of the condition."""
    judgement = clause.condition.judge(conditions_frame(firm, scheme), {"year": scheme.data_year})
    labels = {name: use.label for name, use in scheme.quantities.items()}
    return sentence(judgement.condition, judgement.row(0), labels)
