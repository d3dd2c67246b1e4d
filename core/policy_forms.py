"""Forms of policy documents: a text to be checked, and the yearly figures of one."""

from __future__ import annotations

from typing import Any

from django import forms

from core.policies.nodes import TEXT_LIMIT
from core.services.edition_pages import YearlyField

#: What a pasted or sent file may weigh, bytes: four for each character.
_BYTES_LIMIT = 4 * TEXT_LIMIT


class EditionUploadForm(forms.Form):
    """Either a file or a text; a fault of its contents is told by line, not here."""

    file = forms.FileField(
        label="政策文件",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}),
        help_text="YAML 文件，写法见 docs/policy-format.md",
        error_messages={"empty": "文件是空的，没有任何内容。", "invalid": "没有收到文件，请重新选择。"},
    )
    text = forms.CharField(
        label="或直接填写",
        required=False,
        strip=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 18, "class": "code", "spellcheck": "false"}),
        error_messages={"max_length": f"超过 {TEXT_LIMIT} 个字符，不像一份政策文件。"},
    )
    remark = forms.CharField(label="改了什么、为什么", required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        sent = cleaned.get("file")
        if sent is not None and sent.size > _BYTES_LIMIT:
            self.add_error("file", "文件过大，不像一份政策文件。")
        elif sent is not None:
            try:
                cleaned["text"] = sent.read().decode()
            except UnicodeDecodeError:
                self.add_error("file", "文件不是 UTF-8 编码，请另存为 UTF-8 后重新上传。")
        elif not (cleaned.get("text") or "").strip() and not self.errors:
            self.add_error("file", "请选择文件，或把内容填在下面。")
        return cleaned


class ApprovalForm(forms.Form):
    """``over``: the edition in force that the page compared with."""

    over = forms.IntegerField(required=False, min_value=1, max_value=10**15, widget=forms.HiddenInput)
    on = forms.DateField(
        label="施行日期",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="不填，立即施行；填以后的日期，到那一天施行，之前可以退回",
    )


class ReturnForm(forms.Form):
    answer = forms.CharField(label="退回理由", max_length=200)


class YearlyForm(forms.Form):
    """One field for each yearly leaf, in the order of the text."""

    remark = forms.CharField(label="改了什么、为什么", required=False, max_length=200)

    def __init__(self, *args: Any, leaves: list[YearlyField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paths: dict[str, str] = {}
        for number, leaf in enumerate(leaves):
            name = f"leaf-{number}"
            self.paths[name] = leaf.path
            self.fields[name] = forms.CharField(
                label=" › ".join(leaf.names),
                initial=leaf.value,
                max_length=5000,
                error_messages={"required": "不能为空；文件没有写明的填 unknown。"},
            )
        self.order_fields([*self.paths, "remark"])

    @property
    def leaves(self) -> list[Any]:
        return [self[name] for name in self.paths]

    def values(self) -> dict[str, str]:
        return {path: self.cleaned_data[name] for name, path in self.paths.items()}

    def tell(self, key: str, message: str) -> bool:
        """Put a fault of the document on the field that it is about; whether there is one."""
        name = next((name for name, path in self.paths.items() if path == key), None)
        if name is not None:
            self.add_error(name, message)
        return name is not None
