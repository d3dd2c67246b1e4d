"""The six lists: their headings and one row of each. Pure.

A row holds what the cells hold: text, ``date``, whole counts and amounts with two places; ``None`` is an empty cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.demo.annual import AnnualFigures
from config.demo.city import Firm, ScaleEvent
from config.demo.series import MonthFigures, yearly_sum

Cell = str | int | float | date | None
Row = tuple[Cell, ...]
#: Both ends belong to the tax bureau's list (应税销售 500—2000万元), in hundredths of 万元.
TAX_LIST_FROM, TAX_LIST_TO = 500_00, 2000_00


@dataclass(frozen=True, slots=True)
class SheetForm:
    """``kinds`` says for each heading how its cells are written: text, date, amount or count."""

    title: str
    headings: tuple[str, ...]
    kinds: tuple[str, ...]


def _form(title: str, *columns: str) -> SheetForm:
    """Columns as ``heading|kind``; text where no kind is given."""
    parts = [column.rpartition("|") if "|" in column else (column, "", "text") for column in columns]
    return SheetForm(title, tuple(part[0] for part in parts), tuple(part[2] for part in parts))


_FIRM = ("统一社会信用代码*", "企业名称*", "所属县区*")

SHEETS = {
    "registry": _form(
        "企业名录",
        "序号|count",
        *_FIRM,
        "乡镇(园区)",
        "行政区划",
        "行业代码",
        "成立日期|date",
        "投产日期|date",
        "企业状态",
        "登记注册类型",
        "注册资本(万元)|amount",
        "联系人",
        "联系电话",
    ),
    "listed": _form(
        "规上企业变动", *_FIRM, "变动(在库/入库/退库)*", "月份*", "审批库年度*|count", "入库类型", "退库原因"
    ),
    "monthly": _form(
        "月度数据",
        "序号|count",
        *_FIRM,
        "统计月份*",
        "营业收入(万元)*|amount",
        "实缴税金(万元)*|amount",
        "应税销售(万元)|amount",
        "用电量(万千瓦时)|amount",
        "从业人员(人)|count",
        "入库日期|date",
    ),
    "tax_list": _form("应税销售名单", *_FIRM, "年度*|count", "应税销售(万元)*|amount"),
    "delisted": _form("退统企业名单", *_FIRM, "退统年度*|count", "退统原因"),
    "annual": _form(
        "年度数据",
        *_FIRM,
        "年度*|count",
        "自有用地(亩)|amount",
        "租入用地(亩)|amount",
        "租出用地(亩)|amount",
        "税收(万元)|amount",
        "应税销售(万元)|amount",
        "营业收入(万元)|amount",
        "主营业务收入(万元)|amount",
        "工业增加值(万元)|amount",
        "综合能耗(吨标煤)|amount",
        "用电量(万千瓦时)|amount",
        "主要污染物排放量(吨)|amount",
        "年平均职工人数(人)|count",
        "研发经费(万元)|amount",
    ),
}


def _identity(firm: Firm) -> tuple[str, str, str]:
    return firm.uscc, firm.name, firm.region.name


def _amount(hundredths: int | None) -> float | None:
    """A cell's number: the nearest double of a two-place decimal, which reads back exactly in 15 digits."""
    return None if hundredths is None else hundredths / 100


def registry_row(number: int, firm: Firm) -> Row:
    return (
        number,
        *_identity(firm),
        firm.town,
        firm.region.administrative,
        firm.industry.code,
        firm.founded,
        firm.started,
        firm.state,
        firm.registration,
        firm.capital_wan,
        firm.contact,
        firm.phone,
    )


def listed_row(firm: Firm, event: ScaleEvent) -> Row:
    return (
        *_identity(firm),
        event.change,
        str(event.month),
        event.library_year,
        event.entry_type,
        event.reason,
    )


def monthly_row(number: int, firm: Firm, figures: MonthFigures) -> Row:
    delisting = firm.delisting()
    listed = firm.listed_on is not None and firm.listed_on <= figures.month.last_day
    if delisting is not None and delisting.month <= figures.month:
        listed = False
    return (
        number,
        *_identity(firm),
        str(figures.month),
        _amount(figures.revenue),
        _amount(figures.tax),
        _amount(figures.taxable_sales) if "taxable_sales" in figures.shown else None,
        _amount(figures.power) if "power" in figures.shown else None,
        figures.staff if "staff" in figures.shown else None,
        firm.listed_on if listed else None,
    )


def tax_list_row(firm: Firm, series: list[MonthFigures], year: int) -> Row | None:
    """``None`` for a firm outside the band."""
    sales = yearly_sum(series, year, "taxable_sales")
    if not TAX_LIST_FROM <= sales <= TAX_LIST_TO:
        return None
    return (*_identity(firm), year, _amount(sales))


def delisted_row(firm: Firm, last_year: int) -> Row | None:
    """``None`` for a firm that did not leave the directory in the three years up to ``last_year``.

    A firm that left in an earlier year and again later is on the list with its latest exit.
    """
    delisting = firm.delisting()
    if delisting is not None and delisting.library_year <= last_year:
        return (*_identity(firm), delisting.library_year, delisting.reason)
    if firm.delisted_before is not None:
        return (*_identity(firm), *firm.delisted_before)
    return None


def annual_row(firm: Firm, year: int, figures: AnnualFigures) -> Row:
    return (
        *_identity(firm),
        year,
        _amount(figures.land_own),
        _amount(figures.land_leased_in),
        _amount(figures.land_leased_out),
        _amount(figures.tax),
        _amount(figures.taxable_sales),
        _amount(figures.revenue),
        _amount(figures.main_revenue),
        _amount(figures.value_added),
        _amount(figures.energy),
        _amount(figures.power),
        _amount(figures.emissions),
        figures.staff,
        _amount(figures.research),
    )
