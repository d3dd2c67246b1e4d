"""What holds between rules: stacking, caps over several rules, budgets, in this order. Pure, vectorised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from core.policies import Unknown
from incentives.policy.awards import LEVELS, Awards, Budget, CrossCap, Stacking
from incentives.rules.awarding import judge_rule
from incentives.rules.codes import BUDGET_SPENT, CAP_REACHED, STACKED, UNDECIDED, Held
from incentives.rules.occasions import Candidates
from incentives.rules.scopes import Column, Earlier, Mask, Scoped, codes_of, filled, sums_at
from incentives.rules.verdicts import CapTrace, RuleVerdict, StackTrace

_LEVELS = tuple(LEVELS)


@dataclass(frozen=True, slots=True)
class _Pile:
    """The awards of several rules in one column, rule by rule: ``place`` of the verdict, row in it, fen, scope."""

    verdicts: tuple[RuleVerdict, ...]
    place: Column
    row: Column
    fen: Column
    scope: Scoped
    #: for each verdict where its awards begin, and the end of the last
    starts: tuple[int, ...]

    @classmethod
    def of(cls, verdicts: Sequence[RuleVerdict]) -> _Pile | None:
        """Awards in the order of the rules, then of the occasions; ``None`` when there is none."""
        found = [np.flatnonzero(verdict.due) for verdict in verdicts]
        sizes = [rows.size for rows in found]
        if not sum(sizes):
            return None
        pairs = list(zip(verdicts, found, strict=True))
        return cls(
            tuple(verdicts),
            np.repeat(np.arange(len(sizes)), sizes),
            np.concatenate(found),
            np.concatenate([verdict.amount[rows] for verdict, rows in pairs]),
            Scoped.joined([verdict.occasions.scope.take(verdict.rows[rows]) for verdict, rows in pairs]),
            (0, *np.cumsum(sizes).tolist()),
        )

    def own(self, number: int) -> slice:
        """Where the awards of a verdict stand in the pile."""
        return slice(self.starts[number], self.starts[number + 1])

    def write(self, amounts: Column) -> None:
        for number, verdict in enumerate(self.verdicts):
            here = self.own(number)
            verdict.amount[self.row[here]] = amounts[here]

    def each(self, rows: Mask) -> list[tuple[RuleVerdict, Mask, Column]]:
        """(verdict, mask over its rows, places in the pile) of what ``rows`` marks."""
        found = []
        for number, verdict in enumerate(self.verdicts):
            here = self.own(number)
            places = np.flatnonzero(rows[here]) + here.start
            if places.size:
                mask = np.zeros(verdict.rows.size, np.bool_)
                mask[self.row[places]] = True
                found.append((verdict, mask, places))
        return found

    def hold(self, rows: Mask, why: Held) -> None:
        for verdict, mask, _places in self.each(rows):
            verdict.hold(mask, why)


def settle(
    awards: Awards,
    candidates: Candidates,
    year: int,
    *,
    earlier: Earlier | None = None,
    as_of: int | None = None,
    budgets: Mapping[str, int] | None = None,
    rules: Sequence[str] | None = None,
) -> list[RuleVerdict]:
    """Every rule that names an occasion (or only ``rules``), settled among themselves.

    ``earlier``: what recipients have had; ``budgets``: id → fen where the year's budget is told apart from
    the document. Raises ``AmountOutOfRange``.
    """
    before = earlier or Earlier.none()
    verdicts = [
        judge_rule(rule, candidates, year, earlier=before, as_of=as_of)
        for rule in awards.rules
        if rule.occasion is not None and (rules is None or rule.id in rules)
    ]
    by_id = {verdict.rule.id: verdict for verdict in verdicts}
    for stacking in awards.stackings:
        _stack(stacking, [by_id[rule] for rule in stacking.rules if rule in by_id], before, year)
    for cap in awards.caps:
        _cap(cap, [by_id[rule] for rule in cap.rules if rule in by_id], before, year)
    for budget in awards.budgets:
        _keep_to(budget, [by_id[rule] for rule in budget.rules if rule in by_id], budgets or {})
    return verdicts


def _stack(stacking: Stacking, verdicts: list[RuleVerdict], earlier: Earlier, year: int) -> None:
    pile = _Pile.of(verdicts)
    if pile is None or stacking.policy == "cumulative":
        return
    had = earlier.of((*stacking.rules, *stacking.others), year if stacking.per == "year" else None)
    now, then, named = codes_of(stacking.per, pile.scope, had.scope)
    if not named.all():
        pile.hold(~named, Held.SCOPE)
    if stacking.policy == "across_levels":
        now, then, had = _by_level(pile, now, had)
    paid = sums_at(now, then, had.fen)
    first, winner, many = _winners(stacking, pile, now)
    if stacking.policy == "unknown":
        pile.hold((many | (paid > 0)) & named, Held.STACKING)
        return
    undecided = np.concatenate(
        [
            (verdict.holding[pile.row[pile.own(number)]] & int(UNDECIDED)) != 0
            for number, verdict in enumerate(pile.verdicts)
        ]
    )
    waits = many & named & np.isin(now, now[undecided & many])
    pile.hold(waits & ~undecided, Held.OTHERS)
    settled = named & ~waits
    amounts = pile.fen.copy()
    amounts[settled & ~first] = 0
    against = settled & first & (paid > 0)
    left = np.maximum(pile.fen - paid, 0) if stacking.pays_difference else np.zeros_like(paid)
    amounts[against] = left[against]
    _note(stacking, pile, settled & ~first, winner, against, paid)
    pile.write(amounts)
    for verdict, mask, _places in pile.each(settled & (amounts == 0) & (pile.fen > 0)):
        verdict.refuse(mask, STACKED)


def _by_level(pile: _Pile, now: Column, had: Earlier) -> tuple[Column, Column, Earlier]:
    """Scopes of one level each; what was had earlier under a rule of this document counts for its level."""
    numbers = {
        verdict.rule.id: _LEVELS.index(verdict.rule.level) if verdict.rule.level else len(_LEVELS)
        for verdict in pile.verdicts
    }
    width = len(_LEVELS) + 1
    of_rule = np.array([numbers[verdict.rule.id] for verdict in pile.verdicts], np.int64)
    had = had.of(tuple(numbers))
    of_word = np.array([numbers.get(word, -1) for word in had.words] or [0], np.int64)
    then = had.scope.recipient * width + of_word[had.rule] if had.rule.size else had.scope.recipient
    return now * width + of_rule[pile.place], then, had


def _winners(stacking: Stacking, pile: _Pile, codes: Column) -> tuple[Mask, Column, Mask]:
    """Which award of each scope comes first, its place for every award of the scope, and scopes of several."""
    places = {rule: place for place, rule in enumerate(stacking.prefer)}
    rank = np.array([places.get(verdict.rule.id, len(places)) for verdict in pile.verdicts], np.int64)
    order = np.lexsort((np.arange(pile.fen.size), -pile.fen, rank[pile.place], codes))
    sorted_codes = codes[order]
    starts = np.ones(order.size, np.bool_)
    starts[1:] = sorted_codes[1:] != sorted_codes[:-1]
    first = np.zeros(order.size, np.bool_)
    first[order[starts]] = True
    number = np.cumsum(starts) - 1
    winner = np.empty(order.size, np.int64)
    winner[order] = order[starts][number]
    many = np.empty(order.size, np.bool_)
    many[order] = np.bincount(number)[number] > 1
    return first, winner, many


def _note(stacking: Stacking, pile: _Pile, lower: Mask, winner: Column, against: Mask, paid: Column) -> None:
    rules = tuple(verdict.rule.id for verdict in pile.verdicts)
    for number, verdict in enumerate(pile.verdicts):
        instead = np.full(verdict.rows.size, -2, np.int64)
        set_off = np.zeros(verdict.rows.size, np.int64)
        here = pile.own(number)
        places = np.flatnonzero((lower | against)[here]) + here.start
        rows = pile.row[places]
        instead[rows] = np.where(lower[places], pile.place[winner[places]], -1)
        set_off[rows] = paid[places]
        verdict.stackings.append(StackTrace(stacking.id, rules, instead, set_off))


def _cap(cap: CrossCap, verdicts: list[RuleVerdict], earlier: Earlier, year: int) -> None:
    pile = _Pile.of(verdicts)
    if pile is None:
        return
    room = np.zeros(pile.fen.size, np.int64)
    if cap.quantity is not None:
        for verdict, _mask, places in pile.each(np.ones(pile.fen.size, np.bool_)):
            measured = cap.quantity.measure(
                verdict.candidates.frame, {"year": verdict.year}, Fraction(1, 100)
            )
            at = verdict.rows[pile.row[places]]
            room[places] = np.where(measured.known[at], np.maximum(measured.whole[at], 0), pile.fen[places])
            lacking = np.zeros(pile.fen.size, np.bool_)
            lacking[places] = ~measured.known[at]
            pile.hold(lacking & (pile.fen > 0), Held.CAP)
    elif isinstance(cap.fen, Unknown) or cap.fen is None:
        pile.hold(pile.fen > 0, Held.CAP)
        return
    else:
        room[:] = cap.fen
    had = earlier.of(cap.rules, year if cap.per == "year" else None)
    now, then, _named = codes_of(cap.per, pile.scope, had.scope)
    amounts = filled(pile.fen, room - sums_at(now, then, had.fen), now)
    for number, verdict in enumerate(pile.verdicts):
        before, after = verdict.amount.copy(), verdict.amount.copy()
        here = pile.own(number)
        after[pile.row[here]] = amounts[here]
        verdict.caps.append(CapTrace(cap, before, after))
    pile.write(amounts)
    for verdict, mask, _places in pile.each((amounts == 0) & (pile.fen > 0)):
        verdict.refuse(mask, CAP_REACHED)


def _keep_to(budget: Budget, verdicts: list[RuleVerdict], told: Mapping[str, int]) -> None:
    pile = _Pile.of([verdict for verdict in verdicts if verdict.rule.in_kind is None])
    fen = told.get(budget.id, budget.fen)
    if pile is None or isinstance(fen, Unknown):
        return
    total = int(pile.fen.sum())
    if total <= fen:
        return
    if budget.when_short == "unknown":
        pile.hold(pile.fen > 0, Held.BUDGET)
        return
    amounts = _pro_rata(pile.fen, fen, total) if budget.when_short == "pro_rata" else _queued(pile, fen)
    for verdict, mask, _places in pile.each(amounts != pile.fen):
        verdict.budgets.append((budget.id, mask))
    pile.write(amounts)
    for verdict, mask, _places in pile.each((amounts == 0) & (pile.fen > 0)):
        verdict.refuse(mask, BUDGET_SPENT)


def _pro_rata(fens: Column, budget: int, total: int) -> Column:
    """Each its share of the budget, by largest remainder: the whole budget and not a fen more."""
    products = fens.astype(object) * budget
    parts = (products // total).astype(np.int64)
    remainders = (products % total).astype(object)
    left = budget - int(parts.sum())
    order = np.array(sorted(range(fens.size), key=lambda row: (-remainders[row], row)), np.int64)
    parts[order[:left]] += 1
    return parts


def _queued(pile: _Pile, budget: int) -> Column:
    """By the day of the event, then the order of rules and rows; the last one gets what is left."""
    days = np.array(
        [
            pile.verdicts[number].occasions.first_day[pile.verdicts[number].rows[row]]
            for number, row in zip(pile.place.tolist(), pile.row.tolist(), strict=True)
        ],
        np.int64,
    )
    order = np.argsort(days, kind="stable")
    before = np.cumsum(pile.fen[order]) - pile.fen[order]
    amounts = np.empty_like(pile.fen)
    amounts[order] = np.clip(budget - before, 0, pile.fen[order])
    return amounts
