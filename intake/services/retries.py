"""Checking again: after a worker died, or because the stored data has moved on."""

from __future__ import annotations

from core.models import JobRun, User
from intake.models import Batch
from intake.querysets import CHECK_KEY
from intake.services.access import ensure_may_act
from intake.services.checking import BatchClosed

_MAY_RETRY = (Batch.State.READY, Batch.State.REFUSED, Batch.State.INTERRUPTED)


def check_key(batch: Batch) -> str:
    return f"{CHECK_KEY}{batch.pk}"


def retry_check(*, batch: Batch, actor: User) -> Batch:
    """Put the batch back in the queue's hands; the door enqueues in the same transaction.

    A check whose worker is alive is left alone. Raises ``BatchClosed`` for a batch that is committed or given up.
    """
    ensure_may_act(actor=actor, batch=batch)
    shown = Batch.objects.with_shown_state().get(pk=batch.pk)
    if shown.state in (Batch.State.COMMITTED, Batch.State.DISCARDED, Batch.State.UNDONE):
        raise BatchClosed(str(batch))
    if shown.shown_state in _MAY_RETRY:
        Batch.objects.filter(pk=batch.pk, state=shown.state).update(state=Batch.State.RECEIVED)
    batch.refresh_from_db()
    return batch


def check_run(batch: Batch) -> JobRun | None:
    """The job that checks the batch, for its progress."""
    return JobRun.objects.filter(key=check_key(batch)).first()
