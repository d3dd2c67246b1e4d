from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from core.models import User
from core.panels import alerts_for
from core.periods import Month
from core.permissions import can
from core.standing import standing, standing_page
from core.todos import todos_of
from cultivation.models import MonthlyIssue
from cultivation.rules.measures import light_rules
from cultivation.services.month_pages import MonthPage, current_month
from cultivation.services.months import month_table
from cultivation.services.programmes import programmes_visible_to
from cultivation.views.months import page_or_404
from cultivation.views.requests import download
from intake.models import Batch
from reports.forms import BulletinForm, FirmListForm, ReturnForm, SignForm
from reports.services.bulletin_acts import (
    BulletinRefused,
    draft_bulletin,
    return_bulletin,
    sign_bulletin,
)
from reports.services.bulletin_pages import bulletin_page, paper_acts, paper_or_none
from reports.services.bulletins import Paper
from reports.services.cockpit import cockpit_of
from reports.services.comparison import ADDED, compare_list
from reports.services.firm_lists import ListRefused
from reports.services.helping import CALENDAR, CALENDAR_NOTE, WORDS, help_page
from reports.services.paper_files import excel_of, table_of, word_of
from reports.services.statutory import STATUTORY_COLUMNS

RECENT = 6
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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

    def listed(kept: dict[str, Any]) -> dict[str, Any]:
        """The bar counts the very list that is on the page."""
        request.house_todos = kept["todos"]  # type: ignore[attr-defined]
        return {}

    return standing_page(request, "reports/workbench.html", lambda: _workbench_context(request), fresh=listed)


def _workbench_context(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    todos = todos_of(request)
    issue = newest_month(user)
    recent = Batch.objects.visible_to(user).select_related("region", "sent_by")[:RECENT]
    return {
        "todos": todos,
        "tones": {tone: sum(todo.tone == tone for todo in todos) for tone in ("bad", "warn", "info")},
        "alerts": alerts_for(user),
        "recent": recent if can(user, "batch.view") else [],
        "sees_business": can(user, "month.view"),
        "may_send": can(user, "batch.send"),
        "table": month_table(issue=issue, user=user) if issue else None,
    }


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """帮助: one static page, of the reader's role."""
    context = {
        "page": help_page(request.user),
        "calendar": CALENDAR,
        "calendar_note": CALENDAR_NOTE,
        "words": WORDS,
    }
    return render(request, "reports/help.html", context)


@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """驾驶舱: how the year stands against its target, region by region and month by month."""
    user, programme = request.user, request.GET.get("programme", "")
    asked = request.GET.get("month", "")
    shown = standing(request, f"cockpit:{programme}:{asked}", lambda: cockpit_of(user, programme, asked))
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


def bulletin_current(request: HttpRequest) -> HttpResponse:
    """The papers of the latest closed month."""
    place = current_month(request.user, request.GET.get("programme", ""))
    if place is None:
        return render(request, "cultivation/month_none.html")
    return redirect("reports:bulletins", *place)


def bulletins(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """报表通报: the statutory table, and the papers that the month makes."""
    page = page_or_404(request, programme, month)
    shown = bulletin_page(page, request.user)
    context = {
        "page": page,
        "shown": shown,
        "columns": list(STATUTORY_COLUMNS.values()),
        "groups": [(above.text, above.width) for above in table_of(shown.table.sheet).head[0][1:]]
        if shown.table
        else [],
        "may_export": can(request.user, "month.export"),
    }
    return render(request, "reports/bulletins.html", context)


def bulletin(request: HttpRequest, programme: str, month: Month, kind: str) -> HttpResponse:
    """A paper as it will be printed; drafted, handed to who signs, signed or sent back."""
    page = page_or_404(request, programme, month)
    paper = _paper_or_404(request, page, kind)
    acts = paper_acts(paper, request.user)
    asked = request.POST.get("act", "")
    given = request.POST if request.method == "POST" else None
    forms = {
        "draft": BulletinForm(given if asked in DRAFTING else None, initial=_written(paper)),
        "sign": SignForm(given if asked == "sign" else None, initial={"printed_on": timezone.localdate()}),
        "return": ReturnForm(given if asked == "return" else None),
    }
    if request.method == "POST":
        form = (
            forms["draft" if asked in DRAFTING else asked] if asked in (*DRAFTING, "sign", "return") else None
        )
        if form is None:
            messages.error(request, "请选择要办理的事项。")
        elif form.is_valid() and _paper_done(request, paper, asked, form.cleaned_data):
            return redirect("reports:bulletin", programme, month, kind)
    context = {
        "page": page,
        "paper": paper,
        "acts": acts,
        "forms": forms,
        "is_editing": acts.draft and ("edit" in request.GET or forms["draft"].is_bound),
        "tables": [table_of(sheet) for sheet in paper.sheets],
        "may_export": can(request.user, "month.export"),
    }
    return render(request, "reports/bulletin.html", context)


#: words of the form's two buttons
DRAFTING = {"draft": "草稿已保存。", "submit": "已送签，待分管领导签发。"}


def _written(paper: Paper) -> dict[str, str]:
    return {
        "number": paper.number,
        "addressee": paper.addressee,
        "copies": paper.copies,
        "text": "\n".join(paper.lines),
    }


def _paper_done(request: HttpRequest, paper: Paper, act: str, given: dict[str, Any]) -> bool:
    actor, made = request.user, paper.bulletin
    try:
        if act in DRAFTING:
            draft_bulletin(issue=paper.issue, kind=paper.kind, actor=actor, to_sign=act == "submit", **given)
            said = DRAFTING[act]
        elif made is None:
            raise BulletinRefused("这份公文还没有拟稿。")
        elif act == "sign":
            sign_bulletin(bulletin=made, actor=actor, **given)
            said = "已签发，内容从此不变。"
        else:
            return_bulletin(bulletin=made, actor=actor, **given)
            said = "已退回拟稿人修改。"
    except BulletinRefused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, said)
    return True


def bulletin_word(request: HttpRequest, programme: str, month: Month, kind: str) -> HttpResponse:
    paper = _paper_or_404(request, page_or_404(request, programme, month), kind)
    return download(word_of(paper, request.user), f"{paper.title}.docx", DOCX)


def statutory_export(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """The statutory table as Excel; with ``kind`` the other tables of that paper beside it."""
    page = page_or_404(request, programme, month)
    kind = request.GET.get("kind", "")
    paper = _paper_or_404(request, page, kind) if kind else None
    table = bulletin_page(page, request.user).table
    if table is None or not table.lines:
        raise Http404
    return download(excel_of(table, paper, request.user), f"{paper.title if paper else table.title}.xlsx")


def _paper_or_404(request: HttpRequest, page: MonthPage, kind: str) -> Paper:
    paper = paper_or_none(page, kind, request.user)
    if paper is None:
        raise Http404
    return paper
