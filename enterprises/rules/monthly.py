"""The monthly return: its sheet, and whether its figures make sense. Pure.

Amounts are whole hundredths of 万元. Ordinary figures are heavy-tailed; every threshold below is set so that at most
one plausible row in two hundred is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from core.periods import Month
from intake.rules.columns import (
    AmountColumn,
    DateColumn,
    IntegerColumn,
    MonthColumn,
    NameColumn,
    RegionColumn,
    UsccColumn,
)
from intake.rules.figures import shown_amount
from intake.rules.reading import Frame, SheetSpec
from intake.rules.text import name_key

MONTHLY_SPEC = SheetSpec(
    name="monthly",
    label="月度报表",
    columns=(
        UsccColumn(),
        NameColumn(required=True),
        RegionColumn(required=True),
        MonthColumn(required=True),
        AmountColumn(
            key="revenue_wan",
            heading="营业收入(万元)",
            required=True,
            aliases=("营业收入金额", "月营业收入", "当月营业收入"),
        ),
        AmountColumn(
            key="tax_paid_wan",
            heading="实缴税金(万元)",
            required=True,
            aliases=("入库税金", "实缴税收", "实际缴纳税金", "实缴税金总额", "已缴税金", "当月实缴税金"),
        ),
        AmountColumn(
            key="taxable_sales_wan",
            heading="应税销售(万元)",
            aliases=("应税销售额", "应税销售收入", "当月应税销售"),
        ),
        AmountColumn(
            key="power_wan_kwh",
            heading="用电量(万千瓦时)",
            unit="wan_kwh",
            minimum=0,
            aliases=("用电", "月用电量", "工业用电量"),
        ),
        IntegerColumn(
            key="staff",
            heading="从业人员(人)",
            aliases=("从业人员数", "从业人数", "从业人员平均人数", "职工人数"),
        ),
        DateColumn(
            key="listed_on",
            heading="入库日期",
            aliases=("入库时间", "入规日期", "入规时间", "纳统日期", "纳统时间", "入统日期", "入统时间"),
        ),
    ),
    unique=("uscc", "month"),
)

WAN = 100
#: Below 100万元 a month a firm may triple or vanish in a month without anything being wrong.
SMALL = 100 * WAN
#: Month-to-month changes beyond five times either way are rare (log deviation of months is about 0.35–0.5) …
JUMP = 5
#: … and a change that only returns to the firm's own mean is no jump: the mean must differ by three times too.
JUMP_FROM_MEAN = 3
#: Units differ by 1,000 or 10,000; growth never does.
SLIP = 1000
#: 100亿元 a month: no firm of a prefecture sells more, the largest stays near 40亿元.
GIANT = 1_000_000 * WAN
#: 10亿元 a month …
VERY_LARGE = 100_000 * WAN
#: … with less than 1 in 10,000 paid in tax, nothing included: VAT surcharges and income tax alone come to more.
VERY_LARGE_TAX_SHARE = 10_000
#: 5,000万元 a month with some tax, but less than 1 in 100,000 of it.
LARGE = 5_000 * WAN
LARGE_TAX_SHARE = 100_000
#: Tax thirty times the sales: sales were filled in a larger unit (ordinary ratios of 0.5–10 % times 10,000 ÷ …).
TAX_OVER_SALES_SLIP = 30
#: Idle firms still pay land and property tax: up to 1万元 above their sales is ordinary.
IDLE_TAX = 1 * WAN
#: The middle firm of a list of small firms at 5亿元 a month: the whole list is in another unit.
MEDIAN_LIMIT = 50_000 * WAN
MEDIAN_LEAST_ROWS = 10
#: 万千瓦时 times 0.6 元 is the power bill in 万元; three times the sales is a unit, above 100万千瓦时.
POWER_PRICE_TENTHS = 6
POWER_OVER_SALES = 3
POWER_SMALL = 100 * 100
#: A cumulative figure is at least 2.2 months' worth from March on (three months less seasonality) …
CUMULATIVE_MONTHS = 2.2
#: … and leaves an ordinary month when the months before are taken off.
CUMULATIVE_REST = (0.5, 1.6)
#: A whole list filled cumulatively: this share of the comparable firms, and at least this many.
CUMULATIVE_SHARE = 0.4
CUMULATIVE_LEAST = 3

_UNIT_CURE = "请核对单位，本列按万元填写；确实如此的在“情况说明”写明原因"
_ZERO_CURE = "企业没有报送的整行不报，不要填 0；确实没有收入的在“情况说明”写明原因（不少于6个字）"
_CHECK_CURE = "请核对；确实如此的在“情况说明”写明原因（不少于6个字）"


@dataclass(frozen=True, slots=True)
class LastFigure:
    """What is known of a firm before the month: hundredths of 万元, None where nothing was reported.

    ``mean_revenue`` over up to twelve months before; ``revenue_ytd`` and ``tax_ytd`` sum this year's months before.
    """

    revenue: int | None = None
    tax: int | None = None
    mean_revenue: int | None = None
    revenue_ytd: int | None = None
    tax_ytd: int | None = None
    name: str = ""


def judge_monthly(frame: Frame, history: Mapping[str, LastFigure]) -> None:
    """Add what does not make sense to the frame's faults; reads the columns of ``MONTHLY_SPEC``."""
    columns = frame.columns
    if not frame.rows:
        return
    revenues, taxes = columns["revenue_wan"], columns["tax_paid_wan"]
    known = [history.get(code) if isinstance(code, str) else None for code in columns["uscc"]]
    cumulative = _cumulative_rows(frame, known)
    whole_list = _whole_list_in_other_unit(revenues)
    for i, (revenue, tax, last) in enumerate(zip(revenues, taxes, known, strict=True)):
        if last is not None and last.name:
            _judge_name(frame, i, last.name)
        if not isinstance(revenue, int):
            continue
        if revenue < 0:
            frame.fault(
                i,
                "revenue_wan",
                "REVENUE_NEGATIVE",
                "A",
                "营业收入不能是负数",
                "请核对后填写当月营业收入，没有收入填 0",
            )
            continue
        tax = tax if isinstance(tax, int) else None
        told = _judge_against_last(frame, i, revenue, last, i in cumulative)
        told = told or _judge_alone(frame, i, revenue, tax, last, whole_list)
        told = _judge_tax_unit(frame, i, tax, last) or told
        if not told and tax is not None and tax - revenue > IDLE_TAX:
            reason = f"实缴税金 {shown_amount(tax)} 万元大于营业收入 {shown_amount(revenue)} 万元"
            frame.fault(
                i,
                "tax_paid_wan",
                "TAX_ABOVE_REVENUE",
                "B",
                reason,
                "请核对两列；确实如此的在“情况说明”写明原因",
            )
        _judge_power(frame, i, revenue)


def _judge_name(frame: Frame, i: int, registered: str) -> None:
    name = frame.columns["name"][i]
    if isinstance(name, str) and name != registered and name_key(name) != name_key(registered):
        frame.fault(
            i,
            "name",
            "NAME_DIFFERS",
            "D",
            f"与登记的名称“{registered}”不同",
            "请核对代码与名称是否错行，或企业已更名",
        )


def _judge_against_last(
    frame: Frame, i: int, revenue: int, last: LastFigure | None, cumulative: bool
) -> bool:
    """Unit slips, cumulative figures and jumps against the firm's own months; whether anything was told."""
    before = (last.revenue or last.mean_revenue) if last is not None else None
    if last is None or not before or before < 0 or max(revenue, before) < SMALL:
        return False
    if revenue and _slipped(revenue, before):
        reason = f"与上次填报的 {shown_amount(before)} 万元相差千倍以上，可能单位填错"
        frame.fault(i, "revenue_wan", "UNIT_SLIP", "C", reason, _UNIT_CURE)
        return True
    if cumulative:
        reason = f"像是今年以来的累计数（此前各月合计 {shown_amount(last.revenue_ytd or 0)} 万元）"
        frame.fault(
            i, "revenue_wan", "CUMULATIVE", "C", reason, "请改填当月数；确实是当月数的在“情况说明”写明原因"
        )
        return True
    if (
        last.revenue
        and _far(revenue, last.revenue, JUMP)
        and _far(revenue, last.mean_revenue, JUMP_FROM_MEAN)
    ):
        if not revenue:
            reason = f"上月 {shown_amount(last.revenue)} 万元，本月填 0"
            frame.fault(i, "revenue_wan", "REVENUE_JUMP", "C", reason, _ZERO_CURE)
            return True
        way = "高于上月五倍" if revenue > last.revenue else "不到上月五分之一"
        reason = f"{way}（上月 {shown_amount(last.revenue)} 万元），变动异常"
        frame.fault(i, "revenue_wan", "REVENUE_JUMP", "C", reason, _CHECK_CURE)
        return True
    return False


def _far(figure: int, base: int | None, times: int) -> bool:
    return base is None or figure > base * times or figure * times < base


def _judge_alone(
    frame: Frame, i: int, revenue: int, tax: int | None, last: LastFigure | None, whole_list: bool
) -> bool:
    """Unit slips seen without history: by size, by tax, by 应税销售. A firm near its own months is not asked."""
    before = (last.revenue or last.mean_revenue) if last is not None else None
    if before and not _far(revenue, before, JUMP):
        return False
    reason = ""
    sales = frame.columns["taxable_sales_wan"][i]
    if revenue >= GIANT:
        reason = "一个月超过 100 亿元，数值异常，可能把元当作万元填写"
    elif whole_list:
        reason = "整张表的营业收入普遍过大，可能是按元填写而不是万元"
    elif tax is not None and _too_little_tax(revenue, tax):
        reason = f"与实缴税金 {shown_amount(tax)} 万元相比异常大，可能单位填错（按元填写而不是万元）"
    elif tax is not None and tax >= IDLE_TAX and 0 < revenue * TAX_OVER_SALES_SLIP < tax:
        reason = f"与实缴税金 {shown_amount(tax)} 万元相比异常小，可能单位填错（按亿元填写而不是万元）"
    elif isinstance(sales, int) and sales > 0 and revenue and _slipped(revenue, sales):
        reason = f"与应税销售 {shown_amount(sales)} 万元相差千倍以上，可能单位填错"
    if reason:
        frame.fault(i, "revenue_wan", "UNIT_SLIP", "C", reason, _UNIT_CURE)
    return bool(reason)


def _slipped(figure: int, other: int) -> bool:
    """Whether two figures that should be alike differ as units do; small ones are not compared."""
    return max(figure, other) >= SMALL and (figure >= other * SLIP or other >= figure * SLIP)


def _too_little_tax(revenue: int, tax: int) -> bool:
    if tax < 0:
        return False
    if revenue >= VERY_LARGE and tax * VERY_LARGE_TAX_SHARE < revenue:
        return True
    return revenue >= LARGE and 0 < tax * LARGE_TAX_SHARE < revenue


def _whole_list_in_other_unit(revenues: list[object]) -> bool:
    figures = [figure for figure in revenues if isinstance(figure, int) and figure > 0]
    return len(figures) >= MEDIAN_LEAST_ROWS and median(figures) >= MEDIAN_LIMIT


def _judge_tax_unit(frame: Frame, i: int, tax: int | None, last: LastFigure | None) -> bool:
    before = last.tax if last is not None else None
    if tax is None or before is None or tax <= 0 or before <= 0 or not _slipped(tax, before):
        return False
    reason = f"与上次填报的 {shown_amount(before)} 万元相差千倍以上，可能单位填错"
    frame.fault(i, "tax_paid_wan", "UNIT_SLIP", "C", reason, _UNIT_CURE)
    return True


def _judge_power(frame: Frame, i: int, revenue: int) -> None:
    power = frame.columns["power_wan_kwh"][i]
    if not isinstance(power, int) or power < POWER_SMALL or revenue <= 0:
        return
    if power * POWER_PRICE_TENTHS > revenue * POWER_OVER_SALES * 10:
        reason = "电费将是营业收入的三倍以上，可能单位填错（按千瓦时填写而不是万千瓦时）"
        frame.fault(
            i,
            "power_wan_kwh",
            "UNIT_SLIP",
            "C",
            reason,
            "请核对单位，本列按万千瓦时填写；确实如此的在“情况说明”写明原因",
        )


def _cumulative_rows(frame: Frame, known: list[LastFigure | None]) -> set[int]:
    """Records that look like 1—N月 sums: alone only when the tax says so too, or where much of the list does."""
    alike: set[int] = set()
    sure: set[int] = set()
    comparable = 0
    for i, last in enumerate(known):
        month, revenue = frame.columns["month"][i], frame.columns["revenue_wan"][i]
        if last is None or not isinstance(month, Month) or month.month < 3 or not isinstance(revenue, int):
            continue
        usual = max(last.mean_revenue or 0, 1)
        if not last.revenue or not last.revenue_ytd or last.revenue_ytd < SMALL:
            continue
        comparable += 1
        rest = revenue - last.revenue_ytd
        least = CUMULATIVE_MONTHS * max(last.revenue, usual)
        if revenue >= least and CUMULATIVE_REST[0] * usual <= rest <= CUMULATIVE_REST[1] * usual:
            alike.add(i)
            tax = frame.columns["tax_paid_wan"][i]
            if isinstance(tax, int) and last.tax_ytd and 0 < last.tax_ytd <= tax <= 2 * last.tax_ytd:
                sure.add(i)
    whole = len(alike) >= CUMULATIVE_LEAST and len(alike) >= CUMULATIVE_SHARE * comparable
    return alike if whole else sure
