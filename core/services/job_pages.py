"""What the jobs page shows: each piece of work in words, how far it has come, and what may be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from core.jobs import MAX_ATTEMPTS, job_label
from core.models import JobRun, Region, User
from core.periods import Month

State = JobRun.State
#: state → shape and colour of its light
LIGHTS = {
    State.QUEUED: "mute",
    State.RUNNING: "info",
    State.DONE: "ok",
    State.FAILED: "bad",
    State.CANCELLED: "warn",
}


@dataclass(frozen=True, slots=True)
class JobLine:
    """One run as a row of the page."""

    run: JobRun
    label: str
    scope: str
    light: str
    outcome: str

    @property
    def attempts(self) -> str:
        return f"{self.run.attempts} / {MAX_ATTEMPTS}"

    @property
    def may_retry(self) -> bool:
        return self.run.has_stopped

    @property
    def may_cancel(self) -> bool:
        return not self.run.cancel_asked and self.run.state in (State.QUEUED, State.RUNNING)


def job_lines(runs: Iterable[JobRun]) -> list[JobLine]:
    runs = list(runs)
    codes = {run.arguments["region"] for run in runs if "region" in run.arguments}
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}
    return [
        JobLine(run, job_label(run.job), scope_words(run.arguments, names), LIGHTS[run.state], outcome(run))
        for run in runs
    ]


def state_counts(user: User) -> list[tuple[JobRun.State, str, int]]:
    """State, its word and how many runs are in it; one query."""
    visible = JobRun.objects.visible_to(user).order_by()
    counts = dict(visible.values_list("state").annotate(Count("pk")))
    return [(state, state.label, counts.get(state.value, 0)) for state in State]


def scope_words(arguments: Mapping[str, Any], regions: Mapping[str, str]) -> str:
    """For whom and for when: ``nantong-2022　2022年6月``. What says neither is left out."""
    words = {
        "programme": str,
        "scheme": str,
        "year": lambda year: f"{year}年度",
        "month": lambda month: Month.parse(month).label,
        "region": lambda code: regions.get(code, code),
        "batch": lambda number: f"批次 {number}",
    }
    told = [say(arguments[name]) for name, say in words.items() if arguments.get(name)]
    return "　".join(told)


def outcome(run: JobRun) -> str:
    """What came of it, in a few words.

    Reasons may name firms and figures, which an administrator does not see: who asked reads them on his page, and
    the log holds what went wrong.
    """
    result = run.result or {}
    if run.cancel_asked and run.state == State.RUNNING:
        return "已要求取消，到下一步停下"
    if "refused" in result:
        return "未办理，原因已告知申请人"
    if run.error:
        return run.error.partition(":")[0]
    return f"第{result['version']}版" if "version" in result else ""
