"""一月一分析: what a month's figures make one look at, and the firms behind it, as the analysis page has them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.amounts import from_hundredths
from core.scoping import regions_visible_to
from cultivation.services.analysis_figures import AnalysisFigures, FindingCount, analysis_figures
from cultivation.services.month_lists import Cell, firm_rows
from reports.api.statistics import answer_of, asked_of, issue_of
from reports.filters import FindingParameters
from reports.serializers import BehindSerializer, ContributionSerializer, FindingsSerializer


class Findings(APIView):
    """月度分析：每种情况的企业数（按地区）、落后序时的地区、各地区贡献；给了 kind 的，连同企业。"""

    @extend_schema(parameters=[FindingParameters], responses=FindingsSerializer)
    def get(self, request: Request) -> Response:
        asked = asked_of(FindingParameters, request)
        issue = issue_of(request.user, asked)
        figures = analysis_figures(issue, request.user) if issue else None
        if figures is None or not figures.table.lines:
            return Response(answer_of(asked, issue, []) | {"behind": [], "contributions": []})
        told = answer_of(asked, issue, [_finding(found) for found in figures.findings])
        told["behind"] = BehindSerializer(figures.behind, many=True).data
        told["contributions"] = ContributionSerializer(figures.contributions(), many=True).data
        return Response(told | (_firms(figures, asked, request) if asked.get("kind") else {}))


def _finding(found: FindingCount) -> dict[str, Any]:
    regions = [
        {"region": region.pk, "region_name": region.name, "firms": number}
        for region, number in found.by_region
    ]
    told = {"kind": found.kind, "label": found.label, "rule": found.rule, "firms": found.total}
    return told | {"regions": regions}


def _firms(figures: AnalysisFigures, asked: dict[str, Any], request: Request) -> dict[str, Any]:
    """A page of the finding's firms; none for a region that is not the client's."""
    code = asked.get("region")
    region = regions_visible_to(request.user).filter(pk=code).first() if code else None
    try:
        listed = figures.listed(asked["kind"], region)
    except KeyError:
        return {"count": 0, "firms": []}
    if code and region is None:
        return {"count": 0, "firms": []}
    pages = Paginator(listed, asked["page_size"])
    places = list(pages.page(asked["page"]).object_list) if asked["page"] <= pages.num_pages else []
    keys = [column.key for column in listed.selection.columns]
    rows = [
        {
            "uscc": firm.uscc,
            "name": firm.name,
            "region_name": firm.region,
            "numbers": {key: _told(cell) for key, cell in zip(keys, firm.cells, strict=True)},
        }
        for firm in firm_rows(listed, places, request.user)
    ]
    return {"count": len(listed), "firms": rows}


def _told(cell: Cell) -> Any:
    if cell.kind == "amount":
        return str(from_hundredths(cell.value))
    return f"{cell.value:.6f}" if cell.kind == "rate" else cell.value
