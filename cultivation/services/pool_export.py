"""在库企业 as a workbook: the same result as the page, the same reasons in words; the act is kept in the trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

import xlsxwriter

from core.amounts import from_hundredths
from core.audit import record
from core.models import User
from cultivation.models import PoolMembership
from cultivation.policy import PoolRule
from cultivation.querysets import PoolMembershipQuerySet
from cultivation.services.pool_pages import MemberRow, PoolPlace, PoolTotals, member_rows, pool_totals
from cultivation.services.workbooks import NOT_STATISTICS

_CHUNK = 500
_WIDTHS = (6, 22, 34, 10, 8, 10, 18, 16, 12, 60, 12)


def headings(place: PoolPlace) -> list[str]:
    measure = f"{place.measure_label}(万元)" if place.measure_label else ""
    names = ["序号", "统一社会信用代码", "企业名称", "地区", "层级", "拟列规年度", "来源", measure]
    return [*names, "入库日期", "入库依据", "备注"]


def export_members(*, place: PoolPlace, members: PoolMembershipQuerySet, chosen: str, actor: User) -> bytes:
    """The workbook of a result that was already narrowed to what the actor may see."""
    count = members.count()
    content = members_workbook(place, members)
    subject = f"{place.programme} {place.rule.kind} {chosen}"
    record(actor=actor, act="export_pool", region=actor.region, subject=subject, counts={"rows": count})
    return content


def members_workbook(place: PoolPlace, members: PoolMembershipQuerySet) -> bytes:
    return _workbook(place, _rows(members, place.rule), pool_totals(members, members.count()))


def _rows(members: PoolMembershipQuerySet, rule: PoolRule) -> Iterable[MemberRow]:
    rest = members.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rest, _CHUNK)):
        yield from member_rows(chunk, rule)


def _workbook(place: PoolPlace, rows: Iterable[MemberRow], totals: PoolTotals) -> bytes:
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    style = {
        "title": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
        "head": book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"}),
        "text": book.add_format({"num_format": "@", "border": 1, "text_wrap": True, "valign": "vcenter"}),
        "amount": book.add_format({"num_format": "#,##0.00", "border": 1, "valign": "vcenter"}),
        "count": book.add_format({"border": 1, "valign": "vcenter"}),
    }
    page = book.add_worksheet("在库企业")
    names = headings(place)
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    title = f"{place.edition.locality.name}{place.rule.title}在库企业"
    page.merge_range(0, 0, 0, len(names) - 1, title, style["title"])
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(1)
    page.freeze_panes(2, 3)
    for column, name in enumerate(names):
        page.write_string(1, column, name, style["head"])
    last = 1
    for last, row in enumerate(rows, 2):
        _write(page, last, [last - 1, *_cells(place, row)], style)
    total = ["", "", f"合计（{totals.members}家）", "", "", "", "", totals.measure_wan, "", "", ""]
    _write(page, last + 1, total, style)
    page.write_string(last + 2, 0, f"{place.edition}　{NOT_STATISTICS}")
    book.close()
    return out.getvalue()


def _cells(place: PoolPlace, row: MemberRow) -> list[Any]:
    member: PoolMembership = row.member
    firm = member.enterprise
    notes = [
        word for word, holds in (("建议移出", member.is_proposed), ("人工调整", row.is_by_hand)) if holds
    ]
    return [
        firm.uscc,
        firm.name,
        firm.region.name,
        member.tier,
        str(member.planned_year or ""),
        row.sources,
        member.measure_wan,
        member.since.isoformat(),
        "；".join(told.line for told in row.reasons),
        "、".join(notes),
    ]


def _write(page: Any, row: int, cells: Sequence[Any], style: dict[str, Any]) -> None:
    """Text as text; a figure that is not known is an empty cell, never 0."""
    for column, cell in enumerate(cells):
        if column == 7 and cell is not None:
            page.write_number(row, column, float(from_hundredths(cell)), style["amount"])
        elif column == 0 and cell != "":
            page.write_number(row, column, cell, style["count"])
        else:
            page.write_string(row, column, cell or "", style["text"])
