"""申报 by the form: a thin door over services."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incentives.services.applications import AlreadyApplied, applications_visible_to, claimable_rules
from incentives.services.claim_forms import claim_form, send_claim
from incentives.services.programmes import AwardsRefused


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
