"""What the pages of a round share: whose round it is, which version, how many rows."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from core.templatetags.house import PAGE_SIZES
from incentives.models import AwardRound
from incentives.services.round_pages import RoundPage, round_page


def own_round_or_404(request: HttpRequest, programme: str, year: int, version: str = "") -> AwardRound:
    """The newest round (or one version) of a locality that lies wholly within the actor's own region."""
    rounds = AwardRound.objects.visible_to(request.user).latest_for(programme, year).select_related("region")
    number = version_number(version)
    if number is not None:
        rounds = rounds.filter(version=number)
    found = rounds.first()
    if found is None or not found.region.path.startswith(request.user.scope_path or "-"):
        raise Http404
    return found


def page_or_404(request: HttpRequest, programme: str, year: int) -> RoundPage:
    version = version_number(request.GET.get("version", ""))
    page = round_page(user=request.user, programme=programme, year=year, version=version)
    if page is None:
        raise Http404
    return page


def page_size(request: HttpRequest) -> int:
    asked = request.GET.get("page_size", "")
    return next((size for size in PAGE_SIZES if str(size) == asked), PAGE_SIZES[0])


def version_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
