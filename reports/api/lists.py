"""Targets, firms and months, page by page."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView

from cultivation.models import RegionMonth, Target
from enterprises.filters import EnterpriseFilter
from enterprises.models import Enterprise
from reports.filters import RegionMonthFilter, TargetFilter
from reports.serializers import EnterpriseSerializer, RegionMonthSerializer, TargetSerializer


class Targets(ListAPIView):
    """目标任务：按方案、地区、年度、指标。"""

    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    queryset = Target.objects.none()

    def get_queryset(self) -> QuerySet[Target]:
        return Target.objects.visible_to(self.request.user).select_related("region", "edition")


class Enterprises(ListAPIView):
    """企业名录：令牌范围内的企业，不含联系方式。"""

    serializer_class = EnterpriseSerializer
    filterset_class = EnterpriseFilter
    queryset = Enterprise.objects.none()

    def get_queryset(self) -> QuerySet[Enterprise]:
        return Enterprise.objects.visible_to(self.request.user).select_related("region")


class Months(ListAPIView):
    """月度结果：每个月最新一版的各地区数据；state=issued 只取已印发的最新一版，印发后不再变动。"""

    serializer_class = RegionMonthSerializer
    filterset_class = RegionMonthFilter
    queryset = RegionMonth.objects.none()

    def get_queryset(self) -> QuerySet[RegionMonth]:
        return RegionMonth.objects.visible_to(self.request.user).select_related("issue__edition", "region")
