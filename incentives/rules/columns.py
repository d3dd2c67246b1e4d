"""Columns that the lists of awards have of their own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enterprises.rules.declared import read_quarter
from intake.rules.columns import Cells, Column, TextColumn
from intake.rules.dates import read_date, read_month, read_year
from intake.rules.findings import Finding, must_mend

NO_TIME = must_mend(
    "EVENT_TIME", "看不出是哪一天、哪月、哪季或哪年", "请写 2022-06-15、2022-06、2022Q2 或 2022"
)
_EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, kw_only=True)
class WhenColumn(Column):
    """When something happened, or of which period data are: ``2022-06-15``, ``2022-06``, ``2022Q2``, ``2022``."""

    key: str = "period"
    heading: str = "时间"
    aliases: tuple[str, ...] = ("事项日期", "日期", "期间", "所属期", "事项时间")
    required: bool = True

    def read(self, value: object, cells: Cells) -> object:
        for reader in (read_year, read_quarter):
            found = reader(value)
            if not isinstance(found, Finding):
                return str(found)
        day = read_date(value, _EARLIEST, cells.context.today)
        if not isinstance(day, Finding):
            return day.isoformat()
        month = read_month(value, None, cells.numbers_as_text)
        if not isinstance(month, Finding):
            return str(month)
        return day if day.code in ("DATE_RANGE", "DATE_IMPOSSIBLE") else NO_TIME


#: 事项内容, 项目, 发票 of an event
NAMING: tuple[Column, ...] = (
    TextColumn(
        key="key", heading="事项内容", aliases=("节点", "荣誉名称", "等次", "内容"), limit=60, carried=False
    ),
    TextColumn(key="project", heading="项目", aliases=("项目名称", "项目编号"), limit=60, carried=False),
    TextColumn(key="invoice", heading="发票", aliases=("发票号", "发票号码"), limit=60, carried=False),
)
