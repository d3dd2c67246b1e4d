"""评价轮次: the schemes in force, their rounds, and how many firms got which grade within the reader's regions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import Count

from core.models import JobRun, PolicyEdition, User
from core.services.policies import document_of
from evaluation.models import Round, Score
from evaluation.policy import Scheme, unknown_settings
from evaluation.policy.choices import STATUSES
from evaluation.rules.changes import grade_order
from evaluation.services.editions import grade_names, scheme_of
from evaluation.services.rounds import OUT, UNGRADED, evaluate_key


@dataclass(frozen=True, slots=True)
class RoundLine:
    """``counts``: firms by grade within the reader's regions, in the order of the scheme."""

    round: Round
    title: str
    status: str
    counts: dict[str, int]
    #: in scope, without a grade: the document does not print what it takes
    ungraded: int
    out: int
    is_newest: bool
    #: (grade, firms) for every grade that any round of the table has; ``None`` where this one's scheme has no such grade
    cells: tuple[tuple[str, int | None], ...] = ()

    @property
    def may_publish(self) -> bool:
        """Whether publishing is the next act: no people are asked first, or they all have been."""
        _document, scheme = scheme_of(self.round.edition)
        is_asked = scheme.workflow is None or self.round.stage == Round.Stage.PUBLICITY
        return is_asked and not self.round.is_frozen

    @property
    def graded(self) -> int:
        return sum(self.counts.values()) + self.ungraded


@dataclass(frozen=True, slots=True)
class SchemeLine:
    """A method in force that may be run; ``unknown`` are the settings that forbid publishing, by name."""

    edition: PolicyEdition
    title: str
    scheme: Scheme
    unknown: tuple[str, ...]
    job: JobRun | None

    @property
    def status(self) -> str:
        return status_label(self.scheme)


def round_lines(user: User, rounds: list[Round] | None = None) -> list[RoundLine]:
    """Every round that the user may see, the newest year first. Two queries."""
    shown = rounds
    if shown is None:
        shown = list(
            Round.objects.visible_to(user).select_related("edition", "region", "run_by", "published_by")
        )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    grouped = (
        Score.objects.visible_to(user)
        .filter(round__in=[round_.pk for round_ in shown])
        .order_by()
        .values_list("round_id", "final_grade", "standing")
    )
    for round_id, grade, standing, count in grouped.annotate(count=Count("id")):
        name = grade or (OUT if standing == Score.Standing.OUT else UNGRADED)
        counts[round_id][name] = counts[round_id].get(name, 0) + count
    newest: dict[tuple[str, int], int] = {}
    for round_ in shown:
        key = (round_.scheme, round_.year)
        newest[key] = max(newest.get(key, 0), round_.version)
    lines = [
        _line(round_, counts[round_.pk], round_.version == newest[round_.scheme, round_.year])
        for round_ in shown
    ]
    grades = grades_of(lines)
    return [replace(line, cells=tuple((name, line.counts.get(name)) for name in grades)) for line in lines]


def grades_of(lines: list[RoundLine]) -> list[str]:
    """Every grade that a line has: letters first, then the special classes."""
    return sorted({name for line in lines for name in line.counts}, key=grade_order)


def _line(round_: Round, counts: dict[str, int], is_newest: bool) -> RoundLine:
    document, scheme = scheme_of(round_.edition)
    names = grade_names(scheme)
    return RoundLine(
        round_,
        document.title,
        status_label(scheme),
        {name: counts.get(name, 0) for name in names},
        counts.get(UNGRADED, 0),
        counts.get(OUT, 0),
        is_newest,
    )


def status_label(scheme: Scheme) -> str:
    return STATUSES[scheme.status]


def schemes_to_run(user: User) -> list[SchemeLine]:
    """Methods in force of the user's own region and of regions below it, with the job that runs them now."""
    if user.scope_path is None:
        return []
    editions = PolicyEdition.objects.filter(
        state=PolicyEdition.State.IN_FORCE, locality__path__startswith=user.scope_path
    ).select_related("locality")
    lines = []
    for edition in editions:
        document = document_of(edition)
        scheme = document.parts.get("evaluation")
        if isinstance(scheme, Scheme):
            lines.append((edition, document, scheme))
    keys = [evaluate_key(edition.name, scheme.data_year) for edition, _document, scheme in lines]
    jobs = {run.key: run for run in JobRun.objects.filter(key__in=keys)}
    return [
        SchemeLine(edition, document.title, scheme, unknown_settings(document), _running(jobs.get(key)))
        for key, (edition, document, scheme) in zip(keys, lines, strict=True)
    ]


def running_evaluation(scheme: str, year: int) -> JobRun | None:
    """The job that runs this round, while it waits or works, or when it failed or was refused."""
    return _running(JobRun.objects.filter(key=evaluate_key(scheme, year)).first())


def _running(run: JobRun | None) -> JobRun | None:
    if run is None or (run.state == JobRun.State.DONE and "refused" not in (run.result or {})):
        return None
    return run


def may_run(user: User, scheme: str) -> SchemeLine | None:
    """The method by name, when it is one that this user may run."""
    return next((line for line in schemes_to_run(user) if line.edition.name == scheme), None)
