"""Which occasions a rule reaches: of its kind, its year, its keys, the first time, and not a second time. Pure."""

from __future__ import annotations

from datetime import date

import numpy as np

from incentives.policy.awards import Occasion, Rule
from incentives.rules.codes import (
    ALREADY_AWARDED,
    FIRST_NOT_KNOWN,
    NOT_FIRST,
    NOT_IN_FORCE,
    OTHER_KEY,
    OTHER_LIBRARY_YEAR,
    OTHER_PERIOD,
    OTHER_YEAR,
    Held,
)
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Occasions, days_of
from incentives.rules.scopes import Column, Earlier, Mask, codes_of, repeated
from incentives.rules.verdicts import RuleVerdict


def reached_rows(rule: Rule, occasion: Occasion, occasions: Occasions) -> Column:
    """Events of the rule's kind, of recipients that it names, that are no claim under another rule."""
    is_event = occasions.event == EVENT_NUMBERS[occasion.event]
    kinds = [KIND_NUMBERS[kind] for kind in rule.recipients]
    is_kind = occasions.kind == kinds[0] if len(kinds) == 1 else np.isin(occasions.kind, kinds)
    return np.flatnonzero(is_event & is_kind & occasions.open_to(rule.id))


def refuse_by_occasion(verdict: RuleVerdict, occasion: Occasion, earlier: Earlier) -> None:
    occasions, rows = verdict.occasions, verdict.rows
    if occasion.year_by == "approval_library":
        verdict.refuse(occasions.library_year[rows] != verdict.year, OTHER_LIBRARY_YEAR)
    else:
        verdict.refuse(occasions.year[rows] != verdict.year, OTHER_YEAR)
    if occasion.period is not None:
        start, end = days_of(occasion.period)
        outside = (occasions.first_day[rows] < start) | (occasions.last_day[rows] > end)
        verdict.refuse(outside, OTHER_PERIOD)
    if occasion.keys:
        verdict.refuse(~occasions.keyed(occasion.keys)[rows], OTHER_KEY)
    verdict.refuse(~_in_force(verdict.rule, occasions)[rows], NOT_IN_FORCE)
    if occasion.first_time:
        first = occasions.first.code[rows]
        for number, code in NOT_FIRST.items():
            verdict.refuse(first == number, code)
        verdict.hold(first == FIRST_NOT_KNOWN, Held.FIRST_TIME)
    if occasion.apart:
        had = earlier.of((verdict.rule.id,))
        recent = had.scope.recipient[had.scope.year > verdict.year - occasion.apart]
        verdict.refuse(np.isin(occasions.scope.recipient[rows], recent), ALREADY_AWARDED)
    if occasion.once != "event":
        _refuse_granted(verdict, occasion.once, earlier)


def _refuse_granted(verdict: RuleVerdict, once: str, earlier: Earlier) -> None:
    """What was awarded before."""
    had = earlier.of((verdict.rule.id,), verdict.year if once == "year" else None)
    now, then, named = codes_of(once, verdict.occasions.scope.take(verdict.rows), had.scope)
    verdict.refuse(np.isin(now, then) & named, ALREADY_AWARDED)
    verdict.hold(~named, Held.SCOPE)


def refuse_second(verdict: RuleVerdict, once: str) -> None:
    """Of those that come together all but the first, once it is known which of them meet the conditions:
    what is refused takes nobody's place, and what is held takes it only where nothing else is due."""
    if once == "event":
        return
    scope = verdict.occasions.scope.take(verdict.rows)
    now, _then, named = codes_of(once, scope, scope.take(np.zeros(0, np.int64)))
    open_rows = np.flatnonzero((verdict.refusal == 0) & named)
    open_rows = open_rows[np.argsort(verdict.holding[open_rows] != 0, kind="stable")]
    again = np.zeros(verdict.rows.size, np.bool_)
    again[open_rows] = repeated(now[open_rows])
    verdict.refuse(again, ALREADY_AWARDED)


def _in_force(rule: Rule, occasions: Occasions) -> Mask:
    """Events that touch the period in which the rule is in force; what is not printed does not limit."""
    inside = np.ones(occasions.size, np.bool_)
    if rule.first_day:
        inside &= occasions.last_day >= _day_number(rule.first_day)
    if rule.last_day:
        inside &= occasions.first_day <= _day_number(rule.last_day)
    return inside


def _day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
