"""The numbers of a round as the command, the summary and the list of rounds tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.amounts import from_hundredths
from core.models import PolicyEdition, User
from enterprises.models import ScaleEvent
from incentives.models import Award, AwardRound
from incentives.policy import RECIPIENTS, Rule
from incentives.services.programmes import award_programmes_visible_to, awards_part


def awards_block(award_round: AwardRound | None) -> dict[str, Any]:
    """``count`` of awards and 元 with two places; what stands of a held award is in it. Zeros without a round."""
    rows: list[tuple[int, dict[str, int]]] = []
    if award_round is not None:
        rows = list(Award.objects.of_round(award_round).living().values_list("amount_fen", "shares"))
    return {
        "count": len(rows),
        "total_yuan": _yuan(amount for amount, _shares in rows),
        "city_yuan": _yuan(shares.get("city", 0) for _amount, shares in rows),
        "district_yuan": _yuan(shares.get("district", 0) for _amount, shares in rows),
    }


def latest_awards_block(programme: str, year: int) -> dict[str, Any]:
    """The block of the newest round of a programme's year."""
    return awards_block(AwardRound.objects.latest_for(programme, year).first())


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in the list, with what the reader may see of it; ``fen`` is the sum of its awards."""

    award_round: AwardRound
    title: str
    count: int
    held: int
    fen: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    title: str
    recipient_label: str
    clause: str
    wording: str | None
    note: str | None
    unknowns: tuple[str, ...]
    can_run: bool


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A document with awards: its rules, whether any can run, and the years that may be asked for."""

    edition: PolicyEdition
    rules: tuple[RuleLine, ...]
    years: tuple[int, ...]

    @property
    def can_run(self) -> bool:
        return bool(self.years) and any(rule.can_run for rule in self.rules)


def round_lines(user: User) -> list[RoundLine]:
    """Every round that the user sees, the newest year first; two queries."""
    rounds = list(
        AwardRound.objects.visible_to(user)
        .select_related("edition", "region", "computed_by")
        .order_by("-year", "programme", "-version")
    )
    tallies = {given.pk: [0, 0, 0] for given in rounds}
    awards = Award.objects.visible_to(user).living().filter(round__in=tallies).order_by()
    for round_id, state, fen in awards.values_list("round_id", "state", "amount_fen"):
        tally = tallies[round_id]
        tally[0] += 1
        tally[1] += state == Award.State.HELD
        tally[2] += fen
    return [RoundLine(given, _title(given), *tallies[given.pk]) for given in rounds]


def programme_lines(user: User) -> list[ProgrammeLine]:
    """Two queries; the years are those of the directory's entries that the user sees, the newest first."""
    entries = ScaleEvent.objects.visible_to(user).filter(kind=ScaleEvent.Kind.LISTED).order_by()
    years = tuple(sorted(set(entries.values_list("library_year", flat=True).distinct()), reverse=True))
    return [
        ProgrammeLine(edition, tuple(_rule_line(rule) for rule in part.rules), years)
        for edition, part in award_programmes_visible_to(user)
    ]


def blocked_words(edition: PolicyEdition, blocked: Sequence[Rule]) -> list[str]:
    """Why rules of a document cannot run, one sentence each."""
    return [
        f"“{rule.title}”未定：{edition.title} {rule.clause} 没有写明{'、'.join(rule.unknowns)}，不测算。"
        for rule in blocked
    ]


def _rule_line(rule: Rule) -> RuleLine:
    return RuleLine(
        rule.title,
        RECIPIENTS[rule.recipient],
        rule.clause,
        rule.wording,
        rule.note,
        rule.unknowns,
        rule.can_run,
    )


def _title(award_round: AwardRound) -> str:
    part = awards_part(award_round.edition)
    return part.title if part else award_round.edition.title


def _yuan(fens: Any) -> str:
    return str(from_hundredths(sum(fens)))
