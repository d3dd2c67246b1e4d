"""Bonus and penalty (加分、扣分) beside the indicators. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from core.conditions import Condition
from evaluation.policy.settings import Origin, Setting


@dataclass(frozen=True, slots=True)
class Counted:
    """``quantity`` beyond ``free``, in whole steps of ``step``: ``first`` for the first, ``each`` for every further one."""

    quantity: str
    free: Decimal
    step: Decimal
    first: Decimal
    each: Decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points, a per cent of the score before adjusting, or points by count; penalties are positive numbers too."""

    id: str
    label: str
    is_penalty: bool
    #: ``None``: the source does not print when it applies, so it never does
    condition: Condition | None
    if_unknown: bool
    origin: Origin
    points: Setting[Decimal] | None = None
    percent: Setting[Decimal] | None = None
    counted: Counted | None = None
    cap: Setting[Decimal] | None = None
    group: str = ""

    @property
    def sign(self) -> int:
        return -1 if self.is_penalty else 1


@dataclass(frozen=True, slots=True)
class Group:
    """Adjustments of one group: only the ``highest`` counts, or their sum; at most ``cap`` points."""

    take: str
    cap: Decimal | None


@dataclass(frozen=True)
class Adjusting:
    items: tuple[Adjustment, ...] = ()
    groups: dict[str, Group] = field(default_factory=dict)
    bonus_cap: Setting[Decimal] | None = None
    penalty_cap: Setting[Decimal] | None = None
