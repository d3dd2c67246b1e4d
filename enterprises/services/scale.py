"""规上 or 规下: what the latest known event of the statistical directory says of a firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from core.periods import Month
from enterprises.models import Enterprise, ScaleEvent
from enterprises.services.storing import in_chunks

#: Order of events of one month: a firm that enters and leaves in the same month has left.
KIND_ORDER = {
    ScaleEvent.Kind.IN_DIRECTORY.value: 0,
    ScaleEvent.Kind.LISTED.value: 1,
    ScaleEvent.Kind.DELISTED.value: 2,
}


class DirectoryEvent(NamedTuple):
    """One event in the order in which events count: by month, then by ``KIND_ORDER``."""

    month: Month
    order: int
    kind: str

    @property
    def is_in(self) -> bool:
        return self.kind != ScaleEvent.Kind.DELISTED


def directory_event(month: Month, kind: str) -> DirectoryEvent:
    return DirectoryEvent(month, KIND_ORDER[kind], kind)


def directory_histories(firm_ids: Iterable[int]) -> dict[int, list[DirectoryEvent]]:
    """The events of each firm, oldest first."""
    histories: dict[int, list[DirectoryEvent]] = defaultdict(list)
    for chunk in in_chunks(sorted(set(firm_ids))):
        rows = ScaleEvent.objects.filter(enterprise_id__in=chunk).order_by()
        for firm_id, month, kind in rows.values_list("enterprise_id", "month", "kind"):
            histories[firm_id].append(directory_event(month, kind))
    for events in histories.values():
        events.sort()
    return histories


def recompute_above_scale(firm_ids: Iterable[int]) -> int:
    """Set ``above_scale`` of these firms from their latest event; returns how many firms it changed for."""
    ids = sorted(set(firm_ids))
    histories = directory_histories(ids)
    inside = {firm_id for firm_id, events in histories.items() if events[-1].is_in}
    changed = 0
    for above, group in ((True, inside), (False, set(ids) - inside)):
        for chunk in in_chunks(sorted(group)):
            firms = Enterprise.objects.filter(id__in=chunk, above_scale=not above)
            changed += firms.update(above_scale=above)
    return changed
