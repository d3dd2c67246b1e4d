"""What firms answer: the signed sheet, the appeal and its ruling, and the scans that came with them."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from core.permissions import can
from cultivation.views.requests import page_size
from evaluation.forms import AppealForm, ConfirmationForm, RulingForm
from evaluation.models import Appeal, Confirmation, EvaluationFile, Score
from evaluation.policy import QUANTITIES
from evaluation.rules.policies_told import policies_of
from evaluation.rules.process import may_object
from evaluation.services.answer_pages import ANSWERS, answer_lines, narrowed
from evaluation.services.appeals import decide_appeal, figures_to_appeal, file_appeal, preview_appeal
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import has_snapshot
from evaluation.services.process import record_confirmation
from evaluation.services.progress import progress_of
from evaluation.services.trace_pages import trace_page
from evaluation.views.endings import is_done
from evaluation.views.process import round_or_404


@require_GET
def confirmations(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has signed, who objects, who has not answered."""
    round_ = round_or_404(request, pk)
    answer = request.GET.get("answer", "")
    page = Paginator(narrowed(round_, request.user, answer), page_size(request)).get_page(
        request.GET.get("page")
    )
    context = {
        "round": round_,
        "answer": answer,
        "answers": ANSWERS,
        "page": page,
        "lines": answer_lines(round_, list(page.object_list)),
        "may_record": can(request.user, "evaluation.confirm") and round_.stage == "confirming",
    }
    return render(request, "evaluation/confirmations.html", context)


def _score_or_404(request: HttpRequest, pk: int) -> Score:
    whole = Score.objects.visible_to(request.user).select_related(
        "round__edition", "round__region", "round__published_by", "region", "pool__region", "enterprise"
    )
    return get_object_or_404(whole, pk=pk)


def confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet for the firm to sign (打印), and the signed one taken in."""
    score = _score_or_404(request, pk)
    _document, scheme = scheme_of(score.round.edition)
    form = ConfirmationForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        act = partial(
            record_confirmation,
            score=score,
            agrees=form.cleaned_data["answer"] == "agreed",
            signed_by=form.cleaned_data["signed_by"],
            note=form.cleaned_data["note"],
            upload=form.cleaned_data["scan"],
            actor=request.user,
        )
        if is_done(request, form, act, f"{score.enterprise.name}的答复已登记。"):
            return redirect("evaluation:confirmation", pk)
    rows = Confirmation.objects.visible_to(request.user).filter(round=score.round_id)
    own = Appeal.objects.visible_to(request.user).filter(round=score.round_id, enterprise=score.enterprise_id)
    context = {
        "page": trace_page(request.user, score),
        "sheet": "结果告知书" if score.round.is_frozen else "预评价结果确认单",
        "policies": policies_of(scheme, score.final_grade, score.cohort),
        "form": form,
        "kept": rows.filter(enterprise=score.enterprise_id).select_related("recorded_by", "file").first(),
        "appeals": appeal_rows(list(own.select_related("decided_by"))),
        "may_record": can(request.user, "evaluation.confirm") and score.round.stage == "confirming",
        "may_appeal": can(request.user, "evaluation.confirm") and may_object(progress_of(score.round)),
    }
    return render(request, "evaluation/confirmation.html", context)


def appeal_new(request: HttpRequest, pk: int) -> HttpResponse:
    score = _score_or_404(request, pk)
    if not has_snapshot(score.round):
        raise Http404
    form = AppealForm(request.POST or None, request.FILES or None, quantities=figures_to_appeal(score))
    if request.method == "POST" and form.is_valid():
        try:
            appeal = file_appeal(
                score=score,
                quantity=form.cleaned_data["quantity"],
                claimed=form.cleaned_data["claimed"],
                reason=form.cleaned_data["reason"],
                upload=form.cleaned_data["scan"],
                actor=request.user,
            )
        except RoundRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{score.enterprise.name}的申诉已提交，待市局裁定。")
            return redirect("evaluation:appeal", appeal.pk)
    is_open = may_object(progress_of(score.round))
    return render(request, "evaluation/appeal_new.html", {"score": score, "form": form, "is_open": is_open})


@require_GET
def appeals(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = round_or_404(request, pk)
    rows = Appeal.objects.visible_to(request.user).filter(round=round_)
    state = request.GET.get("state", "")
    if state in Appeal.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows.select_related("enterprise", "region", "filed_by"), page_size(request)).get_page(
        request.GET.get("page")
    )
    context = {
        "round": round_,
        "page": page,
        "rows": appeal_rows(list(page.object_list)),
        "states": Appeal.State.choices,
        "state": state,
    }
    return render(request, "evaluation/appeals.html", context)


def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal: the figure, the proof, who else would move, the ruling."""
    people = ("round__edition", "round__region", "enterprise", "region", "filed_by", "decided_by", "file")
    found = get_object_or_404(Appeal.objects.visible_to(request.user).select_related(*people), pk=pk)
    form = RulingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = partial(
            decide_appeal,
            appeal=found,
            accepts=form.cleaned_data["ruling"] == "accept",
            answer=form.cleaned_data["answer"],
            actor=request.user,
        )
        if is_done(request, form, act, "申诉已裁定；采纳的，重新测算后生效。"):
            return redirect("evaluation:appeal", pk)
    may_decide = can(request.user, "evaluation.decide") and found.state == Appeal.State.OPEN
    context = {
        "appeal": found,
        "row": appeal_rows([found])[0],
        "preview": preview_appeal(found) if may_decide else None,
        "form": form,
        "may_decide": may_decide,
        # other districts' firms are told to the bureau alone
        "shown_moved": found.moved
        if can(request.user, "evaluation.run") or can(request.user, "evaluation.decide")
        else [],
    }
    return render(request, "evaluation/appeal.html", context)


def appeal_rows(rows: list[Appeal]) -> list[dict[str, object]]:
    """Each appeal with the name of its figure."""
    return [
        {"appeal": row, "label": QUANTITIES[row.quantity].label, "unit": QUANTITIES[row.quantity].unit}
        for row in rows
    ]


@require_GET
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """A scan, as it was handed in: always a download, never shown inside the portal."""
    found = get_object_or_404(EvaluationFile.objects.visible_to(request.user), pk=pk)
    return HttpResponse(
        bytes(found.content),
        content_type=found.media_type,
        headers={"Content-Disposition": content_disposition_header(True, found.name)},
    )
