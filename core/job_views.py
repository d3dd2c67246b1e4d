"""后台工作: the queue as a page, retry and cancel."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.models import JobRun
from core.services.health import health_checks
from core.services.job_acts import JobRefused, cancel_job, retry_job
from core.services.job_pages import job_lines, state_counts
from core.templatetags.house import PAGE_SIZES


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Runs of every state or of one, the newest first."""
    counts = state_counts(request.user)
    chosen = next((state for state, _, _ in counts if state == request.GET.get("state")), None)
    runs = JobRun.objects.visible_to(request.user).select_related("actor").order_by("-queued_at", "-pk")
    if chosen:
        runs = runs.filter(state=chosen)
    size = request.GET.get("page_size", "")
    paginator = Paginator(runs, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": job_lines(page.object_list),
        "counts": counts,
        "chosen": chosen,
        "checks": health_checks(),
    }
    return render(request, "core/job_list.html", context)


@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun.objects.visible_to(request.user), pk=pk)
    try:
        retry_job(run=run, actor=request.user)
    except JobRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"工作 {run.pk} 已重新排队。")
    return redirect("core:jobs")


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun.objects.visible_to(request.user), pk=pk)
    try:
        at_once = cancel_job(run=run, actor=request.user)
    except JobRefused as refused:
        messages.error(request, str(refused))
    else:
        when = "已取消" if at_once else "正在进行，到下一步停下"
        messages.success(request, f"工作 {run.pk} {when}。")
    return redirect("core:jobs")
