from __future__ import annotations

import re

from django.core.exceptions import ValidationError

MIN_LENGTH = 8
_KINDS = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")


class ChinesePasswordValidator:
    """At least 8 characters of 3 kinds (等保 usual value), told in Chinese and all at once."""

    def validate(self, password: str, user: object = None) -> None:
        faults = []
        if len(password) < MIN_LENGTH:
            faults.append(f"密码至少 {MIN_LENGTH} 位，现在是 {len(password)} 位。")
        if sum(bool(re.search(kind, password)) for kind in _KINDS) < 3:
            faults.append("密码须含大写字母、小写字母、数字、符号中的三种。")
        username = getattr(user, "username", "")
        if username and username.lower() in password.lower():
            faults.append("密码不能包含账号。")
        if faults:
            raise ValidationError(faults)

    def get_help_text(self) -> str:
        return "至少 8 位，含大写字母、小写字母、数字、符号中的三种，不能包含账号。"
