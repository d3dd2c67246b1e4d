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
