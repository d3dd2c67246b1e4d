"""Job doors of awards."""

from __future__ import annotations

from typing import Any

from core.jobs import Progress, job
from incentives.services.computing import compute_awards
from incentives.services.programmes import AwardsRefused


@job("compute_awards", "奖补计算")
def compute_awards_job(progress: Progress) -> dict[str, Any]:
    """A refusal is a result, not a failure: trying again would not change it."""
    arguments = progress.arguments
    try:
        done = compute_awards(
            programme=arguments["programme"], year=int(arguments["year"]), actor=progress.actor
        )
    except AwardsRefused as refused:
        return {"refused": str(refused)}
    return {"round": done.award_round.pk if done.award_round else None, "blocked": len(done.blocked)}
