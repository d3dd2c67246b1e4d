"""The lines of a round's tables: awards, refusals and differences as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from incentives.models import Award, AwardDifference, AwardRefusal
from incentives.policy import EVENTS, Rule
from incentives.rules.sentences import MissedPart


@dataclass(frozen=True, slots=True)
class Money:
    """One unit for every sum of a page, so that what stands in it adds up as it is shown."""

    unit: str
    fen: int

    def of(self, fen: int) -> Decimal:
        return Decimal(fen) / self.fen


WAN, YUAN = Money("万元", 1_000_000), Money("元", 100)
#: 100元 in fen: finer sums would be lost in two places of 万元
_FINEST_IN_WAN = 10_000


def money_for(fens: list[int]) -> Money:
    return YUAN if any(fen % _FINEST_IN_WAN for fen in fens) else WAN


def event_words(rule: Rule, row: Award | AwardRefusal) -> str:
    """``2022年3月 入库``, ``2022年9月 上市、挂牌 辅导备案``"""
    event = EVENTS[rule.occasion.event] if rule.occasion else ""
    month = row.event_month.label if row.event_month else ""
    return " ".join(word for word in (month, event, row.key, row.project) if word)


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One award: why, how much, borne by whom, what is missing or just missed."""

    award: Award
    rule: Rule
    amount: Decimal
    shares: tuple[Decimal, ...]
    words: str
    missing: str
    #: what caps, other awards and budgets left of it
    limits: str
    missed: tuple[MissedPart, ...]
    #: whether the reader may open the firm's page: it may have moved out of his region since
    may_open: bool

    @property
    def event(self) -> str:
        return event_words(self.rule, self.award)

    @property
    def is_held(self) -> bool:
        return self.award.state == Award.State.HELD

    @property
    def nearest(self) -> MissedPart | None:
        """The part that is missed by least; ``None`` when the award lacks nothing."""
        return min(self.missed, key=lambda part: part.order, default=None)


@dataclass(frozen=True, slots=True)
class RefusalLine:
    refusal: AwardRefusal
    rule: Rule
    fact: str
    why: str
    #: close to the rule's conditions
    is_near: bool
    may_open: bool

    @property
    def event(self) -> str:
        return event_words(self.rule, self.refusal)


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    difference: AwardDifference
    granted: Decimal
    amount: Decimal
    change: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class ListSums:
    amount: Decimal
    shares: tuple[Decimal, ...]


def sums_of(lines: list[AwardLine], levels: int) -> ListSums:
    """The sums of a whole list, in the unit of its page."""
    shares = tuple(sum((line.shares[place] for line in lines), Decimal(0)) for place in range(levels))
    return ListSums(sum((line.amount for line in lines), Decimal(0)), shares)
