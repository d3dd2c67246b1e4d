"""通州湾's evaluation year, walked by the people who would: run, asked, appealed, settled, made public, published, projects.

Afterwards the lists of C and D firms have projects in every state, and a second version is out at the firms for their answer.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from config.demo.intake import VERIFIED_BY_PHONE
from core.models import User
from core.periods import SHANGHAI
from enterprises.models import AnnualFigure
from evaluation.models import Milestone, Project, Round, Score
from evaluation.querysets import ScoreQuerySet
from evaluation.services.appeals import decide_appeal, file_appeal
from evaluation.services.editions import scheme_of
from evaluation.services.process import (
    approve_move,
    hand_out,
    open_publicity,
    record_confirmation,
    settle_round,
)
from evaluation.services.progress import unproven_moves
from evaluation.services.projects import (
    accept_project,
    finish_milestone,
    list_of,
    plan_project,
    review_project,
    submit_project,
)
from evaluation.services.rounds import publish_round, run_evaluation
from evaluation.services.steps import report_step, withdraw_step
from evaluation.services.survey_locks import AUDIT
from intake.services.batches import answer_issues, check_batch, commit_batch, receive_upload

SCHEME, YEAR = "tongzhouwan-demo-2021", 2021
_SIGNED = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
#: by list: measure, what is done, and its two milestones
_PLANS = {
    Project.List.IMPROVE: (
        Project.Measure.UPGRADE, "更新注塑和节能设备，腾退闲置厂房三分之一", ("完成设备招标", "设备投产"),
    ),
    Project.List.CLEAR: (
        Project.Measure.PARK, "搬入园区标准厂房，原地块由园区收储", ("签订入园协议", "原厂区清空"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: nobody checks his own work."""

    staff: User
    leader: User
    officer: User
    head: User


def play_evaluation_year(person: Callable[[str], User]) -> None:
    """Done once: a demo whose year has been published already is left as it is."""
    cast = Cast(person("bureau"), person("leader"), person("officer-3206tw"), person("head-3206tw"))
    if Round.objects.filter(scheme=SCHEME, state=Round.State.PUBLISHED).exists():
        return
    round_ = run_evaluation(scheme=SCHEME, year=YEAR, actor=cast.staff)
    for step, actor in (("data_entry", cast.officer), ("dept_audit", cast.head)):
        report_step(scheme=SCHEME, year=YEAR, step=step, region=round_.region, note="", actor=actor)
    round_ = _ask_the_firms(round_, cast)
    round_ = _settle_and_publish(round_, cast)
    _run_projects(round_, cast)
    _review(round_, cast)
    _correct(round_, cast)


def _ask_the_firms(round_: Round, cast: Cast) -> Round:
    """Every firm signs but two, who object; of the two appeals one is right, and the round is run again."""
    round_ = hand_out(round_=round_, until=_next_week(), actor=cast.staff)
    right, wrong = _graded(round_).filter(final_grade="C")[:2]
    for score, claim, word in (
        (right, Decimal("1.15"), "漏计免抵税额"),
        (wrong, Decimal("2"), "认为应按集团合并"),
    ):
        stated = (
            score.enterprise.annual_figures.get(year=YEAR, source=AnnualFigure.Source.SURVEY).tax_wan or 0
        )
        appeal = file_appeal(
            score=score,
            quantity="tax",
            claimed=(Decimal(stated) / 100 * claim).quantize(Decimal("0.01")),
            reason=word,
            upload=_scan("完税证明.pdf"),
            actor=cast.officer,
        )
        is_right = score == right
        answer = "经税务部门核对属实" if is_right else "评价对象是独立法人，不合并计算"
        decide_appeal(appeal=appeal, accepts=is_right, answer=answer, actor=cast.leader)
    round_ = run_evaluation(scheme=SCHEME, year=YEAR, actor=cast.staff)
    for number, score in enumerate(_graded(round_)):
        objects = score.enterprise_id == wrong.enterprise_id
        record_confirmation(
            score=score,
            agrees=not objects,
            signed_by="王某" if number % 2 else "李某",
            note="税收口径" if objects else "",
            upload=None if objects else _scan("确认单.pdf"),
            actor=cast.officer,
        )
    return round_


def _settle_and_publish(round_: Round, cast: Cast) -> Round:
    """The publicity is entered in the books after its end, as bureaus do that keep their list on a wall."""
    _document, scheme = scheme_of(round_.edition)
    for bare, move in unproven_moves(round_, scheme):
        score = _graded(round_).get(pk=bare.pk)
        approve_move(
            score=score, move=move.id, evidence="研发费用专项审计报告（合成数据）", upload=_scan("审计报告.pdf"), actor=cast.leader
        )  # fmt: skip
    round_ = settle_round(round_=round_, actor=cast.leader)
    first = timezone.localdate() - timedelta(days=30)
    round_ = open_publicity(round_=round_, first=first, until=first + timedelta(days=20), actor=cast.staff)
    return publish_round(round_=round_, actor=cast.leader)


def _run_projects(round_: Round, cast: Cast) -> None:
    """Of the C and D firms a few have none yet, some are under way or behind, some wait for acceptance or have it."""
    today = timezone.localdate()
    firms = list(_graded(round_).graded_as("C", "D"))
    for number, score in enumerate(firms):
        if number % 6 == 5:
            continue
        kind = list_of(score.final_grade)
        if kind is None:
            continue
        measure, plan, (first, last) = _PLANS[kind]
        due = today + timedelta(days=-10 if number % 6 == 4 else 60)
        marks = [(first, due - timedelta(days=40)), (last, due)]
        project = plan_project(
            score=score, measure=measure, plan=plan, due_on=due, milestones=marks, actor=cast.officer
        )
        if number % 6 < 3:
            _finish(project, cast, accepted=number % 6 < 2)


def _finish(project: Project, cast: Cast, *, accepted: bool) -> None:
    for mark in Milestone.objects.filter(project=project).select_related("project"):
        finish_milestone(milestone=mark, actor=cast.officer)
    project = submit_project(project=project, actor=cast.officer)
    if accepted:
        accept_project(
            project=project, passes=True, opinion="现场查看，已按方案完成", upload=_scan("验收表.pdf"), actor=cast.staff
        )  # fmt: skip


def _review(round_: Round, cast: Cast) -> None:
    """复评: the next year's figures of firms whose projects are accepted come in, better by what was done."""
    done = Project.objects.filter(round=round_, state=Project.State.ACCEPTED).select_related("enterprise")
    projects = list(done.order_by("pk"))
    rows = []
    for project in projects:
        figure = project.enterprise.annual_figures.get(year=YEAR, source=AnnualFigure.Source.SURVEY)
        rows.append([project.enterprise, YEAR + 1, *_cells(figure, better=Decimal("1.6"))])
    _send(cast, f"{YEAR + 1}年度数据（改造提升、整治淘汰企业）.xlsx", _COLUMNS, rows)
    for project in projects[1:]:
        review_project(project=project, actor=cast.staff)


def _correct(round_: Round, cast: Cast) -> None:
    """After the publication a figure proves wrong: the audit is taken back, the list sent again, and a second version goes
    out to the firms, with one appeal that waits for its ruling."""
    step = {"scheme": SCHEME, "year": YEAR, "step": AUDIT, "region": round_.region}
    withdraw_step(**step, reason="一家企业税收录错一位", actor=cast.head)
    wrong = _graded(round_).filter(final_grade="B").last()
    tax = wrong.enterprise.annual_figures.get(year=YEAR, source=AnnualFigure.Source.SURVEY).tax_wan
    rows = [[wrong.enterprise, YEAR, Decimal(tax) / 500]]
    _send(cast, f"{YEAR}年度数据（更正）.xlsx", ("税收(万元)",), rows)
    report_step(**step, note="更正后复核", actor=cast.head)
    second = run_evaluation(scheme=SCHEME, year=YEAR, actor=cast.staff)
    second = hand_out(round_=second, until=_next_week(), actor=cast.staff)
    scores = _graded(second)
    for score in scores[:12]:
        record_confirmation(
            score=score, agrees=True, signed_by="王某", note="", upload=_scan("确认单.pdf"), actor=cast.officer
        )  # fmt: skip
    against = scores.filter(final_grade="D").first()
    land = against.enterprise.annual_figures.get(year=YEAR, source=AnnualFigure.Source.SURVEY)
    used = Decimal(land.land_own_mu or land.land_leased_in_mu) / 100
    file_appeal(
        score=against,
        quantity="land_own" if land.land_own_mu else "land_leased_in",
        claimed=(used * Decimal("0.6")).quantize(Decimal("0.01")),
        reason="其中一块地已于年初退还，台账没有更新",
        upload=_scan("不动产权证.pdf"),
        actor=cast.officer,
    )


#: heading → field, what a review asks for
_FIELDS = {
    "自有用地(亩)": "land_own_mu", "租入用地(亩)": "land_leased_in_mu", "租出用地(亩)": "land_leased_out_mu",
    "税收(万元)": "tax_wan", "应税销售(万元)": "taxable_sales_wan", "营业收入(万元)": "revenue_wan",
    "主营业务收入(万元)": "main_revenue_wan", "工业增加值(万元)": "value_added_wan", "综合能耗(吨标煤)": "energy_tce",
    "用电量(万千瓦时)": "power_wan_kwh", "主要污染物排放量(吨)": "emissions_t", "年平均职工人数(人)": "staff",
    "研发经费(万元)": "research_wan",
}  # fmt: skip
_COLUMNS = tuple(_FIELDS)
_GROWS = {"tax_wan", "value_added_wan"}


def _cells(figure: AnnualFigure, *, better: Decimal) -> list[Decimal | int | None]:
    cells: list[Decimal | int | None] = []
    for name in _FIELDS.values():
        value = getattr(figure, name)
        if value is None or name == "staff":
            cells.append(value)
        else:
            cells.append((Decimal(value) / 100 * (better if name in _GROWS else 1)).quantize(Decimal("0.01")))
    return cells


def _send(cast: Cast, name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As an officer would: upload, answer what is asked, commit."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("年度数据")
        page.write_row(0, 0, ["统一社会信用代码*", "企业名称*", "所属县区*", "年度*", *headings])
        for number, (firm, year, *cells) in enumerate(rows, 1):
            page.write_row(number, 0, [firm.uscc, firm.name, cast.officer.region.name, year, *cells])
    batch = receive_upload(
        actor=cast.officer,
        sheet="annual",
        region=cast.officer.region,
        period="",
        as_of=timezone.localdate(),
        upload_name=name,
        content=buffer.getvalue(),
    )
    check_batch(batch=batch, actor=cast.officer)
    asked = batch.issues.filter(cls__in="BC", note="").values_list("pk", flat=True)
    if asked:
        answer_issues(batch=batch, actor=cast.officer, notes=dict.fromkeys(asked, VERIFIED_BY_PHONE))
        batch.refresh_from_db()
    commit_batch(batch=batch, actor=cast.officer, good_rows_only=False)


def _next_week() -> datetime:
    return datetime.combine(timezone.localdate() + timedelta(days=7), time(17, 30), SHANGHAI)


def _graded(round_: Round) -> ScoreQuerySet:
    rows = Score.objects.filter(round=round_, standing=Score.Standing.GRADED).exclude(final_grade="")
    return rows.select_related("round__edition", "round__region", "region", "enterprise").order_by(
        "enterprise__uscc"
    )


def _scan(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, _SIGNED)
