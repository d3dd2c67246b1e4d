"""Facts of many firms as columns, aligned row by row, each with a mask of what is known. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.conditions.kinds import CALENDAR, FactType, Kind, calendar_value, exact_of, ordinal_of

#: No figure comes near it, and two of them still add inside int64.
VALUE_LIMIT = 2**62


class FactKey(NamedTuple):
    """A fact that a judgement needs: its name, the period's kind and its whole number, or ``None`` twice."""

    name: str
    per: Kind | None = None
    ordinal: int | None = None

    @property
    def period(self) -> Any:
        """The year as ``int``, a ``Month``, ``"2022Q1"``, or ``None``."""
        return None if self.per is None or self.ordinal is None else calendar_value(self.per, self.ordinal)

    def __str__(self) -> str:
        return self.name if self.per is None else f"{self.name}[{self.period}]"


@dataclass(frozen=True, eq=False)
class Column:
    """``values`` as the table in ``core.conditions.kinds`` says, ``known`` a bool a row.

    What is not known is kept as 0 and never read. Raises ``ValueError`` when the two do not fit together, a
    number is outside ±2^62 or the values are floats.
    """

    values: NDArray[Any]
    known: NDArray[np.bool_]
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values, known = np.asarray(self.values), np.asarray(self.known, dtype=bool)
        if known.ndim != 1 or values.shape[:1] != known.shape:
            raise ValueError(f"{values.shape} values with {known.shape} known")
        if values.dtype.kind not in "iub":
            raise ValueError(f"facts are whole numbers, not {values.dtype}")
        if values.ndim == 2:
            values = values.astype(bool, copy=False)
        if values.dtype.kind != "b":
            values = values.astype(np.int64, copy=False)
        if not known.all():
            values = np.where(known if values.ndim == 1 else known[:, None], values, values.dtype.type(0))
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "known", known)
        if values.dtype.kind == "i" and self.size >= VALUE_LIMIT:
            raise ValueError("a fact is larger than 2^62")
        if (
            self.words
            and values.ndim == 1
            and len(values)
            and not (values.min() >= 0 and values.max() < len(self.words))
        ):
            raise ValueError("a text's number is outside the words")

    @classmethod
    def of(cls, fact: FactType, values: Iterable[Any]) -> Column:
        """A column from Python values as people write them; ``None`` is not known, and so is an empty text.

        For tests, worked cases and small lists; a loader that reads whole numbers builds ``Column`` itself.
        Raises ``ValueError`` for a number with more places than the fact keeps.
        """
        cells = list(values)
        if fact.kind is Kind.TEXT:
            return cls.of_texts(cells)
        if fact.kind is Kind.TAGS:
            return cls.of_tags(cells)
        known = np.array([cell is not None for cell in cells], dtype=bool)
        whole = [0 if cell is None else kept_number(fact, cell) for cell in cells]
        return cls(np.array(whole, dtype=bool if fact.kind is Kind.FLAG else np.int64), known)

    @classmethod
    def of_texts(cls, texts: Iterable[str | None]) -> Column:
        """Texts as numbers of words; ``None`` and the empty text are not known."""
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(text, len(numbers)) if text else -1 for text in texts]
        found = np.array(codes, dtype=np.int64)
        return cls(np.maximum(found, 0), found >= 0, tuple(numbers))

    @classmethod
    def of_tags(cls, tags: Iterable[Collection[str] | None]) -> Column:
        """The labels of each firm; ``None`` is not known, an empty collection is known to hold none."""
        rows = list(tags)
        words = tuple(dict.fromkeys(word for row in rows for word in row or ()))
        held = np.array([[word in (row or ()) for word in words] for row in rows], dtype=bool)
        known = np.array([row is not None for row in rows], dtype=bool)
        return cls(held.reshape(len(rows), len(words)), known, words)

    @cached_property
    def size(self) -> int:
        """The largest absolute value."""
        if self.values.size == 0 or self.values.dtype.kind != "i":
            return 0
        return max(-int(self.values.min()), int(self.values.max()))

    def take(self, rows: NDArray[Any]) -> Column:
        """The same column for these rows, by number or by mask."""
        return Column(self.values[rows], self.known[rows], self.words)


@dataclass(frozen=True, eq=False)
class Frame:
    """Aligned columns of ``size`` firms, by ``str(FactKey)``: ``"staff"``, ``"revenue[2021]"``."""

    size: int
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        for key, column in self.columns.items():
            if len(column.known) != self.size:
                raise ValueError(f"{key} has {len(column.known)} rows, the frame {self.size}")

    def take(self, rows: NDArray[Any]) -> Frame:
        taken = {key: column.take(rows) for key, column in self.columns.items()}
        return Frame(int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows), taken)


def kept_number(fact: FactType, value: Any) -> int | bool:
    """The whole number that stands for ``value``; raises ``ValueError`` or ``TypeError`` when it is none."""
    if fact.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise TypeError(f"{fact.name}: {value!r} is not true or false")
        return value
    if fact.kind in CALENDAR:
        return ordinal_of(fact.kind, value)
    in_base_units = exact_of(value) * (1 if fact.measure.is_ratio else fact.measure.scale)
    kept = in_base_units / fact.step
    if kept.denominator != 1:
        raise ValueError(f"{fact.name}: {value} has more than {fact.places} places")
    return kept.numerator
