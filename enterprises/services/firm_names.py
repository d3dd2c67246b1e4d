"""Firms by the name that a list gives them: the registered one, or one that they bore before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from core.models import Region
from enterprises.models import Enterprise
from enterprises.querysets import SECOND_RECORD
from enterprises.services.registering import NAME_SEPARATOR
from enterprises.services.storing import in_chunks
from intake.rules.text import name_key


class Named(NamedTuple):
    """A firm that bears the name, or bore it before (``is_former``)."""

    uscc: str
    name: str
    is_former: bool


def firms_by_name(keys: Iterable[str], region: Region) -> dict[str, list[Named]]:
    """Comparison keys of names → the firms of the region and below that bear or bore them, each firm once.

    Second records (重复档案) are nobody's firm any more. One query, and one for each 900 names.
    """
    wanted = set(keys)
    found: dict[str, list[Named]] = defaultdict(list)
    firms = Enterprise.objects.filter(region__path__startswith=region.path).exclude(ended_as=SECOND_RECORD)
    for chunk in in_chunks(sorted(wanted)):
        rows = firms.filter(name_key__in=chunk).order_by("pk")
        for key, code, name in rows.values_list("name_key", "uscc", "name"):
            found[key].append(Named(code, name, False))
    renamed = firms.exclude(former_names="").order_by("pk")
    for own, code, name, former in renamed.values_list("name_key", "uscc", "name", "former_names"):
        for key in {name_key(one) for one in former.split(NAME_SEPARATOR)} & wanted - {own}:
            found[key].append(Named(code, name, True))
    return found


def former_keys(firm_ids: Iterable[int]) -> dict[int, set[str]]:
    """Firm → comparison keys of the names that it bore before; firms without any are left out."""
    asked = set(firm_ids)
    if not asked:
        return {}
    rows = Enterprise.objects.filter(pk__among=asked).exclude(former_names="").order_by()
    return {
        pk: {name_key(name) for name in former.split(NAME_SEPARATOR)}
        for pk, former in rows.values_list("pk", "former_names")
    }
