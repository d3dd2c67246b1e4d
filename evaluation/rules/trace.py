"""The trace of a firm: every figure, state and point as whole numbers in one packed row. Pure.

A row is little-endian int64 by the names of ``trace_columns``; ``MISSING`` stands for what was not reported. A scheme of
plain ratios keeps the first, short shape; others add what they need: ``fact:…`` as the fact keeps it, ``text:name:a|b``
the number of a word, ``tag:name:word`` 0 or 1, ``made:…`` and ``na:…`` by quantity, and for each indicator its value and
baseline, for each adjustment its points, for each move the band after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from core.conditions import Column, Kind
from evaluation.policy import QUANTITIES, Cohort, Indicator, Scheme
from evaluation.policy.needs import extra_facts
from evaluation.rules.figures import FINE_PLACES, Figures, FirmYears, Ints
from evaluation.rules.rounds import NOTHING, Evaluation
from evaluation.rules.scoring import EMPTY

MISSING = np.iinfo(np.int64).min
_FIGURES = [*QUANTITIES, "above_scale", "years_in_production"]
_STANDING = ["standing", "special", "cohort", "last"]
_ITEM = ("state", "raw", "points")
_MORE = ("value", "baseline")


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator of one firm; ``raw`` and ``points`` are whole 10^-8 points, value and baseline in its unit."""

    state: int
    raw: int
    points: int
    value: Decimal | None = None
    baseline: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return self.state in EMPTY


@dataclass(frozen=True, slots=True)
class LevelPlace:
    """Where the firm stands at one more level: places, and bands before and after the moves; −1 without one."""

    rank: int
    size: int
    grade: int
    final: int


@dataclass(frozen=True, slots=True)
class Trace:
    """``figures``: whole steps of their unit, ``None`` not reported, with 用地 (``land``) by the scheme's formula.

    ``special`` and ``last`` (place of the last firm with the same score) are −1 where they do not apply; ``moves`` is the
    band after each move that applied, else −1; ``adjusted`` fine points by adjustment, ``adjusted_total`` their sum.
    """

    figures: Mapping[str, int | None]
    standing: int
    special: int
    last: int
    items: tuple[Item, ...]
    firm: FirmYears
    not_applicable: frozenset[str] = frozenset()
    adjusted: tuple[int, ...] = ()
    adjusted_total: int = 0
    moves: tuple[int, ...] = ()
    final: int = -1
    is_kept: bool = False
    is_refilled: bool = False
    flags: tuple[bool, ...] = ()
    levels: tuple[LevelPlace, ...] = field(default=())
    #: 自有, 租入, 租出 in hundredths of 亩, leased floor in them
    land_parts: tuple[int | None, ...] = (None, None, None)

    @property
    def points(self) -> int:
        """Fine points of all items, with bonus and penalty."""
        return sum(item.points for item in self.items) + self.adjusted_total


def trace_columns(scheme: Scheme, firms: FirmYears | None = None) -> list[str]:
    """``firms`` may be left out for a scheme of plain ratios."""
    most = max(len(cohort.indicators) for cohort in scheme.cohorts)
    columns = [*_FIGURES, *_STANDING, *(f"{part}_{number}" for number in range(most) for part in _ITEM)]
    if scheme.is_plain and not extra_facts(scheme):
        return columns
    columns += [name for name, _values in _fact_columns(scheme, firms)]
    columns += [f"made:{name}" for name in _made(scheme)]
    columns += [f"na:{name}" for name in scheme.quantities]
    columns += [f"{part}_{number}" for number in range(most) for part in _MORE]
    columns += [f"adjust_{number}" for number in range(len(scheme.adjusting.items))]
    columns += ["adjust_total", *(f"move_{number}" for number in range(len(scheme.moves)))]
    columns += ["final", "kept", "refilled", *(f"flag_{number}" for number in range(len(scheme.flags)))]
    for number in range(len(scheme.levels)):
        columns += [f"level_{number}_{part}" for part in ("rank", "size", "grade", "final")]
    return columns


def packed_rows(firms: FirmYears, result: Evaluation, scheme: Scheme) -> Ints:
    """One row a firm, whose bytes are kept; one column a name of ``trace_columns``."""
    columns = [
        *(_kept(firms.quantities[name]) for name in QUANTITIES),
        firms.above_scale.astype(np.int64),
        _kept(firms.years_in_production),
        result.standing.state,
        result.standing.special,
        result.standing.cohort,
        result.last,
        result.items.reshape(firms.size, -1),
    ]
    if not scheme.is_plain or extra_facts(scheme):
        columns += _more_columns(firms, result, scheme)
    table: Ints = np.column_stack(columns).astype("<i8", copy=False)
    return table


def _more_columns(firms: FirmYears, result: Evaluation, scheme: Scheme) -> list[Ints]:
    figures = Figures(firms, scheme)
    columns = [values for _name, values in _fact_columns(scheme, firms)]
    columns += [_kept(figures.column(name)) for name in _made(scheme)]
    columns += [figures.not_applicable(name).astype(np.int64) for name in scheme.quantities]
    paired = np.stack([result.values, result.baselines], axis=2).reshape(firms.size, -1)
    columns += [paired, result.adjusted, result.moves, result.final]
    columns += [result.kept.astype(np.int64), result.refilled.astype(np.int64), result.flags.astype(np.int64)]
    for level in result.levels:
        sizes = np.array([*(pool.line.size for pool in level.pools), 0], np.int64)
        columns += [level.rank, sizes[level.pool], level.grade, level.final]
    return columns


def _made(scheme: Scheme) -> list[str]:
    return [name for name, use in scheme.quantities.items() if use.formula is not None]


def _fact_columns(scheme: Scheme, firms: FirmYears | None) -> list[tuple[str, Ints]]:
    """What conditions and quantities ask for beyond the survey, with its words in the name where it has any."""
    found: list[tuple[str, Ints]] = []
    nothing = np.zeros(0 if firms is None else firms.size, np.int64)
    for key, fact in extra_facts(scheme).items():
        column = None if firms is None else firms.facts.get(key)
        if fact.kind is Kind.TEXT:
            words = column.words if column is not None else ()
            name = f"text:{key}:{'|'.join(words)}"
            found.append((name, nothing + MISSING if column is None else _kept(column)))
        elif fact.kind is Kind.TAGS:
            asked = sorted(column.words if column is not None else ())
            for word in asked:
                held = column.values[:, column.words.index(word)] if column is not None else nothing
                known = column.known if column is not None else nothing == 0
                found.append((f"tag:{key}:{word}", np.where(known, held.astype(np.int64), MISSING)))
        else:
            values = nothing + MISSING if column is None else _kept(column)
            found.append((f"fact:{key}", values))
    return found


def unpacked(row: bytes, columns: Sequence[str], scheme: Scheme, cohort: Cohort | None) -> Trace:
    """The trace of one firm, with the indicators of its cohort."""
    values = dict(zip(columns, np.frombuffer(row, "<i8").tolist(), strict=True))
    firm = _firm(values, scheme)
    own = Figures(firm, scheme)
    names = [*_FIGURES, *(name for name in scheme.quantities if name not in _FIGURES), "land"]
    figures = {name: _first(own.column(name)) for name in dict.fromkeys(names)}
    items = tuple(
        _item(values, number, indicator, figures)
        for number, indicator in enumerate(cohort.indicators if cohort else ())
    )
    return Trace(
        figures,
        values["standing"],
        values["special"],
        values["last"],
        items,
        firm,
        frozenset(name for name in scheme.quantities if values.get(f"na:{name}")),
        tuple(values.get(f"adjust_{number}", 0) for number in range(len(scheme.adjusting.items))),
        values.get("adjust_total", 0),
        tuple(values.get(f"move_{number}", -1) for number in range(len(scheme.moves))),
        values.get("final", -1),
        bool(values.get("kept")),
        bool(values.get("refilled")),
        tuple(bool(values.get(f"flag_{number}")) for number in range(len(scheme.flags))),
        tuple(
            LevelPlace(*(values[f"level_{number}_{part}"] for part in ("rank", "size", "grade", "final")))
            for number in range(len(scheme.levels))
        ),
        tuple(_first(part) for part in own.land_parts()),
    )


def column_of(rows: Sequence[bytes], columns: Sequence[str], name: str) -> Ints:
    """One column of many firms' traces; −1 throughout where the scheme keeps none of that name."""
    if name not in columns or not rows:
        return np.full(len(rows), -1, np.int64)
    table = np.frombuffer(b"".join(rows), "<i8").reshape(len(rows), len(columns))
    found: Ints = table[:, list(columns).index(name)].astype(np.int64)
    return found


def _item(
    values: Mapping[str, int], number: int, indicator: Indicator, figures: Mapping[str, int | None]
) -> Item:
    state, raw, points = (values[f"{part}_{number}"] for part in _ITEM)
    if f"value_{number}" in values:
        value, baseline = (
            None
            if values[f"{part}_{number}"] == NOTHING
            else Decimal(values[f"{part}_{number}"]).scaleb(-FINE_PLACES)
            for part in _MORE
        )
        return Item(state, raw, points, value, indicator.printed_baseline or baseline)
    num, den = figures[indicator.num], figures[indicator.den]
    divided = None if num is None or den is None or den <= 0 else Decimal(num) / Decimal(den)
    return Item(state, raw, points, divided, indicator.printed_baseline)


def one_firm(trace: Trace) -> FirmYears:
    """The firm's figures as columns of one row, to ask the conditions again why they hold or not."""
    return trace.firm


def _kept(column: Column) -> Ints:
    return np.where(column.known, column.values, MISSING)


def _first(column: Column) -> int | None:
    return int(column.values[0]) if column.known[0] else None


def _firm(values: Mapping[str, int], scheme: Scheme) -> FirmYears:
    def column(number: int, words: tuple[str, ...] = ()) -> Column:
        is_known = number != MISSING
        return Column(np.array([number if is_known else 0], np.int64), np.array([is_known]), words)

    facts: dict[str, Column] = {}
    tags: dict[str, dict[str, int]] = {}
    for name, number in values.items():
        kind, _, rest = name.partition(":")
        if kind == "fact":
            facts[rest] = column(number)
        elif kind == "text":
            key, _, words = rest.partition(":")
            facts[key] = column(number, tuple(words.split("|")))
        elif kind == "tag":
            key, _, word = rest.partition(":")
            tags.setdefault(key, {})[word] = number
    for key, held in tags.items():
        known = np.array([all(number != MISSING for number in held.values())])
        facts[key] = Column(np.array([[number == 1 for number in held.values()]]), known, tuple(held))
    return FirmYears(
        {name: column(values[name]) for name in QUANTITIES},
        np.array([bool(values["above_scale"])]),
        column(values["years_in_production"]),
        np.zeros(1, np.int64),
        facts,
        {name: np.array([bool(values.get(f"na:{name}"))]) for name in scheme.quantities},
    )
