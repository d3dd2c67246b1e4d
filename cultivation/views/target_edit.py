"""目标分解: the calculator with its formula, and the figures as they are re-issued. A thin door."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.models import PolicyEdition, Region
from core.scoping import regions_visible_to
from cultivation.services.programmes import programmes_visible_to
from cultivation.services.target_edit import (
    EDITABLE,
    Share,
    TargetRefused,
    breakdown,
    may_set,
    reissue_targets,
)
from cultivation.services.target_pages import reissue_history, yearly_targets

#: longest whole number that a form is read for
_DIGITS = 9


def target_breakdown(request: HttpRequest, programme: str) -> HttpResponse:
    edition = programmes_visible_to(request.user).filter(name=programme).first()
    if edition is None:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    whole = _whole_region(request, edition, asked.get("region", ""))
    metric = asked.get("metric") if asked.get("metric") in EDITABLE else next(iter(EDITABLE))
    years = yearly_targets(edition) or [timezone.localdate().year]
    year = _number(asked.get("year", "")) or _year_at_hand(years)
    about = f"{whole.pk}-{metric}-{year}"
    # a total that was typed for another region, metric or year is not this one's
    total = _number(request.GET.get("total", "")) if request.GET.get("of", about) == about else None
    weight = _weight(request.GET.get("weight", ""))
    error, typed = "", _typed(request)
    if request.method == "POST":
        try:
            changed = reissue_targets(
                edition=edition,
                whole=whole,
                metric=metric,
                year=year,
                figures=_figures(typed),
                reason=request.POST.get("reason", ""),
                actor=request.user,
            )
        except TargetRefused as refused:
            error = str(refused)
        else:
            messages.success(
                request, f"已调整 {changed} 个地区的目标，历史保留。" if changed else "目标没有变化。"
            )
            query = urlencode({"region": whole.pk, "metric": metric, "year": year})
            return redirect(f"{reverse('cultivation:target_breakdown', args=[programme])}?{query}")
    page = breakdown(edition=edition, whole=whole, metric=metric, year=year, total=total, weight=weight)
    use_suggested = total is not None and not typed
    rows = [
        (share, typed.get(share.region.pk, _first(share, use_suggested=use_suggested)))
        for share in page.shares
    ]
    context = {
        "edition": edition,
        "page": page,
        "about": about,
        "typed_sum": _sum_of([value for _, value in rows]),
        "rows": rows,
        "weight_percent": f"{float(page.weight) * 100:g}",
        "metrics": EDITABLE.items(),
        "years": sorted({*years, year}),
        "wholes": _wholes(request, edition),
        "may_set": may_set(request.user, edition, whole),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "history": reissue_history(edition, request.user),
    }
    return render(request, "cultivation/target_breakdown.html", context)


def _typed(request: HttpRequest) -> dict[str, str]:
    """What stands in the fields that were sent, by the region's code; empty where nothing was sent."""
    fields = [(name, text) for name, text in request.POST.items() if name.startswith("target-")]
    return {name.removeprefix("target-"): text for name, text in fields}


def _figures(typed: dict[str, str]) -> dict[str, int]:
    """Raises ``TargetRefused`` where a field holds no whole number."""
    figures: dict[str, int] = {}
    for code, text in typed.items():
        if not text.strip():
            continue
        number = _number(text)
        if number is None:
            raise TargetRefused("目标应是不带小数的数字。")
        figures[code] = number
    return figures


def _wholes(request: HttpRequest, edition: PolicyEdition) -> list[Region]:
    """What may be shared out: the locality and all below it that have parts, as far as the reader sees."""
    seen = regions_visible_to(request.user)
    return [r for r in seen if r.path.startswith(edition.locality.path) and r.kind != "township"]


def _whole_region(request: HttpRequest, edition: PolicyEdition, code: str) -> Region:
    """The region to be shared out: the one asked for, else the reader's own, or the locality for its bureau."""
    seen = regions_visible_to(request.user).filter(path__startswith=edition.locality.path)
    region = seen.filter(pk=code).first() if code else seen.order_by("path").first()
    if region is None:
        raise Http404
    return region


def _year_at_hand(years: list[int]) -> int:
    """This year where there are targets for it, else the first year of the plan."""
    now = timezone.localdate().year
    return now if now in years else years[0]


def _first(share: Share, *, use_suggested: bool) -> int:
    """What stands in the field at first: the suggestion that was asked for, or the target that holds."""
    return share.suggested if use_suggested or share.target is None else share.target


def _sum_of(values: list[int | str]) -> int | None:
    numbers = [_number(str(value)) for value in values]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _number(text: str) -> int | None:
    text = text.strip().replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _weight(text: str) -> Fraction | None:
    """Per cent as typed."""
    try:
        share = Decimal(text.strip().rstrip("%")) / 100
    except InvalidOperation:
        return None
    return Fraction(share) if share.is_finite() and 0 <= share <= 1 else None
