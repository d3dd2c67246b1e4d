"""调整: what has changed of earlier months since they were issued, as it enters the next month's cumulative numbers. Pure.

累计 of a month = 累计 as the month before was issued + the month's own number + 调整. Nothing else moves an issued
month: corrections, late returns, firms that moved, entries recorded late all stand here, firm by firm.
"""

from __future__ import annotations

import numpy as np

from core.periods import Month
from cultivation.rules.months import DELISTED, LISTED, Column, Table, sum_by, taken

#: why a firm's earlier figures differ: another value, a month more or less, another region
CHANGED, ADDED, REMOVED, MOVED = 0, 1, 2, 3
CAUSES = {CHANGED: "数据更正", ADDED: "补报", REMOVED: "撤销", MOVED: "考核地区调整"}


def adjustments(now: dict[str, Table], before: dict[str, Table], month: Month) -> dict[str, Table]:
    """``figures``: firm, line, revenue, tax, months, cause; ``events``: firm, line, kind, month, sign (1 came, −1 went).

    ``before``: the tables of the month before as issued, its lines numbered as ``now``'s are.
    """
    return {"figures": _figures(now, before, month), "events": _events(now, before, month)}


def line_sums(tables: dict[str, Table], lines: int) -> dict[str, Column]:
    """By line: revenue and tax in whole hundredths, entries and exits, and how many firms' figures differ."""
    figures, events = tables["figures"], tables["events"]
    listed, delisted = (taken(events, events["kind"] == kind) for kind in (LISTED, DELISTED))
    return {
        "revenue": sum_by(figures["line"], figures["revenue"], lines),
        "tax": sum_by(figures["line"], figures["tax"], lines),
        "firms": sum_by(figures["line"], np.ones(figures["line"].size, np.int64), lines),
        "newly_listed": sum_by(listed["line"], listed["sign"], lines),
        "delisted": sum_by(delisted["line"], delisted["sign"], lines),
    }


def _figures(now: dict[str, Table], before: dict[str, Table], month: Month) -> Table:
    """累计 now, less the month's own figures, less 累计 as issued (January begins a new year)."""
    due = taken(now["due"], now["due"]["reported"] == 1)
    parts = [(now["ytd"], 1, now["ytd"]["months"]), (due, -1, due["reported"])]
    if month.month > 1:
        parts.append((before["ytd"], -1, before["ytd"]["months"]))
    span = 1 + max((int(table["line"].max()) for table, _, _ in parts if table["line"].size), default=0)
    keys = np.concatenate([table["firm"] * span + table["line"] for table, _, _ in parts])
    unique, place = np.unique(keys, return_inverse=True)
    place = place.astype(np.int64)

    def total(name: str) -> Column:
        return sum_by(place, np.concatenate([sign * table[name] for table, sign, _ in parts]), unique.size)

    counted = np.concatenate([sign * months for _, sign, months in parts])
    rows = {
        "firm": unique // span,
        "line": unique % span,
        "revenue": total("revenue"),
        "tax": total("tax"),
        "months": sum_by(place, counted, unique.size),
    }
    changed = taken(rows, (rows["revenue"] != 0) | (rows["tax"] != 0) | (rows["months"] != 0))
    return changed | {"cause": _causes(changed)}


def _causes(rows: Table) -> Column:
    cause = np.select([rows["months"] > 0, rows["months"] < 0], [ADDED, REMOVED], CHANGED).astype(np.int64)
    _, place, times = np.unique(rows["firm"], return_inverse=True, return_counts=True)
    cause[times[place] > 1] = MOVED
    return cause


def _events(now: dict[str, Table], before: dict[str, Table], month: Month) -> Table:
    """Entries and exits of this library year and of earlier months that came, or went, since."""
    names = ("firm", "line", "kind", "month")
    own, old = (
        taken(table, (table["library_year"] == month.year) & (table["month"] < month.number))
        for table in (now["events"], before["events"])
    )
    rows = np.concatenate([np.stack([table[name] for name in names], axis=1) for table in (own, old)])
    signs = np.concatenate([np.ones(own["firm"].size, np.int64), -np.ones(old["firm"].size, np.int64)])
    unique, place = np.unique(rows.reshape(-1, len(names)), axis=0, return_inverse=True)
    sign = sum_by(place.reshape(-1).astype(np.int64), signs, unique.shape[0])
    columns = {name: unique[:, number] for number, name in enumerate(names)} | {"sign": sign}
    return taken(columns, sign != 0)
