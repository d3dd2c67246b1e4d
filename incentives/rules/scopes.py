"""What belongs together: one recipient's year, one project, one invoice; and sums over it. Pure, vectorised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scoped:
    """Columns by which awards belong together; −1 where a row names no project, invoice or key."""

    recipient: Column
    year: Column
    key: Column
    project: Column
    invoice: Column

    def take(self, rows: Column) -> Scoped:
        return Scoped(
            self.recipient[rows], self.year[rows], self.key[rows], self.project[rows], self.invoice[rows]
        )

    @classmethod
    def joined(cls, several: list[Scoped]) -> Scoped:
        return cls(*(np.concatenate([getattr(one, name) for one in several]) for name in _NAMES))


_NAMES = ("recipient", "year", "key", "project", "invoice")


@dataclass(frozen=True, slots=True)
class Earlier:
    """Awards that recipients have had before: ``rule`` counts in ``words``, rule ids and names of other funds."""

    scope: Scoped
    rule: Column
    fen: Column
    words: tuple[str, ...]

    @classmethod
    def none(cls) -> Earlier:
        empty = np.zeros(0, np.int64)
        return cls(Scoped(empty, empty, empty, empty, empty), empty, empty, ())

    def of(self, names: tuple[str, ...], year: int | None = None) -> Earlier:
        """Only those of these rules or funds, and of this year."""
        wanted = [place for place, word in enumerate(self.words) if word in names]
        rows = np.isin(self.rule, wanted)
        if year is not None:
            rows &= self.scope.year == year
        kept = np.flatnonzero(rows)
        return Earlier(self.scope.take(kept), self.rule[kept], self.fen[kept], self.words)


def codes_of(per: str, rows: Scoped, earlier: Scoped) -> tuple[Column, Column, Mask]:
    """One number a scope, for rows and for what was had earlier; and which rows name their scope."""
    if per in ("ever", "year", "event"):
        return rows.recipient, earlier.recipient, np.ones(rows.recipient.size, np.bool_)
    if per == "invoice":
        return rows.invoice, earlier.invoice, rows.invoice >= 0
    inner, before = getattr(rows, per), getattr(earlier, per)
    width = int(max(inner.max(initial=0), before.max(initial=0))) + 2
    return rows.recipient * width + inner + 1, earlier.recipient * width + before + 1, inner >= 0


def sums_at(codes: Column, earlier: Column, fen: Column) -> Column:
    """For each code the sum of what was had earlier under it."""
    if not earlier.size or not codes.size:
        return np.zeros(codes.size, np.int64)
    known, place = np.unique(earlier, return_inverse=True)
    sums = np.zeros(known.size, np.int64)
    np.add.at(sums, place, fen)
    at = np.minimum(np.searchsorted(known, codes), known.size - 1)
    return np.where(known[at] == codes, sums[at], 0)


def filled(amounts: Column, room: Column, codes: Column) -> Column:
    """``amounts`` cut to the ``room`` of their scope, those of earlier rows first."""
    order = np.argsort(codes, kind="stable")
    sorted_codes, sorted_amounts = codes[order], amounts[order]
    starts = np.ones(codes.size, np.bool_)
    starts[1:] = sorted_codes[1:] != sorted_codes[:-1]
    if starts.all():
        return np.minimum(amounts, np.maximum(room, 0))
    before = np.cumsum(sorted_amounts) - sorted_amounts
    before -= np.maximum.accumulate(np.where(starts, before, 0))
    granted = np.clip(room[order] - before, 0, sorted_amounts)
    found = np.empty_like(amounts)
    found[order] = granted
    return found


def repeated(codes: Column) -> Mask:
    """Rows whose code an earlier row has already."""
    _codes, first = np.unique(codes, return_index=True)
    again = np.ones(codes.size, np.bool_)
    again[first] = False
    return again
