"""What the rules need of a workbook that was read: the shape only, so that no reader is imported here. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

#: What the one sheet of a csv is called, also in its annotated copy.
CSV_SHEET = "CSV"


class RawSheet(Protocol):
    """One sheet: ``rows[0]`` is Excel row 1; rows, columns and merges are numbered from 1."""

    @property
    def name(self) -> str: ...
    @property
    def visible(self) -> bool: ...
    @property
    def rows(self) -> Sequence[Sequence[object]]: ...
    @property
    def hidden_rows(self) -> AbstractSet[int]: ...
    @property
    def hidden_columns(self) -> AbstractSet[int]: ...
    @property
    def merges(self) -> Sequence[tuple[int, int, int, int]]: ...
    @property
    def formula_gaps(self) -> AbstractSet[tuple[int, int]]: ...
    @property
    def error_cells(self) -> Mapping[tuple[int, int], str]: ...
    @property
    def shown_cells(self) -> Mapping[tuple[int, int], str]: ...


class RawWorkbook(Protocol):
    @property
    def sheets(self) -> Sequence[RawSheet]: ...
    @property
    def kind(self) -> str: ...
    @property
    def since_1904(self) -> bool: ...
