"""Parcels and leases as a worked case tells them, as the land columns that the ledgers would give. Pure.

parcels: [{owner: 甲, certificate: 证1, area: 20, since: 2015-01-01}]
leases: [{stated_by: 甲, lessor: 甲, lessee: 乙, certificate: 证1, area: 5, since: 2022-07-01}]
"""

from __future__ import annotations

from collections.abc import Sequence as SequenceType
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from core.conditions import Column
from core.policies import PolicyFault, Sequence
from core.policies.fields import Fields, add_fault, as_mapping, read_date, read_number
from enterprises.rules.land import (
    OUTSIDE,
    SINCE_EVER,
    UNTIL_TODAY,
    Claim,
    LandFault,
    LandYear,
    Plot,
    Weighting,
    land_of_year,
    parcel_faults,
    settle,
)

_PARCEL_KEYS = {
    "owner": "持有企业",
    "certificate": "证号",
    "area": "证载面积",
    "actual": "实际占地",
    "floor": "建筑面积",
    "far": "容积率",
    "since": "取得日期",
    "until": "转出日期",
}
_LEASE_KEYS = {
    "stated_by": "谁报的",
    "lessor": "出租方",
    "lessee": "承租方",
    "certificate": "证号",
    "area": "租赁土地",
    "floor": "租赁建筑面积",
    "since": "起租日期",
    "until": "止租日期",
}
_WEIGHTINGS = {"": Weighting.NONE, "_by_months": Weighting.MONTHS}
_COLUMNS = {
    "parcel_land_leased_in": "leased_in",
    "parcel_land_leased_out": "leased_out",
    "parcel_floor_leased_in": "floor_in",
    "parcel_floor_leased_out": "floor_out",
    "parcel_ground_leased_in": "ground_in",
    "parcel_ground_leased_out": "ground_out",
}


def land_columns(
    parcels: Sequence | None,
    leases: Sequence | None,
    names: SequenceType[str],
    year: int,
    faults: list[PolicyFault],
) -> tuple[dict[str, Column], list[str]]:
    """Columns by fact, and what the ledgers contradict: ``AREA_OVER 甲 证1``."""
    plots = [_plot(item, names, faults) for item in (parcels.items if parcels else ())]
    claims = [_claim(item, names, faults) for item in (leases.items if leases else ())]
    if faults:
        return {}, []
    told = [plot for plot in plots if plot]
    settled, contradicted = settle([claim for claim in claims if claim])
    by_certificate = [plot for plot, _actual in told]
    actual = [plot._replace(area=mu) for plot, mu in told]
    columns: dict[str, Column] = {}
    firms = range(len(names))
    for suffix, weighting in _WEIGHTINGS.items():
        land = land_of_year(firms, by_certificate, settled, year, weighting)
        used = land_of_year(firms, actual, settled, year, weighting)
        columns[f"parcel_land_own{suffix}"] = Column(land.own, land.known)
        columns[f"parcel_land_own_actual{suffix}"] = Column(used.own, used.known)
        columns |= {f"{name}{suffix}": _of(land, name) for name in _COLUMNS}
    found = contradicted + parcel_faults(by_certificate, settled)
    return columns, [_told(fault, names) for fault in found]


def _of(land: LandYear, name: str) -> Column:
    known = land.ground_known if "ground" in name else land.known
    return Column(np.asarray(getattr(land, _COLUMNS[name])), known)


def _told(fault: LandFault, names: SequenceType[str]) -> str:
    who = "、".join(names[firm] for firm in fault.firms if firm != OUTSIDE)
    return f"{fault.code} {who} {fault.certificate}".strip()


def _plot(node: Any, names: SequenceType[str], faults: list[PolicyFault]) -> tuple[Plot, int] | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _PARCEL_KEYS)
    area = _hundredths(fields, "area")
    actual = _hundredths(fields, "actual") if fields.get("actual") else area
    plot = Plot(
        _firm(fields, "owner", names),
        fields.text_or_none("certificate") or "",
        area,
        _hundredths(fields, "floor") if fields.get("floor") else 0,
        _hundredths(fields, "far") if fields.get("far") else 0,
        _day(fields, "since", SINCE_EVER),
        _day(fields, "until", UNTIL_TODAY),
    )
    return plot, actual


def _claim(node: Any, names: SequenceType[str], faults: list[PolicyFault]) -> Claim | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _LEASE_KEYS)
    lessor, lessee = _party(fields, "lessor", names), _party(fields, "lessee", names)
    outsiders = [name for number, name in (lessor, lessee) if number == OUTSIDE]
    if len(outsiders) > 1 or (not fields.get("area") and not fields.get("floor")):
        add_fault(faults, mapping, "租约至少一方是给定的企业，并写 area（亩）或 floor（㎡）其中一个")
    return Claim(
        _firm(fields, "stated_by", names),
        lessor[0],
        lessee[0],
        outsiders[0] if outsiders else "",
        fields.text_or_none("certificate") or "",
        _hundredths(fields, "area") if fields.get("area") else 0,
        _hundredths(fields, "floor") if fields.get("floor") else 0,
        _day(fields, "since", SINCE_EVER),
        _day(fields, "until", UNTIL_TODAY),
    )


def _firm(fields: Fields, name: str, names: SequenceType[str]) -> int:
    word = fields.text(name)
    if word in names:
        return names.index(word)
    if word:
        add_fault(fields.faults, fields.node.entries[name], f"“{word}”不在给定的企业里")
    return OUTSIDE


def _party(fields: Fields, name: str, names: SequenceType[str]) -> tuple[int, str]:
    word = fields.text(name)
    return (names.index(word), word) if word in names else (OUTSIDE, word)


def _hundredths(fields: Fields, name: str) -> int:
    node = fields.require(name)
    number = None if node is None else read_number(node, fields.faults)
    if not isinstance(number, Decimal):
        return 0
    return int((number * 100).to_integral_value(ROUND_HALF_UP))


def _day(fields: Fields, name: str, otherwise: int) -> int:
    node = fields.get(name)
    day = None if node is None else read_date(node, fields.faults)
    return day.toordinal() if isinstance(day, date) else otherwise
