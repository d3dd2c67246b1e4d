"""三张清单, the projects of C and D firms, and what a new version changed."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.permissions import can
from cultivation.views.requests import download, page_size
from evaluation.forms import AcceptanceForm, ProjectForm
from evaluation.models import Milestone, Project, Score
from evaluation.services.editions import RoundRefused
from evaluation.services.list_pages import LISTS, ONLY, POLICY, export_list, list_lines, narrowed
from evaluation.services.projects import (
    MEASURES,
    accept_project,
    finish_milestone,
    list_of,
    plan_project,
    review_project,
    submit_project,
)
from evaluation.services.versions import version_before, version_report
from evaluation.views.endings import is_done
from evaluation.views.process import round_or_404


@require_GET
def lists(request: HttpRequest, pk: int) -> HttpResponse:
    round_, which = round_or_404(request, pk), _which(request)
    asked = request.GET.get("only", "")
    only = asked if which != POLICY and asked in ONLY else ""
    lines = narrowed(list_lines(round_, which, request.user), only)
    page = Paginator(lines, page_size(request)).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "which": which,
        "choices": LISTS,
        "label": LISTS[which],
        "only": only,
        "only_choices": {} if which == POLICY else ONLY,
        "page": page,
        "may_plan": can(request.user, "evaluation.plan") and round_.is_frozen,
        "may_export": can(request.user, "evaluation.export"),
    }
    return render(request, "evaluation/lists.html", context)


@require_GET
def lists_export(request: HttpRequest, pk: int) -> HttpResponse:
    round_, which = round_or_404(request, pk), _which(request)
    name = f"{round_.region.name}{round_.year}年度{LISTS[which]}.xlsx"
    return download(export_list(round_=round_, which=which, actor=request.user), name)


def _which(request: HttpRequest) -> str:
    which = request.GET.get("which", POLICY)
    if which not in LISTS:
        raise Http404
    return which


def project(request: HttpRequest, pk: int) -> HttpResponse:
    """The project of one firm's score: its plan, milestones, acceptance, re-evaluation."""
    whole = Score.objects.visible_to(request.user).select_related(
        "round__edition", "round__region", "region", "enterprise"
    )
    score = get_object_or_404(whole, pk=pk)
    kind = list_of(score.final_grade)
    if kind is None:
        return render(request, "evaluation/project_none.html", {"score": score})
    rows = Project.objects.visible_to(request.user).of_year(score.round.scheme, score.round.year)
    people = ("opened_by", "accepted_by", "reviewed_by", "file")
    found = rows.filter(enterprise=score.enterprise_id).select_related(*people).first()
    form = ProjectForm(request.POST or None, measures=MEASURES[kind], project=found)
    if request.method == "POST" and form.is_valid():
        act = partial(
            plan_project,
            score=score,
            measure=form.cleaned_data["measure"],
            plan=form.cleaned_data["plan"],
            due_on=form.cleaned_data["due_on"],
            milestones=form.cleaned_data["milestones"],
            actor=request.user,
        )
        if is_done(request, form, act, f"{score.enterprise.name}的项目方案已保存。"):
            return redirect("evaluation:project", pk)
    may_plan = can(request.user, "evaluation.plan") and score.round.is_frozen
    context = {
        "score": score,
        "kind": kind,
        "project": found,
        "milestones": list(found.milestones.select_related("done_by")) if found else [],
        "form": form,
        "acceptance_form": AcceptanceForm(),
        "may_plan": may_plan and (found is None or found.is_open),
        "may_accept": can(request.user, "evaluation.accept"),
    }
    return render(request, "evaluation/project.html", context)


def _project_or_404(request: HttpRequest, pk: int) -> Project:
    rows = Project.objects.visible_to(request.user).select_related("round__edition", "enterprise", "region")
    return get_object_or_404(rows, pk=pk)


def _back(request: HttpRequest, project_: Project) -> HttpResponse:
    scores = Score.objects.visible_to(request.user)
    score = get_object_or_404(scores, round=project_.round_id, enterprise=project_.enterprise_id)
    return redirect("evaluation:project", score.pk)


@require_POST
def project_step(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone done, or the whole project handed in for acceptance."""
    found = _project_or_404(request, pk)
    mark = request.POST.get("milestone", "")
    try:
        if mark:
            marks = Milestone.objects.visible_to(request.user).filter(project=found, done_on=None)
            milestone = get_object_or_404(marks, pk=mark if mark.isdecimal() else 0)
            finish_milestone(milestone=milestone, actor=request.user)
            messages.success(request, f"节点“{milestone.title}”已完成。")
        else:
            submit_project(project=found, actor=request.user)
            messages.success(request, "已报验收。")
    except RoundRefused as refused:
        messages.error(request, str(refused))
    return _back(request, found)


@require_POST
def project_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """验收, or, once accepted, 复评."""
    found = _project_or_404(request, pk)
    form = AcceptanceForm(request.POST, request.FILES)
    try:
        if "review" in request.POST:
            done = review_project(project=found, actor=request.user)
            messages.success(
                request, f"复评为 {done.review_grade} 级（{done.review_year}年数据，按原方案）。"
            )
        elif not form.is_valid():
            messages.error(request, "请选择验收结论并写明意见。")
        else:
            passes = form.cleaned_data["result"] == "pass"
            opinion, upload = form.cleaned_data["opinion"], form.cleaned_data["scan"]
            accept_project(project=found, passes=passes, opinion=opinion, upload=upload, actor=request.user)
            messages.success(request, "验收结论已登记。")
    except RoundRefused as refused:
        messages.error(request, str(refused))
    return _back(request, found)


@require_GET
def differences(request: HttpRequest, pk: int) -> HttpResponse:
    """What this version changes against the one published before it."""
    round_ = round_or_404(request, pk)
    before = version_before(round_)
    report = version_report(before, round_, request.user) if before else None
    rows = Paginator(report.rows if report else [], page_size(request)).get_page(request.GET.get("page"))
    return render(request, "evaluation/differences.html", {"round": round_, "report": report, "page": rows})
