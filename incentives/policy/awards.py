"""What the ``awards`` part of a policy document holds: who gets what for which occasion, and who bears it. Pure.

Money is printed in 元 and kept in fen; shares are exact fractions that sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from core.conditions import Condition
from core.policies import Unknown

RECIPIENTS = {"enterprise": "企业", "district": "县区政府"}
#: Recipients that this version can compute awards for.
COMPUTED_RECIPIENTS = frozenset({"enterprise"})
EVENTS = {"listed": "入库"}
YEAR_BY = {"approval_library": "审批库年度"}
LEVELS = {"province": "省级", "city": "市级", "district": "县区"}
#: printed: the document says it; inferred: it follows from other places; demo: chosen so that the demo can run.
SOURCES = {"printed": "文件载明", "inferred": "推定", "demo": "未载明·演示取值"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a setting comes from: ``src`` is one of ``SOURCES``, ``note`` says why when it is not printed."""

    src: str
    note: str | None

    @property
    def label(self) -> str:
        return SOURCES[self.src]

    @property
    def is_printed(self) -> bool:
        return self.src == "printed"


@dataclass(frozen=True, slots=True)
class YearParameter:
    """A year that a condition names: counted from the award's year, or one fixed year."""

    name: str
    label: str
    offset: int | None
    year: int | None
    mark: Mark

    def at(self, award_year: int) -> int:
        return award_year + self.offset if self.offset is not None else self.year or award_year


@dataclass(frozen=True, slots=True)
class Occasion:
    """What opens a rule. ``first_time`` looks at the firm's whole history in the directory."""

    event: str
    first_time: bool
    year_by: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Part:
    """One sum of an award. Without ``when`` it is due to everyone whom the rule reaches."""

    id: str
    title: str
    fen: int | Unknown
    when: Condition | None
    clause: str
    wording: str | None


@dataclass(frozen=True, slots=True)
class RegionGroup:
    name: str
    regions: tuple[str, ...]
    clause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which levels bear an award in the regions of a group; ``parts`` sum to 1, in the order of the document."""

    group: str
    parts: tuple[tuple[str, Fraction], ...]
    clause: str
    wording: str | None

    @property
    def label(self) -> str:
        """``市级 50%，县区 50%``; one level that bears all is named alone."""
        borne = [(LEVELS[level], share) for level, share in self.parts if share]
        if len(borne) == 1:
            return f"{borne[0][0]}全部承担"
        return "，".join(f"{name} {_per_cent(share)}" for name, share in borne)


@dataclass(frozen=True, slots=True)
class Rule:
    """One award rule. ``shape`` is ``fixed`` or ``sum``; ``unknown`` when the document prints no amount.

    ``unknowns`` names what is missing; a rule with any of it computes nothing.
    """

    id: str
    title: str
    clause: str
    wording: str | None
    recipient: str
    occasion: Occasion | None
    conditions: Condition | None
    parameters: tuple[YearParameter, ...]
    shape: Literal["fixed", "sum", "unknown"]
    parts: tuple[Part, ...]
    cap_fen: int | None
    first_day: date | None
    last_day: date | None
    note: str | None
    unknowns: tuple[str, ...]

    @property
    def can_run(self) -> bool:
        return not self.unknowns

    def years(self, award_year: int) -> dict[str, int]:
        """The parameters of its conditions in one award year, ``year`` among them."""
        return {"year": award_year} | {given.name: given.at(award_year) for given in self.parameters}

    def part(self, part_id: str) -> Part:
        return next(part for part in self.parts if part.id == part_id)


@dataclass(frozen=True)
class Awards:
    groups: tuple[RegionGroup, ...]
    sharings: tuple[Sharing, ...]
    rules: tuple[Rule, ...]

    @property
    def title(self) -> str:
        """What it is about: the rules that can run, else all of them."""
        return "、".join(rule.title for rule in [rule for rule in self.rules if rule.can_run] or self.rules)

    def sharing_of(self, region: str) -> Sharing | None:
        """How an award in this region is borne; ``None`` when the document does not share costs."""
        group = next((group.name for group in self.groups if region in group.regions), None)
        return next((sharing for sharing in self.sharings if sharing.group == group), None)

    @property
    def marks(self) -> tuple[tuple[str, Mark], ...]:
        """Every setting that is not printed, with what it is about."""
        found = [(group.name, group.mark) for group in self.groups]
        for rule in self.rules:
            if rule.occasion:
                found.append((f"{rule.title}的年度口径", rule.occasion.mark))
            found += [(given.label, given.mark) for given in rule.parameters]
        return tuple((label, mark) for label, mark in found if not mark.is_printed)


def _per_cent(share: Fraction) -> str:
    per_cent = share * 100
    if per_cent.denominator == 1:
        return f"{per_cent.numerator}%"
    return f"{share.numerator}/{share.denominator}"
