"""简报、通报、总结: what the papers of a month say, and each as Word."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.periods import Month
from cultivation.services.month_pages import month_page
from reports.api.statistics import answer_of, asked_of
from reports.filters import BulletinParameters
from reports.serializers import BulletinsSerializer
from reports.services.bulletin_pages import listed_papers, paper_or_none
from reports.services.bulletins import Paper
from reports.services.paper_files import table_of, word_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Bulletins(APIView):
    """一个月的公文：文号、状态、主送、抄送、正文、附表；只给看得到全部地区的，月份印发以后才有。"""

    @extend_schema(parameters=[BulletinParameters], responses=BulletinsSerializer)
    def get(self, request: Request) -> Response:
        asked = asked_of(BulletinParameters, request)
        page = month_page(user=request.user, programme=asked["programme"], month=Month.parse(asked["month"]))
        issue = page.frozen if page else None
        kinds = [one.kind for one in listed_papers(issue, request.user)] if issue else []
        papers = [paper_or_none(page, kind, request.user) for kind in kinds if page]
        return Response(answer_of(asked, issue, [_told(paper) for paper in papers if paper]))


class BulletinWord(APIView):
    """公文的 Word：签发的与签发时一字不差，没有签发的是送审稿；每取一次都有记录。"""

    @extend_schema(operation_id="bulletin_word", responses={(200, DOCX): OpenApiTypes.BINARY})
    def get(self, request: Request, programme: str, month: Month, kind: str) -> HttpResponse:
        page = month_page(user=request.user, programme=programme, month=month)
        paper = paper_or_none(page, kind, request.user) if page else None
        if paper is None:
            raise NotFound
        name = content_disposition_header(True, f"{paper.title}.docx")
        return HttpResponse(
            word_of(paper, request.user), content_type=DOCX, headers={"Content-Disposition": name}
        )


def _told(paper: Paper) -> dict[str, Any]:
    made = paper.bulletin
    return {
        "kind": paper.kind,
        "title": paper.title,
        "state": made.state if made else None,
        "state_label": paper.state_label,
        "number": paper.number,
        "addressee": paper.addressee,
        "copies": paper.copies,
        "lines": paper.lines,
        "tables": [_table(sheet) for sheet in map(table_of, paper.sheets)],
        "signed_by": made.signed_by.full_name if made and made.signed_by else None,
        "dated": paper.day.isoformat() if paper.day else None,
        "printed_on": made.printed_on.isoformat() if made and made.printed_on else None,
        "sha256": made.sha256 if made else "",
    }


def _table(table: Any) -> dict[str, Any]:
    head = [cell.text for cell in table.head[0] if cell.height > 1] + [cell.text for cell in table.head[1]]
    return {"title": table.title, "unit": table.unit, "head": head, "rows": [list(row) for row in table.rows]}
