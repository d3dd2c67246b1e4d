"""变更事项: an event is filled in, looked at with its consequences, recorded; the latest one may be taken back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.permissions import can
from enterprises.filters import EventFilter
from enterprises.forms.events import EventForm, kinds_for
from enterprises.models import Enterprise, RegistryEvent
from enterprises.rules.identity import EventKind
from enterprises.services.event_pages import shown_events
from enterprises.services.event_undoing import UndoRefused, undo_event
from enterprises.services.identity import EventRefused, effects_of, record_event
from enterprises.services.merging import DuplicateRefused, unmerge_records


def event_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Two steps of one form: what would follow, then the act."""
    firm = _firm(request, pk)
    kinds = kinds_for(firm)
    asked = request.POST.get("kind") or request.GET.get("kind") or kinds[0][0]
    if asked not in dict(kinds):
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = EventForm(data, firm=firm, kind=EventKind(asked), actor=request.user)
    context = {"firm": firm, "form": form, "kinds": kinds, "kind": asked, "kind_label": dict(kinds)[asked]}
    if form.is_bound and form.is_valid():
        if request.POST.get("confirm") == "yes":
            try:
                event = record_event(firm=firm, act=form.act, actor=request.user)
            except EventRefused as refused:
                for one in refused.objections:
                    form.add_error(None, f"{one.reason}；{one.cure}。")
            else:
                messages.success(
                    request, f"已登记：{firm.name} {event.get_kind_display()}。没有后续变动前可以撤销。"
                )
                return redirect("enterprises:detail", pk=firm.pk)
        else:
            context["effects"] = effects_of(form.act, firm)
    return render(request, "enterprises/event_new.html", context)


@require_POST
def event_undo(request: HttpRequest, pk: int) -> HttpResponse:
    firm = _firm(request, pk)
    number = request.POST.get("event", "")
    events = RegistryEvent.objects.visible_to(request.user)
    events = events.filter(enterprise=firm) | events.filter(other=firm, kind=RegistryEvent.Kind.DUPLICATE)
    event = get_object_or_404(
        events, pk=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    )
    label = event.get_kind_display()
    try:
        if event.kind == RegistryEvent.Kind.DUPLICATE:
            unmerge_records(event=event, actor=request.user)
        else:
            undo_event(event=event, actor=request.user)
    except (UndoRefused, DuplicateRefused) as refused:
        messages.error(request, f"不能撤销“{label}”：{refused}。")
    else:
        messages.success(request, f"已撤销“{label}”，企业档案恢复到登记前。")
    return redirect("enterprises:detail", pk=firm.pk)


@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """Every event of the firms in scope, newest first."""
    rows = RegistryEvent.objects.visible_to(request.user).select_related(
        "enterprise__region", "other", "actor"
    )
    chosen = EventFilter(request.GET, rows.order_by("-on", "-id"), request=request)
    page = Paginator(chosen.qs, 50).get_page(request.GET.get("page"))
    context = {
        "form": chosen.form,
        "page": page,
        "events": shown_events(page, request.user),
        "is_chosen": any(request.GET.get(name) for name in chosen.filters),
        "may_change": can(request.user, "registry.change"),
    }
    return render(request, "enterprises/event_list.html", context)


def _firm(request: HttpRequest, pk: int) -> Enterprise:
    firms = Enterprise.objects.visible_to(request.user).select_related("region")
    return get_object_or_404(firms, pk=pk)
