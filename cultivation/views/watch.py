"""每日清单: thin doors over services; a firm outside the reader's region does not exist for him."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.jobs import enqueue
from core.permissions import can
from core.scoping import regions_visible_to
from core.standing import standing_page
from cultivation.forms import JudgementForm, NoteForm
from cultivation.models import WatchEntry
from cultivation.querysets import OfFirmQuerySet
from cultivation.rules.watch import CODES, NEAR_SHARE_PERCENT
from cultivation.services.pool_judgements import judge_firm
from cultivation.services.pools import PoolRefused
from cultivation.services.watch import has_risk_rule, note_entry, refresh_watch_key, standard_of
from cultivation.services.watch_export import export_watch
from cultivation.services.watch_pages import (
    current_entries,
    entry_counts,
    firm_forecast,
    firm_work,
    narrowed,
    sorted_entries,
    watch_rows,
)
from cultivation.views.requests import download, page_size, region_or_404
from enterprises.filters import region_choices
from enterprises.models import Enterprise


def watch(request: HttpRequest, kind: str) -> HttpResponse:
    """One of the daily lists, with what was last done about each firm."""
    return standing_page(request, "cultivation/watch.html", lambda: _watch_context(request, kind))


def _watch_context(request: HttpRequest, kind: str) -> dict[str, Any]:
    entries = _chosen(request, kind)
    # over numbers, so that only the rows of this page are read, and kept
    page = Paginator(range(entries.count()), page_size(request)).get_page(request.GET.get("page"))
    shown = list(entries[page.start_index() - 1 : page.end_index()]) if page.paginator.count else []
    newest = current_entries(request.user, kind).order_by("-refreshed_at").first()
    region = request.user.region
    standard = standard_of(region) if region else None
    counts: dict[str, int | None] = {**entry_counts(request.user)}
    if region and not counts[WatchEntry.Kind.RISK] and not has_risk_rule(region):
        counts[WatchEntry.Kind.RISK] = None
    return {
        "kind": kind,
        "label": WatchEntry.Kind(kind).label,
        "kinds": WatchEntry.Kind.choices,
        "counts": counts,
        "is_untold": counts[kind] is None,
        "page": page,
        "rows": watch_rows(shown),
        "newest": newest,
        "standard": standard,
        "near_share": NEAR_SHARE_PERCENT,
        "codes": CODES[kind],
        "regions": region_choices(request.user),
        "may_refresh": can(request.user, "pool.screen"),
        "may_note": can(request.user, "pool.change"),
        "may_export": can(request.user, "pool.export"),
    }


def watch_home(request: HttpRequest) -> HttpResponse:
    """The first of the lists."""
    return redirect("cultivation:watch", WatchEntry.Kind.ELIGIBLE)


def watch_export(request: HttpRequest, kind: str) -> HttpResponse:
    entries = _chosen(request, kind)
    content = export_watch(kind=kind, entries=entries, chosen=request.GET.urlencode(), actor=request.user)
    return download(content, f"{WatchEntry.Kind(kind).label}清单.xlsx")


@require_POST
def watch_refresh(request: HttpRequest) -> HttpResponse:
    """The lists of a region that the reader sees."""
    region = get_object_or_404(regions_visible_to(request.user), pk=request.POST.get("region", ""))
    arguments = {"region": region.pk}
    enqueue(job="refresh_watch", key=refresh_watch_key(region.pk), arguments=arguments, actor=request.user)
    messages.info(request, "清单已交后台更新，完成后刷新本页就能看到。")
    return redirect("cultivation:watch", WatchEntry.Kind.ELIGIBLE)


def firm_record(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found, judged and done at one firm, with its forecast; notes and judgements are written here."""
    firm = get_object_or_404(Enterprise.objects.visible_to(request.user).select_related("region"), pk=pk)
    today = {"on": timezone.localdate(), "judged_on": timezone.localdate(), "person": request.user.full_name}
    act, data = request.POST.get("act", ""), request.POST
    open_entries = list(
        WatchEntry.objects.visible_to(request.user).current().filter(enterprise=firm).order_by("pk")
    )
    forms = {
        entry.pk: (
            entry,
            NoteForm(data if act == f"note-{entry.pk}" else None, kind=entry.kind, initial=today),
        )
        for entry in open_entries
    }
    judgement = JudgementForm(data if act == "judge" else None, initial=today)
    if request.method == "POST" and _written(request, firm, act, forms, judgement):
        return redirect("cultivation:firm_record", pk)
    context = {
        "firm": firm,
        "forecast": firm_forecast(request.user, firm),
        "work": firm_work(request.user, firm),
        "forms": list(forms.values()),
        "judgement": judgement,
        "may_note": can(request.user, "pool.change"),
    }
    return render(request, "cultivation/firm_record.html", context)


def _written(
    request: HttpRequest,
    firm: Enterprise,
    act: str,
    forms: dict[int, tuple[WatchEntry, NoteForm]],
    judgement: JudgementForm,
) -> bool:
    """Whether the act was done; a refusal is told above its form."""
    form: NoteForm | JudgementForm = judgement
    try:
        if act == "judge" and judgement.is_valid():
            judge_firm(firm=firm, actor=request.user, **judgement.cleaned_data)
            messages.success(request, "判断已记录。")
            return True
        chosen = next((pair for pk, pair in forms.items() if act == f"note-{pk}"), None)
        if chosen is not None and chosen[1].is_valid():
            form = chosen[1]
            note_entry(entry=chosen[0], actor=request.user, **form.cleaned_data)
            messages.success(request, f"{chosen[0].get_kind_display()}：已记录。")
            return True
    except PoolRefused as refused:
        form.add_error(None, str(refused))
    return False


def _chosen(request: HttpRequest, kind: str) -> OfFirmQuerySet:
    if kind not in WatchEntry.Kind.values:
        raise Http404
    region = region_or_404(request)
    entries = narrowed(
        current_entries(request.user, kind),
        text=request.GET.get("q", "").strip(),
        region=region.pk if region else "",
        code=request.GET.get("code", ""),
        state=request.GET.get("state", ""),
    )
    return sorted_entries(entries, request.GET.get("sort", ""))
