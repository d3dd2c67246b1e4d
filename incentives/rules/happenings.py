"""Events of recipients as they were read, and the columns of occasions that they make. Pure.

Where an event comes from (a list, the registry, a published round, the calendar) makes no difference to a rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from core.conditions import FactKey
from incentives.rules.codes import FIRST_NOT_KNOWN
from incentives.rules.history import FirstTimes
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Occasions
from incentives.rules.scopes import Column, Scoped

#: recipients that are regions themselves: their code is the region's
PLACES = ("district", "region", "township")


class Who(NamedTuple):
    """A recipient: its kind (``RECIPIENTS``), its code and name now, and the number of a firm."""

    kind: str
    code: str
    name: str
    firm: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. Days are numbers like 20220615; texts are empty where nothing is told.

    ``first`` is a code of ``rules.codes`` and ``first_when`` the month that says so; ``claim`` is the one rule
    that a claim opens; ``facts`` are canonical texts told beside the event. ``by_calendar``: the end of a period
    happens to everybody, so that it alone makes nobody a candidate.
    """

    event: str
    who: Who
    region: str
    first_day: int
    last_day: int
    library_year: int
    first: int
    first_when: int = 0
    key: str = ""
    project: str = ""
    invoice: str = ""
    claim: str = ""
    entry_type: str = ""
    by_calendar: bool = False
    facts: Mapping[FactKey, str] = field(default_factory=dict)

    @property
    def month(self) -> int:
        return self.first_day // 100

    @property
    def month_number(self) -> int | None:
        """1–12; ``None`` for what a quarter or a year names."""
        return self.month % 100 if self.month == self.last_day // 100 else None

    @property
    def same_event(self) -> tuple[object, ...]:
        return self.event, self.who, self.first_day, self.last_day


def each_once(happenings: Iterable[Happening]) -> list[Happening]:
    """What two sources tell is one event with the facts of both; a list outweighs the calendar."""
    found: dict[tuple[object, ...], Happening] = {}
    for one in happenings:
        at = (one.claim, *one.same_event, one.key, one.project, one.invoice)
        former = found.get(at)
        if former is None:
            found[at] = one
            continue
        told = one if former.by_calendar or former.first == FIRST_NOT_KNOWN else former
        by_calendar = one.by_calendar and former.by_calendar
        found[at] = replace(told, facts={**former.facts, **one.facts}, by_calendar=by_calendar)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Words:
    """Keys, projects and invoices by number, each once; ``-1`` for what is not named."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, *several: Sequence[str]) -> Words:
        return cls(tuple(dict.fromkeys(word for words in several for word in words if word)))

    def numbers(self, words: Sequence[str]) -> Column:
        places = {word: place for place, word in enumerate(self.words)}
        return np.fromiter((places.get(word, -1) for word in words), np.int64, len(words))


def occasions_of(
    happenings: Sequence[Happening],
    recipients: Mapping[Who, int],
    groups: Mapping[str, int],
    rules: Sequence[str],
    words: Words,
) -> Occasions:
    """``groups``: region → place of its group, −1 for none; ``rules``: ids by number, for claims."""

    def whole(values: Sequence[int]) -> Column:
        return np.array(values, np.int64)

    library = whole([one.library_year for one in happenings])
    claimed = {rule: place for place, rule in enumerate(rules)}
    return Occasions(
        event=whole([EVENT_NUMBERS[one.event] for one in happenings]),
        kind=whole([KIND_NUMBERS[one.who.kind] for one in happenings]),
        first_day=whole([one.first_day for one in happenings]),
        last_day=whole([one.last_day for one in happenings]),
        library_year=library,
        scope=Scoped(
            recipient=whole([recipients[one.who] for one in happenings]),
            year=library,
            key=words.numbers([one.key for one in happenings]),
            project=words.numbers([one.project for one in happenings]),
            invoice=words.numbers([one.invoice for one in happenings]),
        ),
        group=whole([groups[one.region] for one in happenings]),
        first=FirstTimes(
            whole([one.first for one in happenings]), whole([one.first_when for one in happenings])
        ),
        words=words.words,
        # a claim under a rule that the document no longer has opens none
        claim=whole([claimed.get(one.claim, len(rules)) if one.claim else -1 for one in happenings]),
        rules=tuple(rules),
        closed=_closed(happenings),
    )


def _closed(happenings: Sequence[Happening]) -> dict[str, Column]:
    """Where a recipient claims what a period's end opens to everybody, the claim alone is looked at."""
    claims: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one in happenings:
        if one.claim:
            claims[one.same_event].append(one.claim)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(happenings):
        for rule in claims.get(one.same_event, ()) if one.by_calendar else ():
            rows[rule].append(row)
    return {rule: np.array(found, np.int64) for rule, found in rows.items()}
