"""办理: a round's way to its publication, its public lists and the survey's gaps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.permissions import can
from cultivation.views.requests import download, page_size
from evaluation.forms import HandOutForm, MoveForm, PublicityForm, ReasonForm, StepForm
from evaluation.models import Round, Score
from evaluation.services.editions import RoundRefused
from evaluation.services.frozen_rounds import has_snapshot
from evaluation.services.process import (
    approve_move,
    hand_out,
    open_publicity,
    settle_round,
    take_back,
)
from evaluation.services.process_pages import move_lines, process_page
from evaluation.services.publicity_pages import PublicList, export_lists, land_lists, public_lists
from evaluation.services.steps import BY_REGION, REPORTED, report_step, withdraw_step
from evaluation.services.survey_gaps import export_gaps, missing_figures, missing_firms
from evaluation.views.endings import is_done


def round_or_404(request: HttpRequest, pk: int) -> Round:
    people = ("edition", "region", "run_by", "settled_by", "published_by")
    return get_object_or_404(Round.objects.visible_to(request.user).select_related(*people), pk=pk)


def kept_round_or_404(request: HttpRequest, pk: int) -> Round:
    """A round whose firms were kept; one of before that has no such page."""
    round_ = round_or_404(request, pk)
    if not has_snapshot(round_):
        raise Http404
    return round_


@require_GET
def process(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    context = {
        "page": process_page(round_, request.user),
        "round": round_,
        "hand_out_form": HandOutForm(),
        "publicity_form": PublicityForm(),
        "reason_form": ReasonForm(),
        "may_run": can(request.user, "evaluation.run"),
        "may_settle": can(request.user, "evaluation.publish"),
        "is_runner": round_.run_by_id == request.user.pk,
    }
    return render(request, "evaluation/process.html", context)


def _done(request: HttpRequest, round_: Round, act: Callable[[], object], told: str) -> HttpResponse:
    try:
        act()
    except RoundRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect("evaluation:process", round_.pk)


@require_POST
def round_hand_out(request: HttpRequest, pk: int) -> HttpResponse:
    round_, form = round_or_404(request, pk), HandOutForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写确认截止的日期和时刻。")
        return redirect("evaluation:process", pk)
    told = "预评价结果已交各地区，企业可以书面确认和申诉。"
    return _done(
        request, round_, lambda: hand_out(round_=round_, until=form.until(), actor=request.user), told
    )


@require_POST
def round_settle(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    return _done(
        request, round_, lambda: settle_round(round_=round_, actor=request.user), "结果已审定，可以公示。"
    )


@require_POST
def round_open_publicity(request: HttpRequest, pk: int) -> HttpResponse:
    round_, form = round_or_404(request, pk), PublicityForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写公示开始日。")
        return redirect("evaluation:process", pk)
    first, until = form.cleaned_data["first"], form.cleaned_data["until"]
    return _done(
        request,
        round_,
        lambda: open_publicity(round_=round_, first=first, until=until, actor=request.user),
        "公示已登记，名单可以打印、导出。",
    )


@require_POST
def round_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    reason = request.POST.get("reason", "")[:100]
    return _done(
        request,
        round_,
        lambda: take_back(round_=round_, reason=reason, actor=request.user),
        "已退回到企业确认阶段，可以更正后重新测算。",
    )


@require_POST
def round_step(request: HttpRequest, pk: int) -> HttpResponse:
    """A district reports its own part, the bureau the whole."""
    round_, form = round_or_404(request, pk), StepForm(request.POST)
    region = request.user.region
    is_own = form.is_valid() and (region == round_.region or form.cleaned_data["step"] in BY_REGION)
    if not is_own or form.cleaned_data["step"] not in REPORTED or region is None:
        messages.error(request, "这个步骤不由本单位登记。")
        return redirect("evaluation:process", pk)
    step = {"scheme": round_.scheme, "year": round_.year, "step": form.cleaned_data["step"], "region": region}
    if request.POST.get("act") == "withdraw":
        reason = form.cleaned_data["note"]
        return _done(
            request,
            round_,
            lambda: withdraw_step(**step, reason=reason, actor=request.user),
            "已撤回。部门审核撤回后，年度数据可以重新报送。",
        )
    return _done(
        request,
        round_,
        lambda: report_step(**step, note=form.cleaned_data["note"], actor=request.user),
        "已登记。",
    )


def moves(request: HttpRequest, pk: int) -> HttpResponse:
    """调档: who was moved by which clause, on what evidence, approved by whom."""
    round_ = round_or_404(request, pk)
    form = MoveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        scores = Score.objects.visible_to(request.user).filter(round=round_)
        score = get_object_or_404(
            scores.select_related("round__edition", "region", "enterprise"), pk=form.cleaned_data["score"]
        )
        act = partial(
            approve_move,
            score=score,
            move=form.cleaned_data["move"],
            evidence=form.cleaned_data["evidence"],
            upload=form.cleaned_data["scan"],
            actor=request.user,
        )
        if is_done(request, form, act, f"{score.enterprise.name}的调档已批准。"):
            return redirect("evaluation:moves", pk)
    page = Paginator(move_lines(round_, request.user), page_size(request)).get_page(request.GET.get("page"))
    may = can(request.user, "evaluation.publish") and not round_.is_frozen
    context = {"round": round_, "page": page, "form": form, "may_approve": may}
    return render(request, "evaluation/moves.html", context)


@require_GET
def publicity(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    kind, lists = _lists(request, round_)
    context = {
        "round": round_,
        "kind": kind,
        "lists": lists,
        "may_export": can(request.user, "evaluation.export"),
    }
    return render(request, "evaluation/publicity.html", context)


@require_GET
def publicity_export(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    kind, lists = _lists(request, round_)
    what = "用地面积" if kind == "land" else "综合评价结果"
    title = f"{round_.region.name}{round_.year}年度工业企业{what}公示名单"
    content = export_lists(round_=round_, lists=lists, title=title, actor=request.user)
    return download(content, f"{title}.xlsx")


def _lists(request: HttpRequest, round_: Round) -> tuple[str, list[PublicList]]:
    kind = "land" if request.GET.get("kind") == "land" else "grades"
    if kind == "land" and not has_snapshot(round_):
        raise Http404
    return kind, (land_lists if kind == "land" else public_lists)(round_, request.user)


@require_GET
def gaps(request: HttpRequest, pk: int) -> HttpResponse:
    """少评漏评."""
    round_ = kept_round_or_404(request, pk)
    page = Paginator(missing_firms(round_, request.user), page_size(request)).get_page(
        request.GET.get("page")
    )
    context = {
        "round": round_,
        "page": page,
        "figures": missing_figures(round_, request.user),
        "may_export": can(request.user, "evaluation.export"),
    }
    return render(request, "evaluation/gaps.html", context)


@require_GET
def gaps_export(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    content = export_gaps(round_=round_, actor=request.user)
    return download(content, f"{round_.region.name}{round_.year}年度少评漏评核对清单.xlsx")
