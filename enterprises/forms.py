"""What officers state of a firm in the browser: events of its identity, decisions on second records, 责任人."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from core.models import Region, User
from core.scoping import regions_visible_to
from enterprises.models import DuplicateDecision, Enterprise, Liaison, RegistryEvent, SourceSetting
from enterprises.rules.estimate import SIGNALS
from enterprises.rules.identity import WITH_OTHER, Act, EventKind, Objection
from enterprises.services.identity import objections_to, resolved
from enterprises.services.liaison import Person, people_of
from enterprises.services.sources import LABELS, measure_choices
from intake.rules.uscc import plain_code
from intake.services.periods import period_label

#: kind → fields that it asks for, beside the day and the evidence
ASKED: dict[EventKind, tuple[str, ...]] = {
    EventKind.RENAMED: ("new_name",),
    EventKind.RECODED: ("new_code", "old_code"),
    EventKind.MOVED: ("new_region",),
    EventKind.MERGED: ("other_code",),
    EventKind.SPLIT: ("other_code", "other_name", "ceases"),
    EventKind.CONVERTED: ("other_code", "other_name"),
    EventKind.CLOSED: (),
    EventKind.REVOKED: (),
    EventKind.REVIVED: (),
}
_OTHER_LABELS = {
    EventKind.MERGED: "并入的企业（信用代码）",
    EventKind.SPLIT: "分立出的企业（信用代码）",
    EventKind.CONVERTED: "转成的企业（信用代码）",
}
#: what each kind cannot do without; a code change may state the new code or an old one
_NEEDED = {"new_name", "new_region", "other_code", "evidence"}
_HOLDERS = (Region.Kind.PROVINCE, Region.Kind.CITY)
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_WRONG_DAY = {"required": "请填写日期。", "invalid": "日期写作 2022-07-01。"}


def kinds_for(firm: Enterprise) -> list[tuple[str, str]]:
    """What may be stated of a firm: of one that has ended, its revival alone."""
    kinds = (
        [EventKind.REVIVED] if firm.ended_on else [kind for kind in ASKED if kind is not EventKind.REVIVED]
    )
    return [(kind.value, RegistryEvent.Kind(kind.value).label) for kind in kinds]


class EventForm(forms.Form):
    """One event of one kind; faults of the rules stand at their fields, hints in ``hints``."""

    on = forms.DateField(label="变更登记日期", widget=_DATE, error_messages=_WRONG_DAY)
    new_name = forms.CharField(label="新名称", max_length=200, required=False)
    new_code = forms.CharField(
        label="新统一社会信用代码", max_length=30, required=False, help_text="只补登旧代码时留空。"
    )
    old_code = forms.CharField(
        label="旧代码", max_length=30, required=False, help_text="名录里没有的 15 位注册号等；换码的不用填。"
    )
    new_region = forms.ModelChoiceField(
        label="迁入县区",
        queryset=Region.objects.none(),
        required=False,
        empty_label="请选择",
        error_messages={"invalid_choice": "只能选择本地区或下级地区，跨地区迁移请与市局联系。"},
    )
    other_code = forms.CharField(label="对方信用代码", max_length=30, required=False)
    other_name = forms.CharField(
        label="对方名称", max_length=200, required=False, help_text="名录里没有对方时填写，登记后列为待核。"
    )
    ceases = forms.ChoiceField(
        label="原企业", required=False, choices=[("", "存续（存续分立）"), ("yes", "终止（解散分立）")]
    )
    evidence = forms.CharField(
        label="依据",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="登记机关的文书、公告或文号。",
    )

    def __init__(self, *args: Any, firm: Enterprise, kind: EventKind, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.firm, self.kind, self.actor = firm, kind, actor
        self.hints: list[Objection] = []
        self.act: Act | None = None
        for name in [name for name in self.fields if name not in {"on", "evidence", *ASKED[kind]}]:
            del self.fields[name]
        for name in _NEEDED & self.fields.keys():
            field = self.fields[name]
            field.required = True
            field.error_messages["required"] = f"请填写{field.label}。"
        if "new_region" in self.fields:
            inside = regions_visible_to(actor).exclude(kind__in=_HOLDERS).exclude(pk=firm.region_id)
            self.fields["new_region"].queryset = inside
        if "other_code" in self.fields:
            self.fields["other_code"].label = _OTHER_LABELS[kind]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        region = given.get("new_region")
        act = Act(
            self.kind,
            given.get("on"),
            new_name=given.get("new_name", "").strip(),
            new_code=_code(given.get("new_code")),
            old_code=_code(given.get("old_code")),
            new_region=region.pk if region else "",
            other_code=_code(given.get("other_code")) if self.kind in WITH_OTHER else "",
            other_name=given.get("other_name", "").strip(),
            ceases=given.get("ceases") == "yes",
            evidence=given.get("evidence", ""),
        )
        self.act, _ = resolved(act, self.actor)
        for one in objections_to(self.act, self.firm, self.actor, timezone.localdate()):
            if one.cls == "D":
                self.hints.append(one)
            elif one.field not in self.errors:
                field = one.field if one.field in self.fields else None
                self.add_error(field, f"{one.reason}；{one.cure}。")
        return given


def _code(text: str | None) -> str:
    return plain_code(text) if text else ""


class DuplicateForm(forms.Form):
    """合并 into one of the two, or 不是同一家; either with its reason."""

    verdict = forms.ChoiceField(
        label="结论", choices=DuplicateDecision.Verdict.choices, error_messages={"required": "请选择结论。"}
    )
    keep = forms.ChoiceField(label="合并后保留", required=False)
    overrule = forms.BooleanField(label="两份档案不一致的数据，以保留的档案为准", required=False)
    note = forms.CharField(
        label="依据",
        max_length=200,
        min_length=4,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明依据。", "min_length": "依据不少于 4 个字。"},
    )

    def __init__(self, *args: Any, firms: Iterable[Enterprise], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = [(str(firm.pk), f"{firm.name}　{firm.uscc}") for firm in firms]


class PersonForm(forms.Form):
    """Whom firms are given to: an account of the actor's regions, or a name without one; and from which day."""

    user = forms.ModelChoiceField(
        label="账号", queryset=User.objects.none(), required=False, empty_label="没有账号，填写姓名"
    )
    person = forms.CharField(label="姓名", max_length=40, required=False)
    unit = forms.CharField(label="单位", max_length=60, required=False)
    since = forms.DateField(label="自何日起", widget=_DATE, error_messages=_WRONG_DAY)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people_of(actor)
        self.initial.setdefault("since", timezone.localdate())

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since.year < 2000 or (since - timezone.localdate()).days > 31:
            raise forms.ValidationError("起始日期应在 2000 年以后、今天起一个月以内。")
        return since

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not given.get("user") and not given.get("person", "").strip() and "user" not in self.errors:
            self.add_error("person", "请选择账号，或填写姓名。")
        return given

    @property
    def chosen(self) -> Person:
        given = self.cleaned_data
        return (
            Person.of(given["user"])
            if given["user"]
            else Person(given["person"].strip(), given["unit"].strip())
        )


class AssignForm(PersonForm):
    duty = forms.ChoiceField(label="职责", choices=Liaison.Duty.choices)
    field_order = ("duty", "user", "person", "unit", "since")


class HandoverForm(PersonForm):
    """From one person, by account or by name, to another."""

    giver = forms.ChoiceField(label="移交人", error_messages={"required": "请选择移交人。"})
    field_order = ("giver", "user", "person", "unit", "since")

    def __init__(self, *args: Any, holders: list[tuple[Person, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holders = {holder_key(person): person for person, _ in holders}
        self.fields["giver"].choices = [
            ("", "请选择"),
            *(
                (holder_key(person), f"{person.name}　{person.unit}（{count}家）")
                for person, count in holders
            ),
        ]
        self.fields["user"].label = "接收人账号"
        self.fields["person"].label = "接收人姓名"
        self.fields["unit"].label = "接收人单位"

    @property
    def from_whom(self) -> Person:
        return self.holders[self.cleaned_data["giver"]]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and holder_key(self.from_whom) == holder_key(self.chosen):
            self.add_error("user", "移交人和接收人是同一人。")
        return given


def holder_key(person: Person) -> str:
    return f"u{person.user_id}" if person.user_id else f"n{person.name}"


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
