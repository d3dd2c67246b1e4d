"""Lists of claims and of events taken back: what stands against it, and what goes and returns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from enterprises.services.storing import in_chunks
from incentives.models import Award, AwardApplication, AwardOccasion, AwardRound
from incentives.services.events import EVENT_KEYS, EVENT_VALUES
from intake.models import Batch
from intake.services.replaced import Table, keep_replaced, objects_of, read_replaced
from intake.services.sheet_types import UndoPlan

_ROW = (
    *EVENT_KEYS,
    *(name if name not in ("enterprise", "region", "batch") else f"{name}_id" for name in EVENT_VALUES),
)
_TOO_LATE = "已审定的奖补用到了这一批"


def keep_events_before(batch: Batch, rows: Sequence[AwardOccasion]) -> None:
    """The rows that these will replace, as they stand."""
    wanted = {_key(row) for row in rows}
    before: list[tuple[object, ...]] = []
    for chunk in in_chunks(sorted({row.recipient_code for row in rows})):
        standing = AwardOccasion.objects.filter(recipient_code__in=chunk).order_by("pk")
        before += [tuple(getattr(row, name) for name in _ROW) for row in standing if _key(row) in wanted]
    keep_replaced(batch, award_occasion=(_ROW, before))


def plan_events_undo(batch: Batch) -> UndoPlan:
    """Later lists come first, and nothing goes that an approved award of the recipient may rest on."""
    own = AwardOccasion.objects.filter(batch=batch).order_by()
    standing = own.count()
    restores = len(_before(batch).rows)
    obstacles = []
    gone = batch.counts.get("new", 0) + batch.counts.get("changed", 0) - standing
    if gone > 0:
        obstacles.append(f"其中 {gone} 行随后已被另一批改写，请先撤销那一批")
    recipients = set(own.values_list("recipient_kind", "recipient_code"))
    approved = _approved_since(batch).filter(recipient_code__in={code for _kind, code in recipients})
    granted = set(approved.values_list("recipient_kind", "recipient_code")) & recipients
    if granted:
        obstacles.append(f"{_TOO_LATE}中 {len(granted)} 个对象的事项")
    if not standing and not obstacles:
        obstacles.append("这一批没有改动任何数据，不必撤销")
    return UndoPlan(removes=standing - restores, restores=restores, obstacles=obstacles)


def take_back_events(batch: Batch) -> None:
    AwardOccasion.objects.bulk_create(
        objects_of(AwardOccasion, _before(batch)),
        update_conflicts=True,
        unique_fields=list(EVENT_KEYS),
        update_fields=list(EVENT_VALUES),
        batch_size=500,
    )
    AwardOccasion.objects.filter(batch=batch).delete()


def plan_claims_undo(batch: Batch) -> UndoPlan:
    claims = list(AwardApplication.objects.filter(batch=batch).order_by("pk"))
    granted = _granted(batch, claims)
    obstacles = []
    if granted:
        obstacles.append(f"{_TOO_LATE}中 {len(granted)} 份申报：{'、'.join(granted[:5])}")
    elif not claims:
        obstacles.append("这一批没有新受理的申报，不必撤销")
    return UndoPlan(removes=len(claims), obstacles=obstacles)


def take_back_claims(batch: Batch) -> None:
    """The claims go, and their numbers with them: no later claim is given one of them again."""
    AwardApplication.objects.filter(batch=batch).delete()


def _before(batch: Batch) -> Table:
    return read_replaced(batch).get("award_occasion", Table(list(_ROW), []))


def _approved_since(batch: Batch) -> QuerySet[Award]:
    return Award.objects.filter(
        round__state=AwardRound.State.APPROVED, round__computed_at__gte=batch.committed_at
    ).exclude(state=Award.State.CANCELLED)


def _granted(batch: Batch, claims: Sequence[AwardApplication]) -> list[str]:
    approved = _approved_since(batch).filter(enterprise__in={claim.enterprise_id for claim in claims})
    had = set(approved.order_by().values_list("programme", "rule", "enterprise_id"))
    return [claim.number for claim in claims if (claim.programme, claim.rule, claim.enterprise_id) in had]


def _key(row: AwardOccasion) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in EVENT_KEYS)
