"""差异报告: what a version changes against the one published before it, for the reader's regions. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models import User
from evaluation.models import Round, Score
from evaluation.rules.changes import NO_LETTER, Changes, changes


@dataclass(frozen=True, slots=True)
class Difference:
    firm: int
    name: str
    uscc: str
    region: str
    before: str
    after: str
    score_before: str
    score_after: str


@dataclass(frozen=True, eq=False)
class VersionReport:
    """``rows``: firms whose grade or score differs; ``came`` and ``left``: firms of one version alone."""

    before: Round
    after: Round
    grades: Changes
    rows: list[Difference]
    came: int
    left: int

    @property
    def matrix(self) -> list[tuple[str, list[tuple[int, bool]]]]:
        """One row a grade before: (count, whether it stayed) by grade after."""
        return matrix_rows(self.grades)


def matrix_rows(grades: Changes) -> list[tuple[str, list[tuple[int, bool]]]]:
    return [
        (letter, [(int(count), row == column) for column, count in enumerate(grades.matrix[row])])
        for row, letter in enumerate(grades.letters)
    ]


def version_before(round_: Round) -> Round | None:
    """The newest published version below this one."""
    rows = Round.objects.of_scheme(round_.scheme, round_.year).filter(
        version__lt=round_.version, state=Round.State.PUBLISHED
    )
    return rows.first()


def version_report(before: Round, after: Round, user: User) -> VersionReport:
    """Two queries, whatever the number of firms."""
    old, new = _scores(before, user), _scores(after, user)
    both = [firm for firm in new if firm in old]
    grades = changes(
        np.array([old[firm][2] for firm in both] or [NO_LETTER]),
        np.array([new[firm][2] for firm in both] or [NO_LETTER]),
    )
    rows = []
    for firm in both:
        (name, uscc, grade, total, region), (_n, _u, was, had, _r) = new[firm], old[firm]
        if (grade, total) != (was, had):
            rows.append(
                Difference(firm, name, uscc, region, was, grade, _told(before, had), _told(after, total))
            )
    return VersionReport(
        before, after, grades, rows, len(new.keys() - old.keys()), len(old.keys() - new.keys())
    )


def _scores(round_: Round, user: User) -> dict[int, tuple[str, str, str, int | None, str]]:
    rows = Score.objects.visible_to(user).filter(round=round_).order_by("region__order", "enterprise__uscc")
    told = rows.values_list(
        "enterprise_id", "enterprise__name", "enterprise__uscc", "final_grade", "total", "region__name"
    )
    return {
        firm: (name, uscc, grade or NO_LETTER, total, region)
        for firm, name, uscc, grade, total, region in told
    }


def _told(round_: Round, total: int | None) -> str:
    return NO_LETTER if total is None else f"{round_.score_of(total):,.2f}"
