from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from core.models import User
from core.panels import alerts_for
from core.permissions import can
from core.todos import todos_of
from cultivation.models import MonthlyIssue
from cultivation.rules.measures import light_rules
from cultivation.services.months import month_table
from cultivation.services.programmes import programmes_visible_to
from intake.models import Batch
from reports.forms import FirmListForm
from reports.services.cockpit import cockpit_of
from reports.services.comparison import ADDED, compare_list
from reports.services.firm_lists import ListRefused

RECENT = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def newest_month(user: User) -> MonthlyIssue | None:
    """The latest month that was closed under the programme that governs this person's region."""
    if not can(user, "month.view"):
        return None
    programme = programmes_visible_to(user).first()
    if programme is None:
        return None
    issues = MonthlyIssue.objects.visible_to(user).filter(programme=programme.name)
    return issues.newest_first().select_related("edition", "region").first()


def workbench(request: HttpRequest) -> HttpResponse:
    """工作台: what waits for this person, what stands out, how his regions stand."""
    user = request.user
    todos = todos_of(request)
    issue = newest_month(user)
    recent = Batch.objects.visible_to(user).select_related("region", "sent_by")[:RECENT]
    context = {
        "todos": todos,
        "tones": {tone: sum(todo.tone == tone for todo in todos) for tone in ("bad", "warn", "info")},
        "alerts": alerts_for(user),
        "recent": recent if can(user, "batch.view") else [],
        "sees_business": can(user, "month.view"),
        "may_send": can(user, "batch.send"),
        "table": month_table(issue=issue, user=user) if issue else None,
    }
    return render(request, "reports/workbench.html", context)


@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """驾驶舱: how the year stands against its target, region by region and month by month."""
    user, programme = request.user, request.GET.get("programme", "")
    shown = cockpit_of(user, programme, request.GET.get("month", ""))
    if shown is None and programme:
        raise Http404
    issue = shown.page.issue if shown else None
    context = {
        "cockpit": shown,
        "page": shown.page if shown else None,
        "by_rank": request.GET.get("order") == "rank",
        "light_rules": light_rules(issue.lagging_hundredths) if issue else [],
        "may_close": can(user, "month.close"),
    }
    return render(request, "reports/cockpit.html", context)


@require_http_methods(["GET", "POST"])
def comparison(request: HttpRequest) -> HttpResponse:
    """批量比对: a list in, the same list with what is known of each firm out."""
    form, said = FirmListForm(request.POST or None, request.FILES or None), ""
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = compare_list(name=file.name, content=file.chunks(), actor=request.user)
        except ListRefused as refused:
            said = str(refused)
        else:
            headers = {"Content-Disposition": content_disposition_header(True, "批量比对结果.xlsx")}
            return HttpResponse(done.content, content_type=XLSX, headers=headers)
    context = {"form": form, "said": said, "added": ADDED}
    return render(request, "reports/comparison.html", context)
