"""From scores to grades: bands, pools, gates, moves and levels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.conditions import Condition
from core.policies import Unknown
from evaluation.policy.choices import PROVISIONAL
from evaluation.policy.settings import Origin, Setting


@dataclass(frozen=True, slots=True)
class Gate:
    """What a grade asks beside the place; a firm that fails goes to the next grade whose gate it passes."""

    condition: Condition
    if_unknown: bool
    refill: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Band:
    """``upto``: cumulative share of the ranking in per cent, its end included; ``at_least``: the score asked."""

    grade: str
    label: str
    upto: Setting[Decimal] | None
    at_least: Setting[Decimal] | None = None
    #: ``at_least`` is a multiple of the mean score of the ranking
    is_of_mean: bool = False
    #: in the place of ``upto``: so many firms from the first on
    top: Setting[int] | None = None
    gate: Gate | None = None

    @property
    def ends(self) -> tuple[Setting[Any], ...]:
        """What must be printed for the band to end somewhere."""
        return tuple(end for end in (self.upto, self.at_least, self.top) if end is not None)


@dataclass(frozen=True, slots=True)
class QuotaBase:
    """Whom the shares are taken of: ``graded`` or ``listed``, the latter ``without`` some special classes."""

    kind: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breaker:
    """A named quantity or indicator that decides between equal scores; a firm without it comes last."""

    name: str
    less_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Grading:
    rank_within: Setting[tuple[str, ...]]
    count_rounding: Setting[str]
    quota_base: Setting[QuotaBase]
    ties: Setting[str]
    min_size: Setting[int]
    small_pool: Setting[str]
    mode: str = "percentile"
    breakers: tuple[Breaker, ...] = ()
    #: per cent of the base that the best grade may have at most, and the last must have at least
    best_at_most: Setting[Decimal] | None = None
    last_at_least: Setting[Decimal] | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what the rankings are split; empty for the whole locality."""
        within = self.rank_within.known_or((PROVISIONAL["rank_within"],))
        return tuple(name for name in within if name != "locality")

    @property
    def shares_better(self) -> bool:
        return self.ties.known_or(PROVISIONAL["ties"]) == "share_better"


@dataclass(frozen=True, slots=True)
class Move:
    """A change of grade after the ranking (调档), applied in the order of the document.

    ``only_from``: grades that it applies to (empty: all); ``locks``: no later move touches the firm;
    ``backfill``: the place it frees is taken by the next firm.
    """

    id: str
    label: str
    kind: str
    grade: str
    steps: int
    #: ``None``: the source does not print when it applies, so it never does
    condition: Condition | None
    if_unknown: bool
    origin: Origin
    only_from: tuple[str, ...] = ()
    locks: bool = False
    backfill: bool = False
    is_veto: bool = False
    max_years: int | None = None
    needs_evidence: bool = True
    in_quota_base: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """One more evaluation of the same scores in other pools; bands by cohort where they differ."""

    id: str
    label: str
    rank_within: Setting[tuple[str, ...]]
    bands: dict[str, tuple[Band, ...]]


def known_number(setting: Setting[Decimal] | None) -> Decimal | None:
    """The number, or ``None`` where there is no such setting or its source prints nothing."""
    if setting is None or isinstance(setting.value, Unknown):
        return None
    return setting.value
