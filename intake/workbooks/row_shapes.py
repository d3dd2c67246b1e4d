"""Rows with the same cells in the same places as one that was in order: each is taken apart in a single step.

A list has one or two such shapes: all cells filled, or the last date left out. What a shape does not account for to
the last letter is read cell by cell (``plain_rows.plain_cells``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from intake.workbooks.plain_rows import NUMBER, Cell

#: Shapes remembered of rows with as many cells; a sheet of ever other shapes gains nothing and loses little.
_KEPT = 4


class Shape:
    """``values`` of one row. Texts come by their places in ``strings``."""

    def __init__(self, cells: Sequence[Cell], columns_of: Mapping[str, int]) -> None:
        parts: list[str] = []
        self.texts: list[tuple[int, int]] = []
        self.numbers: list[tuple[int, int]] = []
        width = 0
        for letters, _, style, kind, stored in (cell[1:] for cell in cells):
            row = r"\1" if parts else "([1-9][0-9]{0,6})"
            said = (
                f'<c r="{letters}{row}"'
                + (f' s="{style}"' if style else "")
                + (f' t="{kind}"' if kind else "")
            )
            if not stored:
                parts.append(f"{said}/>")
                continue
            width = columns_of[letters]
            of_kind = self.texts if kind == "s" else self.numbers
            of_kind.append((width - 1, len(self.texts) + len(self.numbers) + 1))
            parts.append(f"{said}><v>({'[0-9]{1,9}' if kind == 's' else NUMBER})</v></c>")
        self.blank: list[object] = [None] * width
        self.filled, self.count = len(self.texts) + len(self.numbers), len(cells)
        self._match = re.compile("".join(parts)).fullmatch

    def values(
        self,
        number: str,
        written: str,
        strings: Sequence[str],
        odd: AbstractSet[int],
        number_of: Callable[[str], object],
    ) -> list[object] | None:
        """The row's values; None when it is of another shape or holds one of the ``odd`` texts."""
        match = self._match(written)
        if match is None or match[1] != number:
            return None
        said = match.groups("")
        row = self.blank.copy()
        try:
            for column, group in self.texts:
                place = int(said[group])
                if place in odd:
                    return None
                row[column] = strings[place]
        except IndexError:
            return None
        for column, group in self.numbers:
            row[column] = number_of(said[group])
        return row


class Shapes:
    """The shapes met so far, by number of cells, the newest first."""

    def __init__(self) -> None:
        self._known: dict[int, list[Shape]] = {}

    def like(self, written: str) -> Sequence[Shape]:
        return self._known.get(written.count("<c "), ())

    def learn(self, cells: Sequence[Cell], columns_of: Mapping[str, int]) -> None:
        """``cells`` of a row that was taken; one that says nothing teaches nothing."""
        if any(cell[5] for cell in cells):
            known = self._known.setdefault(len(cells), [])
            known.insert(0, Shape(cells, columns_of))
            del known[_KEPT:]
