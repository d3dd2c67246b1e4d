"""Who a firm was and who stands for it now, as read from the registry events: two queries for any number of firms.

"First time" tests ask ``predecessors_of``; lists that name a firm of the past ask ``successors_of`` and
``current_codes``. Events of the kind 分立 hand a part on: they make predecessors, never a successor.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from core.models import User
from enterprises.models import Enterprise, RegistryEvent
from enterprises.rules.lineage import Step, continued, heirs, pasts, predecessors, successors
from enterprises.services.storing import in_chunks

_Kind = RegistryEvent.Kind


def lineage_steps() -> list[Step]:
    return RegistryEvent.objects.steps()


def predecessors_of(firm_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Firm → every firm that went into it or that it was split off from, in any number of steps."""
    return predecessors(firm_ids, lineage_steps())


def pasts_of(asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], dict[int, date]]:
    """(firm, day) → the firms whose past is its own by that day → the last day of it that counts."""
    return pasts(asked, lineage_steps())


def merged_into(firm: int) -> frozenset[int]:
    """The firms for which this one stands wholly: merged into it, converted into it, or second records of it."""
    return predecessors([firm], [step for step in lineage_steps() if step.is_whole])[firm]


def records_of(firm: int) -> list[int]:
    """The firm and the records under which the same business stood before (重复档案, 个转企), itself first."""
    before: dict[int, list[int]] = {}
    for record, goes_on_as in continued(lineage_steps()).items():
        before.setdefault(goes_on_as, []).append(record)
    found = [firm]
    for one in found:
        found += [record for record in before.get(one, ()) if record not in found]
    return found


def same_firms() -> dict[int, int]:
    """Second record → the record that was kept of the same firm."""
    steps = [step for step in lineage_steps() if step.is_same]
    return successors({step.before for step in steps}, steps)


def successors_of(firm_ids: Iterable[int]) -> dict[int, int]:
    """Firm → the firm that stands for it now; itself where it was not merged, converted or found double."""
    return successors(firm_ids, lineage_steps())


def successor_of(firm: Enterprise) -> Enterprise:
    """The firm that stands for this one now: itself, or the end of the chain."""
    end = successors_of([firm.pk])[firm.pk]
    return firm if end == firm.pk else Enterprise.objects.select_related("region").get(pk=end)


def standing_for(pk: int, user: User) -> Enterprise | None:
    """The firm whose page a second record leads to, where the user sees it; ``None`` for any other number."""
    second = Enterprise.objects.filter(pk=pk, ended_as=_Kind.DUPLICATE).first()
    if second is None:
        return None
    return Enterprise.objects.visible_to(user).filter(pk=successor_of(second).pk).first()


def heirs_of(firm_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Firm → every firm that took anything of it over."""
    return heirs(firm_ids, lineage_steps())


class CodeChange(NamedTuple):
    """An old code: since when, and under which code its firm is registered now."""

    old: str
    uscc: str
    on: date
    #: the kind of event: 代码变更, or 重复档案 for the code of a second record
    kind: str


def current_codes(codes: Iterable[str]) -> dict[str, CodeChange]:
    """Among these codes (15 digits or 18 characters) those that a firm no longer bears → the code it bears now."""
    found: dict[str, CodeChange] = {}
    for chunk in in_chunks(sorted(set(codes))):
        recoded = RegistryEvent.objects.filter(kind=_Kind.RECODED, old__in=chunk).order_by("on", "id")
        rows = recoded.values_list("old", "enterprise__uscc", "on", "enterprise_id")
        second = Enterprise.objects.filter(ended_as=_Kind.DUPLICATE, uscc__in=chunk).order_by()
        more = second.values_list("uscc", "uscc", "ended_on", "pk")
        told = [(*row, _Kind.RECODED) for row in rows] + [(*row, _Kind.DUPLICATE) for row in more]
        ends = successors_of(row[3] for row in told) if told else {}
        moved_on = {end for firm, end in ends.items() if end != firm}
        codes_now = (
            dict(Enterprise.objects.filter(pk__in=moved_on).values_list("pk", "uscc")) if moved_on else {}
        )
        for old, uscc, on, firm, kind in told:
            end = ends[firm]
            # a merged firm keeps its own code: what was declared under it stays its own
            now = codes_now[end] if kind == _Kind.DUPLICATE and end != firm else uscc
            if now != old:
                found[old] = CodeChange(old, now, on, kind)
    return found
