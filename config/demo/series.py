"""Monthly figures of a firm: season, growth, noise, shocks, silence. Pure, seeded per firm.

Figures are whole hundredths of 万元 (sales, tax) and of 万千瓦时 (power). A silent month has figures (the tax
bureau knows them) but no return; a month without production has neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from config.demo.city import Course, Firm, month_index
from core.periods import Month

_SEASON = (0.95, 0.68, 1.06, 1.01, 1.03, 1.07, 0.98, 0.96, 1.04, 0.98, 1.05, 1.19)
#: What happened to everybody: the lockdowns of spring 2022.
_COMMON_SHOCK = {"2022-03": 0.95, "2022-04": 0.86, "2022-05": 0.95}
_RAMP = (0.45, 0.7, 0.88)
_WIND_DOWN = (0.45, 0.65, 0.85)
#: Returns above 100万元 change by less than fivefold; four leaves room for rounding.
_LARGE = 100_00
_LARGEST_STEP = 4.0
_TAX_RATIO = (0.015, 0.06)
#: An average plant uses 0.045 万千瓦时 for each 万元 of sales at 1000万元 a year; larger ones use less.
_POWER_PER_WAN = 0.045
_SILENT_OFTEN = 0.03
#: Only firms this small (万元 a year) have months without any sales, so that a zero is never a large jump.
_ZERO_BELOW_WAN = 240


@dataclass(slots=True)
class MonthFigures:
    """One month of one firm. ``taxable_sales`` (应税销售) is what the tax bureau knows."""

    month: Month
    revenue: int
    tax: int
    taxable_sales: int
    power: int
    staff: int
    reported: bool
    shown: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Temper:
    """What a firm keeps through all months."""

    noise: float
    tax_ratio: float
    taxable_ratio: float
    power_per_wan: float
    staff: float
    silence: float


def _temper(rng: Random, firm: Firm) -> _Temper:
    yearly = max(firm.course.annual_wan, 20.0)
    large = yearly > 2000
    return _Temper(
        noise=rng.uniform(0.05, 0.11) if large else rng.uniform(0.08, 0.17),
        tax_ratio=rng.uniform(0.022, 0.055) if large else rng.uniform(0.017, 0.042),
        taxable_ratio=rng.uniform(0.965, 1.0),
        power_per_wan=_POWER_PER_WAN
        * firm.industry.power
        * (yearly / 1000) ** -0.2
        * rng.lognormvariate(0, 0.35),
        staff=max(yearly / rng.uniform(55, 130), 2.0),
        silence=rng.uniform(0.1, 0.3) if rng.random() < _SILENT_OFTEN else (0.002 if large else 0.01),
    )


def _phase(course: Course, index: int) -> float:
    """Share of full production: a new plant starts up in three months, a closing one runs down in three."""
    share = 1.0
    since = index - course.first
    if since < len(_RAMP):
        share *= _RAMP[since]
    if course.last is not None and course.last - index < len(_WIND_DOWN):
        share *= _WIND_DOWN[course.last - index]
    return share


def _revenue(rng: Random, firm: Firm, month: Month, drift: float) -> int:
    index = month_index(month)
    rate = firm.course.yearly_rate(index) / 12 * _phase(firm.course, index)
    common = _COMMON_SHOCK.get(str(month), 1.0) ** rng.uniform(0, 2)
    own = rng.choice((0.55, 0.7, 1.35, 1.6)) if rng.random() < 0.012 else 1.0
    return round(rate * _SEASON[month.month - 1] * common * own * math.exp(drift) * 100)


def _within_step(revenue: int, last: int | None) -> int:
    """Keeps a large return within a fourfold step of the last one."""
    if not last or max(revenue, last) <= _LARGE:
        return revenue
    return min(max(revenue, math.ceil(last / _LARGEST_STEP)), int(last * _LARGEST_STEP))


def _shown(rng: Random) -> frozenset[str]:
    """The voluntary columns that this return fills in."""
    return frozenset(key for key in ("taxable_sales", "power", "staff") if rng.random() >= 0.02)


def _figures(rng: Random, temper: _Temper, month: Month, revenue: int, reported: bool) -> MonthFigures:
    low, high = _TAX_RATIO
    ratio = min(max(temper.tax_ratio * rng.uniform(0.8, 1.2), low), high)
    taxable = round(revenue * min(temper.taxable_ratio * rng.uniform(0.985, 1.012), 1.03))
    power = round(revenue * temper.power_per_wan * rng.uniform(0.88, 1.12))
    return MonthFigures(
        month=month,
        revenue=revenue,
        tax=int(revenue * ratio),
        taxable_sales=taxable,
        power=power,
        staff=max(round(temper.staff * rng.uniform(0.96, 1.04)), 1),
        reported=reported,
        shown=_shown(rng),
    )


def firm_series(firm: Firm, months: Iterable[Month], *, seed: int) -> list[MonthFigures]:
    """Figures of every producing month among ``months`` (consecutive, from 2021-01), independent of other firms."""
    rng = Random(f"{seed}/{firm.uscc}")
    temper = _temper(rng, firm)
    drift = 0.0
    last: int | None = None
    silent = False
    series = []
    for month in months:
        index = month_index(month)
        drift = 0.45 * drift + rng.gauss(0, temper.noise)
        producing = firm.course.first <= index and (firm.course.last is None or index <= firm.course.last)
        if not producing:
            continue
        revenue = _within_step(_revenue(rng, firm, month, drift), last)
        if firm.course.annual_wan < _ZERO_BELOW_WAN and rng.random() < 0.02:
            revenue = 0
        silent = rng.random() < (0.35 if silent else temper.silence)
        series.append(_figures(rng, temper, month, revenue, not silent))
        if revenue:
            last = revenue
    return series


def yearly_sum(series: list[MonthFigures], year: int, measure: str) -> int:
    return sum(int(getattr(figures, measure)) for figures in series if figures.month.year == year)


#: 应税销售 of the year that four firms are given: both ends of the tax list and one hundredth beyond each.
BOUNDARY_SALES = (499_99, 500_00, 2000_00, 2000_01)
_SCALED = ("revenue", "tax", "taxable_sales", "power")


def _scale_to(series: list[MonthFigures], year: int, sales: int) -> None:
    """Scales all months alike, then lets the last month of the year take what rounding left over."""
    factor = sales / yearly_sum(series, year, "taxable_sales")
    for figures in series:
        for measure in _SCALED:
            setattr(figures, measure, int(getattr(figures, measure) * factor))
    december = next(figures for figures in reversed(series) if figures.month.year == year)
    december.taxable_sales += sales - yearly_sum(series, year, "taxable_sales")


def pin_boundaries(firms: list[Firm], all_series: dict[str, list[MonthFigures]], year: int) -> dict[int, str]:
    """Makes the year of four never-listed firms meet ``BOUNDARY_SALES`` exactly; returns sales → code.

    Taken are the nearest firms, so that in a city of full size their figures hardly change.
    """
    sums = {}
    for firm in firms:
        total = yearly_sum(all_series[firm.uscc], year, "taxable_sales")
        if total > 0 and not firm.events and firm.course.last is None:
            sums[firm.uscc] = total
    pinned: dict[int, str] = {}
    for sales in BOUNDARY_SALES:
        if sums:
            uscc = min(sums, key=lambda code: (abs(sums[code] - sales), code))
            del sums[uscc]
            _scale_to(all_series[uscc], year, sales)
            pinned[sales] = uscc
    return pinned
