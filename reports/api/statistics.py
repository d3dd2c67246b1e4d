"""A month's statistics and its statutory table: the numbers of the pages and papers, within the token's regions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.amounts import from_hundredths
from core.models import User
from core.periods import Month
from core.scoping import regions_visible_to
from cultivation.models import MonthlyIssue
from cultivation.rules.statistic_lines import StatisticLine
from cultivation.rules.statistics import MEASURES
from cultivation.services.statistic_pages import Narrowing, statistic_page
from reports.filters import MonthParameters, StatisticParameters
from reports.serializers import StatisticsSerializer, StatutorySerializer
from reports.services.statutory import StatutoryLine, WrittenCell, statutory_table


class Statistics(APIView):
    """月度统计：按地区、层级或行业各一行，合计在最后；可以按另外两项缩小范围。"""

    @extend_schema(parameters=[StatisticParameters], responses=StatisticsSerializer)
    def get(self, request: Request) -> Response:
        asked = asked_of(StatisticParameters, request)
        issue = issue_of(request.user, asked)
        page = statistic_page(issue, request.user, _narrowing(request.user, asked)) if issue else None
        joint = {"is_joint": page.kept.is_joint if page else None}
        if page is None or (asked.get("region") and page.asked.region is None):
            return Response(answer_of(asked, issue, []) | joint)
        rows = [_statistic(row.name, row.value, row.line) for row in page.rows(asked.get("by", "region"))]
        told = [*rows, _statistic("合计", "", page.total)] if rows else []
        return Response(answer_of(asked, issue, told) | joint)


class Statutory(APIView):
    """法定统计表：年度目标、新增、完成率、序时差、排名、退规、净增、规上总数、退规预警、培育库数。"""

    @extend_schema(parameters=[MonthParameters], responses=StatutorySerializer)
    def get(self, request: Request) -> Response:
        asked = asked_of(MonthParameters, request)
        issue = issue_of(request.user, asked)
        rows = statutory_table(issue, request.user).rows if issue else []
        return Response(answer_of(asked, issue, [_statutory(line, cells) for line, cells in rows]))


def asked_of(parameters: type[MonthParameters], request: Request) -> dict[str, Any]:
    given = parameters(data=request.query_params)
    given.is_valid(raise_exception=True)
    return given.validated_data


def issue_of(user: User, asked: dict[str, Any]) -> MonthlyIssue | None:
    issues = MonthlyIssue.objects.visible_to(user).latest_for(asked["programme"], Month.parse(asked["month"]))
    if asked.get("state"):
        issues = issues.filter(state=asked["state"])
    return issues.select_related("region", "edition").first()


def _narrowing(user: User, asked: dict[str, Any]) -> Narrowing:
    region = regions_visible_to(user).filter(pk=asked.get("region") or "").first()
    return Narrowing(region, asked.get("tier"), asked.get("industry"))


def answer_of(
    asked: dict[str, Any], issue: MonthlyIssue | None, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "programme": asked["programme"],
        "month": asked["month"],
        "version": issue.version if issue else None,
        "state": issue.state if issue else None,
        "results": rows,
    }


def _statistic(name: str, value: str, line: StatisticLine) -> dict[str, Any]:
    numbers = {
        key: str(from_hundredths(number)) if key.startswith(MEASURES) and number is not None else number
        for key, number in line.numbers.items()
    }
    rates = {key: None if rate.ratio is None else str(rate.ratio) for key, rate in line.rates.items()}
    return {"name": name, "value": value, "numbers": numbers, "rates": rates}


def _statutory(line: StatutoryLine, cells: list[WrittenCell]) -> dict[str, Any]:
    told = {
        cell.key: cell.value if isinstance(cell.value, int) or cell.value is None else str(cell.value)
        for cell in cells
    }
    return {"region": line.region, "region_name": line.name, **told}
