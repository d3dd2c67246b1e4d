"""Job doors of the month."""

from __future__ import annotations

from typing import Any

from core.jobs import Progress, job
from core.periods import Month
from cultivation.services.months import MonthRefused, close_month


@job("close_month")
def close_month_job(progress: Progress) -> dict[str, Any]:
    """A refusal is a result, not a failure: trying again would not change it."""
    arguments = progress.arguments
    try:
        issue = close_month(
            programme=arguments["programme"], month=Month.parse(arguments["month"]), actor=progress.actor
        )
    except MonthRefused as refused:
        return {"refused": str(refused)}
    return {"issue": issue.pk, "version": issue.version, "digest": issue.inputs_digest}
