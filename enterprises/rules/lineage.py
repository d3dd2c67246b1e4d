"""Who a firm was before and who stands for it now, over any number of mergers, conversions and splits. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Step(NamedTuple):
    """On a day ``before`` went into ``after``, wholly or (分立) in part."""

    before: int
    after: int
    on: date
    #: whether ``after`` stands for the whole of ``before`` since
    is_whole: bool
    #: 重复档案: two records of one firm, which never had a past apart
    is_same: bool = False
    #: since when ``after`` has figures of its own at all, where that is known: its founding, or the day of a 个转企
    begun: date | None = None
    #: ``after`` is the same business under another record: 重复档案, 个转企
    goes_on: bool = False


class Past(NamedTuple):
    """The firms wholly gone into a firm → the last day of each that counts; and since when the firm itself is."""

    begun: date | None
    firms: dict[int, date]


def predecessors(firms: Iterable[int], steps: Iterable[Step]) -> dict[int, frozenset[int]]:
    """For each firm all firms that went into it, in any number of steps; itself not among them."""
    into: Mapping[int, list[int]] = _grouped((step.after, step.before) for step in steps)
    return {firm: frozenset(_reached(firm, into)) for firm in firms}


def successors(firms: Iterable[int], steps: Iterable[Step]) -> dict[int, int]:
    """For each firm the one that stands for it now: itself while it lives, else the end of the chain."""
    onward = {step.before: step.after for step in sorted(steps, key=lambda step: step.on) if step.is_whole}
    found = {}
    for firm in firms:
        at, seen = firm, {firm}
        while (then := onward.get(at)) is not None and then not in seen:
            seen.add(then)
            at = then
        found[firm] = at
    return found


def heirs(firms: Iterable[int], steps: Iterable[Step]) -> dict[int, frozenset[int]]:
    """For each firm all that took anything of it over: where it went and what was split off."""
    onward = _grouped((step.before, step.after) for step in steps)
    return {firm: frozenset(_reached(firm, onward)) for firm in firms}


def pasts(
    asked: Iterable[tuple[int, date]], steps: Iterable[Step]
) -> dict[tuple[int, date], dict[int, date]]:
    """(firm, day) → every firm whose past is also this firm's on that day, with the last day of it that counts.

    What a firm did after a part was split off from it is not the part's past, and what a firm took over later
    than the day asked for is not yet its own. Only those with such a past are in the answer.
    """
    into: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        into[step.after].append(step)
    found = {(firm, day): _past(firm, day, into) for firm, day in asked if firm in into}
    return {one: past for one, past in found.items() if past}


def continued(steps: Iterable[Step]) -> dict[int, int]:
    """Record → the record under which the same business goes on, in the order of events."""
    return {step.before: step.after for step in steps if step.goes_on}


def whole_pasts(steps: Iterable[Step]) -> dict[int, Past]:
    """Firm → those for which it stands, in any number of steps; firms without such a past are left out."""
    whole = [step for step in steps if step.is_whole]
    begun = {step.after: step.begun for step in whole}
    found = pasts([(firm, date.max) for firm in begun], whole)
    return {firm: Past(begun[firm], before) for (firm, _), before in found.items()}


def with_pasts(
    figures: Mapping[int, Sequence[int | None]], year: int, before: Mapping[int, Past]
) -> dict[int, Sequence[int | None]]:
    """A year's figures by firm, those of firms gone into another since that year added to the other's own.

    A firm that had begun and has no figure of its own stays without one: the sum of the others would be too small.
    Those of the year of the event itself stay apart, as they were declared.
    """
    found = dict(figures)
    for firm, past in before.items():
        parts = [figures[one] for one, until in past.firms.items() if until.year > year and one in figures]
        if not parts:
            continue
        is_new = past.begun is not None and past.begun.year > year
        own = figures.get(firm, [None] * len(parts[0]))
        found[firm] = [
            _added(mine, [part[place] for part in parts], is_new) for place, mine in enumerate(own)
        ]
    return found


def _added(own: int | None, parts: Iterable[int | None], is_new: bool) -> int | None:
    known = [part for part in parts if part is not None]
    if own is None and not (is_new and known):
        return None
    return (own or 0) + sum(known)


def with_past_months(
    figures: Mapping[tuple[int, int], Sequence[int | None]], before: Mapping[int, Past]
) -> dict[tuple[int, int], Sequence[int | None]]:
    """As ``with_pasts`` by (firm, month as 202206): months up to that in which a firm went into the other."""
    mine: dict[int, list[int]] = defaultdict(list)
    for firm, month in figures:
        mine[firm].append(month)
    found = dict(figures)
    for firm, past in before.items():
        first = _month(past.begun) if past.begun else 0
        parts: dict[int, list[Sequence[int | None]]] = defaultdict(list)
        for one, until in past.firms.items():
            for month in mine.get(one, ()):
                if month <= _month(until):
                    parts[month].append(figures[one, month])
        for month, told in parts.items():
            own = figures.get((firm, month), [None] * len(told[0]))
            found[firm, month] = [
                _added(value, [part[place] for part in told], month <= first)
                for place, value in enumerate(own)
            ]
    return found


def involved(before: Mapping[int, Past]) -> set[int]:
    """Every firm that is in such a past or has one."""
    return {*before, *(one for past in before.values() for one in past.firms)}


def _month(day: date) -> int:
    return day.year * 100 + day.month


def _past(firm: int, day: date, into: Mapping[int, list[Step]]) -> dict[int, date]:
    found: dict[int, date] = {}
    open_ = [(firm, day)]
    while open_:
        at, until = open_.pop()
        for step in into.get(at, ()):
            last = until if step.is_same else step.on
            is_later = step.before != firm and last > found.get(step.before, date.min)
            if last <= until and is_later:
                found[step.before] = last
                open_.append((step.before, last))
    return found


def _grouped(pairs: Iterable[tuple[int, int]]) -> Mapping[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _reached(start: int, edges: Mapping[int, list[int]]) -> set[int]:
    found: set[int] = set()
    open_ = list(edges.get(start, ()))
    while open_:
        firm = open_.pop()
        if firm != start and firm not in found:
            found.add(firm)
            open_ += edges.get(firm, ())
    return found
