"""Land on pages: a firm's parcels and leases with what each year comes to, and what the ledgers contradict. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from core.amounts import format_amount, from_hundredths
from core.models import User
from enterprises.facts.ledgers import claims_of, plots_of
from enterprises.models import Enterprise, Lease, Parcel
from enterprises.rules.land import (
    AREA_OVER,
    ENDS_DIFFER,
    FLOOR_OVER,
    NO_PARCEL,
    NOT_COVERED,
    ONE_SIDED,
    LandFault,
    LandYear,
    Weighting,
    land_of_year,
    parcel_faults,
    settle,
)
from enterprises.services.registering import NAME_SEPARATOR

YEARS_SHOWN = 3
_SENTENCES = {
    ENDS_DIFFER: "租赁双方填报不一致：出租方 {stated}，承租方 {allowed}；双方的用地暂按未知处理",
    ONE_SIDED: "只有一方填报（{stated}），另一方没有填报；按填报的一方计入双方",
    AREA_OVER: "{day}租出土地合计 {stated} 亩，超过证载 {allowed} 亩",
    FLOOR_OVER: "{day}租出建筑面积合计 {stated} ㎡，超过建筑面积 {allowed} ㎡",
    NOT_COVERED: "租赁日期超出用地的起止日期（{day}）",
    NO_PARCEL: "出租的不动产权证不在出租方的用地台账里，也不是转租",
}
_HARD = frozenset({ENDS_DIFFER, AREA_OVER, FLOOR_OVER})


@dataclass(frozen=True, slots=True)
class ToldFault:
    """``tone``: bad for what keeps a figure unknown or cannot be, warn for what should be looked at."""

    firms: list[Enterprise]
    certificate: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class YearLine:
    year: int
    own: int | None
    leased_in: int | None
    leased_out: int | None
    used: int | None
    floor_in: int | None
    floor_out: int | None
    used_by_months: int | None


@dataclass(frozen=True, slots=True)
class FirmLand:
    parcels: list[Parcel]
    leases: list[Lease]
    #: leases that the other party stated of this firm
    of_others: list[Lease]
    years: list[YearLine]
    faults: list[ToldFault]


def land_of_firm(firm: Enterprise, today: date) -> FirmLand | None:
    """A fixed number of queries; ``None`` for a firm that no ledger names."""
    codes = [firm.uscc, *filter(None, firm.former_codes.split(NAME_SEPARATOR))]
    parcels = list(Parcel.objects.filter(enterprise=firm).order_by("certificate"))
    related = Lease.objects.filter(Q(enterprise=firm) | Q(party=Lease.Party.FIRM, party_key__in=codes))
    leases = list(related.select_related("enterprise").order_by("since", "id"))
    if not parcels and not leases:
        return None
    certificates = {lease.certificate for lease in leases} - {"", *(row.certificate for row in parcels)}
    others = list(Parcel.objects.filter(certificate__in=certificates)) if certificates else []
    plots = plots_of([*parcels, *others])
    settled, faults = settle(claims_of(leases))
    faults += parcel_faults(plots_of(parcels), [row for row in settled if row.lessor == firm.pk])
    years = []
    for year in range(today.year, today.year - YEARS_SHOWN, -1):
        stands, months = (land_of_year([firm.pk], plots, settled, year, way) for way in Weighting)
        years.append(_line(year, stands, months))
    return FirmLand(
        parcels,
        [lease for lease in leases if lease.enterprise_id == firm.pk],
        [lease for lease in leases if lease.enterprise_id != firm.pk],
        years,
        [_told(fault, {firm.pk: firm}) for fault in faults],
    )


def _line(year: int, stands: LandYear, months: LandYear) -> YearLine:
    if not stands.known[0]:
        own = int(stands.own[0]) if stands.own_known[0] else None
        return YearLine(year, own, None, None, None, None, None, None)
    return YearLine(
        year,
        int(stands.own[0]),
        int(stands.leased_in[0]),
        int(stands.leased_out[0]),
        int(stands.used[0]),
        int(stands.floor_in[0]),
        int(stands.floor_out[0]),
        int(months.used[0]) if months.known[0] else None,
    )


def contradictions(user: User) -> list[tuple[LandFault, tuple[int, ...]]]:
    """Everything that the ledgers of the user's firms contradict, hard faults first; three queries, whole tables."""
    visible = set(Enterprise.objects.visible_to(user).values_list("pk", flat=True))
    settled, faults = settle(claims_of(Lease.objects.order_by("pk")))
    faults += parcel_faults(plots_of(Parcel.objects.order_by("pk")), settled)
    mine = [(fault, tuple(firm for firm in fault.firms if firm in visible)) for fault in faults]
    return sorted((row for row in mine if row[1]), key=lambda row: (row[0].code not in _HARD, row[0].code))


def told_faults(rows: Sequence[tuple[LandFault, tuple[int, ...]]]) -> list[ToldFault]:
    """The faults of a page in words, with the firms that the reader may open: one query."""
    firms = Enterprise.objects.select_related("region").in_bulk({firm for _, ids in rows for firm in ids})
    return [_told(fault, {number: firms[number] for number in ids}) for fault, ids in rows]


def _told(fault: LandFault, firms: dict[int, Enterprise]) -> ToldFault:
    day = date.fromordinal(fault.day) if 1 <= fault.day < date.max.toordinal() else None
    words = _SENTENCES[fault.code].format(
        stated=format_amount(from_hundredths(fault.stated)),
        allowed=format_amount(from_hundredths(fault.allowed)),
        day=f"{day.year}年{day.month}月{day.day}日" if day else "",
    )
    tone = "bad" if fault.code in _HARD else "warn"
    return ToldFault(
        [firms[number] for number in fault.firms if number in firms], fault.certificate, words, tone
    )
