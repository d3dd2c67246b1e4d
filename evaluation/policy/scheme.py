"""A method of evaluation as a frozen document: the ``evaluation`` part of a policy. Pure.

Everything that a method must decide is a setting of its own, printed with its clause, chosen for the demo with its
reason, or ``UNKNOWN``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from core.conditions import Condition, FactType
from evaluation.policy.adjusting import Adjusting
from evaluation.policy.choices import PROVISIONAL, PROVISIONAL_DECIMALS
from evaluation.policy.grading import Band, Grading, Level, Move
from evaluation.policy.indicators import Indicator
from evaluation.policy.settings import Origin, Setting, is_missing
from evaluation.policy.workflow import Workflow

#: Places of a score that is ranked as it was computed.
FINE_PLACES = 8


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of the scope or of a cohort; ``if_unknown``: what holds when a fact is missing."""

    id: str
    label: str
    condition: Condition
    if_unknown: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Special(Clause):
    """A class without the usual grade (不定等级): what is still done for it, step by step.

    ``application``: who meets the class must have applied besides; ``floor``: the firm is ranked like others but gets
    at least this grade, unless a veto says otherwise.
    """

    collect: bool = True
    score: bool = False
    in_quota_base: bool = False
    grade: str = ""
    manage_as: str = ""
    floor: str = ""
    veto_beats_floor: bool = True
    application: Condition | None = None
    max_years: int | None = None


@dataclass(frozen=True, slots=True)
class QuantityUse:
    """What the scheme calls a quantity, who provides it, and how it is made where it is made of others.

    ``formula`` is a comparison with 0 whose left side is the quantity; ``fact`` says how it is kept.
    """

    id: str
    label: str
    unit: str
    department: str
    origin: Origin
    fact: FactType
    formula: Condition | None = None
    blank: Setting[str] | None = None
    not_applicable: Condition | None = None
    confirmed_by: str = ""
    #: by what convention it is counted, in the document's words: 等价值, 入库数
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Land:
    """How 用地 comes about; ``sqm_per_mu`` matters only where leased floor is converted."""

    area: Setting[str]
    blank_lease: Setting[str]
    leased_floor: Setting[str] | None = None
    sqm_per_mu: Setting[Decimal] | None = None
    basis: Setting[str] | None = None
    time_weighting: Setting[str] | None = None
    source: str = "survey"

    @property
    def basis_word(self) -> str:
        return "actual" if self.basis is None else self.basis.known_or("actual")

    @property
    def floor_rule(self) -> str:
        """How leased floor becomes 亩; a draft converts by the floor where the source does not say."""
        if self.leased_floor is None:
            return "none"
        return self.leased_floor.known_or(PROVISIONAL["leased_floor"])

    @property
    def parts(self) -> tuple[str, ...]:
        """The facts that it is made of: own land, leased in, leased out, then leased floor in and out."""
        if self.source == "survey":
            own = {"actual": ("land_own",), "certificate": ("land_certificate",)}
            plain = (
                *own.get(self.basis_word, ("land_own", "land_certificate")),
                "land_leased_in",
                "land_leased_out",
            )
            floor = {"none": (), "share_of_parcel": ("parcel_share",)}
            more = floor.get(self.floor_rule, ("floor_leased_in", "floor_leased_out"))
            return (*plain, *more, *(("far",) if "FAR" in self.floor_rule else ()))
        own = {"actual": ("parcel_land_own_actual",), "certificate": ("parcel_land_own",)}
        mine = own.get(self.basis_word, ("parcel_land_own_actual", "parcel_land_own"))
        kind = "ground" if "FAR" in self.floor_rule else "floor"
        floors = (
            () if self.floor_rule == "none" else (f"parcel_{kind}_leased_in", f"parcel_{kind}_leased_out")
        )
        weighted = self.time_weighting is not None and self.time_weighting.known_or("none") == "months_in_use"
        names = (*mine, "parcel_land_leased_in", "parcel_land_leased_out", *floors)
        return tuple(f"{name}_by_months" for name in names) if weighted else names


@dataclass(frozen=True, slots=True)
class Cohort:
    """Its own ``grading`` where it is ranked or cut otherwise than the others."""

    clause: Clause
    indicators: tuple[Indicator, ...]
    bands: tuple[Band, ...]
    grading: Grading | None = None

    @property
    def id(self) -> str:
        return self.clause.id

    @property
    def label(self) -> str:
        return self.clause.label

    @property
    def is_gradable(self) -> bool:
        """Whether the document prints where every grade ends."""
        return not any(is_missing(end) for band in self.bands for end in band.ends)

    @property
    def is_ranked_directly(self) -> bool:
        """Sorted by the value of its one indicator, without a score."""
        return bool(self.indicators) and self.indicators[0].is_ranked_directly

    @property
    def is_scorable(self) -> bool:
        """Whether every weight and baseline that it needs is printed."""
        settings = [s for i in self.indicators for s in (i.weight, i.baseline) if s is not None]
        return bool(self.indicators) and not any(is_missing(setting) for setting in settings)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is one unit: tenants of a parcel, and several companies of one owner."""

    tenants: Setting[str]
    multi_entity: Setting[str]
    tenant_exceptions: Condition | None = None
    both_takes: Setting[str] | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """An absolute line beside the grades; ``condition`` is ``None`` where its source does not print it whole."""

    id: str
    label: str
    condition: Condition | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Effect:
    """What a grade means: a differentiated policy with its figure and period."""

    grade: str
    policy: str
    label: str
    value: Setting[Decimal] | None
    unit: str
    period: str
    cohort: str
    needs: str
    refundable: bool
    origin: Origin


@dataclass(frozen=True)
class Scheme:
    """``unscorable`` and ``ungradable`` name the unknown settings without which there is no score, or no grade."""

    status: str
    data_year: int
    binding: bool
    include: tuple[Clause, ...]
    special: tuple[Special, ...]
    land: Land
    quantities: dict[str, QuantityUse]
    cohorts: tuple[Cohort, ...]
    scoring: str
    decimals: Setting[int]
    rounding: Setting[str]
    grading: Grading
    note: str | None
    unscorable: tuple[str, ...]
    ungradable: tuple[str, ...]
    #: every fact that its conditions may name, with the quantities it makes itself
    facts: dict[str, FactType]
    compare: Setting[str] | None = None
    item_decimals: Setting[int] | None = None
    total_cap: Setting[Decimal] | None = None
    total_floor: Setting[Decimal] | None = None
    level: str = ""
    subject: Subject | None = None
    industry_groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    adjusting: Adjusting = field(default_factory=Adjusting)
    moves: tuple[Move, ...] = ()
    levels: tuple[Level, ...] = ()
    flags: tuple[Flag, ...] = ()
    effects: tuple[Effect, ...] = ()
    workflow: Workflow | None = None

    @property
    def is_trial(self) -> bool:
        return self.status in ("draft", "trial", "trial_demo") or not self.binding

    @property
    def shown_places(self) -> int:
        """Decimals that a score is told with."""
        return self.decimals.known_or(PROVISIONAL_DECIMALS)

    @property
    def is_compared_unrounded(self) -> bool:
        return self.compare is not None and self.compare.known_or("rounded") == "unrounded"

    @property
    def places(self) -> int:
        """Decimals that a score is kept and ranked with."""
        return FINE_PLACES if self.is_compared_unrounded else self.shown_places

    @property
    def is_plain(self) -> bool:
        """Nothing but printed ratios of the year's own figures: the trace of a firm is the first and shortest shape."""
        return (
            all(indicator.is_plain for cohort in self.cohorts for indicator in cohort.indicators)
            and not (self.adjusting.items or self.moves or self.levels or self.flags or self.subject)
            and all(use.formula is None and use.not_applicable is None for use in self.quantities.values())
            and not any(band.gate for cohort in self.cohorts for band in cohort.bands)
            and not any(special.floor or special.score for special in self.special)
        )

    def cohort(self, cohort_id: str) -> Cohort:
        return next(cohort for cohort in self.cohorts if cohort.id == cohort_id)

    def grading_of(self, cohort: Cohort) -> Grading:
        return cohort.grading or self.grading

    def quantity_label(self, quantity_id: str) -> str:
        return self.quantities[quantity_id].label

    def effects_of(self, grade: str, cohort: str = "") -> tuple[Effect, ...]:
        """Policies of a grade; a scheme on trial, or one that does not bind, has none."""
        if self.is_trial:
            return ()
        return tuple(
            effect for effect in self.effects if effect.grade == grade and effect.cohort in ("", cohort)
        )

    def conditions(self) -> tuple[Condition, ...]:
        """Every condition and formula, for whoever loads the facts that they ask for."""
        found: list[Condition | None] = [clause.condition for clause in self.include]
        for special in self.special:
            found += [special.condition, special.application]
        for cohort in self.cohorts:
            found.append(cohort.clause.condition)
            found += [band.gate.condition for band in cohort.bands if band.gate]
        for use in self.quantities.values():
            found += [use.formula, use.not_applicable]
        found += [item.condition for item in self.adjusting.items]
        found += [move.condition for move in self.moves]
        found += [flag.condition for flag in self.flags]
        found.append(self.subject.tenant_exceptions if self.subject else None)
        return tuple(condition for condition in found if condition is not None)
