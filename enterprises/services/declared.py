"""Facts that documents in force declare, as far as a region is concerned, and what is stored of them for a firm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.facts import catalogue
from core.models import PolicyEdition, Region, User
from core.policies import DeclaredFact
from core.services.policies import declared_in_force
from enterprises.models import DeclaredValue, Enterprise
from enterprises.rules.declared import shown_fact
from intake.models import Batch
from intake.services.periods import period_label


def facts_for(region: Region) -> dict[str, DeclaredFact]:
    """Facts to be filled in for a region: declared by documents of the region, of one above it or of one below it.

    A name that the portal offers by itself is known already and not asked for.
    """
    offered = catalogue()
    places = _localities()
    return {
        name: fact
        for name, (fact, owner) in declared_in_force().items()
        if name not in offered and _concerns(places.get(owner), region)
    }


def _localities() -> dict[str, str | None]:
    editions = PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE).order_by()
    return dict(editions.values_list("name", "locality__path"))


def _concerns(path: str | None, region: Region) -> bool:
    return path is None or region.path.startswith(path) or path.startswith(region.path)


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """One value on a firm's page. ``is_current``: a document in force still declares the fact so."""

    label: str
    period: str
    shown: str
    meant_source: str
    batch: Batch
    is_current: bool


def declared_lines(firm: Enterprise, user: User) -> list[DeclaredLine]:
    """The values kept of a firm, newest period first within each fact."""
    rows = list(
        DeclaredValue.objects.visible_to(user)
        .filter(enterprise=firm)
        .select_related("batch")
        .order_by("fact", "-period")
    )
    return list(_lines(rows)) if rows else []


def _lines(rows: list[DeclaredValue]) -> Iterator[DeclaredLine]:
    declared = {name: fact for name, (fact, _) in declared_in_force().items()}
    for row in rows:
        fact = declared.get(row.fact)
        current = fact is not None and (not fact.type.is_measured or fact.type.unit == row.unit)
        yield DeclaredLine(
            label=fact.type.label if fact else row.fact,
            period=_period_label(row.period),
            shown=shown_fact(row.value, fact.type) if fact and current else f"{row.value} {row.unit}".strip(),
            meant_source=fact.source if fact else "",
            batch=row.batch,
            is_current=current,
        )


def _period_label(period: str) -> str:
    if not period:
        return "不分期间"
    return f"{period[:4]}年第{period[5]}季度" if "Q" in period else period_label(period)
