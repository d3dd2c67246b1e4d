"""The rows of one round: awards, refusals and differences to what earlier versions granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from enterprises.services.lineage import same_firms
from incentives.models import Award, AwardDifference, AwardRefusal, AwardRound
from incentives.policy import Awards, Rule
from incentives.rules.bearing import shares_of
from incentives.rules.codes import ALREADY_AWARDED, AMOUNT_CHANGED, NO_LONGER_DUE, NOTHING_DUE
from incentives.rules.gaps import is_worth_telling, set_aside
from incentives.rules.happenings import Happening
from incentives.rules.matters import FOR_LIFE, later_matter, matter_of
from incentives.rules.trace import award_reasons, part_trace, part_traces, refusal_reasons
from incentives.rules.verdicts import RuleVerdict
from incentives.services.award_facts import ReadAwards, had_by
from incentives.services.later_parts import LaterParts, may_follow

AwardKey = tuple[str, str, str, str]

#: the occasion of a first entry, once in a firm's life
FIRST_LISTED = "first_listed"
_BATCH = 2_000


def award_key(row: Award | AwardRefusal, firm: int | None = None) -> AwardKey:
    """What an award is unique by, within its programme: a firm by its number, which outlives name and code.

    ``firm``: the one to ask for instead of the row's own.
    """
    number = firm or row.enterprise_id
    return (row.rule, str(row.recipient_kind), str(number) if number else row.recipient_code, row.occasion)


def by_key(living: Iterable[Award]) -> dict[AwardKey, Award]:
    """Awards by key, those of a second record under the record that was kept.

    Where both records had the award, the second's stays under its own key: nothing reaches it, and it is told
    as no longer due.
    """
    same = same_firms()
    found: dict[AwardKey, Award] = {}
    second = []
    for award in living:
        if award.enterprise_id in same:
            second.append(award)
        else:
            found[award_key(award)] = award
    for award in second:
        key = award_key(award, same[award.enterprise_id])
        found[award_key(award) if key in found else key] = award
    return found


@dataclass(slots=True)
class RoundRows:
    """Collects and saves what one round says; ``granted`` are the living awards of all other rounds."""

    award_round: AwardRound
    awards_part: Awards
    read: ReadAwards
    granted: Mapping[AwardKey, Award]
    awards: list[Award] = field(default_factory=list)
    refusals: list[AwardRefusal] = field(default_factory=list)
    differences: list[AwardDifference] = field(default_factory=list)
    #: rule by rule, whom a period's end makes candidates and what is wanting for them
    gaps: list[dict[str, Any]] = field(default_factory=list)
    _due: set[AwardKey] = field(default_factory=set)
    _refused: set[tuple[Any, ...]] = field(default_factory=set)

    def add(self, verdict: RuleVerdict) -> None:
        by_calendar = self.read.by_calendar
        aside, gap = set_aside(verdict, by_calendar)
        if gap is not None:
            self.gaps.append(gap.as_json())
        due = (verdict.due & ~aside).nonzero()[0]
        group = verdict.occasions.group[verdict.rows[due]]
        shares = shares_of(self.awards_part, verdict.rule, group, verdict.amount[due])
        for place, row in enumerate(due.tolist()):
            self._add_award(verdict, row, shares[place])
        for row, reasons in refusal_reasons(verdict):
            if not is_worth_telling(verdict, row, by_calendar):
                continue
            refusal = AwardRefusal(**self._recipient(verdict, row), reasons=reasons)
            former = self.granted.get(award_key(refusal)) or self._inherited(verdict, row, refusal)
            if reasons[0] == [ALREADY_AWARDED] and former is not None:
                refusal.reasons = [[ALREADY_AWARDED, former.round.year, former.round.version]]
            self._add_refusal(refusal)

    def add_later(self, later: LaterParts) -> None:
        """What the base year's awards bring in this one; of who was not granted the first nothing is told."""
        for verdict, due in later.verdicts:
            group = verdict.occasions.group[verdict.rows]
            shares = shares_of(self.awards_part, verdict.rule, group, due)
            refused = dict(refusal_reasons(verdict))
            for row, at in enumerate(verdict.rows.tolist()):
                happening = later.read.happenings[at]
                recipient = self._recipient_of(verdict.rule, happening)
                first = self.granted.get(award_key(AwardRefusal(**recipient)))
                if may_follow(first, later.base):
                    recipient["occasion"] = later_matter(recipient["occasion"], later.after)
                    self._add_later_row(
                        verdict, row, int(due[row]), shares[row], later.after, recipient, refused
                    )

    def _add_later_row(
        self,
        verdict: RuleVerdict,
        row: int,
        fen: int,
        shares: dict[str, int],
        after: int,
        recipient: dict[str, Any],
        refused: Mapping[int, list[list[Any]]],
    ) -> None:
        parts = [part for part in verdict.parts if part.part.after_years == after]
        traces = [part_trace(part, row) for part in parts]
        waits = any(trace["outcome"] < 0 for trace in traces)
        if row in refused:
            self._add_refusal(AwardRefusal(**recipient, reasons=refused[row]))
        elif not fen and not waits:
            self._add_refusal(AwardRefusal(**recipient, reasons=[[NOTHING_DUE, traces]]))
        else:
            is_held = waits or bool(verdict.held[row])
            award = Award(
                **recipient,
                state=Award.State.HELD if is_held else Award.State.PROPOSED,
                amount_fen=fen,
                parts=traces,
                shares=shares,
                reasons=award_reasons(verdict, row),
            )
            self._keep(award, recipient, shares, None)

    def _add_refusal(self, refusal: AwardRefusal) -> None:
        """Once for a rule, recipient and occasion, though several lists name it."""
        key = (*award_key(refusal), refusal.event_month)
        if key not in self._refused:
            self._refused.add(key)
            self.refusals.append(refusal)

    def add_no_longer_due(self, rules: set[str]) -> None:
        """Awards that an earlier version of this year granted and whose rule no longer reaches the firm."""
        for key, former in self.granted.items():
            if former.round.year == self.award_round.year and former.rule in rules and key not in self._due:
                self._add_difference(former, 0, {}, NO_LONGER_DUE)

    def save(self) -> None:
        Award.objects.bulk_create(self.awards, batch_size=_BATCH)
        AwardRefusal.objects.bulk_create(self.refusals, batch_size=_BATCH)
        AwardDifference.objects.bulk_create(self.differences, batch_size=_BATCH)

    def counts(self) -> dict[str, int]:
        return {
            "version": self.award_round.version,
            "awards": len(self.awards),
            "held": sum(award.state == Award.State.HELD for award in self.awards),
            "refusals": len(self.refusals),
            "differences": len(self.differences),
            "total_fen": sum(award.amount_fen for award in self.awards),
        }

    def _add_award(self, verdict: RuleVerdict, row: int, shares: dict[str, int]) -> None:
        recipient = self._recipient(verdict, row)
        award = Award(
            **recipient,
            state=Award.State.HELD if verdict.held[row] else Award.State.PROPOSED,
            amount_fen=int(verdict.amount[row]),
            parts=part_traces(verdict, row),
            shares=shares,
            reasons=award_reasons(verdict, row),
        )
        former = self.granted.get(award_key(award))
        self._keep(award, recipient, shares, None if former else self._inherited(verdict, row, award))

    def _keep(
        self, award: Award, recipient: Mapping[str, Any], shares: Mapping[str, int], before: Award | None
    ) -> None:
        """An award that nobody granted yet; what was granted already is told, or its difference."""
        key = award_key(award)
        former = self.granted.get(key)
        if before is not None:
            reason = [ALREADY_AWARDED, before.round.year, before.round.version]
            self._add_refusal(AwardRefusal(**recipient, reasons=[reason]))
        elif former is None and key not in self._due:
            self.awards.append(award)
        elif former is not None and former.round.year != self.award_round.year:
            reason = [ALREADY_AWARDED, former.round.year, former.round.version]
            self._add_refusal(AwardRefusal(**recipient, reasons=[reason]))
        elif former is not None and former.amount_fen != award.amount_fen:
            self._add_difference(former, award.amount_fen, shares, AMOUNT_CHANGED)
        self._due.add(key)

    def _inherited(self, verdict: RuleVerdict, row: int, asked: Award | AwardRefusal) -> Award | None:
        """What a predecessor was granted once for ever, which its successor does not get again."""
        once = verdict.rule.occasion.once if verdict.rule.occasion else ""
        if asked.occasion != FIRST_LISTED and once not in FOR_LIFE:
            return None
        for firm, until in self.read.pasts.get(int(verdict.rows[row]), {}).items():
            former = self.granted.get(award_key(asked, firm))
            if former is not None and had_by(former, until):
                return former
        return None

    def _add_difference(self, former: Award, amount: int, shares: Mapping[str, int], code: str) -> None:
        levels = dict.fromkeys([*former.shares, *shares])
        self.differences.append(
            AwardDifference(
                round=self.award_round,
                award=former,
                region_id=former.region_id,
                amount_fen=amount,
                difference_fen=amount - former.amount_fen,
                shares={level: shares.get(level, 0) - former.shares.get(level, 0) for level in levels},
                reasons=[[code, former.round.version]],
            )
        )

    def _recipient(self, verdict: RuleVerdict, row: int) -> dict[str, Any]:
        return self._recipient_of(verdict.rule, self.read.happenings[int(verdict.rows[row])])

    def _recipient_of(self, rule: Rule, happening: Happening) -> dict[str, Any]:
        who = happening.who
        return {
            "round": self.award_round,
            "programme": self.award_round.programme,
            "rule": rule.id,
            "recipient_kind": who.kind,
            "recipient_code": who.code,
            "recipient_name": who.name,
            "enterprise_id": who.firm,
            "region_id": happening.region,
            "occasion": occasion_of(rule, happening),
            "event_month": happening.month,
            "key": happening.key,
            "project": happening.project,
            "invoice": happening.invoice,
        }


def occasion_of(rule: Rule, happening: Happening) -> str:
    """What an award is once for. A first entry carries no month: a corrected one makes no second award."""
    return occasion_named(
        rule,
        happening.event,
        happening.first_day,
        key=happening.key,
        project=happening.project,
        invoice=happening.invoice,
    )


def occasion_named(rule: Rule, event: str, first_day: int, *, key: str, project: str, invoice: str) -> str:
    if event == "listed":
        first = rule.occasion is not None and rule.occasion.first_time
        return FIRST_LISTED if first else f"listed:{first_day // 100}"
    once = rule.occasion.once if rule.occasion else "event"
    return matter_of(once, str(first_day), event=event, key=key, project=project, invoice=invoice)
