from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from core.models import Role


class LoginForm(AuthenticationForm):
    """Says the same for a wrong account, a wrong password and a disabled account: nobody can probe for names."""

    error_messages = {
        "invalid_login": "账号或密码不对，或账号已停用。请核对大小写后再输。",
        "inactive": "账号或密码不对，或账号已停用。请核对大小写后再输。",
        "not_for_pages": "接口账号不登录网页，请用令牌访问接口。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = "请填写账号。"
        self.fields["password"].error_messages["required"] = "请填写密码。"

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """A client of the REST door has no page to go to: it is told at the door."""
        super().confirm_login_allowed(user)
        if user.role == Role.API_CLIENT:
            raise forms.ValidationError(self.error_messages["not_for_pages"], code="not_for_pages")


class OwnPasswordForm(PasswordChangeForm):
    error_messages = {
        "password_mismatch": "两次输入的新密码不一致，请重输。",
        "password_incorrect": "旧密码不对，请重输。",
        "password_unchanged": "新密码与旧密码相同，请换一个。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "old_password": ("旧密码", ""),
            "new_password1": (
                "新密码",
                "至少 8 位，含大写字母、小写字母、数字、符号中的三种，不能包含账号。",
            ),
            "new_password2": ("再输一次新密码", ""),
        }
        for name, (label, hint) in words.items():
            field = self.fields[name]
            field.label, field.help_text = label, hint
            field.error_messages["required"] = f"请填写{label.removeprefix('再输一次')}。"

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        if password == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(self.error_messages["password_unchanged"], code="password_unchanged")
        return password
