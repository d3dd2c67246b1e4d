"""试算: other numbers for a method, or a listing of one firm, tried on the firms of a round; nothing is written."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation.models import Score
from evaluation.rules.what_if import levers
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import has_snapshot
from evaluation.services.listing_effect import listing_effect, told_listing
from evaluation.services.what_if import other_numbers, tried
from evaluation.views.process import kept_round_or_404


@require_GET
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = kept_round_or_404(request, pk)
    _document, scheme = scheme_of(round_.edition)
    found, fault = None, ""
    try:
        values = other_numbers(scheme, request.GET)
        found = tried(round_, values, request.user) if values else None
    except RoundRefused as refused:
        values, fault = {}, str(refused)
    rows = [(lever, request.GET.get(lever.key, lever.text), lever.key in values) for lever in levers(scheme)]
    groups = [(name, list(each)) for name, each in groupby(rows, key=lambda row: row[0].group)]
    context = {"round": round_, "groups": groups, "found": found, "fault": fault}
    return render(request, "evaluation/what_if.html", context)


@require_GET
def listing(request: HttpRequest, pk: int) -> HttpResponse:
    """A firm's grade in the pool where it stands and in the one where a listing would put it."""
    rows = Score.objects.visible_to(request.user).select_related("round__edition", "enterprise", "region")
    score = get_object_or_404(rows, pk=pk)
    if not has_snapshot(score.round):
        raise Http404
    now, then = listing_effect(score)
    context = {"score": score, "lines": (now, then), "told": told_listing(now, then)}
    return render(request, "evaluation/listing_effect.html", context)
