"""What a list meets in the registry: the firms it names, where each belongs, what its sender may say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.models import Region
from enterprises.services.firms import KnownFirm, RegionHistory, known_firms, scope_codes
from intake.models import Batch
from intake.rules.reading import Frame
from intake.rules.text import name_key

#: Said of every firm outside the sender's scope; whose it is, is not his to know.
ELSEWHERE = "该企业已由其他地区填报"
ASK_THE_CITY = "请与市局联系"


@dataclass(slots=True)
class Ground:
    known: dict[str, KnownFirm]
    history: RegionHistory
    scope: frozenset[str]
    names: Mapping[str, str]

    @classmethod
    def of(cls, usccs: Iterable[Any], batch: Batch) -> Ground:
        known = known_firms(code for code in usccs if isinstance(code, str))
        scope = scope_codes(batch.region)
        names = dict(Region.objects.filter(code__in=scope).values_list("code", "name"))
        return cls(known, RegionHistory(known.values()), scope, names)

    def learn(self, firms: Mapping[str, KnownFirm]) -> None:
        """Firms that were just entered; they have not moved yet."""
        self.known.update(firms)
        self.history = RegionHistory(self.known.values())

    def region_on(self, firm: KnownFirm, day: date) -> str:
        return self.history.region_on(firm.id, day)

    def reaches(self, firm: KnownFirm, day: date) -> bool:
        return self.region_on(firm, day) in self.scope


def tell_elsewhere(frame: Frame, i: int) -> None:
    frame.fault(i, "uscc", "FIRM_ELSEWHERE", "A", ELSEWHERE, ASK_THE_CITY)


def differs_by_key(name: object, firm: KnownFirm) -> bool:
    return isinstance(name, str) and name != firm.name and name_key(name) != firm.name_key
