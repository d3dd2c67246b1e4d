from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Region, User
from core.periods import Month
from core.scoping import regions_visible_to
from intake.models import Batch
from intake.rules.faults import column_letters
from intake.rules.units import BASE_UNITS, words_of
from intake.services.issue_groups import IssuePage
from intake.services.locks import month_locks
from intake.services.mapping import ROLE_LABELS, column_lines
from intake.services.sheet_types import SheetType, sheet_type, sheet_types

MONTHS_OFFERED = 120
YEARS_OFFERED = 10
OWN_PERIOD = "以表内填写的为准"


class RegionAndPeriodForm(forms.Form):
    """For whom and for when; the choices are the user's own region and those below, and periods that have begun."""

    region = forms.ModelChoiceField(label="报送范围", queryset=Region.objects.none(), empty_label=None)
    period = forms.ChoiceField(label="所属期", required=False)

    def __init__(self, *args: Any, user: User, sheet: SheetType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        regions = self.fields["region"]
        regions.queryset = regions_visible_to(user)
        regions.error_messages = {
            "required": "请选择报送范围。",
            "invalid_choice": "只能选择本地区或下级地区。",
        }
        self.initial.setdefault("region", user.region_id)
        choices = period_choices(sheet, timezone.localdate())
        if not choices:
            del self.fields["period"]
            return
        period = self.fields["period"]
        period.choices = [*_with_locks(choices, sheet, user), ("", OWN_PERIOD)]
        period.error_messages = {"invalid_choice": "请选择列表中的所属期。"}
        if self.initial.get("period") not in dict(choices) and self.initial.get("period") != "":
            self.initial["period"] = choices[0][0]


class UploadForm(RegionAndPeriodForm):
    file = forms.FileField(
        label="报表文件",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv", "data-tell": "file-told"}),
        error_messages={
            "required": "请选择要上传的文件。",
            "empty": "文件是空的，没有任何内容；请检查后重新上传。",
            "invalid": "没有收到文件，请重新选择。",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = settings.UPLOAD_MAX_BYTES // (1 << 20)
        self.fields["file"].help_text = f".xlsx 或 .csv，不超过 {limit} MB；也可以把文件拖到框上。"

    def clean(self) -> dict[str, Any]:
        """A month that is shut for the chosen region is told before anything is sent."""
        given = super().clean()
        region, period = given.get("region"), given.get("period")
        if region is not None and period:
            locks = {str(month): lock for month, lock in month_locks(self.sheet.spec.name, region).items()}
            if period in locks:
                self.add_error("period", f"{locks[period].words}，不能上传；{locks[period].cure}。")
        return given

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // (1 << 20)
            raise forms.ValidationError(f"文件超过 {limit} MB 的上限；请拆成几个文件分次上传。")
        return file


class MappingForm(forms.Form):
    """One choice of meaning and one of unit for each column of the file."""

    adds_up = forms.BooleanField(
        label="同一企业有几行的，数值相加",
        required=False,
        help_text="例如一家企业几个电表、几个户号各占一行。",
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = column_lines(batch)
        self.initial.setdefault("adds_up", batch.mapping.get("adds_up", False))
        sheet = sheet_type(batch.sheet)
        measures = [(column.key, column.heading.partition("(")[0]) for column in sheet.measures()]
        targets = [("", "不采用"), ("企业和时间", [*ROLE_LABELS.items()]), ("指标", measures)]
        families = dict.fromkeys(column.unit for column in sheet.measures() if column.unit)
        units = [
            ("", "—"),
            *((BASE_UNITS[family], [(w, w) for w in words_of(family)]) for family in families),
        ]
        offered = {word for family in families for word in words_of(family)}
        for line in self.lines:
            number, unit = line.column.number, line.column.unit or line.choice.unit
            self.fields[f"target-{number}"] = forms.ChoiceField(
                label=f"“{line.column.heading}”是",
                choices=targets,
                required=False,
                initial=line.choice.target,
            )
            self.fields[f"unit-{number}"] = forms.ChoiceField(
                label=f"“{line.column.heading}”的单位",
                choices=[*units, *([(unit, unit)] if unit and unit not in offered else [])],
                required=False,
                initial=unit,
                disabled=bool(line.column.unit),
            )

    def rows(self) -> list[dict[str, Any]]:
        """Each column with its two fields, as the page shows it."""
        return [
            {
                "line": line,
                "letters": column_letters(line.column.number),
                "target": self[f"target-{line.column.number}"],
                "unit": self[f"unit-{line.column.number}"],
            }
            for line in self.lines
        ]

    def said(self) -> dict[int, tuple[str, str]]:
        """Column number → (target, unit)."""
        given = self.cleaned_data
        numbers = [line.column.number for line in self.lines]
        return {n: (given.get(f"target-{n}", ""), given.get(f"unit-{n}", "")) for n in numbers}

    def tell(self, faults: list[tuple[int, str]]) -> None:
        for number, message in faults:
            self.add_error(f"target-{number}" if number else None, message)


class BatchFilterForm(forms.Form):
    """批次记录: sheet, region and state, each may be left open."""

    sheet = forms.ChoiceField(label="报表", required=False)
    region = forms.ModelChoiceField(
        label="地区", queryset=Region.objects.none(), required=False, empty_label="全部"
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Batch.State.choices])

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(sheet.spec.name, sheet.spec.label) for sheet in sheet_types()]
        self.fields["sheet"].choices = [("", "全部"), *names]
        self.fields["region"].queryset = regions_visible_to(user)

    def narrow(self, batches: QuerySet[Batch]) -> QuerySet[Batch]:
        """The batches that meet the filters; a filter that makes no sense is left out."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("sheet"):
            batches = batches.filter(sheet=chosen["sheet"])
        if chosen.get("region"):
            batches = batches.filter(region__path__startswith=chosen["region"].path)
        if chosen.get("state"):
            batches = batches.filter(shown_state=chosen["state"])
        return batches


class IssueFilterForm(forms.Form):
    """校验问题: by class, kind of fault, sheet and column; only what the batch has is offered."""

    cls = forms.ChoiceField(label="类别", required=False)
    code = forms.ChoiceField(label="问题", required=False)
    sheet = forms.ChoiceField(label="工作表", required=False)
    column = forms.ChoiceField(label="列", required=False)

    def __init__(self, issues: IssuePage, *args: Any) -> None:
        super().__init__(*args)
        for name, choices in issues.choices.items():
            self.fields[name].choices = [("", "全部"), *choices]
        if len(issues.choices["sheet"]) < 2:
            del self.fields["sheet"]


class RowFilterForm(forms.Form):
    """预览明细: which rows, and of which firm."""

    kind = forms.ChoiceField(label="行的类别", required=False)
    q = forms.CharField(label="企业名称或信用代码", required=False, max_length=60)

    def __init__(self, kinds: Sequence[tuple[str, str, int | None]], *args: Any) -> None:
        super().__init__(*args)
        self.fields["kind"].choices = [
            (kind, label if count is None else f"{label}（{count:,}）") for kind, label, count in kinds
        ]
        chosen = self.cleaned_data if self.is_valid() else {}
        self.kind: str = chosen.get("kind") or kinds[0][0]
        self.text: str = chosen.get("q", "")


def _with_locks(choices: list[tuple[str, str]], sheet: SheetType, user: User) -> list[tuple[str, str]]:
    """The periods with 已锁定 beside those that are shut for the user's own region."""
    if sheet.period_kind != "month" or user.region is None:
        return choices
    locked = {str(month) for month in month_locks(sheet.spec.name, user.region)}
    return [(period, f"{label}（已锁定）" if period in locked else label) for period, label in choices]


def period_choices(sheet: SheetType, today: date) -> list[tuple[str, str]]:
    """Begun periods, the last full one first in the list; none for a sheet without periods."""
    if sheet.is_mapped:
        months = [Month.of(today) - back for back in range(24)]
        years = range(today.year - 1, today.year - YEARS_OFFERED, -1)
        return [
            *((str(month), month.label) for month in (months[1], months[0], *months[2:])),
            *((str(year), f"{year}年全年") for year in years),
        ]
    if sheet.period_kind == "year":
        return [(str(year), f"{year}年") for year in range(today.year - 1, today.year - YEARS_OFFERED, -1)]
    if sheet.period_kind == "month":
        last = Month.of(today) - 1
        months = [last - back for back in range(MONTHS_OFFERED)]
        return [(str(month), month.label) for month in (*months[:1], Month.of(today), *months[1:])]
    return []
