"""政策文件: editions, upload, comparison, yearly figures, simulation, approval; 事实一览. Thin doors over services."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.models import PolicyEdition
from core.permissions import can
from core.policies import PolicyFault
from core.policy_forms import ApprovalForm, EditionUploadForm, ReturnForm, YearlyForm
from core.services import edition_pages as pages
from core.services.edition_force import approve_edition
from core.services.editions import (
    EditionRefused,
    discard_edition,
    draft_edition,
    return_edition,
    set_yearly,
    submit_edition,
)
from core.services.fact_pages import fact_lines
from core.services.policies import PolicyRejected, edition_in_force
from core.services.simulation import simulate

#: a primary key as an address writes it
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


def _edition(request: HttpRequest, pk: int | str | None) -> PolicyEdition:
    visible = PolicyEdition.objects.visible_to(request.user)
    people = ("locality", "loaded_by", "submitted_by", "approved_by")
    if not _NUMBER.fullmatch(str(pk or "")):
        raise Http404
    return get_object_or_404(visible.select_related(*people), pk=pk)


@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    context = {"lines": pages.document_lines(request.user), "may_draft": can(request.user, "policy.draft")}
    return render(request, "core/policy_list.html", context)


@require_GET
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: cover, parts, what the source leaves open, and what may be done with it."""
    edition = _edition(request, pk)
    current = edition_in_force(edition.name)
    sections = pages.outline_of(edition)
    editions = PolicyEdition.objects.visible_to(request.user).filter(name=edition.name).defer("text")
    context = {
        "edition": edition,
        "current": current,
        "sections": pages.shown_sections(sections),
        "blanks": pages.blanks_of(sections),
        "demo_choices": pages.demo_choices_of(sections),
        "editions": editions.select_related("loaded_by", "approved_by"),
        "has_yearly": bool(pages.yearly_leaves(edition.text)),
        "approval": ApprovalForm(initial={"on": pages.first_day_to_come(edition)}),
        "may_draft": can(request.user, "policy.draft"),
        "may_approve": can(request.user, "policy.approve"),
        "may_simulate": can(request.user, "policy.simulate"),
        "is_own": request.user.pk in (edition.loaded_by_id, edition.submitted_by_id),
    }
    return render(request, "core/policy.html", context)


@require_GET
def policy_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact text, as a file."""
    edition = _edition(request, pk)
    response = HttpResponse(edition.text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{edition.name}-{edition.number}.yaml"'
    return response


@require_http_methods(["GET", "POST"])
def policy_upload(request: HttpRequest) -> HttpResponse:
    """A text, checked; without faults it is a draft."""
    base = request.GET.get("base")
    initial = {"text": _edition(request, base).text} if base else {}
    form = EditionUploadForm(request.POST or None, request.FILES or None, initial=initial)
    faults: list[pages.ToldFault] = []
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            draft = draft_edition(text=text, actor=request.user, remark=form.cleaned_data["remark"])
        except PolicyRejected as rejected:
            faults = pages.told_faults(text, rejected.faults)
            form = EditionUploadForm(initial={"text": text, "remark": form.cleaned_data["remark"]})
        except EditionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"检查通过，已存为{draft}草案，尚未施行。")
            return redirect("core:policy", draft.pk)
    return render(request, "core/policy_upload.html", {"form": form, "faults": faults})


@require_GET
def policy_compare(request: HttpRequest) -> HttpResponse:
    """Two editions side by side, leaf by leaf; without a left one, everything is new."""
    after = _edition(request, request.GET.get("right"))
    left = request.GET.get("left")
    before = _edition(request, left) if left else edition_in_force(after.name)
    if before is not None and before.name != after.name:
        raise Http404
    others = PolicyEdition.objects.visible_to(request.user).filter(name=after.name).defer("text")
    changes = pages.changes_of(before, after)
    context = {"before": before, "after": after, "editions": others, "changes": changes}
    return render(request, "core/policy_compare.html", context)


@require_http_methods(["GET", "POST"])
def policy_yearly(request: HttpRequest, pk: int) -> HttpResponse:
    """What is set anew every year, as a form; saving makes a draft."""
    edition = _edition(request, pk)
    form = YearlyForm(request.POST or None, leaves=pages.yearly_fields(edition))
    faults: list[PolicyFault] = []
    if request.method == "POST" and form.is_valid():
        try:
            draft = set_yearly(
                edition=edition,
                values=form.values(),
                actor=request.user,
                remark=form.cleaned_data["remark"],
            )
        except PolicyRejected as rejected:
            faults = [fault for fault in rejected.faults if not form.tell(fault.key, fault.message)]
        except EditionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"已存为{draft}草案，尚未施行。")
            return redirect("core:policy", draft.pk)
    return render(request, "core/policy_yearly.html", {"edition": edition, "form": form, "faults": faults})


@require_GET
def policy_simulate(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would enter and leave under this edition, on the data of today."""
    draft = _edition(request, pk)
    current = edition_in_force(draft.name)
    try:
        simulations = simulate(draft=draft, current=current, actor=request.user)
    except PolicyRejected as rejected:
        messages.error(request, f"这一版读不出来，不能模拟：{rejected.faults[0].message}")
        return redirect("core:policy", pk)
    context = {"edition": draft, "current": current, "simulations": simulations}
    return render(request, "core/policy_simulate.html", context)


@require_POST
def policy_submit(request: HttpRequest, pk: int) -> HttpResponse:
    edition = _edition(request, pk)
    try:
        submit_edition(edition=edition, actor=request.user)
    except EditionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{edition}已提交，待另一位负责人批准。")
    return redirect("core:policy", pk)


@require_POST
def policy_discard(request: HttpRequest, pk: int) -> HttpResponse:
    edition = _edition(request, pk)
    try:
        discard_edition(edition=edition, actor=request.user)
    except EditionRefused as refused:
        messages.error(request, str(refused))
        return redirect("core:policy", pk)
    messages.success(request, f"{edition}草案已作废，施行中的版本没有变化。")
    return redirect("core:policies")


@require_POST
def policy_return(request: HttpRequest, pk: int) -> HttpResponse:
    edition = _edition(request, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明退回的理由，最多 200 个字。")
        return redirect("core:policy", pk)
    try:
        return_edition(edition=edition, answer=form.cleaned_data["answer"], actor=request.user)
    except EditionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{edition}已退回起草人。")
    return redirect("core:policy", pk)


@require_POST
def policy_approve(request: HttpRequest, pk: int) -> HttpResponse:
    edition = _edition(request, pk)
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        messages.error(request, "施行日期写成 2027-01-01 这样；立即施行的不填。")
        return redirect("core:policy", pk)
    over, on = form.cleaned_data["over"], form.cleaned_data["on"]
    try:
        edition = approve_edition(edition=edition, over=over, actor=request.user, on=on)
    except EditionRefused as refused:
        messages.error(request, str(refused))
    except PolicyRejected as rejected:
        messages.error(request, f"不能施行：{'；'.join(fault.message for fault in rejected.faults)}")
    else:
        done = f"已批准，{edition.takes_force_on} 起施行。" if edition.takes_force_on else "已施行。"
        messages.success(request, f"{edition}{done}以前用旧版公布的结果不变。")
    return redirect("core:policy", pk)


@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """事实一览: every name that a condition may use."""
    return render(request, "core/fact_list.html", {"groups": fact_lines()})
