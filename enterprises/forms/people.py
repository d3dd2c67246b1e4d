"""责任人: firms given to a person, and handed from one person to another."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from core.models import User
from enterprises.models import Liaison
from enterprises.services.liaison import Person, people_of

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_WRONG_DAY = {"required": "请填写日期。", "invalid": "日期写作 2022-07-01。"}


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
