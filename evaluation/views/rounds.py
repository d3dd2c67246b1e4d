"""综合评价: rounds, scores and the trace of one firm. Thin doors over services; rows out of reach do not exist."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.jobs import enqueue
from core.permissions import can
from core.templatetags.house import PAGE_SIZES
from cultivation.views.requests import download
from evaluation.filters import ScoreFilter, sorted_scores
from evaluation.models import Round, Score
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.round_pages import (
    grades_of,
    may_run,
    round_lines,
    running_evaluation,
    schemes_to_run,
)
from evaluation.services.rounds import evaluate_key, publish_round
from evaluation.services.score_export import export_scores
from evaluation.services.score_pages import rounds_to_show, score_lines
from evaluation.services.trace_pages import trace_page


@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """评价轮次: what was run, what is published, how many firms got which grade."""
    runs = can(request.user, "evaluation.run")
    lines = round_lines(request.user)
    context = {
        "lines": lines,
        "grades": grades_of(lines),
        "schemes": schemes_to_run(request.user) if runs else [],
        "may_run": runs,
        "may_publish": can(request.user, "evaluation.publish"),
    }
    return render(request, "evaluation/round_list.html", context)


@require_GET
def round_state(request: HttpRequest, scheme: str, year: int) -> HttpResponse:
    """How far the run has come; the page asks until it is done."""
    if may_run(request.user, scheme) is None:
        raise Http404
    context = {"job": running_evaluation(scheme, year), "scheme": scheme, "year": year}
    return render(request, "evaluation/_round_state.html", context)


@require_POST
def round_run(request: HttpRequest, scheme: str, year: int) -> HttpResponse:
    line = may_run(request.user, scheme)
    if line is None or line.scheme.data_year != year:
        raise Http404
    key, arguments = evaluate_key(scheme, year), {"scheme": scheme, "year": year}
    enqueue(job="evaluate", key=key, arguments=arguments, actor=request.user)
    messages.info(request, f"{year}年度综合评价已交后台测算，完成后本页自动更新。")
    return redirect("evaluation:rounds")


@require_POST
def round_publish(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("edition"), pk=pk)
    if round_.results_digest != request.POST.get("digest"):
        messages.error(request, f"{round_.year}年度的测算已经更新，请看过新的结果再公布。")
        return redirect("evaluation:rounds")
    try:
        published = publish_round(round_=round_, actor=request.user)
    except RoundRefused as refused:
        messages.error(request, str(refused))
    else:
        done = f"{published.year}年度综合评价第{published.version}版已公布，得分和等级冻结，各地区可以查看。"
        messages.success(request, done)
    return redirect("evaluation:rounds")


@require_GET
def scores(request: HttpRequest) -> HttpResponse:
    """企业得分 of one round."""
    shown = rounds_to_show(request.user)
    round_ = _chosen_round(request, shown)
    if round_ is None:
        return render(request, "evaluation/score_none.html")
    _document, scheme = scheme_of(round_.edition)
    of_round = Score.objects.visible_to(request.user).filter(round=round_)
    chosen = ScoreFilter(request.GET, of_round, request=request, rounds=shown, chosen=round_, scheme=scheme)
    rows = sorted_scores(chosen.qs.select_related("enterprise", "region"), request.GET.get("sort", ""))
    page = Paginator(rows, _page_size(request)).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "counted": round_lines(request.user, [round_])[0],
        "form": chosen.form,
        "page": page,
        "lines": score_lines(round_, list(page), request.user),
        "may_export": can(request.user, "evaluation.export"),
        "is_chosen": any(request.GET.get(name) for name in chosen.filters if name != "round"),
    }
    return render(request, "evaluation/score_list.html", context)


@require_GET
def scores_export(request: HttpRequest) -> HttpResponse:
    """The result of the page's filters, whole."""
    round_ = _chosen_round(request, rounds_to_show(request.user))
    if round_ is None:
        raise Http404
    _document, scheme = scheme_of(round_.edition)
    of_round = Score.objects.visible_to(request.user).filter(round=round_)
    chosen = ScoreFilter(
        request.GET, of_round, request=request, rounds=[round_], chosen=round_, scheme=scheme
    )
    rows = sorted_scores(chosen.qs, request.GET.get("sort", ""))
    content = export_scores(
        round_=round_, scores=rows, chosen=request.GET.urlencode()[:60], actor=request.user
    )
    return download(content, f"{round_.region.name}{round_.year}年度企业得分.xlsx")


@require_GET
def trace(request: HttpRequest, pk: int) -> HttpResponse:
    """得分过程 of one firm."""
    whole = Score.objects.visible_to(request.user).select_related(
        "round__edition", "round__region", "round__published_by", "region", "pool__region", "enterprise"
    )
    page = trace_page(request.user, get_object_or_404(whole, pk=pk))
    return render(request, "evaluation/trace.html", {"page": page})


def _chosen_round(request: HttpRequest, shown: list[Round]) -> Round | None:
    """The round asked for; without one the newest. One out of reach does not exist."""
    asked = request.GET.get("round", "")
    if not asked:
        return shown[0] if shown else None
    round_ = next((each for each in shown if str(each.pk) == asked), None)
    if round_ is None:
        raise Http404
    return round_


def _page_size(request: HttpRequest) -> int:
    asked = request.GET.get("page_size", "")
    return int(asked) if asked in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[1]
