"""Applications on their way when another firm stands for the firm: handed on where they fit it, returned otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from core.models import User
from cultivation.models import PoolApplication, PoolMembership
from cultivation.services.pool_succession import SAME_BUSINESS, event_words
from enterprises.models import RegistryEvent
from enterprises.services.followers import Carried, CarryingRefused

Act, State = PoolApplication.Act, PoolApplication.State
_OPEN = (State.APPLIED, State.REVIEWED)


def applications_open(firms: Sequence[int]) -> int:
    """How many applications of these firms wait for a review or a decision."""
    return PoolApplication.objects.filter(enterprise__in=firms, state__in=_OPEN).count()


def hand_on_applications(event: RegistryEvent, actor: User) -> Carried:
    """After the places: whoever has the place now has what was applied for it. Whoever reviewed it stays named."""
    done: Carried = {"made": [], "ended": []}
    waiting = PoolApplication.objects.select_for_update().filter(
        enterprise=event.enterprise_id, state__in=_OPEN
    )
    for application in waiting.order_by("pk"):
        if event.kind in SAME_BUSINESS and _fits(application, event.other_id):
            application.enterprise_id = event.other_id
            done["made"].append(application.pk)
        else:
            application.state = State.RETURNED
            application.decided_by, application.decided_at = actor, event.recorded_at
            application.decision = event_words(event, "由{}承继，申请退回")
            done["ended"].append(application.pk)
        application.save()
    return done


def take_applications_back(event: RegistryEvent, carried: Carried) -> None:
    """As before the event. Raises ``CarryingRefused`` when one that was handed on was decided since."""
    rows = PoolApplication.objects.select_for_update().in_bulk([*carried["made"], *carried["ended"]])
    for pk in carried["made"]:
        application = rows[pk]
        if application.enterprise_id != event.other_id or application.state not in _OPEN:
            raise CarryingRefused("承继的入库申请随后已经办结，请先在培育库处理")
        application.enterprise_id = event.enterprise_id
        application.save()
    for pk in carried["ended"]:
        application = rows[pk]
        application.state = State.REVIEWED if application.reviewed_by_id else State.APPLIED
        application.decided_by = application.decided_at = None
        application.decision = ""
        application.save()


def _fits(application: PoolApplication, other: int | None) -> bool:
    """Whether the other firm could have applied for it: in the pool for a move, outside for an admission."""
    same_pool = {"programme": application.programme, "pool": application.pool, "enterprise": other}
    is_member = PoolMembership.objects.current().filter(**same_pool).exists()
    has_its_own = PoolApplication.objects.filter(**same_pool, state__in=_OPEN).exists()
    return not has_its_own and is_member is (application.act != Act.ADMIT)
