"""What people fill in on a round's way: days, a firm's answer, an appeal, a ruling, the evidence of a move."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms

from core.periods import SHANGHAI
from evaluation.models import Project
from intake.services.scans import ACCEPTS

_DATE = {"format": "%Y-%m-%d", "attrs": {"type": "date"}}
_SCAN_HINT = "PDF、JPG 或 PNG，最大 5 MB"


def _scan(label: str, *, required: bool = False) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": ACCEPTS})
    return forms.FileField(label=label, required=required, help_text=_SCAN_HINT, widget=widget)


class HandOutForm(forms.Form):
    """The last minute for firms to answer."""

    day = forms.DateField(
        label="确认截止日", widget=forms.DateInput(**_DATE), error_messages={"required": "请填写截止日。"}
    )
    hour = forms.TimeField(
        label="截止时刻",
        initial="17:30",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": "请填写截止时刻。"},
    )

    def until(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"], SHANGHAI)


class PublicityForm(forms.Form):
    first = forms.DateField(
        label="公示开始日", widget=forms.DateInput(**_DATE), error_messages={"required": "请填写开始日。"}
    )
    until = forms.DateField(
        label="公示截止日",
        required=False,
        widget=forms.DateInput(**_DATE),
        help_text="不填按方案的天数，工作日扣除节假日；可以延长，不能缩短",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="退回理由",
        max_length=100,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明退回的理由。"},
    )


class StepForm(forms.Form):
    step = forms.CharField(max_length=20, widget=forms.HiddenInput)
    note = forms.CharField(label="说明", max_length=200, required=False)


class ConfirmationForm(forms.Form):
    answer = forms.ChoiceField(
        label="企业答复",
        choices=[("", "请选择"), ("agreed", "对结果无异议"), ("objected", "有异议")],
        error_messages={"required": "请选择企业的答复。"},
    )
    signed_by = forms.CharField(label="签字人", max_length=40, error_messages={"required": "请写明签字人。"})
    note = forms.CharField(
        label="异议内容", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    scan = _scan("签字盖章的确认单")


class AppealForm(forms.Form):
    quantity = forms.ChoiceField(label="申诉的数据项", error_messages={"required": "请选择数据项。"})
    claimed = forms.DecimalField(
        label="企业主张的数（单位同数据项）",
        max_digits=15,
        decimal_places=2,
        error_messages={"required": "请填写企业主张的数。", "invalid": "请填写数字，最多两位小数。"},
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由。"},
    )
    scan = _scan("证明材料")

    def __init__(self, *args: Any, quantities: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].choices = [("", "请选择"), *quantities.items()]


class RulingForm(forms.Form):
    ruling = forms.ChoiceField(
        label="裁定",
        choices=[("", "请选择"), ("accept", "采纳，按企业主张的数"), ("reject", "不采纳，维持原数")],
        error_messages={"required": "请选择采纳或不采纳。"},
    )
    answer = forms.CharField(
        label="裁定意见",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明裁定意见。"},
    )


class MoveForm(forms.Form):
    score = forms.IntegerField(widget=forms.HiddenInput)
    move = forms.CharField(max_length=20, widget=forms.HiddenInput)
    evidence = forms.CharField(
        label="凭据", max_length=200, error_messages={"required": "请写明凭据，如文号、证书号。"}
    )
    scan = _scan("扫描件")


class ProjectForm(forms.Form):
    """Milestones are told one a line: ``2022-09-30 拆除旧厂房``."""

    measure = forms.ChoiceField(label="措施", error_messages={"required": "请选择措施。"})
    plan = forms.CharField(
        label="方案",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明方案。"},
    )
    due_on = forms.DateField(
        label="完成期限", widget=forms.DateInput(**_DATE), error_messages={"required": "请填写完成期限。"}
    )
    milestones = forms.CharField(
        label="节点",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一个：日期和要做的事，如 2022-09-30 拆除旧厂房",
        error_messages={"required": "至少写一个节点。"},
    )

    def __init__(self, *args: Any, measures: tuple[Any, ...], project: Project | None, **kwargs: Any) -> None:
        if project is not None:
            told = "\n".join(f"{mark.due_on} {mark.title}" for mark in project.milestones.all())
            kwargs["initial"] = {
                "measure": project.measure, "plan": project.plan, "due_on": project.due_on, "milestones": told,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [(measure.value, measure.label) for measure in measures]

    def clean_milestones(self) -> list[tuple[str, date]]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["milestones"].splitlines())):
            day, _, title = line.partition(" ")
            try:
                found.append((title.strip()[:100], date.fromisoformat(day)))
            except ValueError:
                raise forms.ValidationError(f"“{line[:30]}”开头应是日期，如 2022-09-30。") from None
            if not title.strip():
                raise forms.ValidationError(f"“{line[:30]}”没有写要做的事。")
        return found


class AcceptanceForm(forms.Form):
    result = forms.ChoiceField(
        label="验收结论", choices=[("", "请选择"), ("pass", "通过"), ("fail", "不通过，继续整改")]
    )
    opinion = forms.CharField(label="验收意见", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    scan = _scan("验收材料")
