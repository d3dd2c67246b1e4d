"""Values of canonical rows as commands print them and as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.cache import cache

from core.amounts import format_amount, from_hundredths
from core.models import Region
from core.periods import Month
from core.templatetags.figures import mask_phone
from intake.rules.columns import AmountColumn, Column, PhoneColumn, RegionColumn
from intake.rules.reading import SheetSpec

#: As many changes as a batch keeps for its preview; the counts tell how many there are.
MOST_CHANGES = 200
_NAMES_SECONDS = 60


def region_name_of(code: str) -> str:
    """The registered name of a region; names are asked for once a minute, not once a row."""
    names = cache.get("enterprises.region_names")
    if names is None or code not in names:
        names = dict(Region.objects.values_list("code", "name"))
        cache.set("enterprises.region_names", names, _NAMES_SECONDS)
    return names.get(code, code)


def json_value(column: Column, value: Any) -> Any:
    """Amounts as decimal strings with two places, regions by name, months and dates in ISO form."""
    if value is None:
        return None
    if isinstance(column, AmountColumn) and isinstance(value, int):
        return str(from_hundredths(value))
    if isinstance(column, RegionColumn):
        return region_name_of(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Month) else value


def record_json(spec: SheetSpec, record: Mapping[str, Any], keys: tuple[str, ...] = ()) -> dict[str, Any]:
    """A record by column key; ``keys`` picks and orders some of them."""
    columns = [spec.column(key) for key in keys] or spec.columns
    return {column.key: json_value(column, record.get(column.key)) for column in columns}


def shown_value(column: Column, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(column, AmountColumn):
        return format_amount(from_hundredths(value))
    if isinstance(column, RegionColumn):
        return region_name_of(value)
    if isinstance(column, PhoneColumn):
        return mask_phone(value)
    return value.isoformat() if isinstance(value, date) else str(value)
