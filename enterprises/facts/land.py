"""Land by the ledgers (用地台账, 租赁台账) as facts of a year: 自有, 租入, 租出, in force on 31 December or by months.

Leased land is in 亩 as the ledgers state it. Leased floor stays in ㎡, as built (``parcel_floor_…``) and divided by
the FAR of its parcel (``parcel_ground_…``): how many ㎡ make a 亩, and which of the two counts, is the method's word.
Not known: a firm that no ledger names; leased land where the two parties state a lease differently; ground without
a FAR. ``parcel_land_share`` is leased floor as a part of its parcel.
"""

from __future__ import annotations

from collections.abc import Callable

from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from enterprises.facts.ledgers import actual_plots_of, claims_of, plots_of
from enterprises.models import Lease, Parcel
from enterprises.rules.land import LandYear, Weighting, land_of_year, settle
from enterprises.rules.land import Lease as SettledLease
from enterprises.rules.shared_floors import SharedFloors, shared_floors

#: fact → (column of ``LandYear``, label, whether a FAR is needed)
_COLUMNS = {
    "parcel_land_own": ("own", "自有用地（用地台账）", False),
    "parcel_land_own_actual": ("own", "自有用地（实际占地）", False),
    "parcel_land_leased_in": ("leased_in", "租入土地（租赁台账）", False),
    "parcel_land_leased_out": ("leased_out", "租出土地（租赁台账）", False),
    "parcel_floor_leased_in": ("floor_in", "租入建筑面积", False),
    "parcel_floor_leased_out": ("floor_out", "租出建筑面积", False),
    "parcel_ground_leased_in": ("ground_in", "租入建筑面积÷容积率", True),
    "parcel_ground_leased_out": ("ground_out", "租出建筑面积÷容积率", True),
}
_WEIGHTINGS = {"": Weighting.NONE, "_by_months": Weighting.MONTHS}


def _loader(name: str, weighting: Weighting) -> Callable[[FactContext], Column]:
    column, _, by_far = _COLUMNS[name]
    is_actual = name.endswith("_actual")

    def load(context: FactContext) -> Column:
        land = _land(context, weighting, is_actual)
        known = land.own_known if column == "own" else land.ground_known if by_far else land.known
        return context.aligned(land.firms.tolist(), getattr(land, column), known)

    return load


def _land(context: FactContext, weighting: Weighting, is_actual: bool) -> LandYear:
    """The ledgers are read once a frame, whole: a lease is told by two firms, and only one may be asked for."""

    parcels, settled = _ledgers(context)
    plots = actual_plots_of(parcels) if is_actual else plots_of(parcels)
    return context.once(
        ("land", context.period, weighting, is_actual),
        lambda: land_of_year(context.enterprises.tolist(), plots, settled, context.period, weighting),
    )


def _ledgers(context: FactContext) -> tuple[list[Parcel], list[SettledLease]]:
    def read() -> tuple[list[Parcel], list[Lease]]:
        return list(Parcel.objects.order_by()), list(Lease.objects.order_by())

    parcels, leases = context.once("ledgers", read)
    settled, _ = context.once("leases settled", lambda: settle(claims_of(leases)))
    return parcels, settled


def _shared(context: FactContext) -> SharedFloors:
    parcels, settled = _ledgers(context)
    return context.once(
        ("shared floors", context.period),
        lambda: shared_floors(context.enterprises.tolist(), plots_of(parcels), settled, context.period),
    )


def _share(context: FactContext) -> Column:
    floors = _shared(context)
    return context.aligned(floors.firms.tolist(), floors.share, floors.share_known)


def _far(context: FactContext) -> Column:
    floors = _shared(context)
    return context.aligned(floors.firms.tolist(), floors.far, floors.far_known)


def _type(name: str, suffix: str) -> FactType:
    label = _COLUMNS[name][1] + ("，按月" if suffix else "")
    if name.startswith("parcel_land"):
        return FactType(name + suffix, label, Kind.AREA, per=Kind.YEAR)
    return FactType(name + suffix, label, Kind.QUANTITY, "㎡", per=Kind.YEAR)


register_facts(
    *(
        Fact(_type(name, suffix), _loader(name, weighting))
        for name in _COLUMNS
        for suffix, weighting in _WEIGHTINGS.items()
    )
)
register_facts(
    Fact(FactType("parcel_land_share", "租用厂房分摊的土地", Kind.AREA, per=Kind.YEAR), _share),
    Fact(FactType("parcel_far", "租用厂房的容积率", Kind.NUMBER, places=2, per=Kind.YEAR), _far),
)
