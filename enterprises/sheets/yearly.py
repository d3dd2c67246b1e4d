"""Lists by year: ``tax_list`` of the tax bureau, ``delisted`` of the statistics bureau, ``annual`` of districts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import Department
from enterprises.models import AnnualFigure, DelistedEntry
from enterprises.services.list_lines import rows_outside
from enterprises.services.storing import Store
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground
from intake.models import Batch
from intake.rules.columns import AmountColumn, IntegerColumn, TextColumn, YearColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import register_sheet


class YearlyList(FirmList):
    period_kind = "year"

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["year"][i],)


@register_sheet
class TaxList(YearlyList):
    """应税销售 by firm and year. All are kept; those outside the line of the city's document are told so (S0-04)."""

    spec = SheetSpec(
        name="tax_list",
        label="应税销售名单",
        columns=(
            *FIRM_COLUMNS,
            YearColumn(required=True),
            AmountColumn(
                key="taxable_sales_wan",
                heading="应税销售(万元)",
                required=True,
                aliases=("应税销售额", "应税销售收入"),
            ),
        ),
        unique=("uscc", "year"),
    )
    duty = Department.TAX
    fields = {"taxable_sales_wan": "taxable_sales_wan"}
    store = Store(AnnualFigure, ("year",), tuple(fields.values()), {"source": AnnualFigure.Source.TAX.value})

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        years, sales = frame.columns["year"], frame.columns["taxable_sales_wan"]
        for year in sorted({year for year in years if isinstance(year, int)}):
            rows = [i for i, of in enumerate(years) if of == year]
            outside = rows_outside("tax_list_sales", batch.region, year, [sales[i] for i in rows])
            for place, reason in outside:
                cure = "照常保存，不作为名单上的企业；请核对数额"
                frame.fault(rows[place], "taxable_sales_wan", "OUTSIDE_LINE", "D", reason, cure)


@register_sheet
class Delisted(YearlyList):
    """Firms that left statistics (退统). One list holds several years, so it belongs to none.

    All are kept; those that left before the years that the city's document asks for are told so (S0-05).
    """

    period_kind = ""

    spec = SheetSpec(
        name="delisted",
        label="退统企业名单",
        columns=(
            *FIRM_COLUMNS,
            YearColumn(
                heading="退统年度", aliases=("年度", "退库年度", "退出年度"), required=True, periodic=False
            ),
            TextColumn(key="cause", heading="退统原因", aliases=("退库原因", "退出原因"), limit=60),
        ),
        unique=("uscc", "year"),
    )
    duty = Department.STATISTICS
    fields = {"cause": "cause"}
    store = Store(DelistedEntry, ("year",), tuple(fields.values()))

    def value_of(self, key: str, value: Any) -> Any:
        return value or ""

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        years = [year if isinstance(year, int) else None for year in frame.columns["year"]]
        for place, reason in rows_outside("delisted_year", batch.region, None, years):
            if years[place] is not None:
                cure = "照常保存，不作为名单上的企业；请核对年度"
                frame.fault(place, "year", "OUTSIDE_LINE", "D", reason, cure)


_LAND = {"unit": "mu", "minimum": 0}


@register_sheet
class Annual(YearlyList):
    """The quantities of the yearly evaluation, as districts collect them."""

    spec = SheetSpec(
        name="annual",
        label="年度数据",
        columns=(
            *FIRM_COLUMNS,
            YearColumn(required=True),
            AmountColumn(key="land_own_mu", heading="自有用地(亩)", **_LAND),
            AmountColumn(key="land_leased_in_mu", heading="租入用地(亩)", **_LAND),
            AmountColumn(key="land_leased_out_mu", heading="租出用地(亩)", **_LAND),
            AmountColumn(key="tax_wan", heading="税收(万元)", aliases=("实缴税金", "税金")),
            AmountColumn(key="taxable_sales_wan", heading="应税销售(万元)"),
            AmountColumn(key="revenue_wan", heading="营业收入(万元)"),
            AmountColumn(key="main_revenue_wan", heading="主营业务收入(万元)"),
            AmountColumn(key="value_added_wan", heading="工业增加值(万元)"),
            AmountColumn(key="energy_tce", heading="综合能耗(吨标煤)", unit="tce", minimum=0),
            AmountColumn(key="power_wan_kwh", heading="用电量(万千瓦时)", unit="wan_kwh", minimum=0),
            AmountColumn(key="emissions_t", heading="主要污染物排放量(吨)", unit="ton", minimum=0),
            IntegerColumn(key="staff", heading="年平均职工人数(人)", aliases=("职工人数", "从业人员")),
            AmountColumn(key="research_wan", heading="研发经费(万元)", minimum=0),
        ),
        unique=("uscc", "year"),
    )
    duty = Department.INDUSTRY
    fields = {column.key: column.key for column in spec.columns[len(FIRM_COLUMNS) + 1 :]}
    store = Store(AnnualFigure, ("year",), tuple(fields), {"source": AnnualFigure.Source.SURVEY.value})
