"""操作日志: the auditor's page."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.act_labels import BUSINESS_ACTS, HOUSE_ACTS
from core.models import AuditEntry
from core.services.trail_pages import entries_visible_to, trail_lines
from core.templatetags.house import PAGE_SIZES

_EXPORTS = "export_"
_ACTS = [("", "全部"), *HOUSE_ACTS.items(), *BUSINESS_ACTS.items(), (_EXPORTS, "导出")]


class TrailForm(forms.Form):
    who = forms.CharField(label="账号或姓名", required=False, max_length=40)
    act = forms.ChoiceField(label="事项", choices=_ACTS, required=False)
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.CharField(label="请求编号", required=False, max_length=32)

    def narrowed(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """What was asked for; a field that is wrong is told beside it and narrows nothing."""
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        wanted = Q()
        if who := asked.get("who"):
            wanted &= Q(actor_name__contains=who)
        if act := asked.get("act"):
            wanted &= Q(act__startswith=act) if act == _EXPORTS else Q(act=act)
        if since := asked.get("since"):
            wanted &= Q(at__gte=_midnight(since))
        if until := asked.get("until"):
            wanted &= Q(at__lt=_midnight(until) + timedelta(days=1))
        if number := asked.get("number"):
            wanted &= Q(request_id=number)
        return entries.filter(wanted)


def _midnight(day: Any) -> datetime:
    # days at either end of the calendar have no midnight in every place
    held = min(max(day, datetime(1900, 1, 1).date()), datetime(9000, 1, 1).date())  # noqa: DTZ001 - only days
    return timezone.make_aware(datetime.combine(held, time.min))


@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    form = TrailForm(request.GET or None)
    entries = entries_visible_to(request.user)
    if form.is_bound:
        form.is_valid()
        entries = form.narrowed(entries)
    size = request.GET.get("page_size", "")
    paginator = Paginator(entries, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])
    page = paginator.get_page(request.GET.get("page"))
    return render(request, "core/trail.html", {"form": form, "page": page, "lines": trail_lines(page)})
