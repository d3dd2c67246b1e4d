"""Facts of recipients laid out by event, and what an event tells laid over them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, FactKey, FactType, Kind
from core.conditions.kinds import calendar_label, ordinal_of
from core.periods import Month
from incentives.rules.scopes import Column as Whole


def spread(column: Column, places: Whole) -> Column:
    """A row an event: that of its recipient, at ``places``; not known where there is none (−1)."""
    if not len(column.known):
        return nothing(places.size)
    taken = column.take(np.maximum(places, 0))
    return Column(taken.values, taken.known & (places >= 0), taken.words)


def nothing(size: int) -> Column:
    return Column(np.zeros(size, np.int64), np.zeros(size, np.bool_))


def overlaid(base: Column, told: Column) -> Column:
    """What the event tells where it tells something, else what the recipient has."""
    if not told.known.any():
        return base
    if not base.known.any():
        return told
    words = tuple(dict.fromkeys((*base.words, *told.words)))
    known = base.known | told.known
    if told.values.ndim == 2:
        values = np.where(told.known[:, None], _tags(told, words), _tags(base, words))
        return Column(values, known, words)
    return Column(np.where(told.known, _places(told, words), _places(base, words)), known, words)


def _places(column: Column, words: tuple[str, ...]) -> NDArray[np.int64]:
    """The column's numbers, those of words counted in ``words``."""
    if not column.words:
        return column.values
    places = np.array([words.index(word) for word in column.words], np.int64)
    found: NDArray[np.int64] = places[column.values]
    return found


def _tags(column: Column, words: tuple[str, ...]) -> NDArray[np.bool_]:
    held = np.zeros((len(column.known), len(words)), np.bool_)
    if column.values.ndim == 2:
        held[:, [words.index(word) for word in column.words]] = column.values
    return held


def read_facts(kept: Mapping[str, str]) -> dict[FactKey, str]:
    """``{"trainees": "12", "revenue[2022]": "30"}`` by key."""
    return {fact_key(name): text for name, text in kept.items()}


def fact_key(name: str) -> FactKey:
    """``revenue[2022]``, ``revenue[2022Q1]``, ``revenue[2022-05]`` or ``trainees`` as a key."""
    bare, bracket, period = name.partition("[")
    if not bracket:
        return FactKey(bare)
    period = period.removesuffix("]")
    if len(period) == 4:
        return FactKey(bare, Kind.YEAR, int(period))
    if "Q" in period:
        return FactKey(bare, Kind.QUARTER, ordinal_of(Kind.QUARTER, period))
    return FactKey(bare, Kind.MONTH, ordinal_of(Kind.MONTH, Month.parse(period)))


def fact_words(name: str, types: Mapping[str, FactType]) -> str:
    """``full_load[2022Q1]`` → ``2022年第1季度连续满负荷生产``; the name itself where no document declares it now."""
    key = fact_key(name)
    fact = types.get(key.name)
    if fact is None:
        return name
    if key.per is None or key.ordinal is None:
        return fact.label
    return f"{calendar_label(key.per, key.ordinal)}{fact.label}"
