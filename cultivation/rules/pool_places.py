"""What a pool knows of a firm by where it is assessed: region, kind, group, and the entry line there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.amounts import to_hundredths
from core.conditions import Column
from core.policies.regions import KINDS, RegionTree
from cultivation.policy.pool import (
    LEFT_YEAR,
    LINE,
    MEMBER,
    MEMBER_SINCE,
    REGION,
    REGION_GROUP,
    REGION_KIND,
    PoolRule,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A region as the document calls it; ``chain`` is its code, then those above it."""

    name: str
    kind: str
    chain: tuple[str, ...]


def place_of(regions: RegionTree | None, code: str, name: str, kind: str, above: Sequence[str]) -> Place:
    """The region of the document's tree that holds ``code`` (townships: their district), else the region itself."""
    chain = (code, *above)
    known = {entry.code: entry for entry in regions} if regions else {}
    entry = next((known[step] for step in chain if step in known), None)
    return Place(name, kind, chain) if entry is None else Place(entry.name, entry.kind, chain)


def place_named(regions: RegionTree | None, word: str) -> Place | None:
    """A region by any of its names in the document; ``None`` when the document does not have it."""
    entry = regions.find(word) if regions else None
    if entry is None or regions is None:
        return None
    parents = {one.code: one.parent for one in regions}
    chain, above = [entry.code], entry.parent
    while above:
        chain.append(above)
        above = parents.get(above)
    return Place(entry.name, entry.kind, tuple(chain))


def line_at(rule: PoolRule, place: Place, lowered: Mapping[str, Decimal]) -> Decimal | None:
    """The entry line in 万元 that holds in a place: what its county has set, else what the document prints."""
    if rule.line is None:
        return None
    own = next((lowered[code] for code in place.chain if code in lowered), None)
    if own is not None:
        return own
    amount = rule.line.of_group(_group(rule, place))
    return amount if isinstance(amount, Decimal) else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Each firm's own history in the pool: the year since when it is a member, and the year it last left; 0 for none."""

    since: NDArray[np.int64]
    left: NDArray[np.int64]

    def columns(self) -> dict[str, Column]:
        inside = self.since > 0
        return {
            MEMBER: Column(inside, np.ones(inside.size, np.bool_)),
            MEMBER_SINCE: Column(self.since, inside),
            LEFT_YEAR: Column(self.left, self.left > 0),
        }


def own_columns(
    rule: PoolRule,
    places: Sequence[Place],
    place: NDArray[np.int64],
    lowered: Mapping[str, Decimal],
    standing: Standing | None = None,
) -> dict[str, Column]:
    """The columns that conditions of the pool may ask for; ``place`` is the number of each firm's place."""
    nobody = np.zeros(place.size, np.int64)
    history = standing or Standing(nobody, nobody)
    return {**_of_places(rule, places, place, lowered), **history.columns()}


def _of_places(
    rule: PoolRule, places: Sequence[Place], place: NDArray[np.int64], lowered: Mapping[str, Decimal]
) -> dict[str, Column]:
    lines = [line_at(rule, one, lowered) for one in places]
    return {
        REGION: _texts([one.name for one in places], place),
        REGION_KIND: _texts([KINDS.get(one.kind, "") for one in places], place),
        REGION_GROUP: _texts([_group(rule, one) for one in places], place),
        LINE: Column(
            np.array([to_hundredths(line) if line is not None else 0 for line in lines] or [0], np.int64)[
                place
            ],
            np.array([line is not None for line in lines] or [False])[place],
        ),
    }


def _group(rule: PoolRule, place: Place) -> str | None:
    return next((group for code in place.chain if (group := rule.group_of(code))), None)


def _texts(words: Sequence[str | None], place: NDArray[np.int64]) -> Column:
    column = Column.of_texts(words)
    return Column(np.append(column.values, 0)[place], np.append(column.known, False)[place], column.words)
