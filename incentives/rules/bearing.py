"""Who bears an award: the shares of each level, and shared again below; they sum to the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from incentives.policy.awards import Awards, Rule, Sharing
from incentives.rules.codes import Held
from incentives.rules.scopes import Column
from incentives.rules.shares import share_out
from incentives.rules.verdicts import UNSHARED, RuleVerdict

Shares = dict[str, int]


def places_of(awards: Awards, rule: Rule, group: Column) -> tuple[tuple[Sharing, ...], Column]:
    """The sharings that the rule uses, and for each row the place of its own, −1 for none.

    A rule's own sharing stands before the document's in the regions that it names.
    """
    sharings = (*rule.sharings, *awards.sharings)
    numbers = {given.name: number for number, given in enumerate(awards.groups)}
    places = np.full(group.size, -1, np.int64)
    for place, sharing in enumerate(sharings):
        here = np.ones(group.size, np.bool_) if sharing.group is None else group == numbers[sharing.group]
        places[here & (places < 0)] = place
    return sharings, places


def hold_unshared(awards: Awards, verdict: RuleVerdict) -> None:
    """A document that shares costs, but not in this region, must be asked before anything is paid."""
    sharings, places = places_of(awards, verdict.rule, verdict.occasions.group[verdict.rows])
    if sharings and verdict.rule.in_kind is None and verdict.rule.pays_money:
        verdict.hold(places < 0, Held.UNSHARED)


def shares_of(awards: Awards, rule: Rule, group: Column, amount: Column) -> list[Shares]:
    """Level → fen of each row. Without any sharing the level whose rule it is bears all; else ``unshared``."""
    sharings, places = places_of(awards, rule, group)
    alone = rule.level if rule.level and not sharings else UNSHARED
    shares: list[Shares] = [{alone: int(fen)} for fen in amount]
    for place, sharing in enumerate(sharings):
        rows = np.flatnonzero(places == place)
        if not rows.size:
            continue
        first = _shared(amount[rows], sharing.parts, last=sharing.last_takes_rest)
        for at, fens in zip(rows.tolist(), first, strict=True):
            shares[at] = fens
        for below in sharing.below:
            inner = [first[number].pop(below.level) for number in range(len(first))]
            again = np.array(inner, np.int64)
            for number, row in enumerate(rows.tolist()):
                parts = below.parts
                if parts is None:
                    own = _document_sharing(awards, int(group[row]))
                    parts = own.parts if own else ((below.level, Fraction(1)),)
                for level, fen in _shared(again[number : number + 1], parts, last=False)[0].items():
                    shares[row][level] = shares[row].get(level, 0) + fen
    return shares


def _document_sharing(awards: Awards, group: int) -> Sharing | None:
    name = awards.groups[group].name if group >= 0 else None
    return next((given for given in awards.sharings if given.group in (name, None)), None)


def _shared(amounts: Column, parts: Sequence[tuple[str, Fraction]], *, last: bool) -> list[Shares]:
    columns = share_out(amounts, [share for _level, share in parts], last_takes_rest=last)
    levels = [level for level, _share in parts]
    return [dict(zip(levels, fens, strict=True)) for fens in columns.tolist()]
