"""Job doors: a batch's number in, one service call."""

from __future__ import annotations

from core.jobs import Progress, job
from intake.models import Batch
from intake.services.batches import BatchClosed, check_batch


@job("check_batch", "报表校验")
def work_check(progress: Progress) -> dict[str, str]:
    batch = Batch.objects.select_related("region").get(pk=progress.arguments["batch"])
    try:
        return {"state": check_batch(batch=batch, actor=progress.actor, tell=progress.tell).state}
    except BatchClosed:
        # Given up or committed while the job waited: there is nothing left to do.
        return {"state": batch.state}
