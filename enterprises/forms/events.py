"""What officers state of a firm in the browser: events of its identity, decisions on second records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from core.models import Region, User
from core.scoping import regions_visible_to
from enterprises.models import DuplicateDecision, Enterprise, RegistryEvent
from enterprises.rules.identity import WITH_OTHER, Act, EventKind, Objection
from enterprises.services.identity import objections_to, resolved
from intake.rules.uscc import plain_code

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
            if actor.region is not None and actor.region.kind not in _HOLDERS:
                self.fields["new_region"].help_text = "只列本地区和下级地区；迁到其他县区的，由市局登记。"
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
        label="结论",
        choices=[("", "请选择"), *DuplicateDecision.Verdict.choices],
        error_messages={"required": "请选择结论。"},
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
