"""What the bureau decided of firms: tiers, places in the pool, grades, awards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.models import ApiToken
from cultivation.models import PoolMembership
from evaluation.models import Score
from incentives.models import Award
from reports.api.rows import SCORES, FirmYearCursor, RowsView, TableView
from reports.filters import (
    AwardParameters,
    ExplainedParameters,
    GapParameters,
    PoolParameters,
    ResultParameters,
    TierParameters,
)
from reports.serializers import (
    AwardSerializer,
    EvaluationResultSerializer,
    ExplainedScoreSerializer,
    PoolMemberSerializer,
    SurveyGapsSerializer,
    TierSerializer,
)
from reports.services.client_rows import AWARDS, MEMBERS, RESULTS
from reports.services.explained import explained_scores, survey_gaps, without_scores
from reports.services.tiers import Row, TierQuery, all_tiers, tier_page


@extend_schema_view(get=extend_schema(parameters=[TierParameters]))
class Tiers(RowsView):
    """梯队与等级：每家企业每个年度一行，有已公布的等级或在培育库中即列出，没有的一边为 null。"""

    serializer_class = TierSerializer
    parameters = TierParameters
    pagination_class = FirmYearCursor
    queryset = PoolMembership.objects.none()
    rows_name = "tiers"

    def page(self, asked: dict[str, Any]) -> Response:
        pages: FirmYearCursor = self.paginator
        found, more = tier_page(
            user=self.request.user,
            query=TierQuery(**asked),
            with_scores=self.with_scores,
            size=pages.size(self.request),
            **pages.decode(self.request),
        )
        return pages.answer(self.request, [key for key, _ in found], [row for _, row in found], more)

    def stream(self, asked: dict[str, Any]) -> Iterator[Row]:
        return all_tiers(user=self.request.user, query=TierQuery(**asked), with_scores=self.with_scores)


@extend_schema_view(get=extend_schema(parameters=[PoolParameters]))
class Pool(TableView):
    """培育库：默认只列在库企业；state=all 连同已出库的，按 updated_since 同步时用它才看得到出库。"""

    serializer_class = PoolMemberSerializer
    parameters = PoolParameters
    queryset = PoolMembership.objects.none()
    rows_name, table = "pool", MEMBERS

    def chosen(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return PoolParameters.narrowed(PoolMembership.objects.visible_to(self.request.user), asked)


@extend_schema_view(get=extend_schema(parameters=[ResultParameters]))
class EvaluationResults(TableView):
    """评价结果：各方案各年度现行的一版，只有已公布的；score 和 rank 只给有 scores:read 的令牌。"""

    serializer_class = EvaluationResultSerializer
    parameters = ResultParameters
    queryset = Score.objects.none()
    rows_name, table = "evaluation_results", RESULTS

    def chosen(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return ResultParameters.narrowed(Score.objects.visible_to(self.request.user).current(), asked)


class ExplainedResults(APIView):
    """一家企业的评价结果怎么得来：各项得分、依据的句子、距上一级差多少、这一级的政策；与页面、告知书、Excel 同一套话。"""

    @extend_schema(
        operation_id="evaluation_explained",
        parameters=[ExplainedParameters],
        responses=ExplainedScoreSerializer(many=True),
    )
    def get(self, request: Request, **_: Any) -> Response:
        parameters = ExplainedParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        asked = dict(parameters.validated_data)
        with_listing = asked.pop("listing", False)
        rows = ResultParameters.narrowed(Score.objects.visible_to(request.user).current(), asked)
        told = explained_scores(rows, request.user, with_listing=with_listing)
        if isinstance(request.auth, ApiToken) and SCORES not in request.auth.scopes:
            told = [without_scores(each) for each in told]
        return Response(told)


class SurveyGaps(APIView):
    """少评漏评：应当参评而没有年度数据的企业和原因，参评企业缺哪些数据、该由哪个部门报；与页面、Excel 相同。"""

    @extend_schema(operation_id="evaluation_gaps", parameters=[GapParameters], responses=SurveyGapsSerializer)
    def get(self, request: Request, **_: Any) -> Response:
        parameters = GapParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        asked = parameters.validated_data
        return Response(survey_gaps(request.user, scheme=asked["scheme"], year=asked["year"]))


@extend_schema_view(get=extend_schema(parameters=[AwardParameters]))
class Awards(TableView):
    """奖补：未撤销的各笔，各级分担之和等于金额；待核（held）的只是已能确定的部分，拟奖补批次重新测算会替换。"""

    serializer_class = AwardSerializer
    parameters = AwardParameters
    queryset = Award.objects.none()
    rows_name, table, export_permission = "awards", AWARDS, "award.export"

    def chosen(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return AwardParameters.narrowed(Award.objects.visible_to(self.request.user).living(), asked)
