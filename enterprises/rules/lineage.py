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
