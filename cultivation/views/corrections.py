"""更正单: the list, the form, one paper with its effect on what was published, and the approval."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header

from core.periods import Month
from core.permissions import can
from cultivation.forms import CorrectionForm, OpinionForm
from cultivation.models import Correction
from cultivation.services.adjustments import adjusted_firms, adjustment_table
from cultivation.services.corrections import (
    CorrectionRefused,
    ask_correction,
    decide_correction,
    effects_of,
    later_issues,
    take_evidence,
)
from cultivation.views.months import page_or_404
from cultivation.views.requests import page_size


def corrections(request: HttpRequest) -> HttpResponse:
    """Every correction within the reader's regions; ``?state=waiting`` those to be decided."""
    rows = Correction.objects.visible_to(request.user).defer("evidence")
    state = request.GET.get("state", "")
    state = state if state in Correction.State.values else ""
    if state:
        rows = rows.filter(state=state)
    people = ("enterprise", "region", "issue", "made_by", "decided_by")
    page = Paginator(rows.select_related(*people), page_size(request)).get_page(request.GET.get("page"))
    context = {"page": page, "states": Correction.State.choices, "state": state}
    return render(request, "cultivation/corrections.html", context)


def correction_new(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """Ask for one figure of an issued month to be put right."""
    page = page_or_404(request, programme, month)
    form = CorrectionForm(
        request.POST or None, request.FILES or None, initial={"uscc": request.GET.get("uscc", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = ask_correction(programme=programme, month=month, actor=request.user, **form.cleaned_data)
        except CorrectionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{made}已提出，待另一人批准。")
            return redirect("cultivation:correction", made.pk)
    return render(request, "cultivation/correction_new.html", {"page": page, "month": month, "form": form})


def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper: old, new, why; what of the published totals would differ; the decision."""
    found = _visible(request, pk)
    waits = found.state == Correction.State.WAITING
    may_decide = waits and can(request.user, "month.approve") and found.made_by_id != request.user.pk
    form = OpinionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        agrees = form.cleaned_data["agrees"] == "yes"
        opinion = form.cleaned_data["opinion"]
        try:
            decide_correction(correction=found, agrees=agrees, opinion=opinion, actor=request.user)
        except CorrectionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{found}：意见已记录。")
            return redirect("cultivation:correction", pk)
    context = {
        "correction": found,
        "form": form,
        "may_decide": may_decide,
        "effects": effects_of(correction=found, user=request.user),
        "later": later_issues(found),
    }
    return render(request, "cultivation/correction.html", context)


def correction_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence as it was handed in; taking it is kept in the trail."""
    found = _visible(request, pk)
    if not found.evidence_name:
        raise Http404
    content = take_evidence(correction=found, actor=request.user)
    headers = {"Content-Disposition": content_disposition_header(True, found.evidence_name)}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def month_adjustments(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """调整: the firms whose earlier months differ from what was issued, and why."""
    page = page_or_404(request, programme, month)
    table = adjustment_table(issue=page.issue, user=request.user) if page.issue else None
    rows = table.rows if table else ()
    part = Paginator(rows, page_size(request)).get_page(request.GET.get("page"))
    firms = adjusted_firms(table, part.object_list, request.user) if table else []
    context = {"page": page, "table": table, "part": part, "firms": firms}
    return render(request, "cultivation/month_adjustments.html", context)


def _visible(request: HttpRequest, pk: int) -> Correction:
    people = ("enterprise", "region", "issue__edition", "made_by", "decided_by")
    return get_object_or_404(Correction.objects.visible_to(request.user).select_related(*people), pk=pk)
