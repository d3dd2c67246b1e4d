"""What the pages of this app read from a request, and how they hand over a workbook."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from core.models import Region
from core.scoping import regions_visible_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZES = (50, 20, 100)


def region_or_404(request: HttpRequest) -> Region | None:
    code = request.GET.get("region", "")
    region = regions_visible_to(request.user).filter(pk=code).first() if code else None
    if code and region is None:
        raise Http404
    return region


def page_size(request: HttpRequest) -> int:
    asked = request.GET.get("page_size", "")
    return int(asked) if asked in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]


def download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
