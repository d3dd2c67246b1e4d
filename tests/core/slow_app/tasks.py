from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from core.audit import digest_of, record
from core.jobs import Progress, job


def sum_of_squares(count: int) -> int:
    return sum(number * number for number in range(count))


@job("count_slowly", "慢慢地数")
def count_slowly(progress: Progress) -> Mapping[str, Any]:
    """Reads and decides for a while, then writes once: the shape of every job of the house."""
    count = progress.arguments["count"]
    for done in range(count):
        progress.tell(done, count)
        time.sleep(progress.arguments["pause"])
    total = sum_of_squares(count)
    with transaction.atomic():
        record(actor=progress.actor, act="count_slowly", counts={"total": total}, digest=digest_of(total))
    return {"total": total}
