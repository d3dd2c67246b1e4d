from __future__ import annotations

import re
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from core.jobs import enqueue
from core.permissions import can
from core.templatetags.house import PAGE_SIZES
from intake.forms import (
    BatchFilterForm,
    IssueFilterForm,
    MappingForm,
    RegionAndPeriodForm,
    RowFilterForm,
    UploadForm,
)
from intake.models import Batch
from intake.services import batches, progress
from intake.services.copies import XLSX, NoCopy, annotated_copy, annotated_name, original_file
from intake.services.issue_groups import issue_page
from intake.services.mapping import MappingRefused, confirm_mapping, survey_of
from intake.services.periods import period_label, read_period
from intake.services.retries import check_key, check_run
from intake.services.returned_copies import returned_copy
from intake.services.row_kinds import KINDS
from intake.services.row_pages import row_page
from intake.services.sheet_types import SheetType, sheet_label, sheets_for
from intake.services.templates import make_template

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_NOTE_FIELD = re.compile(r"note-(\d{1,18})", re.ASCII)


def batch_list(request: HttpRequest) -> HttpResponse:
    form = BatchFilterForm(request.GET, user=request.user)
    visible = Batch.objects.visible_to(request.user).with_shown_state().select_related("region", "sent_by")
    page = Paginator(form.narrow(visible).order_by("-id"), _page_size(request)).get_page(
        request.GET.get("page")
    )
    for one in page.object_list:
        one.sheet_label, one.period_label = sheet_label(one.sheet), period_label(one.period)
        one.tone = progress.TONES[one.shown_state]
    context = {"form": form, "page": page, "acts_send": can(request.user, "batch.send")}
    return render(request, "intake/batch_list.html", context)


def _page_size(request: HttpRequest) -> int:
    size = request.GET.get("page_size", "")
    return int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0]


def upload(request: HttpRequest) -> HttpResponse:
    """Choose a sheet, then send the file; the check is queued, a worker does it."""
    offered = sheets_for(request.user)
    if not offered:
        return render(request, "intake/upload.html", {"sheets": []})
    sheet = next((one for one in offered if one.spec.name == request.GET.get("sheet")), offered[0])
    former = _former(request, sheet)
    known = {"region": former.region_id, "period": former.period} if former else _asked(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, user=request.user, sheet=sheet, initial=known)
    received = _receive(request, form, sheet) if form.is_valid() else None
    if received:
        _replace(request, former, received)
        return redirect("intake:batch", received.pk)
    blank = RegionAndPeriodForm(user=request.user, sheet=sheet, initial=known, auto_id="blank_%s")
    where = request.user.region
    columns = (sheet.spec_for(where) if where else sheet.spec).columns
    context = {"sheets": offered, "sheet": sheet, "form": form, "blank": blank, "columns": columns}
    return render(request, "intake/upload.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What a link to this page names beforehand (``?region=320681&period=2022-06``); the form shows what it offers."""
    return {name: request.GET[name] for name in ("region", "period") if request.GET.get(name)}


def _receive(request: HttpRequest, form: UploadForm, sheet: SheetType) -> Batch | None:
    file = form.cleaned_data["file"]
    try:
        received = batches.receive_upload(
            actor=request.user,
            sheet=sheet,
            region=form.cleaned_data["region"],
            period=form.cleaned_data.get("period", ""),
            as_of=timezone.localdate(),
            upload_name=file.name,
            content=file.chunks(),
        )
    except batches.UploadRefused as refused:
        form.add_error("file", str(refused))
        return None
    _queue_check(request, received)
    return received


def _former(request: HttpRequest, sheet: SheetType) -> Batch | None:
    """The waiting batch that this upload mends (``?replaces=12``), if it is one that the user sees."""
    number = request.GET.get("replaces", "")
    if not _NUMBER.fullmatch(number):
        return None
    return Batch.objects.visible_to(request.user).filter(pk=int(number), sheet=sheet.spec.name).first()


def _replace(request: HttpRequest, former: Batch | None, received: Batch) -> None:
    """Say what came in; the batch that it mends is given up, so that nobody commits it by mistake."""
    words = f"已收到“{received.upload_name}”，批次 {received}"
    try:
        if former is not None:
            batches.discard_batch(batch=former, actor=request.user)
            words += f"；原批次 {former} 已放弃"
    except (batches.BatchClosed, batches.NotYours):
        pass  # committed meanwhile, or another person's: it stays as it is
    messages.success(request, f"{words}。")


def _queue_check(request: HttpRequest, received: Batch) -> None:
    enqueue(job="check_batch", key=check_key(received), arguments={"batch": received.pk}, actor=request.user)


def template(request: HttpRequest, sheet: str) -> HttpResponse:
    """The blank sheet of a region and period, prefilled where the firms are known."""
    offered = {one.spec.name: one for one in sheets_for(request.user)}
    if sheet not in offered:
        raise Http404
    form = RegionAndPeriodForm(request.GET, user=request.user, sheet=offered[sheet])
    if not form.is_valid():
        raise Http404
    region, period = form.cleaned_data["region"], form.cleaned_data.get("period", "")
    content = make_template(
        user=request.user, sheet=offered[sheet], region=region, period=read_period(offered[sheet], period)
    )
    parts = [region.name, period_label(period) if period else "", offered[sheet].spec.label]
    return _download(content, f"{'_'.join(filter(None, parts))}.xlsx")


def _visible(request: HttpRequest, pk: int) -> Batch:
    """The batch, or 404 when it is not this user's to see."""
    visible = Batch.objects.visible_to(request.user).with_shown_state()
    found = get_object_or_404(visible.select_related("region", "sent_by", "committed_by", "undone_by"), pk=pk)
    found.sheet_label, found.period_label = sheet_label(found.sheet), period_label(found.period)
    return found


def batch(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _visible(request, pk)
    issues = issue_page(shown, asked=request.GET.dict(), number=request.GET.get("page"))
    context = {
        "batch": shown,
        "tone": progress.TONES[shown.shown_state],
        "running": shown.shown_state in progress.RUNNING,
        "flow": progress.flow_of(shown),
        "notice": progress.notice_of(shown),
        "acts": progress.acts_for(user=request.user, batch=shown),
        "issues": issues,
        "filter": IssueFilterForm(issues, request.GET),
        "run": check_run(shown),
    }
    return render(request, "intake/batch.html", context)


def batch_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows behind one count of the preview."""
    shown = _visible(request, pk)
    kinds = [(kind, label, shown.counts.get(kind)) for kind, label in KINDS.items()]
    form = RowFilterForm(kinds, request.GET)
    rows = row_page(
        shown,
        kind=form.kind,
        text=form.text,
        number=request.GET.get("page"),
        size=_page_size(request),
    )
    context = {"batch": shown, "form": form, "rows": rows, "page": rows.page}
    return render(request, "intake/batch_rows.html", context)


def batch_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The block that a page follows while the check runs; once it is over, it asks the page to load anew."""
    shown = _visible(request, pk)
    context = {"batch": shown, "running": shown.shown_state in progress.RUNNING, "run": check_run(shown)}
    return render(request, "intake/_batch_state.html", context | {"notice": progress.notice_of(shown)})


def _act(request: HttpRequest, pk: int, act: Callable[[Batch], str]) -> HttpResponse:
    """Do something to a batch that the user sees, say what was done or why not, and go back to its page."""
    shown = _visible(request, pk)
    try:
        messages.success(request, act(shown))
    except batches.NotYours as error:
        raise PermissionDenied from error
    except batches.BatchClosed:
        messages.error(request, f"批次 {shown} 已入库、已放弃或正在校验，没有改动。")
    except batches.CommitRefused as refused:
        messages.error(request, refused.message)
    return redirect("intake:batch", pk)


def batch_reasons(request: HttpRequest, pk: int) -> HttpResponse:
    notes = {
        int(match[1]): value for name, value in request.POST.items() if (match := _NOTE_FIELD.fullmatch(name))
    }

    def answer(shown: Batch) -> str:
        short = batches.answer_issues(batch=shown, actor=request.user, notes=notes)
        left = f"；还有 {len(short)} 条没有说明或不足 6 个字" if short else ""
        return f"已保存说明{left}。"

    return _act(request, pk, answer)


def batch_commit(request: HttpRequest, pk: int) -> HttpResponse:
    def commit(shown: Batch) -> str:
        good_only = request.POST.get("rows") == "good"
        stored = batches.commit_batch(batch=shown, actor=request.user, good_rows_only=good_only)
        return f"批次 {stored} 已入库 {stored.counts['good']} 行。"

    return _act(request, pk, commit)


def batch_discard(request: HttpRequest, pk: int) -> HttpResponse:
    def discard(shown: Batch) -> str:
        batches.discard_batch(batch=shown, actor=request.user)
        return f"批次 {shown} 已放弃，没有写入任何数据。"

    return _act(request, pk, discard)


def batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """First what it would do, or why it cannot be done; then, by POST, doing it."""
    shown = _visible(request, pk)
    if request.method != "POST":
        if not batches.may_act(actor=request.user, batch=shown):
            raise PermissionDenied
        plan = batches.undo_plan(batch=shown, actor=request.user)
        context = {"batch": shown, "plan": plan, "effect": progress.undo_effect(plan)}
        return render(request, "intake/undo.html", context)

    def undo(shown: Batch) -> str:
        batches.undo_batch(batch=shown, actor=request.user)
        return f"批次 {shown} 已撤销，数据恢复到提交以前。"

    return _act(request, pk, undo)


def batch_retry(request: HttpRequest, pk: int) -> HttpResponse:
    def retry(shown: Batch) -> str:
        with transaction.atomic():
            batches.retry_check(batch=shown, actor=request.user)
            _queue_check(request, shown)
        return f"批次 {shown} 重新校验。"

    return _act(request, pk, retry)


def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """What the columns of a list of unknown layout are: suggested, confirmed, remembered."""
    shown = _visible(request, pk)
    if not progress.acts_for(user=request.user, batch=shown).map:
        messages.info(request, f"批次 {shown} 没有要确认的列。")
        return redirect("intake:batch", pk)
    form = MappingForm(request.POST or None, batch=shown)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                confirmed = confirm_mapping(
                    batch=shown, actor=request.user, said=form.said(), adds_up=form.cleaned_data["adds_up"]
                )
                _queue_check(request, confirmed)
        except batches.NotYours as error:
            raise PermissionDenied from error
        except MappingRefused as refused:
            form.tell(refused.faults)
        else:
            messages.success(request, "已记住各列的对应关系，正在按它校验；下次同样的名单直接校验。")
            return redirect("intake:batch", pk)
    return render(request, "intake/mapping.html", {"batch": shown, "form": form, "survey": survey_of(shown)})


def batch_file(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _visible(request, pk)
    try:
        path = original_file(batch=shown, actor=request.user)
    except NoCopy as error:
        messages.error(request, str(error))
        return redirect("intake:batch", pk)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=shown.upload_name,
        content_type="application/octet-stream",
    )


def batch_annotated(request: HttpRequest, pk: int) -> HttpResponse:
    """The sender's workbook with what is wrong with it; ``?cells=returned``: with what was sent back of it."""
    shown = _visible(request, pk)
    try:
        if request.GET.get("cells") == "returned":
            return _download(returned_copy(shown), annotated_name(shown, "退回"))
        return _download(annotated_copy(shown), annotated_name(shown))
    except NoCopy as error:
        messages.error(request, str(error))
        return redirect("intake:batch", pk)


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
