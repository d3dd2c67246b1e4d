"""What a file holds, before anything is understood: sheets of plain values and what a reader cannot see in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from intake.workbooks.refusals import WorkbookRefused

__all__ = ["RawSheet", "RawWorkbook", "WorkbookRefused"]


@dataclass(slots=True)
class RawSheet:
    """One sheet. Rows and columns are counted as Excel counts them, from 1.

    ``rows[0]`` is Excel row 1; a value is None, str, int, float, bool, date or datetime; a time alone is text.
    Rows end at their last value, the list ends at the last row with one. A hidden sheet is handed on without rows.
    """

    name: str
    visible: bool = True
    rows: list[list[object]] = field(default_factory=list)
    #: Rows hidden by hand, by height 0 or by a filter.
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    #: (first row, first column, last row, last column), inclusive, cut to the rows that hold values.
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    #: (row, column) of formulas that were never calculated; the value there is None.
    formula_gaps: set[tuple[int, int]] = field(default_factory=set)
    #: (row, column) → "#REF!" …; the value there is None.
    error_cells: dict[tuple[int, int], str] = field(default_factory=dict)
    #: (row, column) of numbers that are seen differently from what is stored → how (``serials.shown_as``), and of
    #: cells that are crossed out → ``serials.STRUCK``.
    shown_cells: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(slots=True)
class RawWorkbook:
    """All sheets in tab order. ``kind`` is "xlsx" or "csv"; ``template_version`` is "" unless our template left it."""

    sheets: list[RawSheet]
    kind: str
    template_version: str = ""
    #: Day numbers count from 1904: one that stands in a plain cell may be meant either way.
    since_1904: bool = False
