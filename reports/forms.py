from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile


class FirmListForm(forms.Form):
    """Any list of firms with a column of credit codes or of names."""

    file = forms.FileField(
        label="企业名单",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "请选择要比对的名单。",
            "empty": "文件是空的，没有任何内容；请检查后重新上传。",
            "invalid": "没有收到文件，请重新选择。",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = settings.UPLOAD_MAX_BYTES // (1 << 20)
        self.fields[
            "file"
        ].help_text = f".xlsx 或 .csv，不超过 {limit} MB；有“统一社会信用代码”或“企业名称”一列即可。"

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // (1 << 20)
            raise forms.ValidationError(f"文件超过 {limit} MB 的上限；请拆成几个文件分次比对。")
        return file


class BulletinForm(forms.Form):
    """What a person makes of a drafted paper."""

    number = forms.CharField(
        label="发文字号", max_length=40, required=False, help_text="如 通工信〔2022〕15号，送签前由办公室编定"
    )
    addressee = forms.CharField(label="主送", max_length=200)
    copies = forms.CharField(
        label="抄送", max_length=200, required=False, help_text="机关之间用逗号或顿号隔开，没有的留空"
    )
    text = forms.CharField(label="正文", widget=forms.Textarea(attrs={"rows": 16}), max_length=20_000)


class SignForm(forms.Form):
    printed_on = forms.DateField(
        label="印发日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请写明印发日期。", "invalid": "印发日期写作 2022-07-08。"},
    )


class ReturnForm(forms.Form):
    opinion = forms.CharField(label="意见", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
