"""A firm moves between assessment regions on a day: its spells, and the rows of the days since, follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet

from core.periods import Month
from enterprises.models import (
    AnnualFigure,
    DeclaredValue,
    DelistedEntry,
    Enterprise,
    MonthlyFigure,
    RegionSpell,
    ScaleEvent,
    SourceFigure,
)
from intake.models import Batch

#: rows that carry the assessment region of their own month
BY_MONTH: tuple[type[Model], ...] = (MonthlyFigure, ScaleEvent)
#: rows that carry the region of the day on which their list was sent
BY_LIST: tuple[type[Model], ...] = (AnnualFigure, DelistedEntry, SourceFigure, DeclaredValue)


def rows_since(firm: Enterprise, on: date) -> dict[str, QuerySet[Any]]:
    """Table → the firm's rows of the day ``on`` and later. A month belongs where the firm is on its last day."""
    months = Q(month__gte=Month.of(on))
    found = {}
    for model in (*BY_MONTH, *BY_LIST):
        dated = months if model in BY_MONTH else Q(batch__as_of__gte=on)
        found[model._meta.db_table] = model._default_manager.filter(dated, enterprise=firm)
    return found


def move_firm(firm: Enterprise, region: str, on: date, batch: Batch | None) -> dict[str, Any]:
    """Close the present spell the day before and open one; returns what an undo needs.

    ``firm`` itself is changed, not saved. Rows of a region that is not the present one stay where they are.
    """
    current = RegionSpell.objects.get(enterprise=firm, until=None)
    before: dict[str, Any] = {"spell": current.pk, "rows": {}}
    current.until = on - timedelta(days=1)
    current.save(update_fields=["until"])
    RegionSpell.objects.create(enterprise=firm, region_id=region, since=on, batch=batch)
    for table, rows in rows_since(firm, on).items():
        ids = list(rows.filter(region_id=firm.region_id).order_by("pk").values_list("pk", flat=True))
        if ids:
            rows.filter(pk__in=ids).update(region_id=region)
            before["rows"][table] = ids
    firm.region_id = region
    return before


def move_back(firm: Enterprise, region: str, before: Mapping[str, Any]) -> None:
    """Undo of ``move_firm``; ``firm`` is changed, not saved."""
    RegionSpell.objects.filter(enterprise=firm, until=None).delete()
    RegionSpell.objects.filter(pk=before["spell"]).update(until=None)
    for model in (*BY_MONTH, *BY_LIST):
        ids = before["rows"].get(model._meta.db_table, [])
        model._default_manager.filter(pk__in=ids).update(region_id=region)
    firm.region_id = region
