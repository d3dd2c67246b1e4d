"""A daily list as a workbook: the same rows as the page; the act is kept in the trail."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter

from core.amounts import from_hundredths
from core.audit import record
from core.models import User
from cultivation.models import WatchEntry
from cultivation.querysets import OfFirmQuerySet
from cultivation.services.watch_pages import WatchRow, watch_rows
from cultivation.services.workbooks import NOT_STATISTICS

_CHUNK = 500
_HEADS = (
    "序号",
    "统一社会信用代码",
    "企业名称",
    "地区",
    "列入原因",
    "上年(万元)",
    "本年累计(万元)",
    "预计全年(万元)",
)
_TAIL = ("列入日期", "责任人", "最近情况", "办理人", "日期")
_ENTRANT = (
    "入库年度",
    "入规前税收(万元)",
    "入规后税收(万元)",
    "入规前营业收入(万元)",
    "入规后营业收入(万元)",
)


def export_watch(*, kind: str, entries: OfFirmQuerySet, chosen: str, actor: User) -> bytes:
    """The workbook of a result that was already narrowed to what the actor may see."""
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    page = book.add_worksheet(WatchEntry.Kind(kind).label)
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True})
    amount = book.add_format({"num_format": "#,##0.00", "border": 1})
    text = book.add_format({"num_format": "@", "border": 1})
    is_entrant = kind == WatchEntry.Kind.ENTRANT
    names = [*_HEADS, *(_ENTRANT if is_entrant else ("预计达规月份",)), *_TAIL]
    for column, name in enumerate(names):
        page.write_string(0, column, name, head)
    page.freeze_panes(1, 3)
    page.set_column(1, 2, 24)
    count, buffer = 0, []
    for entry in entries.iterator(chunk_size=_CHUNK):
        buffer.append(entry)
        if len(buffer) == _CHUNK:
            count = _write(page, count, watch_rows(buffer), amount, text, is_entrant=is_entrant)
            buffer = []
    count = _write(page, count, watch_rows(buffer), amount, text, is_entrant=is_entrant)
    page.write_string(count + 1, 0, NOT_STATISTICS)
    book.close()
    record(
        actor=actor,
        act="export_watch",
        region=actor.region,
        subject=f"{kind} {chosen}",
        counts={"rows": count},
    )
    return out.getvalue()


def _write(page: Any, done: int, rows: list[WatchRow], amount: Any, text: Any, *, is_entrant: bool) -> int:
    """A figure that is not known is an empty cell, never 0."""
    for row in rows:
        done += 1
        entry, firm = row.entry, row.entry.enterprise
        figures = [entry.last_year_wan, entry.ytd_wan, entry.expected_wan]
        middle: list[Any] = [f"{entry.crossing}月" if entry.crossing else ""]
        if is_entrant:
            middle = [
                str(entry.entry_year or ""),
                entry.tax_before_wan,
                entry.tax_after_wan,
                entry.sales_before_wan,
                entry.sales_after_wan,
            ]
        tail = [
            entry.since.isoformat(),
            row.responsible,
            row.noted,
            row.person,
            row.on.isoformat() if row.on else "",
        ]
        cells = [
            str(done),
            firm.uscc,
            firm.name,
            firm.region.name,
            "、".join(row.signals),
            *figures,
            *middle,
            *tail,
        ]
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                page.write_number(done, column, float(from_hundredths(cell)), amount)
            else:
                page.write_string(done, column, cell or "", text)
    return done
