"""来源对照、疑似达规、来源设定: what is looked at, and what a bureau settles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from core.models import Region, User
from core.scoping import regions_visible_to
from enterprises.models import SourceSetting
from enterprises.rules.estimate import SIGNALS
from enterprises.services.sources import LABELS, measure_choices
from intake.services.periods import period_label

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_WRONG_DAY = {"required": "请填写日期。", "invalid": "日期写作 2022-07-01。"}


class SourceFilterForm(forms.Form):
    """来源对照: which measure and period, and whether all that was compared or the conflicts alone."""

    measure = forms.ChoiceField(label="指标", required=False)
    period = forms.ChoiceField(label="所属期", required=False)
    region = forms.ModelChoiceField(
        label="地区", queryset=Region.objects.none(), required=False, empty_label="全部"
    )
    show = forms.ChoiceField(
        label="列出", required=False, choices=[("", "不一致的"), ("all", "有两个来源的全部")]
    )

    def __init__(self, *args: Any, user: User, periods: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = measure_choices()
        self.fields["period"].choices = [(one, period_label(one)) for one in periods]
        self.fields["region"].queryset = regions_visible_to(user)


class SuspectFilterForm(forms.Form):
    """疑似达规: of which region, and by which signal."""

    region = forms.ModelChoiceField(
        label="地区", queryset=Region.objects.none(), required=False, empty_label="全部"
    )
    signal = forms.ChoiceField(label="信号", required=False, choices=[("", "任一"), *SIGNALS.items()])

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions_visible_to(user)


class SourceSettingForm(forms.Form):
    """One line of 来源设定; ``value`` is read by the kind that was chosen."""

    kind = forms.ChoiceField(label="设定", choices=SourceSetting.Kind.choices)
    measure = forms.ChoiceField(
        label="指标", required=False, help_text="规上线不分指标；允许差异不选即各指标通用。"
    )
    region = forms.ModelChoiceField(label="地区", queryset=Region.objects.none(), empty_label=None)
    since = forms.DateField(label="起用日", widget=_DATE, error_messages=_WRONG_DAY)
    value = forms.CharField(
        label="内容",
        max_length=200,
        help_text="取数次序写来源，用顿号隔开，前面的优先；允许差异写百分数，如 5；规上线写万元数，如 2000。",
        error_messages={"required": "请填写内容。"},
    )
    reason = forms.CharField(
        label="依据",
        max_length=200,
        help_text="文件、会议或统计制度的出处。",
        error_messages={"required": "请写明依据。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [("", "不分指标"), *measure_choices()]
        self.fields["region"].queryset = regions_visible_to(user)
        self.initial.setdefault("region", user.region_id)
        self.initial.setdefault("since", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        kind, text = given.get("kind"), (given.get("value") or "").strip()
        if not kind or not text:
            return given
        if kind == SourceSetting.Kind.PRECEDENCE:
            if not given.get("measure"):
                self.add_error("measure", "取数次序按指标设定，请选择指标。")
            given["value"] = self._order(text)
        else:
            given["value"] = self._number(text, kind)
            if kind == SourceSetting.Kind.LINE:
                given["measure"] = ""
        return given

    def _order(self, text: str) -> list[str]:
        known = {label: source for source, label in LABELS.items()}
        words = [word.strip() for word in re.split("[、,，]", text) if word.strip()]
        odd = [word for word in words if word not in known]
        if odd:
            self.add_error("value", f"没有“{odd[0]}”这个来源；可用：{'、'.join(known)}。")
        elif len(set(words)) != len(words):
            self.add_error("value", "同一个来源写了两次。")
        return [known[word] for word in words if word in known]

    def _number(self, text: str, kind: str) -> str:
        number = text.removesuffix("%").removesuffix("万元").replace(",", "")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", number, re.ASCII):
            self.add_error("value", "请填写数字，至多两位小数。")
        elif kind == SourceSetting.Kind.TOLERANCE and Decimal(number) > 100:
            self.add_error("value", "允许差异在 0—100 之间。")
        elif kind == SourceSetting.Kind.LINE and not Decimal(number):
            self.add_error("value", "规上线应大于 0。")
        return number
