"""疑似重复: pairs of records that look like one firm, side by side, brought to one decision."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from core.permissions import can
from enterprises.forms.events import DuplicateForm
from enterprises.models import DuplicateDecision, Enterprise
from enterprises.services.duplicate_pages import decided_pairs, side_by_side
from enterprises.services.duplicates import (
    firms_of,
    keep_apart,
    suspected_duplicates,
)
from enterprises.services.merging import DuplicateRefused, merge_plan, merge_records

_PAGE = 50


@require_GET
def duplicate_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(suspected_duplicates(request.user), _PAGE).get_page(request.GET.get("page"))
    firms = firms_of(page)
    context = {
        "page": page,
        "pairs": [(pair, firms[pair.first], firms[pair.second]) for pair in page],
        "decided": decided_pairs(request.user),
        "may_decide": can(request.user, "registry.change"),
    }
    return render(request, "enterprises/duplicate_list.html", context)


def duplicate_pair(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    visible = Enterprise.objects.visible_to(request.user).select_related("region")
    first, second = (get_object_or_404(visible, pk=number) for number in sorted((pk, other)))
    data = request.POST if request.method == "POST" else None
    form = DuplicateForm(data, firms=(first, second), initial={"keep": str(first.pk)})
    if form.is_bound and form.is_valid() and _decide(request, form, first, second):
        return redirect("enterprises:duplicates")
    context = {
        "form": form,
        "first": first,
        "second": second,
        "lines": side_by_side(first, second),
        "plans": [(first, merge_plan(first, second)), (second, merge_plan(second, first))],
        "may_decide": can(request.user, "registry.change"),
    }
    return render(request, "enterprises/duplicate_pair.html", context)


def _decide(request: HttpRequest, form: DuplicateForm, first: Enterprise, second: Enterprise) -> bool:
    given = form.cleaned_data
    note, actor = given["note"], request.user
    if first == second:
        form.add_error(None, "两边是同一份档案，不用办理。")
        return False
    if given["verdict"] == DuplicateDecision.Verdict.DIFFERENT:
        keep_apart(first=first, second=second, note=note, actor=actor)
        messages.success(request, f"已记录：{first.name}与{second.name}不是同一家，不再提示。")
        return True
    kept, gone = (second, first) if given["keep"] == str(second.pk) else (first, second)
    try:
        merge_records(kept=kept, second=gone, note=note, actor=actor, overrule=given["overrule"])
    except DuplicateRefused as refused:
        form.add_error(None, f"没有合并：{refused}。")
        return False
    messages.success(request, f"已合并到{kept.name}；旧代码 {gone.uscc} 的报表以后自动归到它名下。")
    return True
