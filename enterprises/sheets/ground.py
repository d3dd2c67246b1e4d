"""What a list meets in the registry: the firms it names, where each belongs, what its sender may say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.models import Region
from enterprises.services.firm_names import former_keys
from enterprises.services.firms import KnownFirm, RegionHistory, known_firms, scope_codes
from enterprises.services.lineage import current_codes
from intake.models import Batch
from intake.rules.reading import Frame
from intake.rules.text import name_key
from intake.rules.uscc import plain_code

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

    @classmethod
    def for_frame(cls, frame: Frame, batch: Batch) -> Ground:
        """The ground of a list that is being checked; codes that a firm no longer bears are followed first."""
        ground = cls.of(frame.columns["uscc"], batch)
        if follow_codes(frame, ground):
            ground = cls.of(frame.columns["uscc"], batch)
        return ground

    def learn(self, firms: Mapping[str, KnownFirm]) -> None:
        """Firms that were just entered; they have not moved yet."""
        self.known.update(firms)
        self.history = RegionHistory(self.known.values())

    def region_on(self, firm: KnownFirm, day: date) -> str:
        return self.history.region_on(firm.id, day)

    def region_when(self, firm: KnownFirm, day_of: Callable[[], date]) -> str:
        """The same for long lists: of a firm that never moved nobody asks the day."""
        return self.region_on(firm, day_of()) if firm.id in self.history.moved else firm.region_id

    def reaches(self, firm: KnownFirm, day: date) -> bool:
        return self.region_on(firm, day) in self.scope


def tell_elsewhere(frame: Frame, i: int) -> None:
    frame.fault(i, "uscc", "FIRM_ELSEWHERE", "A", ELSEWHERE, ASK_THE_CITY)


def follow_codes(frame: Frame, ground: Ground) -> bool:
    """Old codes (15 digits, or replaced since) become the code that the firm bears now, each with a hint.

    Only where the firm is within the sender's scope: whose an old number was, is not everybody's to know.
    """
    codes = frame.columns["uscc"]
    written = {
        i: plain_code(frame.raw["uscc"][i]) if code is None else code
        for i, code in enumerate(codes)
        if code not in ground.known
    }
    changes = current_codes(text for text in written.values() if isinstance(text, str) and text)
    firms = known_firms(change.uscc for change in changes.values())
    followed = {}
    for i, text in written.items():
        change = changes.get(text)
        firm = firms.get(change.uscc) if change else None
        if change is not None and firm is not None and firm.region_id in ground.scope:
            followed[i], codes[i] = change, change.uscc
    if not followed:
        return False
    rows = {frame.rows[i] for i in followed}
    frame.faults = [f for f in frame.faults if not (f.row in rows and f.code.startswith("USCC_"))]
    for i, change in followed.items():
        since = f"{change.on.year}年{change.on.month}月{change.on.day}日"
        frame.fault(
            i,
            "uscc",
            "CODE_FOLLOWED",
            "D",
            f"该代码已于{since}变更为{change.uscc}，按新代码采用",
            "请更新名册",
        )
    _tell_twice(frame, followed)
    return True


def _tell_twice(frame: Frame, followed: Mapping[int, object]) -> None:
    """Rows that say of one firm the same thing, one under its old code."""
    keys = [frame.columns[key] for key in frame.spec.unique]
    seen: dict[tuple[Any, ...], int] = {}
    for i, key in enumerate(zip(*keys, strict=True)):
        other = seen.setdefault(key, i)
        if other != i and (i in followed or other in followed) and key[0] is not None:
            reason = f"与第{frame.rows[other]}行是同一家企业（新旧代码），无法确定以哪一行为准"
            frame.fault(i, "uscc", "DUPLICATE_CONFLICT", "A", reason, "请只保留正确的一行")


def differs_by_key(name: object, firm: KnownFirm) -> bool:
    return isinstance(name, str) and name != firm.name and name_key(name) != firm.name_key


def tell_names(frame: Frame, differing: Mapping[int, KnownFirm]) -> None:
    """Rows whose name is not the registered one: a former name is told as one. A row that was found by a former name
    has been told so already."""
    told = {fault.row for fault in frame.faults if fault.code == "NAME_FORMER"}
    former = former_keys(firm.id for firm in differing.values())
    for i, firm in differing.items():
        if frame.rows[i] in told:
            continue
        if name_key(str(frame.columns["name"][i])) in former.get(firm.id, ()):
            reason = f"是“{firm.name}”的曾用名，数据归到这家企业"
            frame.fault(i, "name", "NAME_FORMER", "D", reason, "请更新名册，以后用现在的名称")
        else:
            cure = "请核对代码与名称是否错行；企业已更名的，请补报企业名录"
            frame.fault(i, "name", "NAME_DIFFERS", "D", f"与登记的名称“{firm.name}”不同", cure)
