"""Annual figures that districts send for the evaluation of firms (亩均评价). Pure, seeded per firm.

Money is whole hundredths of 万元; land 亩, energy 吨标煤, power 万千瓦时 and emissions 吨 are whole hundredths too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from random import Random

from config.demo.cities import City
from config.demo.city import Firm
from config.demo.series import MonthFigures, yearly_sum

#: Typical levels: sales a mu about 330万元, value added a worker about 17万元, energy about 1吨标煤 for 2.5万元 of it.
_SALES_PER_MU = 330.0
_VALUE_ADDED_SHARE = 0.22
_VALUE_ADDED_PER_TON = 4800.0
_TCE_PER_10MWH = 2.9
#: Half of the firms below scale spend nothing on research; some leave emissions empty (未报 is not 0).
_NO_RESEARCH_SHARE = 0.5
_EMPTY_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class AnnualFigures:
    """One year of one firm; ``None`` was not reported."""

    land_own: int
    land_leased_in: int
    land_leased_out: int
    tax: int
    taxable_sales: int
    revenue: int
    main_revenue: int
    value_added: int
    energy: int | None
    power: int
    emissions: int | None
    staff: int
    research: int | None


def _land(rng: Random, revenue: int) -> tuple[int, int, int]:
    """(own, leased in, leased out) in hundredths of 亩; what is used stays above zero."""
    used = max(round(revenue / (_SALES_PER_MU * rng.lognormvariate(0, 0.6))), 30)
    drawn = rng.random()
    if drawn < 0.3:
        return 0, used, 0
    if drawn < 0.42:
        leased_in = round(used * rng.uniform(0.1, 0.5))
        return used - leased_in, leased_in, 0
    if drawn < 0.52:
        leased_out = round(used * rng.uniform(0.1, 0.4))
        return used + leased_out, 0, leased_out
    return used, 0, 0


def _research(rng: Random, revenue: int) -> int | None:
    large = revenue > 2000_00
    if rng.random() < _EMPTY_SHARE:
        return None
    if rng.random() < (0.08 if large else _NO_RESEARCH_SHARE):
        return 0
    return round(revenue * min(0.028 * rng.lognormvariate(0, 0.5), 0.15))


def annual_figures(firm: Firm, series: list[MonthFigures], year: int, *, seed: int) -> AnnualFigures | None:
    """The year's figures; ``None`` when the firm sold nothing in it."""
    revenue = yearly_sum(series, year, "revenue")
    if revenue == 0:
        return None
    rng = Random(f"{seed}/{firm.uscc}/{year}")
    own, leased_in, leased_out = _land(rng, revenue)
    power = yearly_sum(series, year, "power")
    value_added = round(revenue * _VALUE_ADDED_SHARE * rng.lognormvariate(0, 0.25))
    emissions = round(value_added / (_VALUE_ADDED_PER_TON * rng.lognormvariate(0, 0.7)))
    staff = [figures.staff for figures in series if figures.month.year == year]
    return AnnualFigures(
        land_own=own,
        land_leased_in=leased_in,
        land_leased_out=leased_out,
        tax=yearly_sum(series, year, "tax"),
        taxable_sales=yearly_sum(series, year, "taxable_sales"),
        revenue=revenue,
        main_revenue=round(revenue * rng.uniform(0.93, 0.998)),
        value_added=min(value_added, round(revenue * 0.6)),
        energy=None
        if rng.random() < _EMPTY_SHARE
        else math.ceil(power * _TCE_PER_10MWH * rng.uniform(1.0, 1.3)),
        power=power,
        emissions=None if rng.random() < _EMPTY_SHARE else emissions,
        staff=round(sum(staff) / len(staff)),
        research=_research(rng, revenue),
    )


def scaled_to(figures: AnnualFigures, main_revenue: int) -> AnnualFigures:
    """The same firm, so much larger or smaller that its 主营业务收入 is exactly this."""
    factor = main_revenue / figures.main_revenue
    return AnnualFigures(*(None if value is None else round(value * factor) for value in astuple(figures)))


def nearest_below(
    firms: Iterable[Firm], all_series: Mapping[str, list[MonthFigures]], city: City, *, seed: int
) -> str:
    """The code of the firm listed for the first time whose 主营业务收入 comes nearest to ``city.just_misses``."""
    missed = {}
    for firm in firms:
        figures = annual_figures(firm, all_series[firm.uscc], city.annual_year, seed=seed)
        first = any(event.entry_type == "规下升规上" for event in firm.events)
        if first and figures is not None and figures.main_revenue < city.just_misses:
            missed[firm.uscc] = figures.main_revenue
    return max(missed, key=lambda code: (missed[code], code), default="")
