"""Titles as facts: which a firm holds at a year's end, which it was granted in a year, and since when it has any.

Where no list of honours was ever taken in nothing is known of any firm; after that a firm without a row has none.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from enterprises.models import Honour


class _Row(NamedTuple):
    firm: int
    title: str
    granted_on: date
    valid_until: date | None


def _rows(context: FactContext) -> list[_Row]:
    def read() -> list[_Row]:
        rows = Honour.objects.order_by("granted_on", "id")
        return [_Row(*row) for row in rows.values_list("enterprise_id", "title", "granted_on", "valid_until")]

    return context.once("honours", read)


def _tags(context: FactContext, kept: list[_Row]) -> Column:
    titles: dict[int, set[str]] = defaultdict(set)
    for row in kept:
        titles[row.firm].add(row.title)
    is_known = bool(_rows(context))
    firms = context.enterprises.tolist()
    return Column.of_tags(sorted(titles[firm]) if is_known else None for firm in firms)


def _held(context: FactContext) -> Column:
    """Titles valid on 31 December of the year."""
    last = date(context.period, 12, 31)
    rows = _rows(context)
    return _tags(
        context,
        [r for r in rows if r.granted_on <= last and (r.valid_until is None or r.valid_until >= last)],
    )


def _granted(context: FactContext) -> Column:
    return _tags(context, [row for row in _rows(context) if row.granted_on.year == context.period])


def _first_year(context: FactContext) -> Column:
    """The year of a firm's first title of any kind; not known for a firm without one."""
    first: dict[int, int] = {}
    for row in _rows(context):
        first.setdefault(row.firm, row.granted_on.year)
    return context.aligned(list(first), list(first.values()))


register_facts(
    Fact(FactType("honours", "荣誉资质（年末有效）", Kind.TAGS, per=Kind.YEAR), _held),
    Fact(FactType("honours_granted", "当年认定的荣誉资质", Kind.TAGS, per=Kind.YEAR), _granted),
    Fact(FactType("first_honour_year", "首次获得荣誉年度", Kind.YEAR), _first_year),
)
