"""更正单: asked for by one person, decided by another; what was issued stays as it is."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api_keys import KEY_PARAMETER
from core.periods import Month
from cultivation.api.doors import ActDoor
from cultivation.filters import CorrectionFilter
from cultivation.models import Correction
from cultivation.serializers import CorrectionPostSerializer, CorrectionSerializer, DecisionSerializer
from cultivation.services.corrections import CorrectionRefused, ask_correction, decide_correction
from cultivation.services.programmes import programmes_visible_to
from enterprises.models import Enterprise


class _CorrectionDoor(ActDoor):
    serializer_class = CorrectionSerializer
    queryset = Correction.objects.none()
    refusal_code, refusals = "CORRECTION_REFUSED", CorrectionRefused

    def get_queryset(self) -> QuerySet[Correction]:
        people = ("enterprise", "region", "issue", "made_by", "decided_by")
        return Correction.objects.visible_to(self.request.user).defer("evidence").select_related(*people)

    def told(self, pk: int, status: int = 200) -> Response:
        where = reverse("api:correction", args=[pk], request=self.request)
        data = CorrectionSerializer(get_object_or_404(self.get_queryset(), pk=pk)).data
        return Response(data, status, headers={"Location": where} if status == 201 else None)


class Corrections(_CorrectionDoor):
    """更正单：列出，或提出一张。已印发的各版不变，差额列入下一个月的调整。"""

    filter_backends = ActDoor.listed_by
    filterset_class = CorrectionFilter

    @extend_schema(operation_id="corrections")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CorrectionSerializer(page, many=True).data)

    @extend_schema(
        operation_id="correction_ask",
        parameters=[KEY_PARAMETER],
        request=CorrectionPostSerializer,
        responses={201: CorrectionSerializer},
    )
    def post(self, request: Request) -> Response:
        """提出一张更正单，待另一人批准；这个数已有一张在办的，回答 409。"""
        given = self.sent(CorrectionPostSerializer)
        self._refuse_unseen(request, given)
        evidence = given.get("evidence")
        said = given | {"evidence": hashlib.sha256(evidence.read()).hexdigest() if evidence else ""}
        if evidence:
            evidence.seek(0)
        asked = given | {"month": Month.parse(given["month"])}
        pk, is_new = self.once(request, said, lambda: ask_correction(actor=request.user, **asked).pk)
        return self.told(pk, 201 if is_new else 200)

    def _refuse_unseen(self, request: Request, given: dict) -> None:
        faults = {}
        if not programmes_visible_to(request.user).filter(name=given["programme"]).exists():
            faults["programme"] = ["没有这个方案。"]
        firms = Enterprise.objects.visible_to(request.user)
        if not firms.filter(uscc=given["uscc"].strip().upper()).exists():
            faults["uscc"] = ["范围内没有这家企业。"]
        if faults:
            raise ValidationError(faults)


class OneCorrection(_CorrectionDoor):
    """一张更正单；批准或不同意（分管领导，不能是提出的人）。"""

    @extend_schema(operation_id="correction")
    def get(self, request: Request, pk: int) -> Response:
        return self.told(pk)

    @extend_schema(operation_id="correction_decide", parameters=[KEY_PARAMETER], request=DecisionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """批准或不同意，写明意见。"""
        found = get_object_or_404(self.get_queryset(), pk=pk)
        given = self.sent(DecisionSerializer)
        self.once(request, given, lambda: decide_correction(correction=found, actor=request.user, **given).pk)
        return self.told(pk)
