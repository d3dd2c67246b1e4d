"""The facts that a scheme asks for beyond the year's survey, by the keys under which a round finds them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from core.conditions import FactKey, FactType, Kind
from evaluation.policy.indicators import Baseline, Indicator
from evaluation.policy.quantities import LAND, QUANTITIES
from evaluation.policy.scheme import Scheme
from evaluation.policy.vocabulary import ABOVE_SCALE, ROLES, YEARS_IN_PRODUCTION

_ALWAYS = {*QUANTITIES, ABOVE_SCALE, YEARS_IN_PRODUCTION}


def extra_facts(scheme: Scheme) -> dict[str, FactType]:
    """``{"tax[2020]": …, "honours": …}``: a bare key is of the data year, or of no year at all."""
    found: dict[str, FactType] = {}
    for key in _keys(scheme):
        for name, period in _expanded(scheme, key):
            if period is None and (name in _ALWAYS or name in ROLES):
                continue
            if name in scheme.facts and name not in _computed(scheme):
                found.setdefault(name if period is None else f"{name}[{period}]", scheme.facts[name])
    return found


def fact_key(name: str, fact: FactType, data_year: int) -> FactKey:
    """What to ask the portal for under a key of ``extra_facts``."""
    bare, _, period = name.partition("[")
    if fact.per is None:
        return FactKey(bare)
    if fact.per is Kind.YEAR:
        return FactKey(bare, Kind.YEAR, int(period[:-1]) if period else data_year)
    raise ValueError(f"{name}: an evaluation asks for facts by the year")


def _computed(scheme: Scheme) -> set[str]:
    """Known once firms are scored."""
    return {"score", "initial_grade", *(i.id for cohort in scheme.cohorts for i in cohort.indicators)}


def _keys(scheme: Scheme) -> Iterator[FactKey]:
    for condition in scheme.conditions():
        yield from condition.needs({"year": scheme.data_year})
    for name in scheme.quantities:
        yield FactKey(name)
    for cohort in scheme.cohorts:
        for name in (
            *scheme.grading_of(cohort).dimensions,
            *(b.name for b in scheme.grading_of(cohort).breakers),
        ):
            if name != "region":
                yield FactKey(name)
        for indicator in cohort.indicators:
            years = 2 if indicator.change else indicator.years
            for back in range(1, years):
                for name in indicator.parts:
                    yield FactKey(name, Kind.YEAR, scheme.data_year - back)
            for name in _told_apart_by(indicator):
                yield FactKey(name)
    for level in scheme.levels:
        for name in level.rank_within.known_or(()):
            if name not in ("region", "locality"):
                yield FactKey(name)


def _told_apart_by(indicator: Indicator) -> Iterator[str]:
    """Of what a firm is for its baseline: an industry group, a town."""
    baseline = None if indicator.baseline is None else indicator.baseline.value
    if isinstance(baseline, Baseline) and baseline.by:
        yield baseline.by
    populations = baseline.population if isinstance(baseline, Baseline) else ()
    if "industry" in (*populations, *indicator.scoring.population):
        yield "industry_group"


def _expanded(scheme: Scheme, key: FactKey) -> Iterator[tuple[str, object | None]]:
    """What is made of other facts is asked for in its parts."""
    by_year = key.per is Kind.YEAR and key.ordinal is not None
    offset = int(key.ordinal or 0) - scheme.data_year if by_year else 0
    use = scheme.quantities.get(key.name)
    parts: list[FactKey] = []
    if use is not None and use.formula is not None and (by_year or key.per is None):
        parts = list(use.formula.needs({"year": scheme.data_year + offset}))
        parts = [part if part.per else _moved(part, scheme, offset) for part in parts]
    elif key.name == LAND.id:
        parts = [_moved(FactKey(name), scheme, offset) for name in scheme.land.parts]
    elif key.name == "industry_group":
        yield "industry_group", None
        parts = [FactKey("industry_code")]
    if parts:
        for part in parts:
            yield from _expanded(scheme, part)
    elif by_year:
        yield key.name, key.ordinal if offset else None
    else:
        yield key.name, key.period


def _moved(key: FactKey, scheme: Scheme, offset: int) -> FactKey:
    fact = scheme.facts.get(key.name)
    is_yearly = fact is not None and fact.per is Kind.YEAR
    return FactKey(key.name, Kind.YEAR, scheme.data_year + offset) if offset and is_yearly else key
