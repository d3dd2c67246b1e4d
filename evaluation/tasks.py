"""Job doors of the evaluation."""

from __future__ import annotations

from typing import Any

from core.jobs import Progress, enqueue, job
from cultivation.services.pool_screening import screen_pool_key
from evaluation.services.editions import RoundRefused
from evaluation.services.pool_candidates import pools_to_screen
from evaluation.services.rounds import run_evaluation


@job("evaluate", "综合评价测算")
def evaluate_job(progress: Progress) -> dict[str, Any]:
    """A refusal is a result, not a failure: trying again would not change it."""
    arguments = progress.arguments
    try:
        round_ = run_evaluation(scheme=arguments["scheme"], year=arguments["year"], actor=progress.actor)
    except RoundRefused as refused:
        return {"refused": str(refused)}
    # firms found in scope may be candidates of a pool: it is screened again without anybody asking
    for programme in pools_to_screen(round_):
        key = screen_pool_key(programme, None)
        enqueue(job="screen_pool", key=key, arguments={"programme": programme}, actor=progress.actor)
    return {"round": round_.pk, "version": round_.version, "digest": round_.results_digest}
