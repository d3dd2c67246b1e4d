"""The caps of one rule: a sum or a number of awards, for each award, project, content, year or life. Pure."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from core.conditions import Frame
from incentives.policy.awards import Cap
from incentives.rules.codes import CAP_REACHED, Held
from incentives.rules.scopes import Earlier, codes_of, filled, sums_at
from incentives.rules.verdicts import CapTrace, RuleVerdict

_FEN = Fraction(1, 100)


def apply_cap(verdict: RuleVerdict, cap: Cap, frame: Frame, earlier: Earlier) -> None:
    before = verdict.amount.copy()
    size = verdict.rows.size
    if cap.times is not None:
        _count_off(verdict, cap, cap.times, earlier)
        return
    if cap.quantity is not None:
        measured = cap.quantity.measure(frame, verdict.years, _FEN)
        verdict.hold(~measured.known & (before > 0), Held.CAP)
        room = np.where(measured.known, np.maximum(measured.whole, 0), before)
    elif isinstance(cap.fen, int):
        room = np.full(size, cap.fen, np.int64)
    else:
        verdict.hold(before > 0, Held.CAP)
        return
    if cap.per == "award":
        verdict.amount = np.minimum(before, room)
    else:
        had = earlier.of((verdict.rule.id,), verdict.year if cap.per == "year" else None)
        now, then, named = codes_of(cap.per, verdict.occasions.scope.take(verdict.rows), had.scope)
        verdict.hold(~named & (before > 0), Held.SCOPE)
        open_amount = np.where(verdict.refusal == 0, before, 0)
        verdict.amount = filled(open_amount, room - sums_at(now, then, had.fen), now)
    verdict.caps.append(CapTrace(cap, before, verdict.amount))
    verdict.refuse((verdict.amount == 0) & (before > 0), CAP_REACHED)


def _count_off(verdict: RuleVerdict, cap: Cap, times: int, earlier: Earlier) -> None:
    """No more than ``times`` awards of the rule in the scope, those of earlier years counted, the first ones first."""
    before = verdict.amount.copy()
    had = earlier.of((verdict.rule.id,), verdict.year if cap.per == "year" else None)
    now, then, named = codes_of(cap.per, verdict.occasions.scope.take(verdict.rows), had.scope)
    is_due = verdict.refusal == 0
    verdict.hold(~named & is_due, Held.SCOPE)
    room = times - sums_at(now, then, np.ones(then.size, np.int64))
    granted = filled(is_due.astype(np.int64), room, now) > 0
    verdict.amount = np.where(granted | ~named, before, 0)
    verdict.caps.append(CapTrace(cap, before, verdict.amount))
    verdict.refuse(is_due & named & ~granted, CAP_REACHED)
