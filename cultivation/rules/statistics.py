"""A month by region × tier × industry (一月一统计): the firms' rows, and their sums by cell. Pure, set-based.

Every number is a sum over the rows of one table, so that the list behind a number always adds up to it; a line of a
page is a sum of cells. Definitions in Chinese: ``docs/month-figures.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.periods import Month
from cultivation.rules.months import LISTED, OUTSIDE, Column, Table, joined_table, sum_by, taken

#: Part of the fingerprint: a changed definition makes new statistics of the same facts.
DEFINITIONS = 1
#: What a cell is named by; ``line`` is the region's, ``tier`` 0 is out of the pool, ``industry`` 0 is unknown.
DIMENSIONS = ("line", "tier", "industry")
MEASURES = ("revenue", "tax", "power")
#: Lists that a firm stands on at the month's end, and being in the pool.
LISTS = ("eligible", "near", "risk", "member")
_CHANGES = ("newly_listed", "newly_listed_ytd", "delisted", "delisted_ytd")
_COUNTS = ("firms", "reporting", "comparable", *_CHANGES, "above_scale_total", *LISTS)
#: parts of a measure: this month, against last year, against the month before; 累计, against last year's
PARTS = ("", "_now", "_base", "_chain", "_chain_base", "_ytd", "_ytd_now", "_ytd_base")
SUMMED = (*_COUNTS, *(f"{measure}{part}" for measure in MEASURES for part in PARTS))


@dataclass(frozen=True, slots=True)
class StatisticsFacts:
    """``firms``: line, tier, industry, and a flag for each of ``LISTS``, by row. ``figures``: firm, month, line,
    revenue, tax, power, powered. ``tables``: due, events and directory of ``month_statistics``.

    ``is_joint``: January and February are told together, in February (1—2月).
    """

    month: Month
    is_joint: bool
    firms: Table
    figures: Table
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Statistics:
    """``cells``: one row a combination of ``DIMENSIONS`` with the sums ``SUMMED``; ``tables``: the firms behind."""

    cells: Table
    tables: dict[str, Table]


def statistics_of(facts: StatisticsFacts) -> Statistics:
    """Raises ``AmountOutOfRange`` when a sum leaves 64 bits."""
    first = facts.month - 1 if facts.is_joint and facts.month.month == 2 else facts.month
    tables = {
        "due": _columns(facts.tables["due"], "firm", "line", "reported", "revenue", "tax"),
        "period": _period(facts, first),
        "ytd": _compared(facts, Month(facts.month.year, 1)),
        "events": facts.tables["events"],
        "directory": facts.tables["directory"],
        "lists": _lists(facts.firms),
    }
    for table in tables.values():
        table |= {name: facts.firms[name][table["firm"]] for name in ("tier", "industry")}
    return Statistics(_cells(facts.month, tables), tables)


def joined_statistics(parts: Sequence[Statistics], starts: Sequence[int]) -> Statistics:
    """Of parts whose firms are numbered from 0 each; ``starts``: the number of each part's first firm.

    Raises ``AmountOutOfRange`` when a sum leaves 64 bits.
    """
    named = [np.stack([part.cells[name] for name in DIMENSIONS], axis=1) for part in parts]
    keys, place = np.unique(np.concatenate(named), axis=0, return_inverse=True)
    place = place.astype(np.int64).reshape(-1)
    cells = {name: keys[:, number].astype(np.int64) for number, name in enumerate(DIMENSIONS)}
    for name in SUMMED:
        cells[name] = sum_by(place, np.concatenate([part.cells[name] for part in parts]), len(keys))
    tables = {name: joined_table([part.tables[name] for part in parts], starts) for name in parts[0].tables}
    return Statistics(cells, tables)


def _columns(table: Table, *names: str) -> Table:
    return {name: table[name] for name in names}


def _period(facts: StatisticsFacts, first: Month) -> Table:
    """The month (or 1—2月) with 同比 and 环比. 环比 has no base where the month before is not told by itself."""
    rows = _compared(facts, first)
    zeros = np.zeros(rows["firm"].size, np.int64)
    if facts.is_joint and facts.month.month in (1, 2, 3):
        return rows | {f"{m}{part}": zeros for m in MEASURES for part in ("_chain", "_chain_base")}
    chained = _compared(facts, facts.month, back=1)
    for measure in MEASURES:
        rows[f"{measure}_chain"] = chained[f"{measure}_now"]
        rows[f"{measure}_chain_base"] = chained[f"{measure}_base"]
    return rows


def _compared(facts: StatisticsFacts, first: Month, back: int = 12) -> Table:
    """One row a firm and region with figures from ``first`` to the month; comparable is month by month."""
    figures = facts.figures
    chosen = (figures["month"] >= first.number) & (figures["month"] <= facts.month.number)
    now = taken(figures, chosen)
    before = _before(figures, now, back)
    found = before >= 0
    keys, place = np.unique(now["firm"] * 10_000 + now["line"], return_inverse=True)
    place = place.astype(np.int64).reshape(-1)

    def total(values: Column) -> Column:
        return sum_by(place, values, keys.size)

    rows = {"firm": keys // 10_000, "line": keys % 10_000, "months": total(np.ones(place.size, np.int64))}
    rows["comparable"] = np.minimum(total(found.astype(np.int64)), 1)
    for measure in MEASURES:
        both = found & (now["powered"] == 1) if measure == "power" else found
        if measure == "power" and figures["powered"].size:
            both = both & (figures["powered"][before] == 1)
        base = figures[measure][before] if figures[measure].size else np.zeros(0, np.int64)
        rows[measure] = total(now[measure])
        rows[f"{measure}_now"] = total(np.where(both, now[measure], 0))
        rows[f"{measure}_base"] = total(np.where(both, base, 0))
    rows["powered"] = np.minimum(total(now["powered"]), 1)
    return rows


def _before(figures: Table, now: Table, back: int) -> Column:
    """For each row of ``now`` the row of ``figures`` with the same firm ``back`` months earlier; -1 for none."""

    def slot(table: Table, shift: int) -> Column:
        return table["firm"] * 100_000 + table["month"] // 100 * 12 + table["month"] % 100 - shift

    keys = slot(figures, 0)
    order = np.argsort(keys, kind="stable")
    wanted = slot(now, back)
    place = np.searchsorted(keys, wanted, sorter=order)
    row = order[np.minimum(place, max(keys.size - 1, 0))] if keys.size else np.zeros(0, np.int64)
    return np.where(keys[row] == wanted, row, -1).astype(np.int64) if keys.size else row


def _lists(firms: Table) -> Table:
    flags = {name: firms[name] for name in LISTS}
    rows = np.flatnonzero((firms["line"] != OUTSIDE) & np.logical_or.reduce([f == 1 for f in flags.values()]))
    return {"firm": rows, "line": firms["line"][rows], **{name: flag[rows] for name, flag in flags.items()}}


# ---------------------------------------------------------------- cells


def _cells(month: Month, tables: Mapping[str, Table]) -> Table:
    named = [np.stack([table[name] for name in DIMENSIONS], axis=1) for table in tables.values()]
    keys, place = np.unique(np.concatenate(named), axis=0, return_inverse=True)
    place = place.astype(np.int64).reshape(-1)
    ends = np.cumsum([len(part) for part in named])
    at = dict(zip(tables, np.split(place, ends[:-1]), strict=True))
    cells = {name: keys[:, number].astype(np.int64) for number, name in enumerate(DIMENSIONS)}
    for name, table, values in _summands(month, tables):
        cells[name] = sum_by(at[table], values.astype(np.int64), len(keys))
    return cells


def _summands(
    month: Month, tables: Mapping[str, Table]
) -> Iterator[tuple[str, str, Column | NDArray[np.bool_]]]:
    """Number, table, and what of each row adds to it."""
    due, period, ytd, events = (tables[name] for name in ("due", "period", "ytd", "events"))
    yield "firms", "due", np.ones(due["firm"].size, np.int64)
    yield "reporting", "due", due["reported"]
    yield "comparable", "period", period["comparable"]
    year, own = events["library_year"] == month.year, events["month"] == month.number
    listed = events["kind"] == LISTED
    masks = (year & own & listed, year & listed, year & own & ~listed, year & ~listed)
    for name, mask in zip(_CHANGES, masks, strict=True):
        yield name, "events", mask
    yield "above_scale_total", "directory", np.ones(tables["directory"]["firm"].size, np.int64)
    for name in LISTS:
        yield name, "lists", tables["lists"][name]
    for measure in MEASURES:
        for part in ("", "_now", "_base", "_chain", "_chain_base"):
            yield f"{measure}{part}", "period", period[f"{measure}{part}"]
        for part in ("", "_now", "_base"):
            yield f"{measure}_ytd{part}", "ytd", ytd[f"{measure}{part}"]


def chosen(table: Table, **values: int | Sequence[int] | None) -> Table:
    """Rows or cells whose dimensions have these values; ``None`` asks nothing."""
    mask = np.ones(table["line"].size, np.bool_)
    for name, value in values.items():
        if value is not None:
            mask &= np.isin(table[name], value)
    return taken(table, mask)


def summed(cells: Table) -> dict[str, int]:
    """合计 of the cells. Raises ``AmountOutOfRange`` when a sum leaves 64 bits."""
    nowhere = np.zeros(cells["line"].size, np.int64)
    return {name: int(sum_by(nowhere, cells[name], 1)[0]) for name in SUMMED}


def by_dimension(cells: Table, name: str) -> dict[int, dict[str, int]]:
    """Value of the dimension → the sums of its cells, in the order of the values."""
    return {int(value): summed(chosen(cells, **{name: int(value)})) for value in np.unique(cells[name])}
