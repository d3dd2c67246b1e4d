"""The awards of one firm, for its page: what it gets, what it misses and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.models import User
from enterprises.models import Enterprise
from enterprises.services.lineage import merged_into
from incentives.models import Award, AwardRefusal, AwardRound
from incentives.policy import Awards, Rule
from incentives.rules.amount_words import limit_words
from incentives.rules.sentences import missed_parts, missing_words, part_words, refusal_words
from incentives.services.programmes import awards_part

_TONES = {Award.State.PROPOSED: "info", Award.State.HELD: "warn"}


@dataclass(frozen=True, slots=True)
class FirmLine:
    """``fen`` is ``None`` for what is not due."""

    programme: str
    year: int
    version: int
    title: str
    words: str
    more: str
    fen: int | None
    state: str
    tone: str
    clause: str


def firm_awards(enterprise: Enterprise, user: User) -> list[FirmLine]:
    """Awards and refusals of the newest rounds, the newest year first; four queries.

    Awards of the firms for which this one stands now are its own; each says under which name and code it was made.
    """
    newest = _newest_rounds(user)
    awards = _of(Award.objects.visible_to(user).living(), [enterprise.pk, *merged_into(enterprise.pk)])
    refusals = _of(AwardRefusal.objects.visible_to(user), [enterprise.pk])
    lines = [
        _award_line(award, enterprise)
        for award in awards
        if award.round_id in newest or not award.round.is_draft
    ]
    lines += [_refusal_line(refusal) for refusal in refusals if refusal.round_id in newest]
    return sorted(lines, key=lambda line: (-line.year, line.title, -(line.fen or 0)))


def _newest_rounds(user: User) -> set[int]:
    rounds = AwardRound.objects.visible_to(user).order_by("version")
    return set({(r[1], r[2]): r[0] for r in rounds.values_list("pk", "programme", "year")}.values())


def _of(rows: Any, firms: Sequence[int]) -> list[Any]:
    return list(rows.filter(enterprise__in=firms).select_related("round__edition").order_by("-round__year"))


def _part(row: Award | AwardRefusal) -> Awards:
    part = awards_part(row.round.edition)
    if part is None:
        raise LookupError(f"the edition of {row.round} has no awards")
    return part


def _rule(row: Award | AwardRefusal) -> Rule:
    return _part(row).rule(row.rule)


def _former(award: Award, enterprise: Enterprise) -> str:
    """Under which name and code it was made, where the firm bears others now."""
    named = (award.recipient_name, award.recipient_code)
    return "" if named == (enterprise.name, enterprise.uscc) else "当时为 {}（{}）".format(*named)


def _award_line(award: Award, enterprise: Enterprise) -> FirmLine:
    rule, year = _rule(award), award.round.year
    missed = [
        f"差一点：{part.words}，少得 {part.loss}"
        for part in missed_parts(rule, award.parts, year)
        if part.is_near
    ]
    more = "；".join(
        [
            text
            for text in (
                _former(award, enterprise),
                limit_words(_part(award), rule, award.reasons),
                missing_words(rule, award.parts, award.reasons, year),
                *missed,
            )
            if text
        ]
    )
    return FirmLine(
        programme=award.programme,
        year=year,
        version=award.round.version,
        title=rule.title,
        words=part_words(rule, award.parts, year),
        more=more,
        fen=award.amount_fen,
        state=award.get_state_display(),
        tone=_TONES.get(award.state, "mute"),
        clause=rule.clause,
    )


def _refusal_line(refusal: AwardRefusal) -> FirmLine:
    rule, year = _rule(refusal), refusal.round.year
    fact, why = refusal_words(rule, refusal.reasons, year)
    return FirmLine(
        programme=refusal.programme,
        year=year,
        version=refusal.round.version,
        title=rule.title,
        words=f"{fact}，{why}",
        more="",
        fen=None,
        state="不符合",
        tone="mute",
        clause=rule.clause,
    )
