"""Taking a committed batch back: its new rows go, what it replaced returns; only while nothing was built on it."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import User
from intake.models import Batch
from intake.services.access import ensure_may_act
from intake.services.commits import CommitRefused, one_at_a_time
from intake.services.locks import month_locks, partial_locks, rows_held, year_rows_held
from intake.services.records import RecordsDamaged, months_of, read_records
from intake.services.sheet_types import UndoPlan, sheet_type
from intake.services.uploads import media_path
from intake.services.write_queue import long_write


class UndoRefused(CommitRefused):
    """The batch stays; the message names what was built on it."""


def undo_plan(*, batch: Batch, actor: User) -> UndoPlan:
    """What undoing would do, or every reason why it cannot be done. Writes nothing; raises ``NotYours``."""
    ensure_may_act(actor=actor, batch=batch)
    if batch.state != Batch.State.COMMITTED:
        return UndoPlan(obstacles=[f"批次 {batch} {batch.get_state_display()}，只有已入库的批次可以撤销"])
    try:
        records = read_records(media_path(batch.rows_path), batch.rows_digest)
        plan = sheet_type(batch.sheet).plan_undo(records, batch, actor)
    except RecordsDamaged:
        return UndoPlan(obstacles=["入库时保存的原值文件已损坏，不能还原"])
    locks = month_locks(batch.sheet, batch.region)
    shut = [
        f"{locks[month].words}，{locks[month].cure}" for month in sorted(locks.keys() & months_of(records))
    ]
    held = rows_held(partial_locks(batch.sheet, batch.region), records.columns)
    shut += [f"{lock.words}，{lock.cure}" for lock in dict.fromkeys(held.values())]
    audited = year_rows_held(batch.sheet, batch.region, records.columns)
    shut += [f"{lock.words}，{lock.cure}" for lock in dict.fromkeys(audited.values())]
    return replace(plan, obstacles=[*shut, *plan.obstacles])


def undo_batch(*, batch: Batch, actor: User) -> Batch:
    """Take the batch back in one transaction. Raises ``NotYours`` and ``UndoRefused``: then nothing has changed."""
    ensure_may_act(actor=actor, batch=batch)
    batch.refresh_from_db()
    with long_write():
        _undo(batch, actor)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def _undo(batch: Batch, actor: User) -> None:
    one_at_a_time(batch.region)
    batch.refresh_from_db()
    plan = undo_plan(batch=batch, actor=actor)
    if plan.obstacles:
        code = "BUILT_ON" if batch.state == Batch.State.COMMITTED else "NOT_COMMITTED"
        raise UndoRefused(code, f"批次 {batch} 不能撤销：{'；'.join(plan.obstacles)}。")
    batch.state, batch.undone_by, batch.undone_at = Batch.State.UNDONE, actor, timezone.now()
    mine = Batch.objects.filter(pk=batch.pk, state=Batch.State.COMMITTED)
    if not mine.update(**{name: getattr(batch, name) for name in ("state", "undone_by", "undone_at")}):
        raise UndoRefused("NOT_COMMITTED", f"批次 {batch} 刚刚被他人办理，请刷新本页。")
    sheet_type(batch.sheet).undo(batch)
    audit.record(
        actor=actor,
        act="undo_batch",
        region=batch.region,
        subject=f"{batch} {sheet_type(batch.sheet).spec.label} {batch.upload_name}",
        counts={"removed": plan.removes, "restored": plan.restores, "firms_removed": plan.firms},
        digest=batch.rows_digest,
    )
