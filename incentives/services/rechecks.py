"""Instalments looked at once more before they are paid: by the edition they were approved under, on today's facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incentives.models import AwardRound, Payout
from incentives.policy import Awards, Rule
from incentives.rules.instalments import why_not
from incentives.rules.matters import is_later
from incentives.rules.settling import settle
from incentives.rules.verdicts import RuleVerdict
from incentives.services.award_facts import ReadAwards, read_awards_facts
from incentives.services.programmes import awards_part
from incentives.services.round_rows import AwardKey, award_key, occasion_of


def recheck_payouts(award_round: AwardRound, payouts: Sequence[int], year: int) -> list[str]:
    """What stands against paying each of these in ``year``: exit from the directory, a condition of its year."""
    part = awards_part(award_round.edition)
    rows = Payout.objects.filter(round=award_round, pk__in=payouts).select_related("award").order_by("pk")
    due = [
        row
        for row in rows  # a later part of a schedule was judged in its own year
        if part and not is_later(row.award.occasion) and _hangs_on_more(part.rule(row.award.rule))
    ]
    if part is None or not due:
        return []
    read = read_awards_facts(award_round.edition, part, award_round.year, [], [], as_of=year)
    found = dict(_judged(part, read, award_round.year, {row.award.rule for row in due}))
    return [words for row in due if (words := _against(row, found, year))]


def _hangs_on_more(rule: Rule) -> bool:
    return rule.retention is not None or any(piece.when is not None for piece in rule.instalments)


def _judged(
    part: Awards, read: ReadAwards, year: int, rules: set[str]
) -> Iterator[tuple[AwardKey, tuple[RuleVerdict, int]]]:
    """What an award is unique by → where its conditions stand."""
    for verdict in settle(part, read.candidates, year, rules=sorted(rules)):
        for row, at in enumerate(verdict.rows.tolist()):
            happening = read.happenings[at]
            who = happening.who
            named = str(who.firm) if who.firm else who.code
            key = (verdict.rule.id, who.kind, named, occasion_of(verdict.rule, happening))
            yield key, (verdict, row)


def _against(payout: Payout, found: dict[AwardKey, tuple[RuleVerdict, int]], year: int) -> str:
    name = f"{payout.award.recipient_name}{payout.title}"
    at = found.get(award_key(payout.award))
    if at is None:
        return f"{name}：当时的事项已不在名单里，请核对后停发，或更正名单"
    why = why_not(*at, payout.instalment, year)
    return f"{name}：付款前复核，{why}" if why else ""
