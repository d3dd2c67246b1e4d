"""Last year's figures that a month is compared with: those of firms gone into another count as the other's base."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.periods import Month
from cultivation.rules.months import Column, Table
from enterprises.rules.lineage import Past, involved, with_past_months

_YEAR = 100


def bases_with_pasts(
    figures: Table, months: Column, month: Month, before: Mapping[int, Past]
) -> Table | None:
    """``figures`` and ``months`` row by row, firms by primary key; ``None`` where no firm has another's past.

    Month by month: a firm that still reported for this year's month is compared with itself, one that did not
    is part of the firm that stands for it.
    """
    apart = involved(before)
    place = np.flatnonzero(np.isin(figures["firm"], np.fromiter(apart, np.int64)))
    if not place.size:
        return None
    rows = zip(
        figures["firm"][place].tolist(),
        months[place].tolist(),
        figures["revenue"][place].tolist(),
        strict=True,
    )
    told = {(firm, number): [revenue] for firm, number, revenue in rows}
    last_year = range((month - 12).year * _YEAR + 1, (month - 12).number + 1)
    found: dict[tuple[int, int], int | None] = {}
    for number in last_year:
        gone = {
            firm: Past(
                past.begun,
                {one: until for one, until in past.firms.items() if (one, number + _YEAR) not in told},
            )
            for firm, past in before.items()
        }
        then = {key: value for key, value in told.items() if key[1] == number}
        found |= {key: value for key, (value,) in with_past_months(then, gone).items()}
    kept = [(*key, value) for key, value in found.items() if value is not None]
    rest = np.setdiff1d(np.arange(months.size), place)
    columns = [np.array([row[n] for row in kept], np.int64) for n in range(3)]
    return {
        "firm": np.concatenate([figures["firm"][rest], columns[0]]),
        "month": np.concatenate([months[rest], columns[1]]),
        "revenue": np.concatenate([figures["revenue"][rest], columns[2]]),
    }
