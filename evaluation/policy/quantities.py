"""What a firm's year is measured by: the quantities that a scheme may use and the fields its conditions may ask. Pure.

Every quantity is kept in whole hundredths of its unit, staff included, so that any two can be divided.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """``field``: where the annual survey keeps it; ``per``: hundredths that one stored unit is worth."""

    id: str
    label: str
    unit: str
    field: str
    per: int = 1


#: In this order they are kept in the trace; a new one is added at the end.
QUANTITIES = {
    quantity.id: quantity
    for quantity in (
        Quantity("land_own", "自有用地", "亩", "land_own_mu"),
        Quantity("land_leased_in", "租入用地", "亩", "land_leased_in_mu"),
        Quantity("land_leased_out", "租出用地", "亩", "land_leased_out_mu"),
        Quantity("tax", "税收", "万元", "tax_wan"),
        Quantity("taxable_sales", "应税销售", "万元", "taxable_sales_wan"),
        Quantity("revenue", "营业收入", "万元", "revenue_wan"),
        Quantity("main_revenue", "主营业务收入", "万元", "main_revenue_wan"),
        Quantity("value_added", "工业增加值", "万元", "value_added_wan"),
        Quantity("energy", "综合能耗", "吨标煤", "energy_tce"),
        Quantity("power", "用电量", "万千瓦时", "power_wan_kwh"),
        Quantity("emissions", "主要污染物排放量", "吨", "emissions_t"),
        Quantity("staff", "年平均职工人数", "人", "staff", per=100),
        Quantity("research", "研发经费", "万元", "research_wan"),
    )
}
#: 实际用地, made of the three land rows by the scheme's formula.
LAND = Quantity("land", "用地面积", "亩", "")
#: What leased floor and the two bases of land are told with; not in the survey, but in parcels, leases and worked cases.
LAND_DETAILS = {
    quantity.id: quantity
    for quantity in (
        Quantity("land_certificate", "证载用地", "亩", ""),
        Quantity("floor_leased_in", "租入厂房", "㎡", ""),
        Quantity("floor_leased_out", "租出厂房", "㎡", ""),
        Quantity("far", "容积率", "", ""),
        Quantity("parcel_share", "分摊用地", "亩", ""),
    )
}
MEASURES = QUANTITIES | {LAND.id: LAND} | LAND_DETAILS
#: where the ledgers (用地台账、租赁台账) tell them
LEDGER_FACTS = {
    "land_certificate": "parcel_land_own",
    "floor_leased_in": "parcel_floor_leased_in",
    "floor_leased_out": "parcel_floor_leased_out",
    "far": "parcel_far",
    "parcel_share": "parcel_land_share",
}
