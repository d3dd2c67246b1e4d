"""奖补: thin doors over services; rows outside the reader's region do not exist for him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.jobs import enqueue
from core.models import Region
from core.permissions import can
from core.scoping import regions_visible_to
from core.templatetags.house import PAGE_SIZES
from incentives.models import AwardRound
from incentives.services.applications import (
    AlreadyApplied,
    applications_visible_to,
    claimable_rules,
)
from incentives.services.approval import (
    approve_round,
    decide_objection,
    publicize_round,
    raise_objection,
    withdraw_round,
)
from incentives.services.blocks import programme_lines, round_lines
from incentives.services.claim_forms import claim_form, send_claim
from incentives.services.computing import compute_awards_key, running_computation
from incentives.services.payout_pages import MOVES, payouts_page
from incentives.services.payouts import keep_account, move_payouts
from incentives.services.programmes import AwardsRefused, award_programmes_visible_to
from incentives.services.round_lines import sums_of
from incentives.services.round_pages import RoundPage, round_page
from incentives.services.simulating import try_out
from incentives.services.workbooks import export_round

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
    page, region = _page_or_404(request, programme, year), _region_or_404(request)
    choices = _choices(page, region)
    show = request.GET.get("show", "due")
    chosen = next((choice for choice in choices if choice.key == show), None)
    if chosen is None:
        raise Http404
    context = {
        "page": page,
        "region": region,
        "choices": choices,
        "show": show,
        "show_label": chosen.label,
        "part": Paginator(chosen.rows, _page_size(request)).get_page(request.GET.get("page")),
        "sums": sums_of(chosen.rows, len(page.levels)) if show in ("due", "held") else None,
        "empty": _EMPTY[show],
        "job": running_computation(programme, year),
        "may_compute": can(request.user, "award.compute"),
        "may_export": can(request.user, "award.export"),
        "may_approve": can(request.user, "award.approve"),
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
    page = _page_or_404(request, programme, year)
    name = f"{page.award_round.region.name}{year}年拟奖补名单.xlsx"
    return HttpResponse(
        export_round(page=page, actor=request.user),
        content_type=XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@require_POST
def publicity(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Begin or withdraw the publicity of the newest version, or note an objection to it."""
    award_round = _own_round_or_404(request, programme, year)
    act = request.POST.get("act", "")
    try:
        if act == "begin":
            done = publicize_round(
                award_round=award_round, first_day=timezone.localdate(), actor=request.user
            )
            messages.success(request, f"已开始公示，到 {done.public_until} 为止。")
        elif act == "withdraw":
            withdraw_round(award_round=award_round, actor=request.user)
            messages.success(request, "已撤回公示，可以重新测算。")
        else:
            raise_objection(
                award_round=award_round,
                raised_by=request.POST.get("raised_by", "")[:60],
                text=request.POST.get("text", "")[:500],
                actor=request.user,
            )
            messages.success(request, "已登记异议，答复之前不能审定。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    return redirect("incentives:round", programme, year)


@require_POST
def approve(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Answer an objection, or approve the round."""
    award_round = _own_round_or_404(request, programme, year)
    number = request.POST.get("objection", "")
    try:
        if number:
            found = award_round.objections.filter(pk=int(number) if number.isdigit() else 0).first()
            if found is None:
                raise Http404
            decide_objection(
                objection=found,
                upheld=request.POST.get("upheld") == "1",
                answer=request.POST.get("answer", "")[:500],
                actor=request.user,
            )
            messages.success(request, "已答复异议。")
        else:
            approve_round(award_round=award_round, today=timezone.localdate(), actor=request.user)
            messages.success(request, "已审定，可由财政办理兑现。待核的没有列入，定下来后重新测算。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    return redirect("incentives:round", programme, year)


@require_http_methods(["GET", "POST"])
def payouts(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """兑现: every instalment with its state and days; finance moves them on."""
    if request.method == "POST":
        return _move(request, programme, year)
    page = payouts_page(user=request.user, programme=programme, year=year)
    if page is None:
        _page_or_404(request, programme, year)
        messages.info(request, "还没有审定的一版，审定之后才有兑现。")
        return redirect("incentives:round", programme, year)
    context = {
        "page": page,
        "part": Paginator(page.lines, _page_size(request)).get_page(request.GET.get("page")),
        "may_pay": can(request.user, "award.pay"),
        "moves": MOVES,
        "today": timezone.localdate(),
    }
    return render(request, "incentives/payouts.html", context)


def _move(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    award_round = _own_round_or_404(request, programme, year, request.POST.get("version", ""))
    chosen = [int(word) for word in request.POST.getlist("payout") if word.isascii() and word.isdigit()]
    to = request.POST.get("to", "")
    try:
        if to not in MOVES:
            raise AwardsRefused("请选择办理到哪一步。")
        day = date.fromisoformat(request.POST.get("day", ""))
        moved = move_payouts(
            payouts=chosen,
            award_round=award_round,
            to=to,
            day=day,
            actor=request.user,
            reason=request.POST.get("reason", "")[:200],
        )
        messages.success(request, f"已办理 {moved} 笔：{MOVES[to]}。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    except ValueError:
        messages.warning(request, "日期写成 2022-06-15 的样子。")
    return redirect("incentives:payouts", programme, year)


@require_POST
def account(request: HttpRequest, programme: str, year: int) -> HttpResponse:
    """Keep the account of a recipient of this round."""
    award_round = _own_round_or_404(request, programme, year)
    code = request.POST.get("recipient", "")
    try:
        if not award_round.payouts.filter(award__recipient_code=code).exists():
            raise AwardsRefused("这一版没有要付给这个对象的奖补。")
        keep_account(
            recipient_code=code,
            payee=request.POST.get("payee", "")[:200],
            bank=request.POST.get("bank", "")[:200],
            account=request.POST.get("account", "")[:40],
            actor=request.user,
        )
        messages.success(request, "已保存收款账户。")
    except AwardsRefused as refused:
        messages.warning(request, str(refused))
    return redirect("incentives:payouts", programme, year)


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """申报: choose a rule, give what it asks for; a second claim is answered 409 with the first's number."""
    given = (request.POST if request.method == "POST" else request.GET).dict()
    form = claim_form(user=request.user, given=given, today=timezone.localdate())
    said, status = "", 200
    if request.method == "POST":
        try:
            made = send_claim(form=form, user=request.user)
            messages.success(request, f"已受理，编号 {made.number}。")
            return redirect("incentives:apply")
        except AlreadyApplied as again:
            said, status = f"{again}不重复受理。", 409
        except AwardsRefused as refused:
            said = str(refused)
    context = {
        "said": said,
        "form": form,
        "choices": claimable_rules(request.user),
        "applications": applications_visible_to(request.user),
    }
    return render(request, "incentives/applications.html", context, status=status)


def _own_round_or_404(request: HttpRequest, programme: str, year: int, version: str = "") -> AwardRound:
    """The newest round (or one version) of a locality that lies wholly within the actor's own region."""
    rounds = AwardRound.objects.visible_to(request.user).latest_for(programme, year).select_related("region")
    if version.isascii() and version.isdigit() and len(version) < 5:
        rounds = rounds.filter(version=int(version))
    found = rounds.first()
    if found is None or not found.region.path.startswith(request.user.scope_path or "-"):
        raise Http404
    return found


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


def _page_or_404(request: HttpRequest, programme: str, year: int) -> RoundPage:
    version = request.GET.get("version", "")
    page = round_page(
        user=request.user,
        programme=programme,
        year=year,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 5 else None,
    )
    if page is None:
        raise Http404
    return page


def _region_or_404(request: HttpRequest) -> Region | None:
    code = request.GET.get("region", "")
    region = regions_visible_to(request.user).filter(pk=code).first() if code else None
    if code and region is None:
        raise Http404
    return region


def _page_size(request: HttpRequest) -> int:
    asked = request.GET.get("page_size", "")
    return next((size for size in PAGE_SIZES if str(size) == asked), PAGE_SIZES[0])
