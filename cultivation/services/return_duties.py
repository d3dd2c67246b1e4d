"""Whose step a return's next one is: its own people's, and where there are none, of those next above (代报、代审)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.models import Role, User
from cultivation.models import MonthlyCycle, MonthReturn
from cultivation.rules.return_steps import ACCEPT, stewards
from cultivation.services.month_cycles import open_cycles
from cultivation.services.month_review import ReturnRefused, hand_on, may_hand_on


@dataclass(frozen=True, slots=True)
class Duty:
    """What waits for a person: so many returns of a month at one step. ``on_behalf``: of regions without own people."""

    cycle: MonthlyCycle
    step: str
    on_behalf: bool
    returns: tuple[MonthReturn, ...]


def duties_of(user: User, today: object) -> list[Duty]:
    """Returns of open months that wait for this person, by month and step; three queries."""
    returns = list(
        MonthReturn.objects.visible_to(user)
        .filter(cycle__in=open_cycles().filter(opens_on__lte=today))
        .exclude(step=MonthReturn.Step.DONE)
        .select_related("cycle", "region")
        .order_by("cycle__month", "region__order")
    )
    there = _people(returns)
    waiting: dict[tuple[int, str, bool], list[MonthReturn]] = {}
    for one in returns:
        if may_hand_on(returned=one, actor=user) and _is_his(one, user, there):
            on_behalf = one.region_id != user.region_id and _is_own_step(one)
            waiting.setdefault((one.cycle_id, one.step, on_behalf), []).append(one)
    return [
        Duty(rows[0].cycle, step, on_behalf, tuple(rows)) for (_, step, on_behalf), rows in waiting.items()
    ]


def behalf_of(user: User, cycle: MonthlyCycle, today: object) -> list[MonthReturn]:
    """The returns of a month that this person hands in, or reviews, because nobody below can."""
    duties = duties_of(user, today)
    return [one for duty in duties if duty.on_behalf and duty.cycle == cycle for one in duty.returns]


def hand_on_all(*, returns: Iterable[MonthReturn], actor: User, reason: str) -> tuple[int, list[str]]:
    """Each on its next step, for the same reason; how many went on, and why the others did not."""
    done, refused = 0, []
    for one in returns:
        try:
            hand_on(returned=one, actor=actor, reason=reason)
        except ReturnRefused as fault:
            refused.append(f"{one.region.name}：{fault}")
        else:
            done += 1
    return done, refused


def _is_own_step(one: MonthReturn) -> bool:
    """Filling in is every region's own, reviewing a district's; towns are reviewed by who is above anyhow."""
    return one.step == MonthReturn.Step.FILL or (one.step == MonthReturn.Step.REVIEW and not one.is_town)


def _is_his(one: MonthReturn, user: User, there: set[tuple[str, str]]) -> bool:
    """Whether the first place of the step's chain that has anybody is this person's."""
    if one.step == ACCEPT:
        return True
    for role, path in stewards(one.step, one.region.path, is_town=one.is_town):
        if (role, path) in there:
            return user.role == role and user.scope_path == path
    return False


def _people(returns: list[MonthReturn]) -> set[tuple[str, str]]:
    """Role and path of the region, of everybody who hands returns on; nothing is asked where no return waits."""
    if not returns:
        return set()
    roles = [
        Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER, Role.DISTRICT_LEADER, Role.BUREAU_STAFF, Role.BUREAU_LEADER,
    ]  # fmt: skip
    rows = User.objects.filter(is_active=True, role__in=roles, region__isnull=False)
    return set(rows.order_by().values_list("role", "region__path").distinct())
