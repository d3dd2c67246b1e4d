"""企业查询 as a workbook: the same result, the same figures as the page; codes are text, nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter

from core.amounts import from_hundredths
from core.audit import record
from core.models import User
from enterprises.querysets import EnterpriseQuerySet
from enterprises.rules.industries import industry_label
from enterprises.services.firm_table import FigureLine, FirmLine, Span, Totals, all_lines, table_totals

NOT_STATISTICS = "本数据非统计数据，仅用于工作调度。"
_WIDTHS = (6, 22, 34, 10, 8, 8, 26, 14, 14, 10, 14, 16, 12)


def headings(span: Span | None) -> list[str]:
    year = f"{span.last_year}年" if span else "上年"
    ytd = span.month.ytd_label if span else "本年"
    return [
        "序号",
        "统一社会信用代码",
        "企业名称",
        "地区",
        "统计状态",
        "核实",
        "行业",
        f"{year}营业收入(万元)",
        f"{ytd}营业收入(万元)",
        "同比(%)",
        f"{ytd}实缴税金(万元)",
        f"{ytd}用电量(万千瓦时)",
        "最近填报月份",
    ]


def export_firms(*, actor: User, firms: EnterpriseQuerySet, chosen: str, span: Span | None) -> bytes:
    """The workbook of a result that was already narrowed to what the actor may see; leaves one entry."""
    count = firms.count()
    totals = table_totals(firms, count, actor, span)
    content = _workbook(all_lines(firms, actor, span), totals, span)
    # the trail is one short write after the long reading, so that an export holds nobody up
    record(actor=actor, act="export_enterprises", region=actor.region, subject=chosen, counts={"rows": count})
    return content


def _workbook(lines: Iterable[FirmLine], totals: Totals, span: Span | None) -> bytes:
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    style = {
        "title": workbook.add_format({"bold": True, "font_size": 14, "align": "center"}),
        "head": workbook.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"}),
        "text": workbook.add_format({"num_format": "@", "border": 1}),
        "amount": workbook.add_format({"num_format": "#,##0.00", "border": 1}),
        "rate": workbook.add_format({"num_format": "0.0", "border": 1}),
        "count": workbook.add_format({"border": 1}),
    }
    page = workbook.add_worksheet("企业查询")
    names = headings(span)
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.merge_range(0, 0, 0, len(names) - 1, "企业查询结果", style["title"])
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(1)
    page.freeze_panes(2, 3)
    for column, name in enumerate(names):
        page.write_string(1, column, name, style["head"])
    row = 2
    for number, line in enumerate(lines, 1):
        page.write_number(row, 0, number, style["count"])
        for column, text in enumerate(_words(line), 1):
            page.write_string(row, column, text, style["text"])
        _write_figures(page, row, line.figures, style)
        row += 1
    page.write_blank(row, 0, None, style["text"])
    page.write_string(row, 1, "", style["text"])
    page.write_string(row, 2, f"合计（{totals.firms}家）", style["text"])
    for column in range(3, 7):
        page.write_blank(row, column, None, style["text"])
    _write_figures(page, row, totals.figures, style)
    page.write_string(row + 1, 0, NOT_STATISTICS)
    workbook.close()
    return out.getvalue()


def _words(line: FirmLine) -> list[str]:
    firm = line.firm
    scale = "规上" if firm.above_scale else "规下"
    industry = industry_label(firm.industry_code)
    return [firm.uscc, firm.name, firm.region.name, scale, firm.get_verification_display(), industry]


def _write_figures(
    page: xlsxwriter.worksheet.Worksheet, row: int, figures: FigureLine, style: dict[str, object]
) -> None:
    """A figure that does not exist is an empty cell, never 0."""
    amounts = {
        7: figures.last_year_revenue,
        8: figures.revenue_ytd,
        9: figures.revenue_yoy,
        10: figures.tax_ytd,
        11: figures.power_ytd,
    }
    for column, value in amounts.items():
        if value is None:
            page.write_blank(row, column, None, style["text"])
        elif column == 9:
            page.write_number(row, column, float(round(value * 100, 1)), style["rate"])
        else:
            page.write_number(row, column, float(from_hundredths(value)), style["amount"])
    latest = str(figures.latest_month) if figures.latest_month else ""
    page.write_string(row, 12, latest, style["text"])
