"""The registry of facts: named columns that apps offer to conditions and schemes. No queries here.

Each app's ``facts.py`` registers what it can load; ``CoreConfig.ready`` finds them by
``autodiscover_modules("facts")``. So a pool may ask for a grade without importing to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, Condition, FactKey, FactType, Frame

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class FactContext:
    """What a loader is asked: the firms, in the order the column must have, and the period.

    ``period`` is the year as ``int``, a ``Month``, ``"2022Q1"``, or ``None``; ``wanted`` names all that the
    frame will hold, so that a loader may read the columns of one table at once.
    """

    #: primary keys, int64, each once
    enterprises: NDArray[np.int64]
    key: FactKey
    wanted: tuple[FactKey, ...]
    parameters: Mapping[str, Any]
    _read: dict[Hashable, Any] = field(repr=False)

    @property
    def period(self) -> Any:
        return self.key.period

    def once(self, what: Hashable, read: Callable[[], T]) -> T:
        """``read()`` the first time that any loader of this frame asks for ``what``: several facts of one
        table and year cost one query."""
        if what not in self._read:
            self._read[what] = read()
        found: T = self._read[what]
        return found

    def aligned(
        self, enterprises: Iterable[int], values: Any, known: Any = None, words: tuple[str, ...] = ()
    ) -> Column:
        """Values that were found, for these enterprises in any order, as a column of all that are asked.

        Firms without a value are unknown, as are those where ``known`` is false; values of firms that nobody
        asked for are left out. ``values`` are whole numbers as ``Column`` keeps them. Raises ``ValueError``
        when an enterprise has two values.
        """
        found = np.fromiter(enterprises, dtype=np.int64)
        numbers = np.asarray(values)
        if not len(found):
            empty = np.zeros((len(self.enterprises), *numbers.shape[1:]), dtype=np.int64)
            return Column(empty, np.zeros(len(self.enterprises), dtype=bool), words)
        order = np.argsort(found, kind="stable")
        if (np.diff(found[order]) == 0).any():
            raise ValueError(f"{self.key}: an enterprise has two values")
        places = np.minimum(np.searchsorted(found, self.enterprises, sorter=order), len(found) - 1)
        rows = order[places]
        is_found = found[rows] == self.enterprises
        if known is not None:
            is_found &= np.asarray(known, dtype=bool)[rows]
        return Column(numbers[rows], is_found, words)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that an app offers. ``load`` answers for all firms of the context at once: a fixed number of
    queries, never one a firm."""

    type: FactType
    load: Callable[[FactContext], Column]


_facts: dict[str, Fact] = {}
#: what loads facts that no app offers and a document declares; the registry of firms brings it
_declared: list[Callable[[FactContext], Column]] = []


def register_facts(*facts: Fact) -> None:
    """Raises ``ValueError`` when a name is taken: one word for one thing, whichever app brings it."""
    for fact in facts:
        if _facts.setdefault(fact.type.name, fact) != fact:
            raise ValueError(f"the fact {fact.type.name} is registered already")


def register_declared(load: Callable[[FactContext], Column]) -> Callable[[FactContext], Column]:
    """Usable as a decorator. ``load`` is asked for every fact that no app offers; it raises ``KeyError`` for one that
    no document declares either."""
    _declared[:] = [load]
    return load


def catalogue() -> Mapping[str, FactType]:
    """Every fact that conditions may name, for ``core.conditions.parse``."""
    return MappingProxyType({name: fact.type for name, fact in _facts.items()})


def app_of(name: str) -> str:
    """The app that offers the fact, for pages that say where a figure comes from."""
    return _facts[name].load.__module__.partition(".")[0]


def needed_by(conditions: Iterable[Condition], parameters: Mapping[str, Any]) -> tuple[FactKey, ...]:
    """The facts of several conditions, each once, in the order of first use."""
    return tuple(dict.fromkeys(key for condition in conditions for key in condition.needs(parameters)))


def load_frame(
    keys: Iterable[FactKey], *, enterprises: Iterable[int], parameters: Mapping[str, Any] | None = None
) -> Frame:
    """Every fact once, aligned with ``enterprises`` (primary keys, each once, in the order wanted).

    Raises ``KeyError`` for a fact that no app offers and no document declares, and ``ValueError`` for a column of the wrong length.
    """
    ids = np.fromiter(enterprises, dtype=np.int64)
    wanted = tuple(dict.fromkeys(keys))
    read: dict[Hashable, Any] = {}
    columns: dict[str, Column] = {}
    for key in wanted:
        context = FactContext(ids, key, wanted, parameters or {}, read)
        load = _facts[key.name].load if key.name in _facts or not _declared else _declared[0]
        columns[str(key)] = load(context)
    return Frame(len(ids), columns)
