"""The last month's returns, handed in by each district's people and accepted by the city, on days that a bureau would see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from core.models import User
from core.periods import SHANGHAI, Month
from cultivation.models import MonthReturn, ReturnAct
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.month_review import hand_on

#: step → (who takes it: the account's prefix, days before the due day, hour)
_WAY = {"fill": ("officer", 2, 9), "review": ("head", 2, 16), "accept": ("", 0, 10)}
_SILENT = "未报企业已逐家电话联系，停产或暂时联系不上，下月补报"


def hand_in_returns(*, programme: str, month: Month, person: Callable[[str], User], bureau: User) -> int:
    """Opens the month and takes every return all the way that is still to go; how many steps were taken."""
    ensure_periods(up_to=month, since=month, actor=User.objects.system())
    returns = MonthReturn.objects.filter(cycle__programme=programme, cycle__month=month)
    taken = 0
    # towns before the district that waits for them: lists of regions have the district first
    for one in returns.select_related("cycle", "region").order_by("-region__order"):
        while one.step in _WAY:
            prefix, days, hour = _WAY[one.step]
            # towns have nobody of their own in the demo: their district's people do it for them
            where = one.region.parent_id if one.is_town else one.region_id
            actor = person(f"{prefix}-{where.lower()}") if prefix else bureau
            reason = _SILENT if one.step == MonthReturn.Step.FILL else ""
            one = hand_on(returned=one, actor=actor, reason=reason)
            day = (one.cycle.due_on or one.cycle.opens_on) - timedelta(days=days)
            date_back(one, datetime.combine(day, time(hour, one.pk % 60), SHANGHAI))
            taken += 1
    return taken


def date_back(one: MonthReturn, at: datetime) -> None:
    """The demo is built years after its month: what was done then is dated then."""
    act = ReturnAct.objects.filter(returned=one).latest("pk")
    ReturnAct.objects.filter(pk=act.pk).update(at=at)
    if act.before == MonthReturn.Step.FILL:
        one.submitted_at = at
        one.save(update_fields=["submitted_at"])
