"""来源对照 and 疑似达规: what departments say beside what firms report, and who seems over the line."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core.permissions import can
from core.templatetags.house import PAGE_SIZES
from enterprises.forms.sources import SourceFilterForm, SourceSettingForm, SuspectFilterForm
from enterprises.models import Enterprise, SourceSetting
from enterprises.rules.measures import BY_KEY
from enterprises.services.source_settings import set_source, settings_shown, settled_for
from enterprises.services.sources import (
    LABELS,
    SourceTable,
    export_sources,
    periods_with_sources,
    source_table,
)
from enterprises.services.suspects import (
    Estimated,
    export_suspects,
    latest_month,
    size_estimates,
    suspect_places,
    suspects_at,
)
from intake.services.copies import XLSX
from intake.services.periods import period_label


def _paged(request: HttpRequest, rows: list) -> Paginator:
    size = request.GET.get("page_size", "")
    return Paginator(rows, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])


def _table(request: HttpRequest) -> tuple[SourceFilterForm, SourceTable | None]:
    periods = periods_with_sources(request.user)
    form = SourceFilterForm(request.GET, user=request.user, periods=periods)
    chosen = form.cleaned_data if form.is_valid() else {}
    if not periods:
        return form, None
    table = source_table(
        user=request.user,
        measure=chosen.get("measure") or "taxable_sales",
        period=chosen.get("period") or periods[0],
        region=chosen.get("region"),
        only_conflicts=chosen.get("show") != "all",
    )
    return form, table


@require_GET
def source_list(request: HttpRequest) -> HttpResponse:
    form, table = _table(request)
    context = {"form": form, "table": table, "may_set": can(request.user, "source.set")}
    if table:
        page = _paged(request, table.lines).get_page(request.GET.get("page"))
        ids = [line.firm_id for line in page.object_list]
        firms = Enterprise.objects.visible_to(request.user).select_related("region").in_bulk(ids)
        context |= {
            "page": page,
            "rows": [(firms[line.firm_id], line) for line in page.object_list if line.firm_id in firms],
            "measure": BY_KEY[table.measure],
            "period": period_label(table.period),
            "labels": LABELS,
            "source_labels": [LABELS[source] for source in table.sources],
            "order": "、".join(LABELS.get(source, source) for source in table.order),
            "tolerance": f"{table.tolerance / 100:g}",
        }
    return render(request, "enterprises/source_list.html", context)


@require_GET
def source_export(request: HttpRequest) -> HttpResponse:
    _, table = _table(request)
    if table is None:
        messages.info(request, "还没有部门报送的数，没有可以导出的。")
        return redirect("enterprises:sources")
    return _download(export_sources(actor=request.user, table=table), "sources", "来源对照")


@require_http_methods(["GET", "POST"])
def source_settings(request: HttpRequest) -> HttpResponse:
    """Each line is added, none is changed: what held on a day can always be told."""
    form = SourceSettingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        set_source(actor=request.user, **form.cleaned_data)
        messages.success(request, "已增加一条设定，自起用日起采用。")
        return redirect("enterprises:source_settings")
    rows = settings_shown(request.user)
    context = {
        "form": form,
        "rows": rows,
        "may_set": can(request.user, "source.set"),
        "kinds": SourceSetting.Kind,
    }
    return render(request, "enterprises/source_settings.html", context)


def _suspects(request: HttpRequest) -> tuple[SuspectFilterForm, Estimated | None, list[int], int | None, str]:
    form = SuspectFilterForm(request.GET, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    month = latest_month(request.user)
    settled = settled_for(request.user.region, timezone.localdate())
    if month is None or settled.line is None:
        return form, None, [], settled.line, settled.line_reason
    estimated = size_estimates(request.user, month)
    only = None
    if chosen.get("region"):
        within = Enterprise.objects.visible_to(request.user).within(chosen["region"].pk)
        only = set(within.order_by().values_list("pk", flat=True))
    places = suspect_places(estimated, settled.line, signal=chosen.get("signal") or "", only=only)
    return form, estimated, places, settled.line, settled.line_reason


@require_GET
def suspect_list(request: HttpRequest) -> HttpResponse:
    form, estimated, places, line, reason = _suspects(request)
    context = {"form": form, "line": line, "line_reason": reason, "may_set": can(request.user, "source.set")}
    if estimated and line:
        page = _paged(request, places).get_page(request.GET.get("page"))
        found = suspects_at(estimated, list(page.object_list), line)
        ids = [one.firm_id for one in found]
        firms = Enterprise.objects.visible_to(request.user).select_related("region").in_bulk(ids)
        context |= {
            "page": page,
            "month": estimated.month,
            "rows": [(firms[one.firm_id], one) for one in found],
        }
    return render(request, "enterprises/suspect_list.html", context)


@require_GET
def suspect_export(request: HttpRequest) -> HttpResponse:
    _, estimated, places, line, _ = _suspects(request)
    if estimated is None or line is None:
        messages.info(request, "还没有设定规上线，或没有可估算的数，没有可以导出的。")
        return redirect("enterprises:suspects")
    found = suspects_at(estimated, places, line)
    content = export_suspects(actor=request.user, estimated=estimated, found=found, line=line)
    return _download(content, "suspects", "疑似达规企业")


def _download(content: bytes, name: str, label: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = (
        f"attachment; filename=\"{name}.xlsx\"; filename*=UTF-8''{quote(label)}.xlsx"
    )
    return answer
