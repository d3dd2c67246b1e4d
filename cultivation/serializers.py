"""What REST clients read and send of the month's acts: returns, corrections, orders; amounts as decimal text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.amounts import from_hundredths
from cultivation.models import Correction, DispatchOrder, DispatchStep, MonthReturn, ReturnAct, ReturnMark
from cultivation.rules.dispatch import ACTS, ORDER_KINDS, STATE_WORDS
from cultivation.services.corrections import REASON_LIMIT as CORRECTION_LIMIT
from cultivation.services.dispatch import ASKED_LIMIT, OWNER_LIMIT, TEXT_LIMIT
from cultivation.services.month_review import NOTE_LIMIT, REASON_LIMIT

_MARKS = 1000


def measure_words(measure: str, value: int | None) -> str | None:
    """A figure as these doors write it: amounts with two places, persons whole; null stays null."""
    if value is None:
        return None
    return str(value) if measure == ReturnMark.Measure.STAFF else str(from_hundredths(value))


class _MonthQuery(serializers.Serializer):
    programme = serializers.CharField(help_text="方案代号")
    month = serializers.RegexField(r"^[12]\d{3}-(0[1-9]|1[0-2])$", help_text="统计月份，如 2022-06")


# ---------------------------------------------------------------- returns


class ReturnParameters(_MonthQuery):
    step = serializers.ChoiceField(
        required=False, choices=MonthReturn.Step.choices, help_text="只列停在这一步的"
    )


class ReturnRowSerializer(serializers.Serializer):
    """A region's return with its firms as they stand at this moment."""

    region = serializers.CharField(source="region.pk")
    region_name = serializers.CharField(source="region.name")
    step = serializers.ChoiceField(source="returned.step", choices=MonthReturn.Step.choices)
    state_label = serializers.CharField(source="returned.state_label", help_text="页面上的状态，如 已退回")
    submitted_at = serializers.DateTimeField(source="returned.submitted_at", allow_null=True)
    days_late = serializers.IntegerField(source="late")
    firms = serializers.IntegerField(help_text="应报")
    reporting = serializers.IntegerField(help_text="已报，含零报告")
    zero_reports = serializers.IntegerField(help_text="零报告")
    silent = serializers.IntegerField(help_text="未报；未报不是零")
    on_behalf = serializers.IntegerField(help_text="由上级代填的家数")


class ReturnsSerializer(_MonthQuery):
    due_on = serializers.DateField(allow_null=True)
    locks_on = serializers.DateField(allow_null=True)
    results = ReturnRowSerializer(many=True)


class MarkSerializer(serializers.Serializer):
    uscc = serializers.CharField(source="mark.enterprise.uscc", max_length=18)
    name = serializers.CharField(source="mark.enterprise.name")
    measure = serializers.ChoiceField(source="mark.measure", choices=ReturnMark.Measure.choices)
    note = serializers.CharField(source="mark.note", help_text="问题")
    value = serializers.SerializerMethodField(help_text="标记时的数")
    now = serializers.SerializerMethodField(help_text="现在的数")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_value(self, shown: Any) -> str | None:
        return measure_words(shown.mark.measure, shown.mark.value)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_now(self, shown: Any) -> str | None:
        return measure_words(shown.mark.measure, shown.now)


class ReturnActSerializer(serializers.ModelSerializer):
    words = serializers.CharField(read_only=True)
    actor = serializers.CharField(source="actor.full_name", read_only=True)

    class Meta:
        model = ReturnAct
        fields = ["kind", "words", "before", "after", "on_behalf", "reason", "actor", "at"]


class OneReturnSerializer(ReturnRowSerializer):
    programme = serializers.CharField()
    month = serializers.CharField()
    may = serializers.ListField(
        child=serializers.CharField(), help_text="令牌的用户现在可以办的：hand_on、send_back"
    )
    back_to = serializers.ListField(child=serializers.CharField(), help_text="可以退回到哪些步")
    marks = MarkSerializer(many=True, help_text="退回的单元格")
    history = ReturnActSerializer(many=True)


class SentMarkSerializer(serializers.Serializer):
    uscc = serializers.CharField(max_length=18)
    measure = serializers.ChoiceField(choices=ReturnMark.Measure.choices)
    note = serializers.CharField(max_length=NOTE_LIMIT)


class ReturnActPostSerializer(serializers.Serializer):
    act = serializers.ChoiceField(choices=[("hand_on", "提交、审核或通过，往上一步"), ("send_back", "退回")])
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=REASON_LIMIT,
        help_text="退回必填；有企业未报时上报必填",
    )  # fmt: skip
    to = serializers.ChoiceField(
        required=False, default="", choices=MonthReturn.Step.choices, help_text="退回到哪一步"
    )
    marks = SentMarkSerializer(many=True, required=False, default=list, max_length=_MARKS)


# ---------------------------------------------------------------- corrections


class CorrectionSerializer(serializers.ModelSerializer):
    number = serializers.CharField(source="__str__", read_only=True)
    programme = serializers.CharField(source="issue.programme", read_only=True)
    month = serializers.CharField(read_only=True)
    version = serializers.IntegerField(source="issue.version", read_only=True, help_text="更正哪一版")
    uscc = serializers.CharField(source="enterprise.uscc", read_only=True)
    name = serializers.CharField(source="enterprise.name", read_only=True)
    region_name = serializers.CharField(source="region.name", read_only=True)
    old = serializers.SerializerMethodField()
    new = serializers.SerializerMethodField()
    made_by = serializers.CharField(source="made_by.full_name", read_only=True)
    decided_by = serializers.CharField(source="decided_by.full_name", read_only=True, default=None)

    class Meta:
        model = Correction
        fields = [
            "id", "number", "programme", "month", "version", "uscc", "name", "region", "region_name", "measure",
            "old", "new", "reason", "evidence_name", "evidence_sha256", "state", "made_by", "made_at",
            "decided_by", "decided_at", "opinion",
        ]  # fmt: skip

    @extend_schema_field({"type": "string", "nullable": True})
    def get_old(self, paper: Correction) -> str | None:
        return measure_words(paper.measure, paper.old)

    @extend_schema_field({"type": "string"})
    def get_new(self, paper: Correction) -> str | None:
        return measure_words(paper.measure, paper.new)


class CorrectionPostSerializer(_MonthQuery):
    uscc = serializers.CharField(max_length=18)
    measure = serializers.ChoiceField(choices=ReturnMark.Measure.choices)
    new = serializers.CharField(max_length=30, help_text="更正为：金额万元两位小数，人数整数")
    reason = serializers.CharField(max_length=CORRECTION_LIMIT)
    evidence = serializers.FileField(required=False, help_text="依据，只在 multipart 里")


class DecisionSerializer(serializers.Serializer):
    agrees = serializers.BooleanField()
    opinion = serializers.CharField(max_length=CORRECTION_LIMIT)


# ---------------------------------------------------------------- orders


class DispatchOrderSerializer(serializers.ModelSerializer):
    """调度单；``light`` 按期限和当天日期算。"""

    number = serializers.CharField(source="label", read_only=True)
    month = serializers.CharField(read_only=True)
    region_name = serializers.CharField(source="region.name", read_only=True)
    kind = serializers.CharField(read_only=True, help_text="、".join(ORDER_KINDS))
    state = serializers.CharField(read_only=True, help_text="、".join(STATE_WORDS))
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    light = serializers.SerializerMethodField()
    ended_on = serializers.DateField(read_only=True, allow_null=True)

    class Meta:
        model = DispatchOrder
        fields = [
            "id", "programme", "month", "number", "region", "region_name", "kind", "kind_label", "evidence",
            "asked", "owner", "deadline", "state", "state_label", "light", "sent_at", "ended_on",
        ]  # fmt: skip

    @extend_schema_field({"type": "string", "example": "逾期"})
    def get_light(self, order: DispatchOrder) -> str:
        return order.light[1]


class DispatchStepSerializer(serializers.ModelSerializer):
    words = serializers.CharField(source="get_act_display", read_only=True)
    actor = serializers.CharField(source="actor.full_name", read_only=True)

    class Meta:
        model = DispatchStep
        fields = ["act", "words", "text", "actor", "at"]


class OneOrderSerializer(DispatchOrderSerializer):
    may = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="现在可以办的")
    steps = DispatchStepSerializer(many=True, read_only=True)

    class Meta(DispatchOrderSerializer.Meta):
        fields = [*DispatchOrderSerializer.Meta.fields, "may", "steps"]


class OrderActSerializer(serializers.Serializer):
    act = serializers.ChoiceField(choices=[(name, act.button) for name, act in ACTS.items()])
    text = serializers.CharField(
        required=False, default="", max_length=TEXT_LIMIT, help_text="反馈、审核、撤销的说明"
    )
    owner = serializers.CharField(
        required=False, default="", max_length=OWNER_LIMIT, help_text="责任人，下达时必填"
    )
    deadline = serializers.DateField(required=False, help_text="办理期限，下达时必填")
    asked = serializers.CharField(
        required=False, default="", max_length=ASKED_LIMIT, help_text="要求；不写用拟的"
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["act"] == "send" and given.get("deadline") is None:
            raise serializers.ValidationError({"deadline": ["下达时请写明办理期限。"]})
        return given
