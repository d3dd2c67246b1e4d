"""用地核对: what the land ledgers contradict, for whoever must mend it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.permissions import can
from enterprises.models import Lease, Parcel
from enterprises.services.land_pages import contradictions, told_faults


@require_GET
def land_faults(request: HttpRequest) -> HttpResponse:
    page = Paginator(contradictions(request.user), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "faults": told_faults(list(page)),
        "parcels": Parcel.objects.visible_to(request.user).count(),
        "leases": Lease.objects.visible_to(request.user).count(),
        "may_send": can(request.user, "batch.send"),
    }
    return render(request, "enterprises/land_faults.html", context)
