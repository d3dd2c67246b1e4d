"""A month's statistics: columns of firms, figures and scale events → one line a region (一月一统计). Pure.

Definitions in Chinese: ``docs/month-figures.md``. Every number of a line is a sum over one of the row tables
returned beside it, so a list of firms behind a number always adds up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.amounts import AmountOutOfRange
from core.periods import Month
from cultivation.rules.measures import LAGGING_HUNDREDTHS, MonthMeasures

Column: TypeAlias = NDArray[np.int64]
#: Columns of equal length by name; flags are 0 and 1.
Table: TypeAlias = dict[str, Column]

#: Part of the fingerprint of a month: a changed definition makes a new draft of the same facts.
DEFINITIONS = 1
#: Kinds of scale events, in the order in which those of one month apply.
IN_DIRECTORY, LISTED, DELISTED = 0, 1, 2
OUTSIDE = -1
#: What a sum may be at most.
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """Columns that a month is computed from. ``line`` is the number of a region's line, ``OUTSIDE`` elsewhere;
    ``firm`` is a row of ``firms``; months are 202206, days 20220630, amounts whole hundredths.

    firms: line (at the month's last day), founded (0 unknown), closed, pending.
    figures: firm, month, line, revenue, tax — a firm has at most one a month; statistics also read power, powered.
    events: firm, month, line, kind, library_year.
    """

    month: Month
    firms: Table
    figures: Table
    events: Table
    #: yearly target by line; ``None`` where the programme sets none
    targets: Sequence[int | None]
    basis: str
    #: figures of firms for which others stand: firm, month, revenue of last year as the others' own base; ``None``
    #: where nobody does
    bases: Table | None = None
    #: as in ``MonthMeasures``
    due_share: str = ""

    @property
    def base_figures(self) -> Table:
        """What this year's figures are compared with."""
        return self.figures if self.bases is None else self.bases

    @property
    def lines(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine(MonthMeasures):
    """A region's numbers, or a sum of regions. Counts of firms, amounts in whole hundredths of 万元."""

    firms: int
    reporting: int
    zero_reports: int
    silent: int
    revenue_wan: int
    tax_paid_wan: int
    comparable_firms: int
    revenue_comparable_wan: int
    revenue_base_wan: int
    revenue_ytd_wan: int
    tax_paid_ytd_wan: int
    revenue_ytd_comparable_wan: int
    revenue_ytd_base_wan: int
    newly_listed: int
    newly_listed_ytd: int
    delisted: int
    delisted_ytd: int
    above_scale_total: int
    target: int | None
    rank: int | None
    months_passed: int
    basis: str
    lagging_hundredths: int | None = LAGGING_HUNDREDTHS
    due_share: str = ""
    is_joint: bool = False


#: What adds up over regions; rank does not, the month and the basis are shared.
SUMMED = tuple(
    f.name
    for f in fields(MonthLine)
    if f.name
    not in {"target", "rank", "months_passed", "basis", "lagging_hundredths", "due_share", "is_joint"}
)


@dataclass(frozen=True, slots=True)
class MonthStatistics:
    """``tables``: due, ytd, events and directory — the firms behind the numbers of ``lines``."""

    lines: tuple[MonthLine, ...]
    tables: dict[str, Table]


def month_statistics(facts: MonthFacts) -> MonthStatistics:
    """Raises ``AmountOutOfRange`` when a sum leaves 64 bits."""
    tables = {
        "due": _due(facts),
        "ytd": _year_to_date(facts),
        "events": _events(facts),
        "directory": _directory(facts),
    }
    lines = _lines(facts, tables)
    return MonthStatistics(ranked(lines), tables)


def joined(parts: Sequence[MonthStatistics], starts: Sequence[int]) -> MonthStatistics:
    """One month of parts whose firms are numbered from 0 each; ``starts``: the number of each part's first firm.

    Raises ``AmountOutOfRange`` when a sum leaves 64 bits.
    """
    lines = []
    for same in zip(*(part.lines for part in parts), strict=True):
        sums = {name: sum(getattr(line, name) for line in same) for name in SUMMED}
        if max(map(abs, sums.values())) > _MOST:
            raise AmountOutOfRange("合计超出 64 位整数")
        lines.append(replace(same[0], **sums))
    tables = {name: joined_table([part.tables[name] for part in parts], starts) for name in parts[0].tables}
    return MonthStatistics(ranked(lines), tables)


def joined_table(parts: Sequence[Table], starts: Sequence[int]) -> Table:
    """The rows of the parts one after the other, firms numbered through."""
    moved = [
        part | {"firm": part["firm"].astype(np.int64) + start}
        for part, start in zip(parts, starts, strict=True)
    ]
    return {name: np.concatenate([part[name] for part in moved]) for name in moved[0]}


def taken(table: Table, mask: NDArray[np.bool_]) -> Table:
    return {name: column[mask] for name, column in table.items()}


def sum_by(index: Column, values: Column, size: int) -> Column:
    """Exact sums in 64 bits by index; refuses what could leave them."""
    if values.size and max(-int(values.min()), int(values.max())) > _MOST // values.size:
        raise AmountOutOfRange("合计超出 64 位整数")
    sums: Column = np.zeros(size, np.int64)
    np.add.at(sums, index, values)
    return sums


def _due(facts: MonthFacts) -> Table:
    """应报: one row a firm. Who reported counts where its figure stands, who did not where it is at month's end."""
    firms, figures = facts.firms, facts.figures
    size = firms["line"].size
    now = taken(figures, figures["month"] == facts.month.number)
    bases = facts.base_figures
    before = taken(bases, bases["month"] == (facts.month - 12).number)
    reported = _flags(size, now["firm"])
    known = _flags(size, figures["firm"][figures["month"] <= facts.month.number])
    last_day = _day_number(facts.month)
    due = (firms["line"] != OUTSIDE) & (firms["closed"] == 0) & (firms["founded"] <= last_day)
    due = (due & ((firms["pending"] == 0) | known)) | reported
    line = firms["line"].copy()
    line[now["firm"]] = now["line"]
    revenue, tax, base = (np.zeros(size, np.int64) for _ in range(3))
    revenue[now["firm"]] = now["revenue"]
    tax[now["firm"]] = now["tax"]
    comparable = reported & _flags(size, before["firm"])
    base[before["firm"]] = before["revenue"]
    rows = {
        "firm": np.arange(size, dtype=np.int64),
        "line": line,
        "reported": reported.astype(np.int64),
        "zero": (reported & (revenue == 0)).astype(np.int64),
        "revenue": revenue,
        "tax": tax,
        "comparable": comparable.astype(np.int64),
        "base": np.where(comparable, base, 0),
    }
    return taken(rows, due & (line != OUTSIDE))


def _year_to_date(facts: MonthFacts) -> Table:
    """累计: one row a firm and region. Comparable is month by month: reported in both years."""
    figures, month = facts.figures, facts.month
    this_year = _within(figures, Month(month.year, 1), month)
    last_year = _within(facts.base_figures, Month(month.year - 1, 1), month - 12)
    this_slot = this_year["firm"] * 12 + this_year["month"] % 100 - 1
    last_slot = last_year["firm"] * 12 + last_year["month"] % 100 - 1
    slots = facts.firms["line"].size * 12
    base = np.zeros(slots, np.int64)
    base[last_slot] = last_year["revenue"]
    comparable = _flags(slots, last_slot)[this_slot]
    keys, place = np.unique(this_year["firm"] * facts.lines + this_year["line"], return_inverse=True)
    place = place.astype(np.int64)
    return {
        "firm": keys // max(facts.lines, 1),
        "line": keys % max(facts.lines, 1),
        "months": sum_by(place, np.ones(place.size, np.int64), keys.size),
        "revenue": sum_by(place, this_year["revenue"], keys.size),
        "tax": sum_by(place, this_year["tax"], keys.size),
        "comparable": sum_by(place, np.where(comparable, this_year["revenue"], 0), keys.size),
        "base": sum_by(place, np.where(comparable, base[this_slot], 0), keys.size),
    }


def _events(facts: MonthFacts) -> Table:
    """Entries and exits up to the month, of every library year, by the region of their own date.

    ``revenue`` of an entry: figures from its month on, until the directory says something else of the firm.
    """
    events, figures = _in_order(facts), facts.figures
    figures = taken(figures, figures["month"] <= facts.month.number)
    # the last event at or before each figure, by firm and month in one sorted key
    keys = events["firm"] * 1_000_000 + events["month"]
    place = np.searchsorted(keys, figures["firm"] * 1_000_000 + figures["month"], side="right") - 1
    hit = place >= 0
    hit[hit] = events["firm"][place[hit]] == figures["firm"][hit]
    revenue = sum_by(place[hit].astype(np.int64), figures["revenue"][hit], keys.size)
    rows = {**events, "revenue": np.where(events["kind"] == LISTED, revenue, 0)}
    return taken(rows, (events["kind"] != IN_DIRECTORY) & (events["line"] != OUTSIDE))


def _directory(facts: MonthFacts) -> Table:
    """规上: the firms whose latest event up to the month keeps them in, by their region at the month's end."""
    events = _in_order(facts)
    last = np.append(events["firm"][1:] != events["firm"][:-1], True) if events["firm"].size else _no_flags()
    latest = taken(events, last)
    rows = {"firm": latest["firm"], "line": facts.firms["line"][latest["firm"]], "since": latest["month"]}
    return taken(rows, (latest["kind"] != DELISTED) & (rows["line"] != OUTSIDE))


def _in_order(facts: MonthFacts) -> Table:
    events = taken(facts.events, facts.events["month"] <= facts.month.number)
    order = np.lexsort((events["kind"], events["month"], events["firm"]))
    return {name: column[order] for name, column in events.items()}


def _lines(facts: MonthFacts, tables: dict[str, Table]) -> list[MonthLine]:
    due, ytd, directory = tables["due"], tables["ytd"], tables["directory"]
    year = tables["events"]["library_year"] == facts.month.year
    events = taken(tables["events"], year)
    own_month = events["month"] == facts.month.number
    listed, delisted = events["kind"] == LISTED, events["kind"] == DELISTED

    def total(table: Table, values: Column | NDArray[np.bool_] | None = None) -> list[int]:
        counted = np.ones(table["line"].size, np.int64) if values is None else values.astype(np.int64)
        return [int(value) for value in sum_by(table["line"], counted, facts.lines)]

    columns = {
        "firms": total(due),
        "reporting": total(due, due["reported"]),
        "zero_reports": total(due, due["zero"]),
        "silent": total(due, 1 - due["reported"]),
        "revenue_wan": total(due, due["revenue"]),
        "tax_paid_wan": total(due, due["tax"]),
        "comparable_firms": total(due, due["comparable"]),
        "revenue_comparable_wan": total(due, due["revenue"] * due["comparable"]),
        "revenue_base_wan": total(due, due["base"]),
        "revenue_ytd_wan": total(ytd, ytd["revenue"]),
        "tax_paid_ytd_wan": total(ytd, ytd["tax"]),
        "revenue_ytd_comparable_wan": total(ytd, ytd["comparable"]),
        "revenue_ytd_base_wan": total(ytd, ytd["base"]),
        "newly_listed": total(events, listed & own_month),
        "newly_listed_ytd": total(events, listed),
        "delisted": total(events, delisted & own_month),
        "delisted_ytd": total(events, delisted),
        "above_scale_total": total(directory),
    }
    shared = {
        "rank": None,
        "months_passed": facts.month.month,
        "basis": facts.basis,
        "due_share": facts.due_share,
    }
    return [
        MonthLine(target=target, **{name: column[i] for name, column in columns.items()}, **shared)  # type: ignore[arg-type]
        for i, target in enumerate(facts.targets)
    ]


def ranked(lines: Sequence[MonthLine]) -> tuple[MonthLine, ...]:
    """By exact attainment: equal attainment, equal rank, the next ones skipped; without a target none."""
    attained = [line.attainment_fraction for line in lines]
    order = sorted((value for value in attained if value is not None), reverse=True)
    ranks = [None if value is None else order.index(value) + 1 for value in attained]
    return tuple(
        MonthLine(**{f.name: getattr(line, f.name) for f in fields(MonthLine)} | {"rank": rank})
        for line, rank in zip(lines, ranks, strict=True)
    )


def total_of(lines: Iterable[MonthMeasures], *, months_passed: int, basis: str) -> MonthLine:
    """合计 of the lines given: sums; its target is the sum of those that have one."""
    rows = list(lines)
    targets = [row.target for row in rows if row.target is not None]
    sums = {name: sum(getattr(row, name) for row in rows) for name in SUMMED}
    return MonthLine(
        **sums,
        target=sum(targets) if targets else None,
        rank=None,
        months_passed=months_passed,
        basis=basis,
        lagging_hundredths=rows[0].lagging_hundredths if rows else LAGGING_HUNDREDTHS,
        due_share=rows[0].due_share if rows else "",
        is_joint=bool(rows) and rows[0].is_joint,
    )


def _within(figures: Table, first: Month, last: Month) -> Table:
    return taken(figures, (figures["month"] >= first.number) & (figures["month"] <= last.number))


def _flags(size: int, places: Column) -> NDArray[np.bool_]:
    flags = np.zeros(size, np.bool_)
    flags[places] = True
    return flags


def _no_flags() -> NDArray[np.bool_]:
    return np.zeros(0, np.bool_)


def _day_number(month: Month) -> int:
    day = month.last_day
    return day.year * 10_000 + day.month * 100 + day.day
