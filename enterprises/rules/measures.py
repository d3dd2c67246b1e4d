"""Measures that several sources state of a firm. Each is one thing: 应税销售, 开票销售 and 营业收入 never merge. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from intake.rules.columns import AmountColumn
from intake.rules.units import BASE_UNITS


@dataclass(frozen=True, slots=True)
class Measure:
    """``unit`` is a family of ``intake.rules.units``; ``words`` are other names that lists use for it."""

    key: str
    label: str
    unit: str
    words: tuple[str, ...] = ()

    @property
    def unit_label(self) -> str:
        return BASE_UNITS[self.unit]


MEASURES = (
    Measure("taxable_sales", "应税销售", "wan", ("应税销售额", "应税销售收入", "应税收入", "计税销售额")),
    Measure("invoiced_sales", "开票销售", "wan", ("开票金额", "开票收入", "开票销售额", "开票额")),
    Measure("revenue", "营业收入", "wan", ("营收", "营业总收入")),
    Measure("main_revenue", "主营业务收入", "wan", ("主营收入",)),
    Measure("gross_output", "工业总产值", "wan", ("总产值", "产值")),
    Measure("value_added", "工业增加值", "wan", ("增加值",)),
    Measure("profit", "利润总额", "wan", ("利润",)),
    Measure(
        "tax", "税收", "wan",
        ("入库税金", "实缴税金", "入库税收", "税金", "纳税额", "入库税额", "实缴税收", "税收收入", "入库税款", "税款"),
    ),
    Measure("power", "用电量", "wan_kwh", ("电量", "售电量", "工业用电量", "用电")),
    Measure("energy", "综合能耗", "tce", ("能耗", "综合能源消费量")),
    Measure("water", "用水量", "m3", ("水量", "售水量", "用水")),
    Measure("gas", "用气量", "m3", ("气量", "售气量", "用气", "天然气用量")),
    Measure("staff", "从业人员", "person", ("职工人数", "从业人数", "用工人数", "员工人数", "平均职工人数")),
    Measure("insured", "参保人数", "person", ("社保人数", "参保职工", "缴费人数", "参保职工人数")),
    Measure("payroll", "工资总额", "wan", ("应付职工薪酬", "工资")),
    Measure("loans", "贷款余额", "wan", ("银行贷款", "贷款")),
    Measure("research", "研发经费", "wan", ("研发费用", "研发投入")),
    Measure("land", "占地面积", "mu", ("用地面积", "土地面积", "占地")),
)  # fmt: skip
#: What districts report themselves; departments stand under their own names.
SELF, SURVEY = "self", "survey"
BY_KEY = {measure.key: measure for measure in MEASURES}


@dataclass(frozen=True, kw_only=True)
class MeasureColumn(AmountColumn):
    """A column of a department's list. ``period`` where its heading names one (``2022-05``), else the row's or list's."""

    measure: str = ""
    period: str = ""


def measure_column(measure: Measure) -> MeasureColumn:
    """The column as the blank sheet has it."""
    return MeasureColumn(
        key=measure.key,
        heading=f"{measure.label}({measure.unit_label})",
        aliases=(measure.label, *measure.words),
        unit=measure.unit,
        measure=measure.key,
    )


def mapped_column(measure: Measure, number: int, heading: str, unit: str, period: str) -> MeasureColumn:
    """A column of a file as a person has explained it; two columns may hold two months of one measure."""
    return MeasureColumn(
        key=f"{measure.key}_{number}",
        heading=heading,
        unit=measure.unit,
        unit_chosen=unit,
        measure=measure.key,
        period=period,
    )
