"""``honours`` 荣誉资质: titles with their validity, by the documents that grant them (工信部企业〔2022〕63号)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.models import Department, Role
from enterprises.models import Honour
from enterprises.services.storing import Store
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import shown_value
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, Column, DateColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import register_sheet

LEVELS = {level.label: level.value for level in Honour.Level if level.value}
_AHEAD = 30 * 366


@register_sheet
class Honours(FirmList):
    """A row a title and day of grant; a renewal (复核) is a new row with its own day."""

    spec = SheetSpec(
        name="honours",
        label="荣誉资质",
        columns=(
            *FIRM_COLUMNS,
            TextColumn(
                key="title",
                heading="荣誉名称",
                aliases=("荣誉", "资质名称", "称号", "认定类别"),
                limit=60,
                required=True,
            ),
            ChoiceColumn(key="level", heading="级别", aliases=("荣誉级别",), choices=tuple(LEVELS)),
            DateColumn(
                key="granted_on",
                heading="认定日期",
                aliases=("认定时间", "发证日期", "公布日期"),
                required=True,
            ),
            DateColumn(
                key="valid_until", heading="有效期至", aliases=("有效期止", "到期日期"), days_ahead=_AHEAD
            ),
            TextColumn(key="document", heading="认定文号", aliases=("文号", "证书编号"), limit=80),
        ),
        unique=("uscc", "title", "granted_on"),
    )
    duty = Department.INDUSTRY
    senders = frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER})
    fields = {"level": "level", "valid_until": "valid_until", "document": "document"}
    store = Store(Honour, ("title", "granted_on"), tuple(fields))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return columns["title"][i], columns["granted_on"][i]

    def value_of(self, key: str, value: Any) -> Any:
        if key == "level":
            return LEVELS.get(value, "")
        return (value or "") if key == "document" else value

    def shown(self, column: Column, stored: Any) -> str:
        return Honour.Level(stored).label if column.key == "level" else shown_value(column, stored)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        for i in range(len(frame.rows)):
            granted, until = frame.columns["granted_on"][i], frame.columns["valid_until"][i]
            if isinstance(granted, date) and isinstance(until, date) and until < granted:
                frame.fault(i, "valid_until", "DAYS_ORDER", "A", "有效期至早于认定日期", "请核对两个日期")
