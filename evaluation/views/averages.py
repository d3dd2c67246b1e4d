"""亩均水平: a round's averages beside the aims of its documents, and the absolute lines with their firms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.services.averages import average_lines, flag_lines
from evaluation.views.process import kept_round_or_404


@require_GET
def averages(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = kept_round_or_404(request, pk)
    context = {
        "round": round_,
        "lines": average_lines(round_, request.user),
        "flags": flag_lines(round_, request.user),
    }
    return render(request, "evaluation/averages.html", context)
