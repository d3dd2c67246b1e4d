"""C类改造提升、D类整治淘汰: a project is planned by the district, accepted by the bureau, and the firm evaluated again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.conditions import Column
from core.models import Role, User
from enterprises.models import AnnualFigure
from evaluation.models import Milestone, Project, Round, Score
from evaluation.policy import QUANTITIES
from evaluation.rules.changes import final_letters
from evaluation.rules.figures import FirmYears
from evaluation.rules.wording import score_text
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import computed_again, firms_of
from evaluation.services.scans import keep_scan

#: final grade → list; a C improves, by one measure alone
_LIST_OF = {"C": Project.List.IMPROVE, "D": Project.List.CLEAR}


def list_of(grade: str) -> Project.List | None:
    """The list that a final grade leads to; C1 and C2 are C."""
    return _LIST_OF.get(grade[:1])


MEASURES = {
    Project.List.IMPROVE: (Project.Measure.UPGRADE, Project.Measure.MERGE, Project.Measure.PARK),
    Project.List.CLEAR: tuple(measure for measure in Project.Measure if measure != Project.Measure.UPGRADE),
}


def plan_project(
    *,
    score: Score,
    measure: str,
    plan: str,
    due_on: date,
    milestones: Sequence[tuple[str, date]],
    actor: User,
) -> Project:
    """A project, or its plan anew while it is not accepted. Raises ``RoundRefused``."""
    round_, kind = score.round, list_of(score.final_grade)
    if not round_.is_frozen or kind is None:
        raise RoundRefused("公布后的C类、D类企业才立项目。")
    if measure not in MEASURES[kind]:
        raise RoundRefused(f"{kind.label}的措施请选：{'、'.join(each.label for each in MEASURES[kind])}。")
    if not plan.strip():
        raise RoundRefused("请写明方案。")
    late = next((title for title, day in milestones if day > due_on), None)
    if late is not None:
        raise RoundRefused(f"节点“{late}”不能晚于完成期限。")
    with transaction.atomic():
        planned = Project.objects.of_year(round_.scheme, round_.year).filter(
            enterprise_id=score.enterprise_id
        )
        project = planned.select_for_update(of=("self",)).first()
        if project is not None and not project.is_open:
            raise RoundRefused(f"项目{project.get_state_display()}，不能再改。")
        if project is None:
            project = Project(
                round=round_, enterprise_id=score.enterprise_id, opened_by=actor, opened_at=timezone.now()
            )
        project.region_id, project.kind, project.measure = score.region_id, kind, measure
        project.plan, project.due_on = plan.strip(), due_on
        project.save()
        done = {mark.title: mark for mark in project.milestones.all() if mark.done_on is not None}
        project.milestones.filter(done_on=None).delete()
        Milestone.objects.bulk_create(
            Milestone(project=project, title=title, due_on=day)
            for title, day in milestones
            if title not in done
        )
        _record(project, "plan_project", actor, measure=measure, milestones=len(milestones))
    return project


def finish_milestone(*, milestone: Milestone, actor: User) -> Milestone:
    with transaction.atomic():
        project = _locked(milestone.project)
        if not project.is_open:
            raise RoundRefused(f"项目{project.get_state_display()}，不能再改。")
        milestone.done_on, milestone.done_by = timezone.localdate(), actor
        milestone.save(update_fields=["done_on", "done_by"])
        _record(project, "finish_milestone", actor, milestone=milestone.title[:40])
    return milestone


def submit_project(*, project: Project, actor: User) -> Project:
    """Every milestone is done: the bureau may come and look. Raises ``RoundRefused``."""
    with transaction.atomic():
        locked = _locked(project)
        if not locked.is_open:
            raise RoundRefused(f"项目{locked.get_state_display()}，不用再报。")
        left = locked.milestones.filter(done_on=None).count()
        if left:
            raise RoundRefused(f"还有 {left} 个节点没有完成。")
        locked.state = Project.State.SUBMITTED
        locked.save(update_fields=["state"])
        _record(locked, "submit_project", actor)
    return locked


def accept_project(
    *, project: Project, passes: bool, opinion: str, upload: UploadedFile | None, actor: User
) -> Project:
    """验收 by the bureau, never by who planned it. Raises ``RoundRefused``."""
    if not opinion.strip():
        raise RoundRefused("请写明验收意见。")
    if actor.pk == project.opened_by_id and actor.role != Role.SYSTEM:
        raise RoundRefused("立项和验收应由两个人办理。")
    with transaction.atomic():
        locked = _locked(project)
        if locked.state != Project.State.SUBMITTED:
            raise RoundRefused("项目还没有报验收。")
        locked.state = Project.State.ACCEPTED if passes else Project.State.RETURNED
        locked.acceptance = opinion.strip()
        locked.file = keep_scan(upload=upload, region=locked.region, actor=actor) or locked.file
        locked.accepted_by, locked.accepted_at = actor, timezone.now()
        locked.save()
        _record(locked, "accept_project", actor)
    return locked


def review_project(*, project: Project, actor: User) -> Project:
    """复评: the firm's newest figures in the field and by the method of the evaluated year. Raises ``RoundRefused``."""
    if project.state != Project.State.ACCEPTED:
        raise RoundRefused("验收通过的项目才复评。")
    round_ = project.round
    newest = (
        AnnualFigure.objects.filter(
            enterprise=project.enterprise_id, source=AnnualFigure.Source.SURVEY, year__gt=round_.year
        )
        .order_by("-year")
        .first()
    )
    if newest is None:
        raise RoundRefused(f"这家企业还没有{round_.year + 1}年度的数据，请先报年度数据再复评。")
    _document, scheme = scheme_of(round_.edition)
    kept = firms_of(round_)
    row = int((kept.firms.keys() == project.enterprise_id).argmax())
    result = computed_again(round_, replace(kept, firms=_with_year(kept.firms, row, newest)))
    with transaction.atomic():
        locked = _locked(project)
        locked.review_year, locked.review_grade = newest.year, str(final_letters(scheme, result)[row])
        locked.review_score = (
            score_text(int(result.total[row]), round_.decimals) if result.scored[row] else ""
        )
        locked.reviewed_by, locked.reviewed_at = actor, timezone.now()
        locked.save()
        _record(locked, "review_project", actor, grade=locked.review_grade, year=newest.year)
    return locked


def _with_year(firms: FirmYears, row: int, figure: AnnualFigure) -> FirmYears:
    """The field of firms with one row's figures of another year."""
    quantities = {}
    for name, quantity in QUANTITIES.items():
        column = firms.quantities[name]
        values, known = column.values.copy(), column.known.copy()
        told = getattr(figure, quantity.field)
        values[row], known[row] = (0 if told is None else told * quantity.per), np.bool_(told is not None)
        quantities[name] = Column(values, known)
    return replace(firms, quantities=quantities)


def _locked(project: Project) -> Project:
    return Project.objects.select_for_update().get(pk=project.pk)


def _record(project: Project, act: str, actor: User, **counts: int | str) -> None:
    record(
        actor=actor,
        act=act,
        region=project.region,
        subject=f"{project.round} {project.enterprise.uscc}",
        counts={"project": project.pk, "state": project.state, **counts},
    )


def projects_of(round_: Round, user: User) -> dict[int, Project]:
    """By firm, of the reader's regions, with their milestones."""
    rows = Project.objects.visible_to(user).of_year(round_.scheme, round_.year).prefetch_related("milestones")
    return {project.enterprise_id: project for project in rows}
