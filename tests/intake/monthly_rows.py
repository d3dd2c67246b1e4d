"""Monthly returns in memory for the reading rules: rows as an officer types them."""

from __future__ import annotations

from datetime import date

from core.periods import Month
from enterprises.rules.monthly import MONTHLY_SPEC
from intake.rules.reading import Frame, ReadingContext, read_frame
from intake.rules.text import region_forms
from intake.rules.uscc import ALPHABET, uscc_check_character
from intake.workbooks.raw import RawSheet, RawWorkbook

HEADINGS = [
    "序号",
    "统一社会信用代码",
    "企业名称",
    "所属县区",
    "统计月份",
    "营业收入(万元)",
    "实缴税金(万元)",
    "入库日期",
]
CODE, NAME, REGION, MONTH, REVENUE, TAX, LISTED = range(1, 8)
REGIONS = {"320600": "南通市", "320681": "启东市", "320614": "海门区", "320671": "开发区"}


def context(**changes) -> ReadingContext:
    """An officer of 启东市 sends March 2026 on 8 April."""
    given = {
        "regions": region_forms(REGIONS),
        "region_names": REGIONS,
        "scope": frozenset({"320681"}),
        "own_name": "启东市",
        "period": Month(2026, 3),
        "today": date(2026, 4, 8),
        "closed": lambda month: None,
    }
    return ReadingContext(**(given | changes))


def code(n: int) -> str:
    """A valid made-up code."""
    first = "91320681" + "".join(ALPHABET[(n * 7919 + 131) // 31**place % 31] for place in range(9))
    return first + uscc_check_character(first)


def row(n: int = 1, **cells) -> list[object]:
    """A good row; ``c5="无"`` puts 无 into column 5 counted from 0."""
    made: list[object] = [
        n, code(n), f"启东第{n}号机械有限公司", "启东市", "2026-03", 1000.5 + n, 20.25, date(2024, 5, 17)
    ]  # fmt: skip
    for place, value in cells.items():
        made[int(place[1:])] = value
    return made


def read(rows: list[list[object]], kind: str = "xlsx", **found) -> Frame:
    """Rows of one sheet (the first is Excel row 1) through the reading rules."""
    settings = found.pop("settings", {})
    sheet = RawSheet("Sheet1", rows=rows, **found)
    return read_frame(RawWorkbook([sheet], kind), MONTHLY_SPEC, context(**settings))


def read_cell(place: int, value: object, kind: str = "xlsx", **settings) -> tuple[object, str | None]:
    """One cell of a good row: what was read, and the code of what was told about it."""
    line = row(1)
    line[place] = value
    frame = read([HEADINGS, line], kind, settings=settings)
    told = [fault.code for fault in frame.faults if fault.row == 2]
    key = {number: key for key, (number, _) in frame.headings.items()}[place + 1]
    return frame.columns[key][0], told[0] if told else None


def told(frame: Frame) -> list[tuple[int | None, str]]:
    """(row, code) of everything that is not a hint."""
    return [(fault.row, fault.code) for fault in frame.faults if fault.cls != "D"]
