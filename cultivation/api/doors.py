"""What these doors share: exact JSON, what was sent, and an act done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from core.api_errors import Refusal
from core.api_keys import done_once
from core.periods import Month
from cultivation.models import MonthlyCycle
from cultivation.services.programmes import programmes_visible_to
from intake.api import ExactJSON


class ActDoor(GenericAPIView):
    parser_classes = [ExactJSON, MultiPartParser, FormParser]
    filter_backends: list[Any] = []
    #: of the doors that list rows by what the address asks for
    listed_by = GenericAPIView.filter_backends
    #: code of the 409 with which a service's refusal is told
    refusal_code: str
    refusals: type[Exception]

    def sent(self, kind: type[Serializer]) -> dict[str, Any]:
        """What the client sent, checked. 400 with each field's fault."""
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def asked(self, kind: type[Serializer]) -> dict[str, Any]:
        given = kind(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def once(self, request: Request, said: Any, act: Callable[[], int]) -> tuple[int, bool]:
        try:
            return done_once(request, said, act)
        except self.refusals as refused:
            raise Refusal(self.refusal_code, str(refused)) from refused


def cycle_or_404(request: Request, programme: str, month: Month) -> MonthlyCycle:
    """The month as its programme asks for it, where the programme governs the client's region."""
    get_object_or_404(programmes_visible_to(request.user), name=programme)
    cycles = MonthlyCycle.objects.visible_to(request.user).of_month(programme, month)
    found: MonthlyCycle = get_object_or_404(cycles.select_related("region", "edition"))
    return found
