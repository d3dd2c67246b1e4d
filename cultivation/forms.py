"""What a person does to a firm's place in a pool: each act is a form, and each asks for a reason."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from core.models import Region, User
from core.scoping import regions_visible_to
from cultivation.models import MonthReopening, PoolJudgement, PoolMembership, ReturnMark
from cultivation.policy import PoolRule
from cultivation.rules.watch import CODES
from cultivation.services.dispatch import ASKED_LIMIT, OWNER_LIMIT, TEXT_LIMIT
from cultivation.services.pool_applications import apply_for, asks_for_application
from cultivation.services.pool_members import (
    NOTE_LIMIT,
    change_member,
    keep_member,
    readmit_member,
    withdraw_member,
)
from intake.services.scans import ACCEPTS


class ActForm(forms.Form):
    """One act on ``member``; ``effect`` says what follows and how it is undone, the button repeats the act."""

    act: ClassVar[str]
    heading: ClassVar[str]
    effect: ClassVar[str]
    button: ClassVar[str]
    is_danger: ClassVar[bool] = False

    note = forms.CharField(
        label="理由",
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由。", "max_length": f"理由最多 {NOTE_LIMIT} 个字。"},
    )

    def __init__(self, *args: Any, rule: PoolRule, member: PoolMembership, **kwargs: Any) -> None:
        # ids carry the act, so that several forms stand on one page
        super().__init__(*args, auto_id=f"id_{self.act}_%s", **kwargs)
        self.rule, self.member = rule, member

    def act_as(self, actor: User) -> str:
        """Do it; returns in words what was done. Raises ``PoolRefused``."""
        name = self.member.enterprise.name
        return f"{name}：{self._do(note=self.cleaned_data['note'], actor=actor)}"

    @abstractmethod
    def _do(self, *, note: str, actor: User) -> str:
        """The act itself, one service call."""


class KeepForm(ActForm):
    act, heading, button = "keep", "保留在库", "保留在库"
    effect = "筛选建议移出这家企业。保留后，同样的原因不再提示；原因变了会再提示。"

    def _do(self, *, note: str, actor: User) -> str:
        keep_member(member=self.member, note=note, actor=actor)
        return "保留在库，移出建议已答复。"


class WithdrawForm(ActForm):
    act, heading, button, is_danger = "withdraw", "移出培育库", "移出培育库", True
    effect = "移出后，以后的筛选不会自动把它放回；可以在本页重新入库，记录都保留。"

    def _do(self, *, note: str, actor: User) -> str:
        withdraw_member(member=self.member, note=note, actor=actor)
        return "已移出培育库，可在本页重新入库。"


class PlaceForm(ActForm):
    """Tier, planned year and why; choices are those of the document."""

    tier = forms.ChoiceField(label="层级", error_messages={"required": "请选择层级。"})
    planned_year = forms.TypedChoiceField(
        label="拟列规年度", coerce=int, empty_value=None, error_messages={"required": "请选择拟列规年度。"}
    )
    field_order = ("tier", "planned_year", "note")

    def __init__(self, *args: Any, rule: PoolRule, member: PoolMembership, **kwargs: Any) -> None:
        initial = {"tier": member.tier, "planned_year": member.planned_year}
        super().__init__(*args, rule=rule, member=member, initial=initial, **kwargs)
        years = rule.planned.years if rule.planned else ()
        self._offer("tier", [(tier.name, f"{tier.name}　{tier.bounds}".strip()) for tier in rule.tiers])
        self._offer("planned_year", [(str(year), f"{year}年") for year in years])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What the document does not have is not asked."""
        if choices:
            blank = [] if self.initial[name] else [("", "请选择")]
            self.fields[name].choices = [*blank, *choices]
        else:
            del self.fields[name]

    @property
    def place(self) -> tuple[str, int | None]:
        given = self.cleaned_data
        return given.get("tier", self.member.tier), given.get("planned_year", self.member.planned_year)


class ChangeForm(PlaceForm):
    act, heading, button = "change", "调整层级和年度", "保存调整"
    effect = "调整后，以后的筛选保留您的选择，不自动改回。"

    def _do(self, *, note: str, actor: User) -> str:
        tier, year = self.place
        change_member(member=self.member, tier=tier, planned_year=year, note=note, actor=actor)
        return f"已调整为{tier}，拟{year}年列规。" if year else f"已调整为{tier}。"


class ReadmitForm(PlaceForm):
    act, heading, button = "readmit", "重新入库", "重新入库"
    effect = "这家企业曾在库。重新入库后，筛选不会自动移出，只提出建议。"

    def _do(self, *, note: str, actor: User) -> str:
        tier, year = self.place
        readmit_member(member=self.member, tier=tier, planned_year=year, note=note, actor=actor)
        return f"已重新入库，层级{tier}。" if tier else "已重新入库。"


def act_forms(
    rule: PoolRule, member: PoolMembership, act: str, data: Mapping[str, Any]
) -> dict[str, ActForm]:
    """The acts that are open for this member, by name; the one that was sent is bound to its data."""
    kinds: list[type[ActForm]] = [ReadmitForm]
    if member.until is None:
        kinds = [] if asks_for_application(rule, "move") else [ChangeForm]
        kinds += [] if asks_for_application(rule, "withdraw") else [WithdrawForm]
        if member.is_proposed:
            kinds.insert(0, KeepForm)
    if not rule.tiers and not rule.planned and ChangeForm in kinds:
        kinds.remove(ChangeForm)
    return {kind.act: kind(data if kind.act == act else None, rule=rule, member=member) for kind in kinds}


# ---------------------------------------------------------------- daily lists, lines, applications, handing over


def _day(label: str, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}应是日期，如 2022-07-08。"},
    )


def _words(label: str, limit: int, *, required: bool = True, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"请填写{label}。", "max_length": f"{label}最多 {limit} 个字。"},
    )


class NoteForm(forms.Form):
    """A talk, an answer, a recommendation; the choices are those of the list."""

    code = forms.ChoiceField(label="情况", error_messages={"required": "请选择情况。"})
    person = forms.CharField(label="办理人", max_length=40, error_messages={"required": "请填写办理人姓名。"})
    on = _day("日期")
    note = _words("说明", 300, required=False)
    next_on = _day("下次联系", required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_note_%s", **kwargs)
        self.fields["code"].choices = [("", "请选择"), *CODES[kind].items()]


class JudgementForm(forms.Form):
    potential = forms.ChoiceField(label="发展潜力", required=False, choices=PoolJudgement.Grade.choices[::-1])
    confidence = forms.ChoiceField(
        label="列规信心", required=False, choices=PoolJudgement.Grade.choices[::-1]
    )
    exclusion = forms.ChoiceField(
        label="是否列入帮扶", required=False, choices=PoolJudgement.Exclusion.choices
    )
    judged_on = _day("调查日期")
    note = _words("说明", 200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_judge_%s", **kwargs)


class LineForm(forms.Form):
    region = forms.CharField(widget=forms.HiddenInput)
    amount = forms.DecimalField(
        label="入库线（万元）",
        max_digits=14,
        decimal_places=2,
        error_messages={
            "required": "请填写入库线。",
            "invalid": "入库线应是数字，如 800。",
            "max_decimal_places": "入库线最多两位小数。",
            "max_digits": "入库线过大。",
            "max_whole_digits": "入库线过大。",
        },
    )
    reason = _words("理由", 200)


class OpinionForm(forms.Form):
    agrees = forms.ChoiceField(
        label="意见",
        choices=(("yes", "同意"), ("no", "不同意")),
        error_messages={"required": "请选择意见。", "invalid_choice": "请选择意见。"},
    )
    opinion = _words("说明", 200)


class ReopeningForm(forms.Form):
    """For whom a locked month is opened again, why, and until when; all of it is asked again by the service."""

    sheet = forms.ChoiceField(label="报表", choices=MonthReopening.Sheet.choices)
    region = forms.ModelChoiceField(
        label="地区",
        queryset=Region.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择地区。", "invalid_choice": "请选择本辖区的地区。"},
    )
    firms = forms.CharField(
        label="企业",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="统一社会信用代码，一行一家；不填就是这个地区的全部企业。",
    )
    reason = _words("原因", 200)
    last_day = forms.DateField(
        label="开放到",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择到期日。", "invalid": "请选择到期日。"},
    )

    def __init__(self, *args: Any, user: User, locality: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions_visible_to(user).filter(path__startswith=locality.path)


class CorrectionForm(forms.Form):
    """更正单: which figure, what it should be, why; all of it is asked again by the service."""

    uscc = forms.CharField(
        label="统一社会信用代码",
        max_length=18,
        error_messages={"required": "请填写统一社会信用代码。", "max_length": "统一社会信用代码是 18 位。"},
    )
    measure = forms.ChoiceField(label="指标", choices=ReturnMark.Measure.choices)
    new = forms.CharField(
        label="更正为",
        max_length=20,
        help_text="金额按万元、最多两位小数，人数填整数。",
        error_messages={"required": "请填写更正后的数。"},
    )
    reason = _words("原因", 200)
    evidence = forms.FileField(
        label="依据",
        required=False,
        help_text="PDF、JPG、PNG，最大 5 MB。",
        widget=forms.FileInput(attrs={"accept": ACCEPTS}),
    )


class HandoverForm(forms.Form):
    recipient = forms.CharField(
        label="抄送单位",
        max_length=60,
        error_messages={"required": "请填写抄送单位。", "max_length": "抄送单位最多 60 个字。"},
    )
    purpose = forms.CharField(label="用途", max_length=100, required=False)


class ApplyForm(PlaceForm):
    """What the document leaves to people: applied for here, reviewed and decided by others."""

    act, heading, button = "apply", "申请调整", "提交申请"
    effect = "提交后由县区审核、市局决定；决定之前在库情况不变。"
    kind = "move"

    def _do(self, *, note: str, actor: User) -> str:
        tier, year = self.place
        apply_for(
            programme=self.member.programme,
            pool=self.member.pool,
            firm=self.member.enterprise,
            act=self.kind,
            tier=tier,
            planned_year=year,
            reason=note,
            actor=actor,
        )
        return "申请已提交，等待审核。"


class ApplyWithdrawForm(ActForm):
    act, heading, button, is_danger = "apply_withdraw", "申请出库", "提交出库申请", True
    effect = "提交后由县区审核、市局决定；决定之前仍在库。"

    def _do(self, *, note: str, actor: User) -> str:
        member = self.member
        apply_for(
            programme=member.programme,
            pool=member.pool,
            firm=member.enterprise,
            act="withdraw",
            reason=note,
            actor=actor,
        )
        return "出库申请已提交，等待审核。"


class AdmitForm(ApplyForm):
    act, heading, button = "admit", "申请入库", "提交入库申请"
    effect = "方案要求入库由人决定：提交后由县区审核、市局决定。"
    kind = "admit"


def application_forms(
    rule: PoolRule, member: PoolMembership, act: str, data: Mapping[str, Any]
) -> dict[str, ActForm]:
    """The applications that the document asks for; ``member`` is a new one for a firm that is in no pool."""
    kinds: list[type[ActForm]] = []
    if member.pk is None:
        kinds = [AdmitForm] if asks_for_application(rule, "admit") else []
    elif member.until is None:
        kinds = [ApplyForm] if asks_for_application(rule, "move") and (rule.tiers or rule.planned) else []
        kinds += [ApplyWithdrawForm] if asks_for_application(rule, "withdraw") else []
    return {kind.act: kind(data if kind.act == act else None, rule=rule, member=member) for kind in kinds}


class SendForm(forms.Form):
    """Who answers for dispatch orders, and until when."""

    owner = forms.CharField(
        label="责任人", max_length=OWNER_LIMIT, error_messages={"required": "请写明责任人姓名。"}
    )
    deadline = forms.DateField(
        label="办理期限",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择办理期限。", "invalid": "日期写成 2022-07-15 的样子。"},
    )


class SendOrderForm(SendForm):
    """Sending one order: what is asked may still be changed."""

    asked = forms.CharField(
        label="要求",
        max_length=ASKED_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明要求。"},
    )


class StepForm(forms.Form):
    """A further step of a dispatch order, with words."""

    text = forms.CharField(
        label="说明",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明情况。", "max_length": f"说明最多 {TEXT_LIMIT} 个字。"},
    )
