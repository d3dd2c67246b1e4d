"""The facts that a round was computed from, kept with it, and the round computed from them again to the same fen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from incentives.models import Award, AwardRound, AwardSnapshot
from incentives.policy import Awards
from incentives.rules.bearing import Shares, shares_of
from incentives.rules.frozen import (
    Decided,
    FrozenYear,
    decided_digest,
    frozen_bytes,
    judged_again,
    thawed,
)
from incentives.rules.matters import later_matter
from incentives.rules.occasions import EVENT_NAMES
from incentives.rules.scopes import Earlier
from incentives.rules.verdicts import RuleVerdict
from incentives.services.award_facts import ReadAwards
from incentives.services.later_parts import LaterParts
from incentives.services.programmes import awards_part
from incentives.services.round_rows import occasion_named

#: rule, kind and code of the recipient, occasion
_Key = tuple[str, str, str, str]


def keep_snapshot(
    award_round: AwardRound,
    read: ReadAwards,
    earlier: Earlier,
    verdicts: Sequence[RuleVerdict],
    later: Sequence[LaterParts],
) -> None:
    own = FrozenYear(
        year=award_round.year,
        as_of=award_round.year,
        rules=tuple(verdict.rule.id for verdict in verdicts),
        after=0,
        recipients=tuple((who.kind, who.code) for who in read.recipients),
        candidates=read.candidates,
        earlier=earlier,
    )
    content = frozen_bytes([own, *(one.frozen for one in later)])
    decided: list[Decided] = [[(verdict, verdict.amount) for verdict in verdicts]]
    decided += [one.verdicts for one in later]
    AwardSnapshot.objects.update_or_create(
        round=award_round,
        defaults={
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "decided": decided_digest(decided),
        },
    )


def has_snapshot(award_round: AwardRound) -> bool:
    """False for a round of before snapshots were kept."""
    return AwardSnapshot.objects.filter(round=award_round).exists()


def is_reproduced(award_round: AwardRound) -> bool:
    """Whether the kept facts and the kept edition decide as the round did, and its awards say just that.

    Raises ``AwardSnapshot.DoesNotExist`` for a round of before snapshots were kept.
    """
    kept = AwardSnapshot.objects.get(round=award_round)
    awards = awards_part(award_round.edition)
    content = bytes(kept.content)
    if awards is None or hashlib.sha256(content).hexdigest() != kept.sha256:
        return False
    years = thawed(content)
    decided = [judged_again(year, awards) for year in years]
    if decided_digest(decided) != kept.decided:
        return False
    due: dict[_Key, tuple[int, Shares]] = {}
    for year, pairs in zip(years, decided, strict=True):
        for key, amount in _due(year, pairs, awards):
            due.setdefault(key, amount)
    return all(
        due.get((award.rule, award.recipient_kind, award.recipient_code, award.occasion))
        == (award.amount_fen, award.shares)
        for award in Award.objects.filter(round=award_round)
    )


def _due(year: FrozenYear, pairs: Decided, awards: Awards) -> list[tuple[_Key, tuple[int, Shares]]]:
    """What every row that is not refused brings, by what an award of it is unique by."""
    found = []
    occasions = year.candidates.occasions
    words = (*occasions.words, "")  # −1 is what is not named
    scope = occasions.scope
    for verdict, fen in pairs:
        rows = verdict.rows
        shares = shares_of(awards, verdict.rule, occasions.group[rows], fen)
        for row, at in enumerate(rows.tolist()):
            if verdict.refusal[row]:
                continue
            occasion = occasion_named(
                verdict.rule,
                EVENT_NAMES[int(occasions.event[at])],
                int(occasions.first_day[at]),
                key=words[int(scope.key[at])],
                project=words[int(scope.project[at])],
                invoice=words[int(scope.invoice[at])],
            )
            if year.after:
                occasion = later_matter(occasion, year.after)
            kind, code = year.recipients[int(scope.recipient[at])]
            found.append(((verdict.rule.id, kind, code, occasion), (int(fen[row]), shares[row])))
    return found
