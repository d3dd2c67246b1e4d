"""Rounds, their lists, simulation and Excel: thin doors over services; rows outside the reader's region do not exist for him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from core.jobs import enqueue
from core.models import Region
from core.permissions import can
from core.scoping import regions_visible_to
from incentives.models import AwardRound
from incentives.services.approval import stands_against
from incentives.services.blocks import programme_lines, round_lines
from incentives.services.computing import compute_awards_key, running_computation
from incentives.services.programmes import AwardsRefused, award_programmes_visible_to
from incentives.services.round_lines import sums_of
from incentives.services.round_pages import RoundPage
from incentives.services.simulating import try_out
from incentives.services.workbooks import export_round
from incentives.views.asked import page_or_404, page_size

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the lists of a round."""

    key: str
    label: str
    count: int
    rows: list[Any]


_EMPTY = {
    "due": ("没有拟奖补的对象", "这一年度没有符合规则的事项，或还没有报名单、没有申报。"),
    "held": ("没有待核的对象", "每一笔的数据都齐全。"),
    "missed": ("没有少得的对象", "名单里的各部分都已得到。"),
    "refused": ("没有不符合的对象", "来过名单的都符合规则。"),
}


@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """奖补批次, and what the documents in force say, 未定 included."""
    context = {
        "rounds": round_lines(request.user),
        "programmes": programme_lines(request.user),
        "may_compute": can(request.user, "award.compute"),
    }
    return render(request, "incentives/round_list.html", context)


@require_GET
def award_round(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    page, region = page_or_404(request, programme, year), _region_or_404(request)
    choices = _choices(page, region)
    show = request.GET.get("show", "due")
    chosen = next((choice for choice in choices if choice.key == show), None)
    if chosen is None:
        raise Http404
    may_approve = can(request.user, "award.approve")
    is_asked = may_approve and page.is_newest and page.award_round.state == AwardRound.State.PUBLIC
    context = {
        "page": page,
        "region": region,
        "choices": choices,
        "show": show,
        "show_label": chosen.label,
        "part": Paginator(chosen.rows, page_size(request)).get_page(request.GET.get("page")),
        "sums": sums_of(chosen.rows, len(page.levels)) if show in ("due", "held") else None,
        "empty": _EMPTY[show],
        "job": running_computation(programme, year),
        "may_compute": can(request.user, "award.compute"),
        "may_export": can(request.user, "award.export"),
        "may_approve": may_approve,
        "not_yet": stands_against(page.award_round, timezone.localdate(), request.user) if is_asked else [],
        "may_simulate": can(request.user, "policy.simulate") and page.sees_whole,
        "objections": list(page.award_round.objections.select_related("recorded_by", "decided_by")),
    }
    return render(request, "incentives/round.html", context)


@require_POST
def compute(request: HttpRequest, programme: str) -> HttpResponse:
    """Queue the computing of a year; a document whose rules cannot run is told so at once."""
    given = next(
        (part for edition, part in award_programmes_visible_to(request.user) if edition.name == programme),
        None,
    )
    year = request.POST.get("year", "")
    if given is None or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Http404
    if not any(rule.can_run for rule in given.rules):
        messages.warning(request, "文件没有写明金额，没有可以测算的规则。")
        return redirect("incentives:rounds")
    arguments = {"programme": programme, "year": int(year)}
    key = compute_awards_key(programme, int(year))
    enqueue(job="compute_awards", key=key, arguments=arguments, actor=request.user)
    messages.info(request, f"{year}年奖补已交后台测算，完成后刷新本页查看。")
    return redirect("incentives:rounds")


@require_GET
def simulation(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """预算模拟: other sums, rates, lines or budgets, and what the year would cost; nothing is saved."""
    found = [
        edition
        for edition, _part in award_programmes_visible_to(request.user)
        if edition.name == programme and edition.locality.path.startswith(request.user.scope_path or "-")
    ]
    if not found or not 2000 <= year <= timezone.localdate().year + 1:
        raise Http404
    trial, said = None, ""
    try:
        trial = try_out(edition=found[0], year=year, given=request.GET.dict())
    except AwardsRefused as refused:
        said = str(refused)
    context = {"trial": trial, "edition": found[0], "year": year, "said": said}
    return render(request, "incentives/simulation.html", context)


@require_GET
def export(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    page = page_or_404(request, programme, year)
    name = f"{page.award_round.region.name}{year}年拟奖补名单.xlsx"
    return HttpResponse(
        export_round(page=page, actor=request.user),
        content_type=XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _choices(page: RoundPage, region: Region | None) -> list[Choice]:
    lists = (
        ("due", "拟奖补名单", page.lines),
        ("held", "待核", page.held),
        ("missed", "差多少", page.missed),
        ("refused", "不符合", page.refused),
    )
    found = []
    for key, label, rows in lists:
        kept = [row for row in rows if region is None or _is_within(row, region)]
        found.append(Choice(key, label, len(kept), kept))
    return found


def _is_within(row: Any, region: Region) -> bool:
    of = row.refusal if hasattr(row, "refusal") else row.award
    return bool(of.region.path.startswith(region.path))


def _region_or_404(request: HttpRequest) -> Region | None:
    code = request.GET.get("region", "")
    region = regions_visible_to(request.user).filter(pk=code).first() if code else None
    if code and region is None:
        raise Http404
    return region
