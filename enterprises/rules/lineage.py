"""Who a firm was before and who stands for it now, over any number of mergers, conversions and splits. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
