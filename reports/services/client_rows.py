"""Tables that clients read row by row: one query, plain values, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.amounts import from_hundredths
from reports.services.tiers import Row, moment_text, score_text

_CHUNK = 2000
_FIRM = ("enterprise__uscc", "enterprise__name")


@dataclass(frozen=True, slots=True)
class ClientTable:
    """Columns that are read, and how they are told; ``told(values, with_scores)``."""

    columns: tuple[str, ...]
    told: Callable[[tuple[Any, ...], bool], Row]

    def rows(self, values: list[tuple[Any, ...]], with_scores: bool) -> list[Row]:
        return [self.told(row[1:], with_scores) for row in values]

    def read(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Plain values, the primary key first."""
        return rows.values_list("pk", *self.columns)

    def stream(self, rows: QuerySet[Any], with_scores: bool) -> Iterator[Row]:
        """All rows from a cursor on the server; memory does not grow with them."""
        for row in self.read(rows.order_by("pk")).iterator(chunk_size=_CHUNK):
            yield self.told(row[1:], with_scores)


def _member(values: tuple[Any, ...], with_scores: bool) -> Row:
    uscc, name, region, region_name, programme, pool, tier, year, sources, measure, *rest = values
    is_proposed, since, until, edition, updated_at = rest
    return {
        "uscc": uscc,
        "name": name,
        "region": region,
        "region_name": region_name,
        "programme": programme,
        "pool": pool,
        "tier": tier,
        "planned_year": year,
        "sources": sources.split("+") if sources else [],
        "measure_wan": None if measure is None else str(from_hundredths(measure)),
        "is_proposed_out": is_proposed,
        "since": since.isoformat(),
        "until": until and until.isoformat(),
        "edition": edition,
        "updated_at": moment_text(updated_at),
    }


MEMBERS = ClientTable(
    (
        *_FIRM,
        "enterprise__region_id",
        "enterprise__region__name",
        "programme",
        "pool",
        "tier",
        "planned_year",
        "sources",
        "measure_wan",
        "is_proposed",
        "since",
        "until",
        "edition__number",
        "updated_at",
    ),
    _member,
)


def _result(values: tuple[Any, ...], with_scores: bool) -> Row:
    uscc, name, region, region_name, scheme, year, version, edition, decimals, published_at, *rest = values
    standing, cohort, initial, final, total, rank, size = rest
    return {
        "uscc": uscc,
        "name": name,
        "region": region,
        "region_name": region_name,
        "scheme": scheme,
        "year": year,
        "version": version,
        "standing": standing,
        "cohort": cohort or None,
        "initial_grade": initial or None,
        "grade": final or None,
        "score": score_text(total, decimals) if with_scores else None,
        "rank": rank if with_scores else None,
        "ranked_firms": size,
        "edition": edition,
        "published_at": moment_text(published_at),
    }


RESULTS = ClientTable(
    (
        *_FIRM,
        "region_id",
        "region__name",
        "round__scheme",
        "round__year",
        "round__version",
        "round__edition__number",
        "round__decimals",
        "round__published_at",
        "standing",
        "cohort",
        "initial_grade",
        "final_grade",
        "total",
        "rank",
        "pool__size",
    ),
    _result,
)


def _award(values: tuple[Any, ...], with_scores: bool) -> Row:
    (
        kind,
        code,
        name,
        region,
        region_name,
        programme,
        year,
        version,
        round_state,
        edition,
        computed_at,
        *rest,
    ) = values
    rule, occasion, month, state, amount, shares = rest
    return {
        "recipient_kind": kind,
        "recipient": code,
        "name": name,
        "region": region,
        "region_name": region_name,
        "programme": programme,
        "year": year,
        "version": version,
        "round_state": round_state,
        "rule": rule,
        "occasion": occasion,
        "event_month": None if month is None else str(month),
        "state": state,
        "amount_yuan": _yuan(amount),
        "province_yuan": _yuan(shares.get("province", 0)),
        "city_yuan": _yuan(shares.get("city", 0)),
        "district_yuan": _yuan(shares.get("district", 0)),
        "unshared_yuan": _yuan(shares.get("unshared", 0)),
        "edition": edition,
        "updated_at": moment_text(computed_at),
    }


def _yuan(fen: int) -> str:
    return str(from_hundredths(fen))


AWARDS = ClientTable(
    (
        "recipient_kind",
        "recipient_code",
        "recipient_name",
        "region_id",
        "region__name",
        "round__programme",
        "round__year",
        "round__version",
        "round__state",
        "round__edition__number",
        "round__computed_at",
        "rule",
        "occasion",
        "event_month",
        "state",
        "amount_fen",
        "shares",
    ),
    _award,
)
