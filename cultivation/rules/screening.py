"""Screening a registry for a pool: who is a candidate, who is in, who stays out and by which line. Pure.

Whole columns in, whole columns out; a line of the policy is a bit, so that a firm's reasons are two numbers and
their sentences are made on reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Frame
from core.policies import Unknown
from core.verdicts import FALSE, TRUE, UNKNOWN, Outcomes
from cultivation.policy.pool import MEMBER_FACTS, Movement, PoolRule, Quota, Rule, Tier
from cultivation.rules.levels import topmost

_NO_LEVELS: Mapping[str, Collection[str]] = MappingProxyType({})
Column = NDArray[np.int64]
Mask = NDArray[np.bool_]
#: Bump when the same facts come to mean another result.
DEFINITIONS = 2

#: What becomes of a firm. IN: candidate and meets all requirements. OUT: candidate that fails one. HELD: candidate
#: of whom a requirement is not known. OFF: on a list, but outside its line. ABSENT: on no list.
IN, OUT, HELD, OFF, ABSENT = range(5)
STATUSES = ("in", "out", "held", "off", "absent")
NO_TIER = -1
NO_YEAR = 0


@dataclass(frozen=True, slots=True)
class Screened:
    """One row a firm. Bits are places in ``PoolRule.sources``, ``requires``, ``checks`` and ``flags``.

    ``tier`` is a place in ``PoolRule.tiers`` or ``NO_TIER``, ``planned_year`` a year or ``NO_YEAR``; both only
    for firms that are in.
    """

    status: Column
    named_by: Column
    outside: Column
    failed: Column
    not_known: Column
    told: Column
    flagged: Column
    tier: Column
    planned_year: Column

    def table(self) -> dict[str, Column]:
        return {name: getattr(self, name) for name in self.__slots__}


def screen(rule: PoolRule, frame: Frame, year: int) -> Screened:
    """Judge every firm of ``frame`` for the pool of ``year``.

    A source that the document leaves open names nobody; a requirement that it leaves open holds every candidate.
    A flag never decides: who is kept out of help is in the pool all the same.
    """
    size, given = frame.size, rule.given(year)
    sources = [_judged(line, frame, given) for line in rule.sources]
    requires = [_judged(line, frame, given) for line in rule.requires]
    named_by = _bits(sources, TRUE, size)
    outside = _bits(
        [_on_list(*pair, frame, given) for pair in zip(rule.sources, sources, strict=True)], FALSE, size
    )
    failed, not_known = _bits(requires, FALSE, size), _bits(requires, UNKNOWN, size)
    candidate = _count_of_bits(sources, size) >= rule.least
    status = np.select(
        [candidate & (failed > 0), candidate & (not_known > 0), candidate, (outside | named_by) > 0],
        [OUT, HELD, IN, OFF],
        ABSENT,
    ).astype(np.int64)
    tier = _tiers(rule, frame, given)
    tier[status != IN] = NO_TIER
    return Screened(
        status=status,
        named_by=named_by,
        outside=outside,
        failed=failed,
        not_known=not_known,
        told=_told(rule.checks, frame, given, candidate),
        flagged=_told(rule.flags, frame, given, candidate),
        tier=tier,
        planned_year=_planned_years(rule, tier, year),
    )


def _judged(line: Rule | Tier, frame: Frame, given: Mapping[str, Any]) -> Outcomes:
    if isinstance(line.when, Unknown):
        return np.full(frame.size, UNKNOWN, np.int8)
    return line.when.judge(frame, given).outcome


def _on_list(line: Rule, outcome: Outcomes, frame: Frame, given: Mapping[str, Any]) -> Outcomes:
    """Not to be a member yet is no list that a firm stands on: without any fact of its own it is on none."""
    keys = [] if isinstance(line.when, Unknown) else line.when.needs(given)
    own = [key for key in keys if key.name not in MEMBER_FACTS]
    if not own or len(own) == len(keys):
        return outcome
    is_known = np.logical_or.reduce([frame.columns[str(key)].known for key in own])
    return np.where(is_known, outcome, UNKNOWN)


def _told(lines: tuple[Rule, ...], frame: Frame, given: Mapping[str, Any], candidate: Mask) -> Column:
    """The lines that hold for candidates."""
    bits = _bits([_judged(line, frame, given) for line in lines], TRUE, frame.size)
    return np.where(candidate, bits, np.int64(0))


def _count_of_bits(judged: list[Outcomes], size: int) -> Column:
    count = np.zeros(size, np.int64)
    for outcome in judged:
        count += outcome == TRUE
    return count


def _bits(judged: list[Outcomes], wanted: np.int8, size: int) -> Column:
    bits = np.zeros(size, np.int64)
    for place, outcome in enumerate(judged):
        bits |= np.where(outcome == wanted, np.int64(1 << place), np.int64(0))
    return bits


def _tiers(rule: PoolRule, frame: Frame, given: Mapping[str, Any]) -> Column:
    """The first tier that holds; none where an earlier one is not known: a higher tier might be the right one."""
    tier = np.full(frame.size, NO_TIER, np.int64)
    is_open = np.ones(frame.size, np.bool_)
    for place, line in enumerate(rule.tiers):
        outcome = _judged(line, frame, given)
        tier[is_open & (outcome == TRUE)] = place
        is_open &= outcome == FALSE
    return tier


def _planned_years(rule: PoolRule, tier: Column, year: int) -> Column:
    planned = np.full(tier.size, NO_YEAR, np.int64)
    for place, line in enumerate(rule.tiers):
        if rule.planned and not isinstance(line.plan_after, Unknown):
            planned[tier == place] = rule.planned.of(year, line.plan_after)
    return planned


def codes_of(lines: tuple[Any, ...], bits: int) -> list[str]:
    """The codes of the lines whose bits are set, in the order of the document."""
    return [line.code for place, line in enumerate(lines) if bits >> place & 1]


# ---------------------------------------------------------------- what a screening changes


_BY_RULE = Movement()
_NOBODY = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Members:
    """The current members, one row each, aligned with the screened firms by ``row``.

    ``tier`` and ``planned_year`` as in ``Screened``; flags are 0 or 1. ``by_hand``: a person chose the tier or year
    or put the firm in; such a choice is kept.
    """

    row: Column
    tier: Column
    planned_year: Column
    named_by: Column
    tier_by_hand: Mask
    year_by_hand: Mask
    admitted_by_hand: Mask
    is_proposed: Mask


@dataclass(frozen=True, slots=True)
class Changes:
    """``admitted`` and ``waiting`` (the rule would let in, but it takes an application): rows of firms. The others
    are places in ``Members``; ``tier`` and ``planned_year`` what each member has from now on, ``suggested`` the tier
    that the rule finds where only an application leads there, else ``NO_TIER``."""

    admitted: Column
    waiting: Column
    withdrawn: Column
    proposed: Column
    cleared: Column
    moved: Column
    tier: Column
    planned_year: Column
    suggested: Column


def changes_of(
    screened: Screened, members: Members, barred: Column, movement: Movement = _BY_RULE
) -> Changes:
    """What the rule does to the pool. ``barred``: rows of firms that a person took out; no rule puts them back.

    A member falls out when it is no longer a candidate or fails a requirement; what is not known never takes a
    firm out. Where a person has chosen, or the document asks for an application, falling out is proposed instead
    of done; a move up or down that takes an application is only suggested. Tiers stand the highest first.
    """
    is_in = screened.status == IN
    is_open = is_in.copy()
    is_open[members.row] = False
    is_open[barred] = False
    admits = movement.is_automatic("admit")
    own_status = screened.status[members.row]
    falls = (own_status != IN) & (own_status != HELD)
    by_hand = members.tier_by_hand | members.year_by_hand | members.admitted_by_hand
    if not movement.is_automatic("withdraw"):
        by_hand = np.ones(by_hand.size, np.bool_)
    stays = own_status == IN
    found = screened.tier[members.row]
    up = (found != NO_TIER) & (members.tier != NO_TIER) & (found < members.tier)
    down = (found != NO_TIER) & (members.tier != NO_TIER) & (found > members.tier)
    asks = (up & (not movement.is_automatic("promote"))) | (down & (not movement.is_automatic("demote")))
    asks = asks & stays & ~members.tier_by_hand
    tier = np.where(stays & ~members.tier_by_hand & ~asks, found, members.tier)
    planned = np.where(
        stays & ~members.year_by_hand & ~asks, screened.planned_year[members.row], members.planned_year
    )
    sources = screened.named_by[members.row] != members.named_by
    moved = stays & ((tier != members.tier) | (planned != members.planned_year) | sources)
    return Changes(
        admitted=np.flatnonzero(is_open) if admits else _NOBODY,
        waiting=_NOBODY if admits else np.flatnonzero(is_open),
        withdrawn=np.flatnonzero(falls & ~by_hand),
        proposed=np.flatnonzero(falls & by_hand & ~members.is_proposed),
        cleared=np.flatnonzero(~falls & members.is_proposed),
        moved=np.flatnonzero(moved),
        tier=tier,
        planned_year=planned,
        suggested=np.where(asks, found, NO_TIER),
    )


# ---------------------------------------------------------------- counts


def counts_of(rule: PoolRule, table: Mapping[str, Column]) -> dict[str, int]:
    """Every number that a screening shows, by the name of its list."""
    return {name: int(selected(rule, table, name).sum()) for name in selections(rule)}


def selections(rule: PoolRule) -> list[str]:
    """The names of the lists that a screening offers."""
    names = ["all", "candidates", *STATUSES]
    for kind, lines in _LINES.items():
        names += [f"{kind}:{code}" for code in lines(rule)]
    return [*names, NO_TIER_LIST]


#: what stands before the colon in the name of a list → the codes that may stand behind it, by their bit or place
_LINES: dict[str, Callable[[PoolRule], list[str]]] = {
    "source": lambda rule: [line.code for line in rule.sources],
    "off": lambda rule: [line.code for line in rule.sources],
    "out": lambda rule: [line.code for line in rule.requires],
    "held": lambda rule: [line.code for line in rule.requires],
    "check": lambda rule: [line.code for line in rule.checks],
    "flag": lambda rule: [line.code for line in rule.flags],
    "tier": lambda rule: [tier.name for tier in rule.tiers],
}
NO_TIER_LIST = "tier:"


def selected(rule: PoolRule, table: Mapping[str, Column], name: str) -> Mask:
    """The firms behind a number; ``KeyError`` for a list there is not."""
    return np.asarray(_picked(rule, table, name), np.bool_)


def _picked(rule: PoolRule, table: Mapping[str, Column], name: str) -> Any:
    status = table["status"]
    if name == "all":
        return np.ones(status.size, np.bool_)
    if name == "candidates":
        return _candidates(rule, table)
    if name in STATUSES:
        return status == STATUSES.index(name)
    if name == NO_TIER_LIST:
        return (status == IN) & (table["tier"] == NO_TIER)
    kind, _, code = name.partition(":")
    codes = _LINES[kind](rule)
    if code not in codes:
        raise KeyError(name)
    place = codes.index(code)
    bit = np.int64(1 << place)
    match kind:
        case "source":
            return table["named_by"] & bit > 0
        case "off":
            return (status == OFF) & (table["outside"] & bit > 0)
        case "out":
            return (status == OUT) & (table["failed"] & bit > 0)
        case "held":
            return (status == HELD) & (table["not_known"] & bit > 0)
        case "check":
            return table["told"] & bit > 0
        case "flag":
            return table["flagged"] & bit > 0
    return (status == IN) & (table["tier"] == place)


def _candidates(rule: PoolRule, table: Mapping[str, Column]) -> Mask:
    named = sum((table["named_by"] >> place & 1) for place in range(len(rule.sources)))
    return np.asarray(named >= rule.least, np.bool_)


def quota_of(
    quota: Quota, targets: Mapping[str, int], above: Mapping[str, Collection[str]] = _NO_LEVELS
) -> tuple[dict[str, int], int] | None:
    """How many members each region is to have, and all together; ``None`` where the document does not say.

    ``above``: the regions above each one; a county whose city has a target too is part of the city's number.
    ``…_each`` rounds every region and adds them; ``…_total`` rounds the sum alone (a region's own is still whole).
    """
    if quota.fixed:
        printed = dict(quota.fixed)
        top = topmost(printed, above)
        return printed, sum(number for code, number in printed.items() if code in top)
    if isinstance(quota.ratio, Unknown) or not targets:
        return None
    ratio, (way, _, of) = Fraction(quota.ratio), quota.rounding.rpartition("_")
    each = {region: _whole(target * ratio, way) for region, target in targets.items()}
    top = topmost(targets, above)
    whole = (
        sum(each[code] for code in top)
        if of == "each"
        else _whole(sum(targets[code] for code in top) * ratio, way)
    )
    return each, whole


def _whole(number: Fraction, way: str) -> int:
    """``up``, ``half_up`` or ``down`` to a whole number; never from a float."""
    if way == "up":
        return -(-number.numerator // number.denominator)
    return math.floor(number + Fraction(1, 2)) if way == "half_up" else math.floor(number)
