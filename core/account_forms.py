"""Forms of accounts: who somebody is, where he works and what he may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from core.models import Department, Region, Role, User
from core.models.policies import DRAFTERS
from core.scoping import NO_BUSINESS_DATA

_ROLES = [(role.value, role.label) for role in Role if role is not Role.SYSTEM]
_DEPARTMENTS = [(body.value, body.label) for body in Department]


class AccountForm(forms.Form):
    """What an administrator may set of an account; ``keeper`` is he, whose own region bounds the choice."""

    full_name = forms.CharField(label="姓名", max_length=40)
    role = forms.ChoiceField(label="角色", choices=_ROLES)
    region = forms.ModelChoiceField(
        label="地区",
        queryset=Region.objects.none(),
        required=False,
        empty_label="（无）",
        help_text="管理员可以没有；新地区的业务科室和分管领导在第一份政策文件施行前没有",
        error_messages={"invalid_choice": "请选择列表中的地区。"},
    )
    department = forms.ChoiceField(label="部门", choices=_DEPARTMENTS, required=False)
    unit_name = forms.CharField(
        label="单位", max_length=60, required=False, help_text="单位全称，显示在页面右上角"
    )

    def __init__(self, *args: Any, keeper: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.order_by("path")
        path = keeper.scope_path
        self.fields["region"].queryset = regions if path is None else regions.filter(path__startswith=path)
        self.bounded = path is not None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        role, region = cleaned.get("role"), cleaned.get("region")
        may_have_none = role in NO_BUSINESS_DATA | DRAFTERS and not self.bounded
        if role and region is None and not may_have_none and "region" not in self.errors:
            self.add_error("region", "请选择地区：这个角色的数据范围由它决定。")
        return cleaned


class NewAccountForm(AccountForm):
    username = forms.CharField(
        label="账号",
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+\Z", "账号只用字母、数字、点、横线、下划线。")],
        help_text="登录用，开通后不能改；字母、数字、点、横线、下划线",
    )
    field_order = ("username",)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("已有这个账号（不分大小写），请换一个。")
        return username
