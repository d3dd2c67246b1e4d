"""The trace of a firm: every figure, state and point as whole numbers in one packed row. Pure.

A row is little-endian int64 by the names of ``trace_columns``; ``MISSING`` stands for what was not reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.conditions import Column
from evaluation.policy import QUANTITIES, Cohort, Scheme
from evaluation.rules.figures import FirmYears, Ints, with_land
from evaluation.rules.rounds import Evaluation
from evaluation.rules.scoring import EMPTY

MISSING = np.iinfo(np.int64).min
_FIGURES = [*QUANTITIES, "above_scale", "years_in_production"]
_STANDING = ["standing", "special", "cohort", "last"]
_ITEM = ("state", "raw", "points")


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator of one firm; ``raw`` and ``points`` are whole 10^-8 points."""

    state: int
    raw: int
    points: int

    @property
    def is_empty(self) -> bool:
        return self.state in EMPTY


@dataclass(frozen=True, slots=True)
class Trace:
    """``figures``: whole hundredths, ``None`` not reported, with 用地 (``land``) by the scheme's formula.

    ``special`` and ``last`` (place of the last firm with the same score) are −1 where they do not apply.
    """

    figures: Mapping[str, int | None]
    standing: int
    special: int
    last: int
    items: tuple[Item, ...]


def trace_columns(scheme: Scheme) -> list[str]:
    most = max(len(cohort.indicators) for cohort in scheme.cohorts)
    return [*_FIGURES, *_STANDING, *(f"{part}_{number}" for number in range(most) for part in _ITEM)]


def packed_rows(firms: FirmYears, result: Evaluation) -> Ints:
    """One row a firm, whose bytes are kept."""
    return np.column_stack(
        [
            *(_kept(firms.quantities[name]) for name in QUANTITIES),
            firms.above_scale.astype(np.int64),
            _kept(firms.years_in_production),
            result.standing.state,
            result.standing.special,
            result.standing.cohort,
            result.last,
            result.items.reshape(firms.size, -1),
        ]
    ).astype("<i8", copy=False)


def unpacked(row: bytes, columns: Sequence[str], scheme: Scheme, cohort: Cohort | None) -> Trace:
    """The trace of one firm, with the indicators of its cohort."""
    values = dict(zip(columns, np.frombuffer(row, "<i8").tolist(), strict=True))
    figures = {name: None if values[name] == MISSING else values[name] for name in _FIGURES}
    figures["land"] = _land(figures, scheme)
    items = tuple(
        Item(*(values[f"{part}_{number}"] for part in _ITEM))
        for number in range(len(cohort.indicators) if cohort else 0)
    )
    return Trace(figures, values["standing"], values["special"], values["last"], items)


def one_firm(trace: Trace) -> FirmYears:
    """The firm's figures as columns of one row, to ask the conditions again why they hold or not."""
    return _one_row(trace.figures)


def _kept(column: Column) -> Ints:
    return np.where(column.known, column.values, MISSING)


def _land(figures: Mapping[str, int | None], scheme: Scheme) -> int | None:
    land = with_land(_one_row(figures), scheme)["land"]
    return int(land.values[0]) if land.known[0] else None


def _one_row(figures: Mapping[str, int | None]) -> FirmYears:
    def column(name: str) -> Column:
        value = figures[name]
        return Column(np.array([value or 0], np.int64), np.array([value is not None]))

    return FirmYears(
        {name: column(name) for name in QUANTITIES},
        np.array([bool(figures["above_scale"])]),
        column("years_in_production"),
        np.zeros(1, np.int64),
    )
