"""Statutory tables as workbooks: merged headings, 单位, 合计, print set-up. Numbers are those of the page."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.amounts import from_hundredths
from core.audit import record
from core.models import User
from cultivation.models import MonthlyIssue
from cultivation.rules.measures import MonthMeasures
from cultivation.services.adjustments import adjustment_table
from cultivation.services.months import MonthTable
from cultivation.services.target_pages import TargetPage, TargetTable

NOT_STATISTICS = "本数据非统计数据，仅用于工作调度。"
MISSING = "—"
_FONT = "宋体"
_FORMATS = {"count": "#,##0", "amount": "#,##0.00", "rate": "0.0", "points": "+0.0;-0.0;0.0", "rank": "0"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its group, its own heading, how it is written, and where its value comes from."""

    group: str
    label: str
    kind: str
    value: Callable[[Any], Any]


def per_cent(ratio: Decimal | None) -> Decimal | None:
    """One decimal of a per cent, rounded once from the exact ratio, as the page does."""
    return None if ratio is None else (ratio * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _amount(name: str) -> Callable[[MonthMeasures], Decimal]:
    return lambda line: from_hundredths(getattr(line, name))


def _number(name: str) -> Callable[[MonthMeasures], Any]:
    return lambda line: getattr(line, name)


def _rate(name: str) -> Callable[[MonthMeasures], Decimal | None]:
    return lambda line: per_cent(getattr(line, name))


_YOY = Heading("营业收入（万元）", "同比%", "rate", _rate("revenue_yoy_exact"))
MONTH_COLUMNS = (
    Heading("报送情况（家）", "应报", "count", _number("firms")),
    Heading("报送情况（家）", "已报", "count", _number("reporting")),
    Heading("报送情况（家）", "其中零报告", "count", _number("zero_reports")),
    Heading("报送情况（家）", "未报", "count", _number("silent")),
    Heading("营业收入（万元）", "本月", "amount", _amount("revenue_wan")),
    _YOY,
    Heading("营业收入（万元）", "累计", "amount", _amount("revenue_ytd_wan")),
    Heading("营业收入（万元）", "同比%", "rate", _rate("revenue_ytd_yoy_exact")),
    Heading("实缴税金（万元）", "本月", "amount", _amount("tax_paid_wan")),
    Heading("实缴税金（万元）", "累计", "amount", _amount("tax_paid_ytd_wan")),
    Heading("新增规上工业企业（家）", "年度目标", "count", _number("target")),
    Heading("新增规上工业企业（家）", "本月新增", "count", _number("newly_listed")),
    Heading("新增规上工业企业（家）", "累计新增", "count", _number("newly_listed_ytd")),
    Heading("新增规上工业企业（家）", "完成率%", "rate", _rate("attainment_exact")),
    Heading("新增规上工业企业（家）", "序时差（百分点）", "points", _rate("schedule_gap_exact")),
    Heading("新增规上工业企业（家）", "排名", "rank", _number("rank")),
    Heading("规上变动（家）", "本月退规", "count", _number("delisted")),
    Heading("规上变动（家）", "累计退规", "count", _number("delisted_ytd")),
    Heading("规上变动（家）", "累计净增", "count", _number("net_added_ytd")),
    Heading("规上变动（家）", "规上总数", "count", _number("above_scale_total")),
)


ADJUSTMENT_COLUMNS = (
    Heading("以前月份的调整", "涉及企业", "count", _number("firms")),
    Heading("以前月份的调整", "营业收入", "amount", _amount("revenue")),
    Heading("以前月份的调整", "实缴税金", "amount", _amount("tax")),
    Heading("以前月份的调整", "累计新增", "count", _number("newly_listed")),
    Heading("以前月份的调整", "累计退规", "count", _number("delisted")),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of one worksheet; the last row is its 合计 when ``has_sum``."""

    name: str
    title: str
    stand: str
    unit: str
    columns: tuple[Heading, ...]
    rows: list[tuple[str, Any]]
    has_sum: bool


def export_month(*, table: MonthTable, actor: User) -> bytes:
    """The month's table as a workbook; the act is kept in the trail."""
    issue = table.issue
    title = f"{issue.region.name}{issue.month.label}规上工业企业培育月度调度表"
    stand = (
        f"第{issue.version}版　{issue.get_state_display()}　{issue.edition}　指纹 {issue.inputs_digest[:12]}"
    )
    rows: list[tuple[str, Any]] = [(line.region.name, line) for line in table.lines]
    if table.is_whole:
        rows.append(("合计", table.total))
    yoy = replace(_YOY, label=f"{table.total.yoy_label}%")
    columns = tuple(yoy if column is _YOY else column for column in MONTH_COLUMNS)
    sheet = Sheet(issue.month.label, title, stand, "单位：家、万元、%", columns, rows, table.is_whole)
    content = workbook_of([sheet, *_adjustment_sheet(issue, stand, actor)])
    with transaction.atomic():
        counts = {"lines": len(table.lines), "version": issue.version}
        record(actor=actor, act="export_month", region=actor.region, subject=str(issue), counts=counts)
    return content


def _adjustment_sheet(issue: MonthlyIssue, stand: str, actor: User) -> list[Sheet]:
    """调整 of earlier months on a sheet of its own, where there is any."""
    adjusted = adjustment_table(issue=issue, user=actor)
    if adjusted is None or not adjusted.regions:
        return []
    rows: list[tuple[str, Any]] = [(region.name, region) for region in adjusted.regions]
    title = f"{issue.region.name}{issue.month.label}调整（与{adjusted.base.month.label}印发数比较）"
    return [Sheet("调整", title, stand, "单位：家、万元", ADJUSTMENT_COLUMNS, rows, has_sum=False)]


def export_targets(*, page: TargetPage, actor: User) -> bytes:
    """The target tables as the document prints them: regions by years with 合计, a sheet a metric."""
    content = workbook_of([_target_sheet(page, table) for table in page.tables])
    with transaction.atomic():
        counts = {"rows": sum(len(table.rows) for table in page.tables)}
        record(
            actor=actor, act="export_targets", region=actor.region, subject=str(page.edition), counts=counts
        )
    return content


def _target_sheet(page: TargetPage, table: TargetTable) -> Sheet:
    kind = "count" if table.unit == "家" else "amount"
    columns = [
        Heading(table.label, f"{year}年", kind, _year_value(place)) for place, year in enumerate(table.years)
    ]
    rows = [(row.label, [t.amount if t else None for t in row.values]) for row in table.rows]
    has_sum = len(rows) > 1
    if has_sum:
        rows.append(("合计", list(table.sums)))
    stand = f"{page.edition}　{table.clause}"
    return Sheet(
        table.label, page.document.title, stand, f"单位：{table.unit}", tuple(columns), rows, has_sum
    )


def _year_value(place: int) -> Callable[[list[Any]], Any]:
    return lambda values: values[place]


def workbook_of(sheets: list[Sheet]) -> bytes:
    """The sheets with title, 单位, merged headings, 合计 and print set-up."""
    block = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(block, options)
    book.set_properties({"title": sheets[0].title, "comments": remark()})
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    return block.getvalue()


def _write_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:31])
    width = len(sheet.columns)
    _print_set_up(page, len(sheet.rows), width)
    base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    title = book.add_format(base | {"font_size": 16, "bold": True, "align": "center"})
    page.merge_range(0, 0, 0, width, sheet.title, title)
    page.write_string(1, 0, sheet.stand, book.add_format(base))
    page.write_string(1, width, sheet.unit, book.add_format(base | {"align": "right"}))
    head = book.add_format(base | {"bold": True, "border": 1, "align": "center", "text_wrap": True})
    _write_head(page, sheet.columns, head)
    for place, (name, line) in enumerate(sheet.rows):
        strong = {"bold": True} if sheet.has_sum and place == len(sheet.rows) - 1 else {}
        style = base | strong | {"border": 1}
        page.write_string(4 + place, 0, name, book.add_format(style))
        for number, column in enumerate(sheet.columns, 1):
            cell = book.add_format(style | {"align": "right", "num_format": _FORMATS[column.kind]})
            _write(page, 4 + place, number, column.value(line), cell)
    foot = 5 + len(sheet.rows)
    today = timezone.localdate()
    page.write_string(foot, 0, remark(), book.add_format(base))
    signed = f"制表人：　　　　　审核人：　　　　　填报日期：{today.year}年{today.month}月{today.day}日"
    page.write_string(foot + 1, 0, signed, book.add_format(base))


def _write_head(page: Any, columns: tuple[Heading, ...], head: Any) -> None:
    page.merge_range(2, 0, 3, 0, "地区", head)
    start = 0
    while start < len(columns):
        end = start
        while end + 1 < len(columns) and columns[end + 1].group == columns[start].group:
            end += 1
        if end > start:
            page.merge_range(2, start + 1, 2, end + 1, columns[start].group, head)
        else:
            page.write_string(2, start + 1, columns[start].group, head)
        start = end + 1
    for number, column in enumerate(columns, 1):
        page.write_string(3, number, column.label, head)


def _write(page: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        page.write_string(row, column, MISSING, style)
    else:
        page.write_number(row, column, value, style)


def _print_set_up(page: Any, rows: int, columns: int) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(2, 3)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.set_footer(f"&L{NOT_STATISTICS}&R第 &P 页，共 &N 页")
    page.print_area(0, 0, rows + 6, columns)
    page.freeze_panes(4, 1)
    page.set_column(0, 0, 12)
    page.set_column(1, columns, 11)
    page.set_row(0, 30)
    page.set_row(2, 20)
    page.set_row(3, 30)


def remark() -> str:
    """What every paper says at its foot."""
    return NOT_STATISTICS + ("合成数据，企业与数字均为虚构。" if settings.DEMO else "")
