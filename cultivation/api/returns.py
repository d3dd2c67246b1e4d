"""月报报送: where each region's return stands, and the steps a person takes with it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.api_keys import KEY_PARAMETER
from core.periods import Month
from cultivation.api.doors import ActDoor, cycle_or_404
from cultivation.models import MonthlyCycle, MonthReturn
from cultivation.serializers import (
    MarkSerializer,
    OneReturnSerializer,
    ReturnActPostSerializer,
    ReturnActSerializer,
    ReturnParameters,
    ReturnRowSerializer,
    ReturnsSerializer,
)
from cultivation.services.month_completeness import returns_table
from cultivation.services.month_return_pages import acts_for, shown_marks
from cultivation.services.month_review import ReturnRefused, hand_on, send_back_marked


class Returns(ActDoor):
    """月报报送情况：各地区的状态、应报、已报、零报告、未报、代填。"""

    serializer_class = ReturnsSerializer
    queryset = MonthlyCycle.objects.none()

    @extend_schema(operation_id="returns", parameters=[ReturnParameters], responses=ReturnsSerializer)
    def get(self, request: Request) -> Response:
        asked = self.asked(ReturnParameters)
        month = Month.parse(asked["month"])
        cycles = MonthlyCycle.objects.visible_to(request.user).of_month(asked["programme"], month)
        cycle = cycles.select_related("region", "edition").first()
        lines = returns_table(cycle=cycle, user=request.user).parts[asked.get("step", "")] if cycle else []
        told = {
            "programme": asked["programme"],
            "month": asked["month"],
            "due_on": cycle.due_on if cycle else None,
            "locks_on": cycle.locks_on if cycle else None,
            "results": lines,
        }
        return Response(ReturnsSerializer(told).data)


class OneReturn(ActDoor):
    """一个地区的月报：报送情况、退回的单元格、办理经过；上报、审核、退回。"""

    serializer_class = OneReturnSerializer
    queryset = MonthReturn.objects.none()
    refusal_code, refusals = "RETURN_REFUSED", ReturnRefused

    @extend_schema(operation_id="return")
    def get(self, request: Request, programme: str, month: Month, region: str) -> Response:
        return self.told(self.found(request, programme, month, region))

    @extend_schema(operation_id="return_act", parameters=[KEY_PARAMETER], request=ReturnActPostSerializer)
    def post(self, request: Request, programme: str, month: Month, region: str) -> Response:
        """往上一步（提交、审核、通过），或退回并标出有问题的单元格；说的话和页面一样。"""
        given = self.sent(ReturnActPostSerializer)
        returned = self.found(request, programme, month, region)

        def act() -> int:
            if given["act"] == "hand_on":
                return hand_on(returned=returned, actor=request.user, reason=given["reason"]).pk
            back = {name: given[name] for name in ("to", "reason", "marks")}
            return send_back_marked(returned=returned, actor=request.user, **back).pk

        self.once(request, given, act)
        return self.told(self.found(request, programme, month, region))

    def found(self, request: Request, programme: str, month: Month, region: str) -> MonthReturn:
        cycle = cycle_or_404(request, programme, month)
        returned = MonthReturn.objects.visible_to(request.user).of_cycle(cycle).filter(region=region).first()
        if returned is None:
            raise NotFound
        returned.cycle = cycle
        return returned

    def told(self, returned: MonthReturn) -> Response:
        user, cycle = self.request.user, returned.cycle
        acts = acts_for(returned=returned, user=user)
        lines = returns_table(cycle=cycle, user=user).lines
        row = next(line for line in lines if line.region.pk == returned.region_id)
        marks = shown_marks(returned, to_return=bool(acts.back_to))
        more = {
            "programme": cycle.programme,
            "month": str(cycle.month),
            "may": [name for name, can in (("hand_on", acts.hand_on), ("send_back", acts.back_to)) if can],
            "back_to": [step for step, _ in acts.back_to],
            "marks": MarkSerializer(marks, many=True).data,
            "history": ReturnActSerializer(returned.acts.select_related("actor"), many=True).data,
        }
        return Response(ReturnRowSerializer(row).data | more)
