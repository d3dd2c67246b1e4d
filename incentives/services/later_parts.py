"""What a schedule pays in later years (连续两年在规, 连续三年在规): by the events of the base year, judged in the year it falls due.

A later part is an award of its own in the round of its year, and only of who was granted the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.models import PolicyEdition
from incentives.models import Award, AwardRound
from incentives.policy import Awards
from incentives.rules.frozen import FrozenYear, alone, judged_again
from incentives.rules.scopes import Column, Earlier
from incentives.rules.verdicts import RuleVerdict
from incentives.services.award_facts import ReadAwards, read_awards_facts


@dataclass(frozen=True, slots=True)
class LaterParts:
    """Parts that fall due ``after`` years: the verdicts of the base year as it looks now, and what each row brings in fen."""

    after: int
    base: int
    read: ReadAwards
    verdicts: tuple[tuple[RuleVerdict, Column], ...]
    frozen: FrozenYear


def later_parts(
    edition: PolicyEdition, awards: Awards, year: int, granted: Collection[Award]
) -> list[LaterParts]:
    """Of each base year that granted anything under a rule with parts of later years."""
    return list(_found(edition, awards, year, granted))


def _found(
    edition: PolicyEdition, awards: Awards, year: int, granted: Collection[Award]
) -> Iterator[LaterParts]:
    runnable = [rule for rule in awards.rules if rule.makes_awards]
    for after in sorted({part.after_years for rule in runnable for part in rule.parts} - {0}):
        rules = tuple(rule for rule in runnable if any(part.after_years == after for part in rule.parts))
        named, base = {rule.id for rule in rules}, year - after
        if not any(award.rule in named and award.round.year == base for award in granted):
            continue
        read = read_awards_facts(edition, alone(awards, named), base, [], [], as_of=year)
        frozen = FrozenYear(
            year=base,
            as_of=year,
            rules=tuple(rule.id for rule in rules),
            after=after,
            recipients=tuple((who.kind, who.code) for who in read.recipients),
            candidates=read.candidates,
            earlier=Earlier.none(),
        )
        yield LaterParts(after, base, read, tuple(judged_again(frozen, awards)), frozen)


def digest_with(digest: str, later: Collection[LaterParts]) -> str:
    """The fingerprint of the year's own events and of those of the base years."""
    if not later:
        return digest
    return hashlib.sha256("".join([digest, *(one.read.digest for one in later)]).encode()).hexdigest()


def may_follow(award: Award | None, base: int) -> bool:
    """Whether the first award was granted: approved in the base year and not taken back."""
    return (
        award is not None
        and award.round.year == base
        and award.round.state == AwardRound.State.APPROVED
        and award.state == Award.State.PROPOSED
    )
