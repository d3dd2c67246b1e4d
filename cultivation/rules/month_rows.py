"""The firms behind each number of a month: which rows, which columns, which sum. Pure.

``SELECTIONS`` is what a number of the month page links to; the length of a selection, or its sum, is the number.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.periods import Month
from cultivation.rules.months import LISTED, Column, Table, taken

Mask = NDArray[np.bool_]
#: How hard a block is compressed: harder takes many times as long and saves little.
_QUICK = 1
_PLAN = re.compile(r"(net-)?plan-(\d{4})-(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a list. ``kind``: amount, count, rate (millionths), month, year, change (入库 or 退库), flag (是 or 否)."""

    key: str
    label: str
    kind: str = "amount"
    is_summed: bool = True


@dataclass(frozen=True, slots=True)
class Selection:
    """``number`` names the number of a line that the list stands behind; ``count`` says it is the rows' count."""

    label: str
    table: str
    keeps: Callable[[Table, Month], Mask]
    columns: tuple[Shown, ...]
    number: str
    is_count: bool = True
    #: the column that adds up to the number where it is not the rows' count
    adds: str = "revenue"


_FIGURES = (Shown("revenue", "营业收入(万元)"), Shown("tax", "实缴税金(万元)"))
_COMPARED = (Shown("revenue", "营业收入(万元)"), Shown("base", "上年同月(万元)"))
_YTD = (
    Shown("months", "报数月数", "count", is_summed=False),
    Shown("revenue", "累计营业收入(万元)"),
    Shown("tax", "累计税金(万元)"),
    Shown("comparable", "累计可比(万元)"),
    Shown("base", "上年同期可比(万元)"),
)
_EVENT = (
    Shown("kind", "变动", "change", is_summed=False),
    Shown("month", "月份", "month", is_summed=False),
    Shown("library_year", "审批库年度", "year", is_summed=False),
)
_DUE = (Shown("reported", "已报", "flag", is_summed=False), *_FIGURES)
_ENTRY = (*_EVENT, Shown("revenue", "入库以来营业收入(万元)"))


def _all(table: Table, month: Month) -> Mask:
    return np.ones(table["line"].size, np.bool_)


def _flagged(name: str) -> Callable[[Table, Month], Mask]:
    return lambda table, month: table[name] == 1


def _silent(table: Table, month: Month) -> Mask:
    mask: Mask = table["reported"] == 0
    return mask


def _changes(listed: bool | None, *, own_month: bool = False) -> Callable[[Table, Month], Mask]:
    """Entries, exits or both of the month's library year; of that month alone, or up to it."""

    def keeps(table: Table, month: Month) -> Mask:
        mask: Mask = table["library_year"] == month.year
        if own_month:
            mask = mask & (table["month"] == month.number)
        if listed is not None:
            mask = mask & ((table["kind"] == LISTED) == listed)
        return mask

    return keeps


SELECTIONS: dict[str, Selection] = {
    "firms": Selection("应报企业", "due", _all, _DUE, "firms"),
    "reporting": Selection("已报企业", "due", _flagged("reported"), _FIGURES, "reporting"),
    "zero_reports": Selection("零报告企业", "due", _flagged("zero"), _FIGURES, "zero_reports"),
    "silent": Selection("未报企业", "due", _silent, (), "silent"),
    "comparable": Selection("可比企业", "due", _flagged("comparable"), _COMPARED, "comparable_firms"),
    "ytd": Selection("累计有数企业", "ytd", _all, _YTD, "revenue_ytd_wan", is_count=False),
    "newly_listed": Selection(
        "本月新增", "events", _changes(True, own_month=True), _ENTRY, "newly_listed"
    ),
    "newly_listed_ytd": Selection("累计新增", "events", _changes(True), _ENTRY, "newly_listed_ytd"),
    "delisted": Selection("本月退规", "events", _changes(False, own_month=True), _EVENT, "delisted"),
    "delisted_ytd": Selection("累计退规", "events", _changes(False), _EVENT, "delisted_ytd"),
    "net_added": Selection(
        "本月净增（入库减退库）", "events", _changes(None, own_month=True), _EVENT, "net_added", is_count=False
    ),
    "net_added_ytd": Selection(
        "净增（入库减退库）", "events", _changes(None), _EVENT, "net_added_ytd", is_count=False
    ),
    "above_scale": Selection(
        "规上企业", "directory", _all, (Shown("since", "最近变动月份", "month", is_summed=False),), "above_scale_total"
    ),
}  # fmt: skip


def selection_of(which: str) -> Selection:
    """``SELECTIONS`` by name, ``plan-2022-2024``: entries of those library years, or ``net-plan-2022-2024``: exits too,
    which take away. ``KeyError`` for others."""
    plan = _PLAN.fullmatch(which)
    if plan is None:
        return SELECTIONS[which]
    return plan_selection(int(plan[2]), int(plan[3]), is_net=bool(plan[1]))


def plan_selection(first_year: int, last_year: int, *, is_net: bool = False) -> Selection:
    """Entries in the library years of a multi-year target, both ends included, up to the month; with exits for 净增."""

    def keeps(table: Table, month: Month) -> Mask:
        years = (table["library_year"] >= first_year) & (table["library_year"] <= last_year)
        mask: Mask = years if is_net else np.logical_and(years, table["kind"] == LISTED)
        return mask

    span = f"{first_year}—{last_year}年"
    if is_net:
        return Selection(f"{span}净增（入库减退库）", "events", keeps, _EVENT, "", is_count=False)
    return Selection(f"{span}新增", "events", keeps, _ENTRY, "")


def selected(tables: dict[str, Table], selection: Selection, month: Month, lines: Collection[int]) -> Table:
    """The rows of a selection that stand in one of the lines."""
    table = tables[selection.table]
    mask = selection.keeps(table, month) & np.isin(table["line"], list(lines))
    return taken(table, mask)


def packed(tables: dict[str, Table]) -> bytes:
    """The tables as one compressed block, to be kept beside the lines; numbers in as few bytes as hold them."""
    block = io.BytesIO()
    with zipfile.ZipFile(block, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as archive:
        for name, table in tables.items():
            for key, column in table.items():
                with archive.open(f"{name}.{key}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, narrowed(column), allow_pickle=False)
    return block.getvalue()


def narrowed(column: Column) -> NDArray[np.signedinteger[Any]]:
    """The same numbers in the fewest bytes that hold them all."""
    least, most = int(column.min(initial=0)), int(column.max(initial=0))
    for width in (np.int8, np.int16, np.int32):
        if np.iinfo(width).min <= least and most <= np.iinfo(width).max:
            return column.astype(width)
    return column


def widened(table: Table) -> Table:
    """For sums, which ``narrowed`` numbers have no room for."""
    return {name: column.astype(np.int64) for name, column in table.items()}


def unpacked(block: bytes) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    with np.load(io.BytesIO(block), allow_pickle=False) as columns:
        for path in columns.files:
            name, _, key = path.partition(".")
            tables.setdefault(name, {})[key] = columns[path].astype(np.int64)
    return tables
