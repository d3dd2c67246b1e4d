"""名单对应关系: what is remembered of departments' lists, and forgetting it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from intake.models import ListLayout
from intake.services.access import NotYours
from intake.services.layouts import forget_layout, layout_lines

_A_PAGE = 20


def layout_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(layout_lines(request.user), _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "intake/layout_list.html", {"page": page})


def layout_forget(request: HttpRequest, pk: int) -> HttpResponse:
    layout = get_object_or_404(ListLayout.objects.visible_to(request.user).select_related("region"), pk=pk)
    try:
        forget_layout(layout=layout, actor=request.user)
    except NotYours:
        messages.error(request, "这是别的部门确认的对应关系，只有该部门可以删除。")
    else:
        messages.success(request, "已删除；下一份同样的名单会再请您确认各列，已经入库的数不变。")
    return redirect("intake:layout_list")
