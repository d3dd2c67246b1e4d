"""报送情况 and one region's return: who has reported, who has not, who filled in for whom."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.models import PolicyEdition
from core.periods import Month
from core.permissions import can
from cultivation.models import MonthlyCycle, MonthReturn, ReturnAct, ReturnMark
from cultivation.services.month_completeness import returns_table, silent_firms
from cultivation.services.month_return_pages import acts_for, figures_of, marked_lists, shown_marks
from cultivation.services.month_review import ReturnRefused, hand_on, mark_cell, send_back, unmark_cell
from cultivation.services.programmes import programmes_visible_to
from cultivation.services.return_duties import behalf_of, hand_on_all
from cultivation.views.requests import page_size


def month_returns(request: HttpRequest, programme: str, month: Month) -> HttpResponse:
    """Every region's return at a glance; ``?state=late`` shows the overdue alone, ``review`` those at that step,
    ``behalf`` those that the reader hands on because nobody below can: all of these go on at once."""
    edition, cycle = _cycle(request, programme, month)
    if request.method == "POST":
        return _all_done(request, programme, month, cycle)
    table = returns_table(cycle=cycle, user=request.user) if cycle else None
    behalf = {one.pk for one in behalf_of(request.user, cycle, timezone.localdate())} if cycle else set()
    state = request.GET.get("state", "")
    parts = table.parts if table else {}
    parts |= {"behalf": [line for line in table.lines if line.returned.pk in behalf]} if table else {}
    state = state if state in parts else ""
    context = {
        "programme": edition,
        "month": month,
        "table": table,
        "lines": parts.get(state, ()),
        "behalf": len(behalf),
        "state": state,
        "steps": MonthReturn.Step.choices[1:],
    }
    return render(request, "cultivation/month_returns.html", context)


def _all_done(request: HttpRequest, programme: str, month: Month, cycle: MonthlyCycle | None) -> HttpResponse:
    if cycle is None:
        raise Http404
    returns = behalf_of(request.user, cycle, timezone.localdate())
    done, refused = hand_on_all(returns=returns, actor=request.user, reason=request.POST.get("reason", ""))
    if done:
        messages.success(request, f"已代为办理 {done} 个地区的月报。")
    for told in refused[:5]:
        messages.error(request, told)
    if not done and not refused:
        messages.error(request, "没有要由您代为办理的月报。")
    return redirect("cultivation:month_returns", programme, month)


def month_return(request: HttpRequest, programme: str, month: Month, region: str) -> HttpResponse:
    """One region's return: its numbers and firms, its history, and the acts that are the reader's."""
    edition, cycle = _cycle(request, programme, month)
    if cycle is None:
        raise Http404
    returns = MonthReturn.objects.visible_to(request.user).of_cycle(cycle)
    found = get_object_or_404(returns, region=region)
    found.cycle = cycle
    if request.method == "POST":
        return _done(request, found)
    table = returns_table(cycle=cycle, user=request.user)
    line = next(line for line in table.lines if line.region.pk == found.region_id)
    acts = acts_for(returned=found, user=request.user)
    shown = request.GET.get("list", "")
    shown = shown if shown in LISTS else ("figures" if acts.back_to else "silent")
    rows = LISTS[shown](cycle=cycle, region=found.region, user=request.user)
    marks = shown_marks(found, to_return=bool(acts.back_to))
    history = list(found.acts.select_related("actor"))
    back = (act for act in history if act.kind != ReturnAct.Kind.HAND_ON)
    context = {
        "programme": edition,
        "month": month,
        "table": table,
        "line": line,
        "returned": found,
        "acts": acts,
        "list": shown,
        "part": Paginator(rows, page_size(request)).get_page(request.GET.get("page")),
        "marks": marks,
        "lists": marked_lists(marks, request.user) if can(request.user, "batch.view") else [],
        "measures": ReturnMark.Measure.choices,
        "asked": request.GET.get("mark", ""),
        "history": history,
        "sent_back": next(back, None) if found.was_sent_back else None,
        "reminders": found.reminders.all(),
    }
    return render(request, "cultivation/month_return.html", context)


LISTS = {"silent": silent_firms, "figures": figures_of}


def _done(request: HttpRequest, found: MonthReturn) -> HttpResponse:
    """The act that the form asks for; says what was done or why not, and goes back to the return."""
    given, actor = request.POST, request.user
    where = redirect("cultivation:month_return", found.cycle.programme, found.cycle.month, found.region_id)
    try:
        match given.get("act"):
            case "hand_on":
                moved = hand_on(returned=found, actor=actor, reason=given.get("reason", ""))
                messages.success(request, f"{found.region.name}的月报：{moved.get_step_display()}。")
            case "send_back":
                moved = send_back(
                    returned=found, to=given.get("to", ""), reason=given.get("reason", ""), actor=actor
                )
                messages.success(request, f"已退回{found.region.name}的月报：{moved.state_label}。")
            case "mark":
                mark_cell(
                    returned=found,
                    uscc=given.get("uscc", ""),
                    measure=given.get("measure", ""),
                    note=given.get("note", ""),
                    actor=actor,
                )
                messages.success(request, "已标记，退回时一并告知填报人。")
            case "unmark":
                number = given.get("mark", "")
                unmark_cell(
                    returned=found,
                    mark=int(number) if number.isascii() and number.isdigit() else 0,
                    actor=actor,
                )
                messages.success(request, "已取消标记。")
            case _:
                messages.error(request, "请选择要办理的事项。")
    except ReturnRefused as refused:
        messages.error(request, str(refused))
    return where


def _cycle(request: HttpRequest, programme: str, month: Month) -> tuple[PolicyEdition, MonthlyCycle | None]:
    """The programme, and its month where that was opened."""
    edition = programmes_visible_to(request.user).filter(name=programme).first()
    if edition is None:
        raise Http404
    cycles = MonthlyCycle.objects.visible_to(request.user).of_month(programme, month)
    return edition, cycles.select_related("region", "edition").first()
