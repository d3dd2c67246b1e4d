"""What rules must be told beside an event: derived from their conditions and amounts, typed and with units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.conditions import FactKey, FactType
from core.conditions.kinds import calendar_label
from core.facts import catalogue
from core.models import PolicyEdition, Region
from core.policies import DeclaredFact
from core.services.policies import document_of
from incentives.policy import Awards, Rule
from incentives.policy.names import EVENT_FACTS, Names
from incentives.rules.fact_rows import fact_words
from incentives.rules.needs import facts_needed
from incentives.services.programmes import awards_part

#: what lists tell of an event although every event has a place for it
TOLD = ("decided", "upper_state", "upper_province", "upper_city", "upper_district")


@dataclass(frozen=True, slots=True)
class AskedFact:
    """One figure that a claim must give: ``key`` as ``quarter_revenue[2022Q1]``, who vouches for it, its clause."""

    key: FactKey
    type: FactType
    label: str
    source: str
    note: str

    @property
    def name(self) -> str:
        return f"fact:{self.key}"

    @property
    def unit(self) -> str:
        return self.type.unit if self.type.is_measured else ""


def facts_of_rule(edition: PolicyEdition, rule: Rule, year: int) -> list[AskedFact]:
    """What a claim under the rule declares for an event of that year: all that no list of the house knows itself."""
    document = document_of(edition)
    types = Names.of(document).facts
    found = []
    for key in facts_needed(rule, year, year):
        if _is_own(key.name):
            declared = document.declared.get(key.name)
            found.append(AskedFact(key, types[key.name], fact_words(str(key), types), *_vouched(declared)))
    return found


def facts_for_lists(region: Region) -> dict[str, FactType]:
    """Facts that rules in force around a region ask for and no list of the house knows; and what was decided."""
    found: dict[str, FactType] = {}
    told: set[str] = set()
    for edition, part in _around(region):
        types = Names.of(document_of(edition)).facts
        for rule in part.rules:
            for name in _names(rule):
                if name in TOLD:
                    told.add(name)
                elif _is_own(name):
                    found.setdefault(name, types[name])
    return {**found, **{name: EVENT_FACTS[name] for name in TOLD if name in told}}


@dataclass(frozen=True, slots=True)
class PeriodFact:
    """A figure of a period that rules for firms ask for: ``offset`` years from the event's, or one ``fixed`` period."""

    type: FactType
    offset: int
    fixed: FactKey | None

    @property
    def column(self) -> str:
        return str(self.fixed) if self.fixed else f"{self.type.name}@{self.offset}"

    @property
    def when(self) -> str:
        if self.fixed is not None and self.fixed.per is not None and self.fixed.ordinal is not None:
            return calendar_label(self.fixed.per, self.fixed.ordinal)
        return _OFFSETS.get(self.offset) or f"事项{abs(self.offset)}年{'前' if self.offset < 0 else '后'}"

    def key_in(self, year: int) -> str:
        return str(self.fixed) if self.fixed else f"{self.type.name}[{year + self.offset}]"


_OFFSETS = {0: "事项当年", -1: "事项上年"}
#: two years so far apart that no document means both: what is asked for in either is one fixed period
_ONE_YEAR, _OTHER_YEAR = 2001, 2801


def period_facts_for_claims(region: Region) -> list[PeriodFact]:
    """What the claims sheet around a region asks of a year, a quarter or a month, each once."""
    found: dict[str, PeriodFact] = {}
    for edition, part in _around(region):
        types = Names.of(document_of(edition)).facts
        for rule in part.rules:
            if (
                rule.occasion is None
                or rule.occasion.event == "listed"
                or "enterprise" not in rule.recipients
            ):
                continue
            always = set(facts_needed(rule, _OTHER_YEAR, _OTHER_YEAR))
            for key in facts_needed(rule, _ONE_YEAR, _ONE_YEAR):
                if key.ordinal is None or not _is_own(key.name):
                    continue
                fixed = key if key in always else None
                one = PeriodFact(types[key.name], 0 if fixed else key.ordinal - _ONE_YEAR, fixed)
                found.setdefault(one.column, one)
    return list(found.values())


def _is_own(name: str) -> bool:
    return name not in catalogue() and name not in EVENT_FACTS


def _vouched(declared: DeclaredFact | None) -> tuple[str, str]:
    return ("", "") if declared is None else (declared.source or "", declared.note or "")


def _names(rule: Rule) -> Iterator[str]:
    for condition in (*rule.judged_once(), *(one for _after, one in rule.judged_later())):
        yield from condition.facts
    for quantity in rule.quantities():
        yield from (key.name for key in quantity.needs(rule.years(2000)))
    if rule.is_maximum:
        yield "decided"


def _around(region: Region) -> Iterable[tuple[PolicyEdition, Awards]]:
    """Documents with awards whose locality holds the region or lies in it."""
    rows = PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE, locality__isnull=False)
    for edition in rows.select_related("locality").order_by("name"):
        path = edition.locality.path
        part = awards_part(edition)
        if part is not None and (region.path.startswith(path) or path.startswith(region.path)):
            yield edition, part
