"""目标任务 and 月度调度: thin doors over services; rows outside the reader's region do not exist for him."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.jobs import enqueue
from core.periods import Month
from core.permissions import can
from core.standing import standing_page
from cultivation.models import MonthReturn
from cultivation.rules.measures import LAGGING, light_rules
from cultivation.services.adjustments import adjustment_table
from cultivation.services.month_completeness import open_returns
from cultivation.services.month_lists import firm_rows, month_list
from cultivation.services.month_pages import MonthPage, current_month, month_page, running_close
from cultivation.services.months import MonthRefused, close_month_key, issue_month
from cultivation.services.programmes import programmes_visible_to
from cultivation.services.target_pages import TargetPage, target_page
from cultivation.services.workbooks import export_month, export_targets
from cultivation.views.requests import download, page_size, region_or_404


def targets(request: HttpRequest) -> HttpResponse:
    """目标任务: the table as the document prints it, and how far its totals have come."""
    programmes = list(programmes_visible_to(request.user))
    asked = request.GET.get("programme", "")
    edition = next(
        (e for e in programmes if e.name == asked), None if asked else next(iter(programmes), None)
    )
    if asked and edition is None:
        raise Http404
    page = target_page(edition=edition, user=request.user) if edition else None
    context = {"programmes": programmes, "page": page, "may_export": can(request.user, "month.export")}
    return render(request, "cultivation/target_table.html", context)


def targets_export(request: HttpRequest, programme: str) -> HttpResponse:
    edition = programmes_visible_to(request.user).filter(name=programme).first()
    page: TargetPage | None = target_page(edition=edition, user=request.user) if edition else None
    if page is None or not page.tables:
        raise Http404
    return download(export_targets(page=page, actor=request.user), f"{page.document.title}目标任务.xlsx")


def month_current(request: HttpRequest) -> HttpResponse:
    """The latest closed month of the user's programme; the form of the month page sends its choice here."""
    place = current_month(request.user, request.GET.get("programme", ""))
    if place is None:
        return render(request, "cultivation/month_none.html")
    programme, month = place
    with suppress(ValueError):
        month = Month.parse(request.GET.get("month", ""))
    return redirect("cultivation:month", programme, month)


def month(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    return standing_page(request, "cultivation/month.html", lambda: _month_context(request, programme, month))


def _month_context(request: HttpRequest, programme: str, month: Month) -> dict[str, Any]:
    page = page_or_404(request, programme, month)
    return {
        "page": page,
        "by_rank": request.GET.get("order") == "rank",
        "only_lagging": request.GET.get("light") == LAGGING,
        "light_rules": light_rules(page.issue.lagging_hundredths) if page.issue else [],
        "may_close": can(request.user, "month.close"),
        "may_issue": can(request.user, "month.issue"),
        "may_export": can(request.user, "month.export"),
        "returns": open_returns(programme=programme, month=month, user=request.user),
        "adjusted": adjustment_table(issue=page.issue, user=request.user) if page.issue else None,
        "may_correct": can(request.user, "month.correct"),
        "steps": MonthReturn.Step.choices[1:],
    }


def month_rows(request: HttpRequest, programme: str, month: Month, which: str) -> HttpResponse:
    """The firms behind one number of the month."""
    page = page_or_404(request, programme, month)
    region = region_or_404(request)
    if page.issue is None:
        raise Http404
    try:
        listed = month_list(issue=page.issue, which=which, user=request.user, region=region)
    except KeyError as error:
        raise Http404 from error
    part = Paginator(listed, page_size(request)).get_page(request.GET.get("page"))
    firms = firm_rows(listed, list(part.object_list), request.user)
    context = {"page": page, "region": region, "listed": listed, "part": part, "firms": firms}
    return render(request, "cultivation/month_rows.html", context)


def month_state(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """How far the closing has come; the page asks until it is done."""
    if not programmes_visible_to(request.user).filter(name=programme).exists():
        raise Http404
    context = {"job": running_close(programme, month), "programme": programme, "month": month}
    return render(request, "cultivation/_month_state.html", context)


@require_POST
def month_close(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    if not programmes_visible_to(request.user).filter(name=programme).exists():
        raise Http404
    arguments = {"programme": programme, "month": str(month)}
    enqueue(job="close_month", key=close_month_key(programme, month), arguments=arguments, actor=request.user)
    messages.info(request, f"{month.label}已交后台统计，完成后本页自动更新。")
    return redirect("cultivation:month", programme, month)


@require_POST
def month_issue(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    page = page_or_404(request, programme, month)
    if page.issue is None or str(page.issue.inputs_digest) != request.POST.get("digest"):
        messages.error(request, f"{month.label}的统计已经更新，请看过新的数字再印发。")
        return redirect("cultivation:month", programme, month)
    try:
        issue = issue_month(issue=page.issue, actor=request.user)
    except MonthRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{month.label}第{issue.version}版已印发，数字冻结，月报和变动名单已锁定。")
    return redirect("cultivation:month", programme, month)


def month_export(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    page = page_or_404(request, programme, month)
    if page.table is None:
        raise Http404
    content = export_month(table=page.table, actor=request.user)
    return download(content, f"{page.programme.locality.name}{month.label}月度调度表.xlsx")


def page_or_404(request: HttpRequest, programme: str, month: Month) -> MonthPage:
    version = request.GET.get("version", "")
    page = month_page(
        user=request.user,
        programme=programme,
        month=month,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 5 else None,
    )
    if page is None:
        raise Http404
    return page
