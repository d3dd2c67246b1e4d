"""What a rule pays, as data: every shape of an amount that documents print. Money in fen, rates exact. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.conditions import Condition, Quantity
from core.policies import Unknown


@dataclass(frozen=True, slots=True)
class Fixed:
    """一个数."""

    fen: int | Unknown


@dataclass(frozen=True, slots=True)
class Rated:
    """按比例: ``rate`` of a sum of money, 1 % or 2 ‰ as a fraction."""

    base: Quantity
    rate: Fraction | Unknown


@dataclass(frozen=True, slots=True)
class PerUnit:
    """按数量: ``fen`` for each ``each`` (in base units) of ``units``. A unit begun pays nothing (``begun``
    is ``whole``), its part (``exact``), or as a whole one (``up``).

    The price may be less than a fen (0.035元 a kilowatt-hour); what it comes to is rounded once, as all else.
    """

    units: Quantity
    each: Fraction
    fen: Fraction | Unknown
    begun: str


@dataclass(frozen=True, slots=True)
class Formula:
    """公式: a sum of money worked out as the text says."""

    money: Quantity


@dataclass(frozen=True, slots=True)
class Band:
    """One piece of a base, from where the piece before it ends up to ``up_to`` (``None``: all that is left)."""

    up_to: Quantity | None
    rate: Fraction | Unknown


@dataclass(frozen=True, slots=True)
class Banded:
    """分段累进: each piece of the base at its own rate."""

    base: Quantity
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One branch; ``when`` is ``None`` for what is left over."""

    label: str
    when: Condition | None
    amount: Amount


@dataclass(frozen=True, slots=True)
class Choosing:
    """The first branch that holds decides: a table by key or by tier, or branches as the document writes them.

    ``asks``: two tiers that hold at once are not decided by the document, so the amount is unknown there.
    """

    choices: tuple[Choice, ...]
    graded: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Combined:
    """``highest`` or ``lowest`` of several amounts."""

    op: str
    items: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Benefit:
    """Support that is no money: priority, deferral, waiver."""

    text: str


Amount = Fixed | Rated | PerUnit | Formula | Banded | Choosing | Combined | Benefit


def quantities_of(amount: Amount) -> Iterator[Quantity]:
    """Every quantity that the amount measures."""
    if isinstance(amount, Rated):
        yield amount.base
    elif isinstance(amount, PerUnit):
        yield amount.units
    elif isinstance(amount, Formula):
        yield amount.money
    elif isinstance(amount, Banded):
        yield amount.base
        yield from (band.up_to for band in amount.bands if band.up_to is not None)
    for inner in inner_amounts(amount):
        yield from quantities_of(inner)


def conditions_in(amount: Amount) -> Iterator[Condition]:
    """Every condition on which a branch of the amount hangs."""
    if isinstance(amount, Choosing):
        yield from (choice.when for choice in amount.choices if choice.when is not None)
    for inner in inner_amounts(amount):
        yield from conditions_in(inner)


def inner_amounts(amount: Amount) -> tuple[Amount, ...]:
    if isinstance(amount, Choosing):
        return tuple(choice.amount for choice in amount.choices)
    return amount.items if isinstance(amount, Combined) else ()


def has_unknown(amount: Amount) -> bool:
    """Whether a figure of it is not printed."""
    figures: tuple[object, ...] = ()
    if isinstance(amount, Fixed | PerUnit):
        figures = (amount.fen,)
    elif isinstance(amount, Rated):
        figures = (amount.rate,)
    elif isinstance(amount, Banded):
        figures = tuple(band.rate for band in amount.bands)
    return any(isinstance(figure, Unknown) for figure in figures) or any(
        has_unknown(inner) for inner in inner_amounts(amount)
    )


def is_benefit(amount: Amount) -> bool:
    """Whether it pays nothing in money, whatever branch holds."""
    inner = inner_amounts(amount)
    return isinstance(amount, Benefit) or (bool(inner) and all(is_benefit(one) for one in inner))
