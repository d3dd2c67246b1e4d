"""调度单 and their feedback."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.api_keys import KEY_PARAMETER
from cultivation.api.doors import ActDoor
from cultivation.filters import DispatchOrderFilter
from cultivation.models import DispatchOrder
from cultivation.rules.dispatch import ACTS, BUREAU_SIDE, SEND
from cultivation.serializers import (
    DispatchOrderSerializer,
    DispatchStepSerializer,
    OneOrderSerializer,
    OrderActSerializer,
)
from cultivation.services.dispatch import DispatchRefused, send_order, take_step
from cultivation.services.dispatch_pages import acts_open, order_seen, orders_seen


class Orders(ActDoor):
    """调度单：编号、事由、依据、要求、责任人、期限、状态和灯；没有下达的只有市局看得到。"""

    serializer_class = DispatchOrderSerializer
    queryset = DispatchOrder.objects.none()
    filter_backends = ActDoor.listed_by
    filterset_class = DispatchOrderFilter

    def get_queryset(self) -> QuerySet[DispatchOrder]:
        return orders_seen(self.request.user).select_related("region")

    @extend_schema(operation_id="orders")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DispatchOrderSerializer(page, many=True).data)


class OneOrder(ActDoor):
    """一张调度单和它的办理经过；下达、反馈、审核、撤销。"""

    serializer_class = OneOrderSerializer
    queryset = DispatchOrder.objects.none()
    refusal_code, refusals = "DISPATCH_REFUSED", DispatchRefused

    @extend_schema(operation_id="order")
    def get(self, request: Request, pk: int) -> Response:
        return self.told(self.found(pk))

    @extend_schema(operation_id="order_act", parameters=[KEY_PARAMETER], request=OrderActSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """县区反馈；市局下达、办结、退回、撤销。反馈和审核不能是同一个人。"""
        order, given = self.found(pk), self.sent(OrderActSerializer)

        def act() -> int:
            if given["act"] not in acts_open(order, request.user):
                raise self._not_now(order, given["act"])
            if given["act"] == SEND:
                sent = {"owner": given["owner"], "deadline": given["deadline"]}
                asked = given["asked"] or order.asked
                return send_order(order=order, asked=asked, actor=request.user, **sent).pk
            return take_step(order=order, act=given["act"], text=given["text"], actor=request.user).pk

        self.once(request, given, act)
        return self.told(self.found(pk))

    def found(self, pk: int) -> DispatchOrder:
        order = order_seen(self.request.user, pk)
        if order is None:
            raise NotFound
        return order

    def _not_now(self, order: DispatchOrder, act: str) -> DispatchRefused:
        one = ACTS[act]
        if order.state in one.before:
            whose = "市局业务科室" if one.side == BUREAU_SIDE else "县区"
            return DispatchRefused(f"“{one.button}”由{whose}办理。")
        return DispatchRefused(f"{order}现在是“{order.get_state_display()}”，不能{one.button}。")

    def told(self, order: DispatchOrder) -> Response:
        more = {
            "may": acts_open(order, self.request.user),
            "steps": DispatchStepSerializer(order.steps.select_related("actor"), many=True).data,
        }
        return Response(DispatchOrderSerializer(order).data | more)
