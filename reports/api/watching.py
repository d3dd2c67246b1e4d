"""The daily lists and the pool lists handed to other offices: the same rows as on the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from cultivation.models import PoolHandover, WatchEntry
from cultivation.services.pool_handovers import take_handover
from reports.filters import HandoverFilter, WatchFilter
from reports.serializers import HandoverSerializer, WatchEntrySerializer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Watch(ListAPIView):
    """每日清单：达规未入库、临规、退规风险、升规三年内，连同办理记录；默认只列现在清单上的。"""

    serializer_class = WatchEntrySerializer
    filterset_class = WatchFilter
    queryset = WatchEntry.objects.none()

    def get_queryset(self) -> QuerySet[WatchEntry]:
        entries = WatchEntry.objects.visible_to(self.request.user)
        return entries.select_related("enterprise__region").prefetch_related("notes")


class Handovers(ListAPIView):
    """名单抄送：抄送单位、时间、家数和名单的指纹；名单原样留存。"""

    serializer_class = HandoverSerializer
    filterset_class = HandoverFilter
    queryset = PoolHandover.objects.none()

    def get_queryset(self) -> QuerySet[PoolHandover]:
        rows = PoolHandover.objects.visible_to(self.request.user)
        return rows.defer("content").select_related("region", "handed_by")


class HandoverFile(APIView):
    """抄送的名单（Excel），与抄送时一字不差；每取一次都有记录。"""

    @extend_schema(operation_id="handover_file", responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, **_: Any) -> HttpResponse:
        rows = PoolHandover.objects.visible_to(request.user).select_related("region")
        found = get_object_or_404(rows, pk=pk)
        name = content_disposition_header(
            True, f"{found.region.name}培育库名单（抄送{found.recipient}）.xlsx"
        )
        content = take_handover(handover=found, actor=request.user)
        return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": name})
