"""The statistical directory and years in production at the end of a year. Reads only."""

from __future__ import annotations

import numpy as np

from core.conditions import Column
from core.periods import Month
from enterprises.models import ScaleEvent
from enterprises.services.scale import DirectoryEvent, directory_event

_CHUNK = 20_000


def in_directory(year: int) -> set[int]:
    """Firms that the statistical directory holds at the end of the year: 规上 is this list, not a revenue."""
    last = Month(year, 12)
    latest: dict[int, DirectoryEvent] = {}
    events = ScaleEvent.objects.filter(month__lte=last).order_by()
    for firm_id, month, kind in events.values_list("enterprise_id", "month", "kind").iterator(_CHUNK):
        event = directory_event(month, kind)
        if firm_id not in latest or latest[firm_id] < event:
            latest[firm_id] = event
    return {firm_id for firm_id, event in latest.items() if event.is_in}


def years_in_production(started_on: Column, year: int) -> Column:
    """Whole years from the start of production to 31 December; a firm that starts later has none."""
    started = started_on.values.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    # the year ends on its last day: from any day of 2019 to 31 December 2021 are two whole years
    return Column(np.maximum(year - started, 0), started_on.known)
