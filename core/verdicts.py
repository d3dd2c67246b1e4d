"""Verdicts that screening, evaluation and awards share: outcomes of three values, reasons as code + numbers.

Pure. Sentences are made on reading, from code and numbers; nothing here is text for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: int8, one of ``Outcome`` a row
Outcomes = NDArray[np.int8]


class Outcome(IntEnum):
    """What a condition says of a firm; unknown is neither yes nor no and blocks what depends on it."""

    TRUE = 1
    FALSE = 0
    UNKNOWN = -1


TRUE, FALSE, UNKNOWN = (np.int8(outcome) for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: a code of the rule that gives it, and the numbers its sentence needs."""

    code: str
    numbers: tuple[int | str | None, ...] = ()

    def as_json(self) -> list[Any]:
        """``["code", 1, "2021", null]``: what a row keeps."""
        return [self.code, *self.numbers]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> Reason:
        return cls(kept[0], tuple(kept[1:]))


def all_of(outcomes: Iterable[Outcomes]) -> Outcomes:
    """Row by row: false when one is false, else unknown when one is unknown, else true."""
    return reduce(_both, outcomes)


def any_of(outcomes: Iterable[Outcomes]) -> Outcomes:
    """Row by row: true when one is true, else unknown when one is unknown, else false."""
    return reduce(_either, outcomes)


def inverse_of(outcome: Outcomes) -> Outcomes:
    """True becomes false and false true; unknown stays unknown."""
    return np.where(outcome == UNKNOWN, UNKNOWN, TRUE - outcome).astype(np.int8)


# Arithmetic instead of np.where: several times faster on a million small codes.
def _both(a: Outcomes, b: Outcomes) -> Outcomes:
    decided: Outcomes = np.minimum(a, b) * ((a != FALSE) & (b != FALSE))
    return decided


def _either(a: Outcomes, b: Outcomes) -> Outcomes:
    holds = (np.maximum(a, b) == TRUE).view(np.int8)
    decided: Outcomes = np.minimum(a, b) * (TRUE - holds) + holds
    return decided
