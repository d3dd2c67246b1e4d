"""企业查询 as a workbook: the same result, the same figures as the page; codes are text, nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP
from functools import cache
from io import BytesIO

import xlsxwriter

from core.audit import record
from core.long_sheets import Cell, Hundredths, Tenths, fill_rows
from core.models import User
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet
from enterprises.rules.industries import industry_label
from enterprises.services.firm_table import FirmSums, Span, figures_by_firm, growth

NOT_STATISTICS = "本数据非统计数据，仅用于工作调度。"
_KINDS = ("count", *["text"] * 6, "amount", "amount", "rate", "amount", "amount", "text")
#: title, headings, then the firms
_FIRST_ROW = 3
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
    content = fill_rows(_skeleton(count, span), _FIRST_ROW, _rows(firms, actor, span, count))
    # the trail is one short write after the long reading, so that an export holds nobody up
    record(actor=actor, act="export_enterprises", region=actor.region, subject=chosen, counts={"rows": count})
    return content


def _skeleton(count: int, span: Span | None) -> bytes:
    """Page, headings, one row that tells the styles, and the note behind the last row."""
    out = BytesIO()
    workbook = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
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
    for column, kind in enumerate(_KINDS):
        page.write_blank(_FIRST_ROW - 1, column, None, style[kind])
    workbook.close()
    return out.getvalue()


def _rows(firms: EnterpriseQuerySet, actor: User, span: Span | None, count: int) -> Iterator[list[Cell]]:
    """A row a firm, 合计 behind them, and that these are no statistics. A figure that does not exist is an empty cell."""
    figures = figures_by_firm(firms, actor, span)
    sums = dict.fromkeys(("last_year_revenue", "revenue_ytd", "tax_ytd", "power_ytd", "now", "base"))
    columns = firms.values_list(
        "pk", "uscc", "name", "region__name", "above_scale", "verification", "industry_code"
    )
    verified = dict(Enterprise.Verification.choices)
    for number, row in enumerate(columns.iterator(chunk_size=2000), 1):
        pk, uscc, name, region, above, verification, industry = row
        mine = figures.get(pk)
        words = [uscc, name, region, "规上" if above else "规下", verified[verification], _industry(industry)]
        if mine is None:
            yield [number, *words, None, None, None, None, None, ""]
            continue
        for key, total in sums.items():
            value = getattr(mine, key)
            if value is not None:
                sums[key] = value + (total or 0)
        yield [number, *words, *_told(mine), str(mine.latest_month)]
    total = FirmSums(sums["last_year_revenue"], sums["revenue_ytd"], sums["tax_ytd"], sums["power_ytd"], None,
                     sums["now"], sums["base"])  # fmt: skip
    yield [None, "", f"合计（{count}家）", None, None, None, None, *_told(total), ""]
    yield [NOT_STATISTICS, *[None] * (len(_KINDS) - 1)]


def _told(sums: FirmSums) -> list[Cell]:
    rate = growth(sums.now, sums.base)
    return [
        _amount(sums.last_year_revenue),
        _amount(sums.revenue_ytd),
        None if rate is None else Tenths((rate * 1000).to_integral_value(ROUND_HALF_UP)),
        _amount(sums.tax_ytd),
        _amount(sums.power_ytd),
    ]


def _amount(value: int | None) -> Cell:
    return None if value is None else Hundredths(value)


@cache
def _industry(code: str) -> str:
    return industry_label(code)
