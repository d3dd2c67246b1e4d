"""Firms by credit code: which the registry knows, entering those it does not, and where a firm was on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.models import Region
from enterprises.models import Enterprise, RegionSpell
from enterprises.querysets import SECOND_RECORD
from enterprises.services.initials import pinyin_initials
from enterprises.services.storing import in_chunks
from intake.models import Batch
from intake.rules.text import name_key


class KnownFirm(NamedTuple):
    id: int
    uscc: str
    name: str
    name_key: str
    region_id: str
    #: 注销, 吊销, 并入 …: the last day on which it existed, and in a word how it ended
    ended_on: date | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A firm that a list names and the registry does not know."""

    uscc: str
    name: str
    region: str


def known_firms(usccs: Iterable[str]) -> dict[str, KnownFirm]:
    """Registered firms among the codes, whatever their region: intake decides by scope what it may say of them.

    The code of a second record (重复档案) is not among them: ``lineage.current_codes`` leads it to its firm.
    """
    found = {}
    for chunk in in_chunks(sorted(set(usccs))):
        rows = Enterprise.objects.filter(uscc__in=chunk).exclude(ended_as=SECOND_RECORD).order_by()
        for row in rows.values_list(*KnownFirm._fields):
            found[row[1]] = KnownFirm(*row)
    return found


def scope_codes(region: Region) -> frozenset[str]:
    """The codes of a region and of all below it."""
    return frozenset(Region.objects.filter(path__startswith=region.path).values_list("code", flat=True))


def enter_pending(newcomers: Iterable[Newcomer], *, batch: Batch) -> dict[str, KnownFirm]:
    """Enter firms as 待核 in the region that the list names; returns them by code.

    Another batch may enter the same firm at the same moment: then its row stands and is returned.
    """
    fresh = list({newcomer.uscc: newcomer for newcomer in newcomers}.values())
    if not fresh:
        return {}
    Enterprise.objects.bulk_create(
        [
            Enterprise(
                uscc=firm.uscc,
                name=firm.name,
                name_key=name_key(firm.name),
                initials=pinyin_initials(firm.name),
                region_id=firm.region,
                verification=Enterprise.Verification.PENDING,
                batch=batch,
            )
            for firm in fresh
        ],
        ignore_conflicts=True,
    )
    entered = known_firms(firm.uscc for firm in fresh)
    begin_spells(entered.values(), batch=batch)
    return entered


def begin_spells(firms: Iterable[KnownFirm], *, batch: Batch) -> None:
    """New firms are in their region since ever; one that has its spell already keeps it."""
    spells = [RegionSpell(enterprise_id=firm.id, region_id=firm.region_id, batch=batch) for firm in firms]
    RegionSpell.objects.bulk_create(spells, ignore_conflicts=True)


class RegionHistory:
    """Where firms were assessed on a day. Only firms that ever moved cost a look-up."""

    def __init__(self, firms: Iterable[KnownFirm]) -> None:
        self._spells: dict[int, list[tuple[date, str]]] = defaultdict(list)
        self._now = {firm.id: firm.region_id for firm in firms}
        for chunk in in_chunks(sorted(self._now)):
            ended = RegionSpell.objects.filter(enterprise_id__in=chunk, until__isnull=False).order_by("until")
            for firm_id, until, region in ended.values_list("enterprise_id", "until", "region_id"):
                self._spells[firm_id].append((until, region))

    def region_on(self, firm_id: int, day: date) -> str:
        for until, region in self._spells.get(firm_id, ()):
            if day <= until:
                return region
        return self._now[firm_id]


def region_names(codes: Iterable[str]) -> Mapping[str, str]:
    return dict(Region.objects.filter(code__in=set(codes)).values_list("code", "name"))
