"""三张清单: 差别化政策实施企业, C类改造提升项目, D类整治淘汰项目; as rows of a page and of a workbook."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from core.audit import record
from core.models import User
from evaluation.models import Project, Round, Score
from evaluation.rules.policies_told import ToldPolicy, policies_of
from evaluation.services.editions import scheme_of
from evaluation.services.projects import projects_of
from evaluation.services.workbook import Cell, list_workbook

POLICY = "policy"
LISTS = {
    POLICY: "差别化政策实施企业清单",
    Project.List.IMPROVE.value: "C类企业改造提升项目清单",
    Project.List.CLEAR.value: "D类企业整治淘汰项目清单",
}
_GRADE = {Project.List.IMPROVE.value: "C", Project.List.CLEAR.value: "D"}
_STATE_TONES = {"planned": "info", "submitted": "warn", "accepted": "ok", "returned": "bad"}


@dataclass(frozen=True, slots=True)
class ListLine:
    """``policies`` on the first list, ``project`` on the others; ``is_late``: a day of the project has passed."""

    score: Score
    policies: tuple[ToldPolicy, ...] = ()
    project: Project | None = None
    is_late: bool = False

    @property
    def tone(self) -> str:
        return "bad" if self.is_late else _STATE_TONES[self.project.state] if self.project else "warn"

    @property
    def word(self) -> str:
        if self.project is None:
            return "还没有立项"
        return f"{self.project.get_state_display()}{'，已过期限' if self.is_late else ''}"

    @property
    def milestones(self) -> str:
        if self.project is None:
            return ""
        marks = self.project.milestones.all()
        return f"{sum(mark.done_on is not None for mark in marks)} / {len(marks)}"


#: what a list of projects can be narrowed to, as the workbench counts it
ONLY = {"unplanned": "还没有立项", "late": "已过期限"}


def narrowed(lines: list[ListLine], only: str) -> list[ListLine]:
    if only == "unplanned":
        return [line for line in lines if line.project is None]
    return [line for line in lines if line.is_late] if only == "late" else lines


def list_lines(round_: Round, which: str, user: User) -> list[ListLine]:
    """Firms of the reader's regions in the official order; three queries."""
    _document, scheme = scheme_of(round_.edition)
    rows = Score.objects.visible_to(user).filter(round=round_).exclude(final_grade="")
    rows = rows.select_related("enterprise", "region").order_by(
        "region__order", "region_id", "enterprise__uscc"
    )
    if which == POLICY:
        told = [ListLine(score, policies_of(scheme, score.final_grade, score.cohort)) for score in rows]
        return [line for line in told if line.policies]
    projects, today = projects_of(round_, user), timezone.localdate()
    lines = []
    for score in rows.graded_as(_GRADE[which]):
        project = projects.get(score.enterprise_id)
        days = (
            [project.due_on, *(m.due_on for m in project.milestones.all() if m.done_on is None)]
            if project
            else []
        )
        is_late = project is not None and project.is_open and min(days) < today
        lines.append(ListLine(score, project=project, is_late=is_late))
    return lines


def export_list(*, round_: Round, which: str, actor: User) -> bytes:
    lines = list_lines(round_, which, actor)
    firm = [("序号", 6), ("统一社会信用代码", 22), ("企业名称", 38), ("地区", 12), ("等级", 6)]
    if which == POLICY:
        headings = [*firm, ("差别化政策", 24), ("数值", 16), ("期间", 12), ("另需数据", 14), ("依据", 20)]
        rows = [
            [*_firm(line.score), each.label, each.value, each.period, each.needs, each.clause]
            for line in lines
            for each in line.policies
        ]
    else:
        more = [
            ("措施", 12),
            ("方案", 44),
            ("节点完成", 10),
            ("完成期限", 12),
            ("状态", 16),
            ("验收意见", 30),
            ("复评", 10),
        ]
        headings, rows = [*firm, *more], [[*_firm(line.score), *_project(line)] for line in lines]
    numbered = ([number, *cells] for number, cells in enumerate(rows, 1))
    title = f"{round_.region.name}{round_.year}年度{LISTS[which]}"
    record(
        actor=actor,
        act="export_evaluation_list",
        region=actor.region,
        subject=f"{round_} {which}",
        counts={"rows": len(rows)},
    )
    return list_workbook(
        sheet=LISTS[which][:31], title=title, headings=headings, rows=numbered, foot=str(round_.edition)
    )


def _firm(score: Score) -> list[Cell]:
    return [score.enterprise.uscc, score.enterprise.name, score.region.name, score.final_grade]


def _project(line: ListLine) -> list[Cell]:
    project = line.project
    if project is None:
        return ["", "", "", "", line.word, "", ""]
    return [
        project.get_measure_display(),
        project.plan,
        line.milestones,
        project.due_on.isoformat(),
        line.word,
        project.acceptance,
        project.review_grade,
    ]
