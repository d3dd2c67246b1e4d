"""What recipients have had of funds outside the document, as lists of upper awards name them (``with`` of a stacking)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.amounts import to_hundredths
from incentives.models import AwardOccasion
from incentives.services.asked import Asked

_UPPER = ("upper_state", "upper_province", "upper_city", "upper_district")


@dataclass(frozen=True, slots=True)
class OtherFund:
    """``firm`` is ``None`` for a recipient that is no firm; ``fen`` is the sum over the levels that gave it."""

    name: str
    kind: str
    code: str
    firm: int | None
    year: int
    fen: int
    project: str
    invoice: str


def other_funds(asked: Asked) -> list[OtherFund]:
    """Up to the award's year; a row without an amount says nothing that could be set against an award."""
    named = {name for stacking in asked.awards.stackings for name in stacking.others}
    return list(_rows(asked, named)) if named else []


def _rows(asked: Asked, named: set[str]) -> Iterator[OtherFund]:
    rows = AwardOccasion.objects.inside(asked.edition.locality).filter(
        event="upper_award", key__in=named, year__lte=asked.year
    )
    order = ("year", "period", "recipient_kind", "recipient_code", "key", "project", "invoice")
    for row in rows.order_by(*order):
        fen = sum(to_hundredths(Decimal(row.facts[name])) for name in _UPPER if name in row.facts)
        if fen:
            yield OtherFund(
                row.key, row.recipient_kind, row.recipient_code, row.enterprise_id, row.year, fen,
                row.project, row.invoice,
            )  # fmt: skip
