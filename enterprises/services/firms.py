"""Firms by credit code: which the registry knows, entering those it does not, and where a firm was on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from core.bulk import merge_columns
from core.models import Region
from enterprises.models import Enterprise, RegionSpell
from enterprises.querysets import SECOND_RECORD
from enterprises.services.initials import pinyin_initials
from intake.models import Batch
from intake.rules.text import name_key

#: From so many firms on it is cheaper to read every move there ever was than to name the firms.
_MANY = 2_000


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
    rows = Enterprise.objects.filter(uscc__among=set(usccs)).exclude(ended_as=SECOND_RECORD).order_by()
    return {firm.uscc: firm for firm in map(KnownFirm._make, rows.values_list(*KnownFirm._fields))}


def scope_codes(region: Region) -> frozenset[str]:
    """The codes of a region and of all below it."""
    return frozenset(Region.objects.filter(path__startswith=region.path).values_list("code", flat=True))


def prepare_names(usccs: Sequence[str], names: Sequence[str]) -> None:
    """Spell the names of firms that are not registered yet: 30 µs each, too long for a transaction of thousands."""
    known = known_firms(usccs)
    for uscc, name in zip(usccs, names, strict=True):
        if uscc not in known:
            pinyin_initials(name)


def enter_pending(newcomers: Iterable[Newcomer], *, batch: Batch) -> dict[str, KnownFirm]:
    """Enter firms as 待核 in the region that the list names; returns them by code.

    Another batch may enter the same firm at the same moment: then its row stands and is returned.
    """
    fresh = list({newcomer.uscc: newcomer for newcomer in newcomers}.values())
    if not fresh:
        return {}
    names, now = [firm.name for firm in fresh], timezone.now()
    merge_columns(
        Enterprise,
        {
            "uscc": [firm.uscc for firm in fresh],
            "name": names,
            "name_key": [name_key(name) for name in names],
            "initials": [pinyin_initials(name) for name in names],
            "region_id": [firm.region for firm in fresh],
            "verification": Enterprise.Verification.PENDING,
            "batch_id": batch.pk,
            "created_at": now,
            "updated_at": now,
        },
        unique=["uscc"],
    )
    entered = known_firms(firm.uscc for firm in fresh)
    begin_spells(entered.values(), batch=batch)
    return entered


def begin_spells(firms: Iterable[KnownFirm], *, batch: Batch) -> None:
    """New firms are in their region since ever; one that has its spell already keeps it."""
    entered = list(firms)
    merge_columns(
        RegionSpell,
        {
            "enterprise_id": [firm.id for firm in entered],
            "region_id": [firm.region_id for firm in entered],
            "batch_id": batch.pk,
        },
    )


class RegionHistory:
    """Where firms were assessed on a day. Only firms that ever moved cost a look-up."""

    def __init__(self, firms: Iterable[KnownFirm]) -> None:
        self._spells: dict[int, list[tuple[date, str]]] = defaultdict(list)
        self._now = {firm.id: firm.region_id for firm in firms}
        ended = RegionSpell.objects.filter(until__isnull=False)
        if len(self._now) < _MANY:
            ended = ended.filter(enterprise_id__among=self._now)
        for firm_id, until, region in ended.order_by("until").values_list(
            "enterprise_id", "until", "region_id"
        ):
            self._spells[firm_id].append((until, region))

    @property
    def moved(self) -> Collection[int]:
        """Numbers of the firms that ever moved."""
        return self._spells.keys()

    def region_on(self, firm_id: int, day: date) -> str:
        for until, region in self._spells.get(firm_id, ()):
            if day <= until:
                return region
        return self._now[firm_id]


def region_names(codes: Iterable[str]) -> Mapping[str, str]:
    return dict(Region.objects.filter(code__in=set(codes)).values_list("code", "name"))
