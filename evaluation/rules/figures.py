"""The columns of a round, and how scores are kept: whole numbers, so that no database and no order of rows matters. Pure.

Quantities are whole hundredths of their unit. Points are whole 10^-8 (``FINE``); a score is the sum of its points,
rounded to the scheme's places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, Frame
from core.verdicts import TRUE, UNKNOWN
from evaluation.policy import LAND, QUANTITIES, Scheme
from evaluation.policy.choices import PROVISIONAL
from evaluation.policy.vocabulary import ABOVE_SCALE, YEARS_IN_PRODUCTION
from evaluation.rules.land import area_used, land_parts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FINE_PLACES = 8
FINE = 10**FINE_PLACES
#: No item counts for more, or less: a firm that meets it is marked. Ninety such items still add inside int64.
POINTS_LIMIT = 10**9
NOT_ANY = -1
OTHER_INDUSTRIES = "其他"
_YEAR_AND_BRACKET = len("2021]")


@dataclass(frozen=True, eq=False)
class FirmYears:
    """One year of every listed firm, row by row in any order.

    ``quantities``: by ``QUANTITIES``; ``region``: number of the assessment region; ``years_in_production``: whole
    years at the end of the year. The rest may be left out: ``facts`` by frame key (``tax[2020]``, ``honours``, ``town``),
    ``not_applicable`` masks by quantity, ``given`` values of indicators in 10^-8, ``years_as`` years so far in a special
    class or under a move, ``key`` of the firm itself, of its ``landlord`` and of the ``head`` of its group (−1: none).
    """

    quantities: dict[str, Column]
    above_scale: Mask
    years_in_production: Column
    region: Ints
    facts: Mapping[str, Column] = field(default_factory=dict)
    not_applicable: Mapping[str, Mask] = field(default_factory=dict)
    given: Mapping[str, Column] = field(default_factory=dict)
    years_as: Mapping[str, Column] = field(default_factory=dict)
    key: Ints | None = None
    landlord: Ints | None = None
    head: Ints | None = None
    #: number of the cohort that a worked case puts the firm into, whatever scope and conditions say (−1: none)
    cohort: Ints | None = None

    def __post_init__(self) -> None:
        columns = [*self.quantities.values(), *self.facts.values(), *self.given.values()]
        sizes = {column.known.size for column in columns}
        sizes |= {self.above_scale.size, self.years_in_production.known.size, self.region.size}
        if len(sizes) != 1 or set(self.quantities) != set(QUANTITIES):
            raise ValueError(f"columns do not fit together: {sizes}, {sorted(self.quantities)}")

    @property
    def size(self) -> int:
        return int(self.region.size)

    def take(self, rows: NDArray[Any]) -> FirmYears:
        def columns(of: Mapping[str, Column]) -> dict[str, Column]:
            return {name: column.take(rows) for name, column in of.items()}

        return FirmYears(
            columns(self.quantities),
            self.above_scale[rows],
            self.years_in_production.take(rows),
            self.region[rows],
            columns(self.facts),
            {name: mask[rows] for name, mask in self.not_applicable.items()},
            columns(self.given),
            columns(self.years_as),
            None if self.key is None else self.key[rows],
            None if self.landlord is None else self.landlord[rows],
            None if self.head is None else self.head[rows],
            None if self.cohort is None else self.cohort[rows],
        )

    def keys(self) -> Ints:
        return np.arange(self.size, dtype=np.int64) if self.key is None else self.key


class _Lazy(dict[str, Column]):
    """The columns of a frame, worked out when a condition first asks for them; what nobody told is not known."""

    def __init__(self, figures: Figures, offset: int) -> None:
        super().__init__()
        self._figures, self._offset = figures, offset

    def __missing__(self, key: str) -> Column:
        figures = self._figures
        name, _, period = key.partition("[")
        if not period:
            found = figures.column(name, self._offset)
        elif len(period) == _YEAR_AND_BRACKET:
            found = figures.column(name, int(period[:-1]) - figures.scheme.data_year)
        else:
            found = figures.firms.facts.get(key) or figures.nothing
        self[key] = found
        return found


@dataclass(frozen=True, eq=False)
class Figures:
    """The firms through the scheme's eyes: 用地 by its formula, what it makes of other quantities, in any year."""

    firms: FirmYears
    scheme: Scheme
    _found: dict[tuple[str, int], Column] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        return self.firms.size

    @cached_property
    def nothing(self) -> Column:
        return Column(np.zeros(self.size, np.int64), np.zeros(self.size, np.bool_))

    @cached_property
    def frame(self) -> Frame:
        """The facts that conditions may name before anybody has a score."""
        return self.frame_at(0)

    def frame_at(self, offset: int) -> Frame:
        return Frame(self.size, _Lazy(self, offset))

    def frame_with(self, columns: Mapping[str, Column]) -> Frame:
        """The same facts and what is known after scoring."""
        lazy = _Lazy(self, 0)
        lazy.update(columns)
        return Frame(self.size, lazy)

    def column(self, name: str, offset: int = 0) -> Column:
        """A quantity or fact of the data year, or of the year ``offset`` years from it."""
        place = (name, offset)
        if place not in self._found:
            self._found[place] = self._read(name, offset)
        return self._found[place]

    def land_parts(self) -> tuple[Column, Column, Column]:
        return land_parts(_Lazy(self, 0), self.scheme.land)

    def not_applicable(self, quantity: str) -> Mask:
        """Firms for which the quantity has no meaning: told so, or by the scheme's condition."""
        mask = self.firms.not_applicable.get(quantity, np.zeros(self.size, np.bool_))
        use = self.scheme.quantities.get(quantity)
        if use is None or use.not_applicable is None:
            return mask
        by_rule: Mask = use.not_applicable.judge(self.frame, self.parameters()).outcome == TRUE
        return mask | by_rule

    def parameters(self) -> dict[str, int]:
        return {"year": self.scheme.data_year}

    def _read(self, name: str, offset: int) -> Column:
        use = self.scheme.quantities.get(name)
        if use is not None and use.formula is not None:
            return self._made(name, offset)
        if name == LAND.id:
            return area_used(_Lazy(self, offset), self.scheme.land)
        facts = self.firms.facts
        told = facts.get(f"{name}[{self.scheme.data_year + offset}]")
        if offset == 0:
            told = self._own(name) or facts.get(name) or told
        return told or self.nothing

    def _own(self, name: str) -> Column | None:
        """What a firm's year always brings, and what it is to others."""
        firms = self.firms
        if name in firms.quantities:
            return firms.quantities[name]
        if name == YEARS_IN_PRODUCTION:
            return firms.years_in_production
        known = np.ones(self.size, np.bool_)
        none = np.full(self.size, NOT_ANY, np.int64)
        landlord = none if firms.landlord is None else firms.landlord
        head = none if firms.head is None else firms.head
        if name == ABOVE_SCALE:
            return Column(firms.above_scale, known)
        if name == "industry_group" and name not in firms.facts:
            return self._industry_groups()
        if name == "is_tenant":
            return Column(landlord != NOT_ANY, known)
        if name == "is_landlord":
            return Column(np.isin(firms.keys(), landlord[landlord != NOT_ANY]), known)
        if name == "is_group_member":
            return Column((head != NOT_ANY) | np.isin(firms.keys(), head[head != NOT_ANY]), known)
        return None

    def _industry_groups(self) -> Column:
        """The group whose codes begin the firm's own; the longest code wins, a letter before it says nothing.

        An industry that the document puts into no group is 其他; only without a code nobody knows.
        """
        codes = self.column("industry_code")
        groups = self.scheme.industry_groups
        names = tuple(sorted({*groups, OTHER_INDUSTRIES}))
        other = names.index(OTHER_INDUSTRIES)
        begins = sorted(
            ((code.lstrip("ABCD"), names.index(name)) for name, listed in groups.items() for code in listed),
            key=lambda pair: -len(pair[0]),
        )
        found = [
            next((number for code, number in begins if word.lstrip("ABCD").startswith(code)), other)
            for word in codes.words
        ]
        numbers = np.array([*found, NOT_ANY], np.int64)
        number = np.where(codes.known, numbers[codes.values] if codes.words else NOT_ANY, NOT_ANY)
        return Column(np.maximum(number, 0), number != NOT_ANY, names)

    def _made(self, name: str, offset: int) -> Column:
        """A quantity by its formula; where blanks count as 0, one part must be told all the same."""
        use = self.scheme.quantities[name]
        assert use.formula is not None
        year = {"year": self.scheme.data_year + offset}
        frame = self.frame_at(offset)
        parts = {str(key): frame.columns[str(key)] for key in use.formula.needs(year)}
        told = np.logical_or.reduce([column.known for column in parts.values()])
        if use.blank is None or use.blank.known_or(PROVISIONAL["blank"]) == "zero":
            everywhere = np.ones(self.size, np.bool_)
            parts = {key: Column(column.values, everywhere) for key, column in parts.items()}
        judgement = use.formula.judge(Frame(self.size, parts), year)
        known = told & (judgement.outcome != UNKNOWN)
        return Column(np.where(known, np.clip(judgement.leaves[0].value, -_WIDEST, _WIDEST), 0), known)


_WIDEST = 2**61


def with_land(firms: FirmYears, scheme: Scheme) -> dict[str, Column]:
    """The survey's quantities and 用地 by the scheme's formula."""
    return firms.quantities | {LAND.id: Figures(firms, scheme).column(LAND.id)}


def fine(points: Floats) -> Ints:
    """Points as whole 10^-8, half up (四舍五入, by magnitude); at most ``POINTS_LIMIT`` either way."""
    kept = np.clip(points, -POINTS_LIMIT, POINTS_LIMIT)
    whole: Ints = (np.sign(kept) * np.floor(np.abs(kept) * FINE + 0.5)).astype(np.int64)
    return whole


def rounded(fine_points: Ints, decimals: int, rounding: str = "half_up") -> Ints:
    """Whole 10^-decimals, by magnitude: half up, cut off, or half to even."""
    step = 10 ** (FINE_PLACES - decimals)
    if step == 1:
        return fine_points
    size = np.abs(fine_points)
    whole = size // step
    rest = size - whole * step
    if rounding == "half_up":
        whole = (size + step // 2) // step
    elif rounding == "half_even":
        whole = whole + ((rest * 2 > step) | ((rest * 2 == step) & (whole % 2 == 1)))
    signed: Ints = np.sign(fine_points) * whole
    return signed
