"""What the page of a round and its Excel show: read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.models import Region, User
from core.policies import PolicyDocument
from core.services.policies import document_of
from cultivation.models import Target
from incentives.models import Award, AwardDifference, AwardRefusal, AwardRound
from incentives.policy import LEVELS, Awards, Mark, Rule, Sharing
from incentives.policy.awards import YEAR_BY
from incentives.policy.names import Names
from incentives.rules.amount_words import limit_words
from incentives.rules.fact_rows import fact_words
from incentives.rules.sentences import (
    difference_words,
    just_missed,
    missed_parts,
    missing_words,
    part_words,
    refusal_words,
    year_words,
)
from incentives.rules.verdicts import UNSHARED
from incentives.services.programmes import awards_part
from incentives.services.round_lines import (
    AwardLine,
    DifferenceLine,
    Money,
    RefusalLine,
    money_for,
)
from incentives.services.round_rules import BudgetLine, RuleUptake, budget_lines, rule_uptake
from incentives.services.round_sums import (
    Columns,
    RegionRow,
    Tally,
    lines_of,
    region_row,
    tallies_by_region,
)

#: How many of those that miss a part the front of the page shows.
MISSED_FIRST = 10
#: more columns of parts than a page is wide
_MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Unprinted:
    """A setting that the document does not print, with the value that was taken."""

    label: str
    value: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class GroupRow:
    name: str
    regions: str
    sharing: str
    clause: str
    wording: str | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class GapLine:
    """A rule that a period's end opens for everybody, how many it cannot be told for, and what is wanting."""

    rule: Rule
    recipients: int
    missing: list[tuple[str, int]]


@dataclass(frozen=True)
class RoundPage:
    """Everything of a round that one user may see: the rows of his region and their sums."""

    award_round: AwardRound
    versions: list[AwardRound]
    document: PolicyDocument
    part: Awards
    awards: list[Award]
    refusals: list[AwardRefusal]
    differences: list[AwardDifference]
    regions: list[Region]
    targets: dict[str, int]
    #: the path below which the reader may open firms
    scope: str

    @property
    def is_newest(self) -> bool:
        return self.versions[0].pk == self.award_round.pk

    @property
    def runnable(self) -> list[Rule]:
        """The rules of which this round has something to tell, or that any entry could open."""
        told = {row.rule for row in (*self.awards, *self.refusals)} | {
            gap["rule"] for gap in self.award_round.gaps
        }
        return [
            rule
            for rule in self.part.rules
            if rule.makes_awards
            and (rule.id in told or (rule.occasion is not None and rule.occasion.event == "listed"))
        ]

    @property
    def sees_whole(self) -> bool:
        return self.award_round.region.path.startswith(self.scope)

    @property
    def due_count(self) -> int:
        return len(self.awards) - len(self.held)

    @cached_property
    def uptake(self) -> list[RuleUptake]:
        gaps = {gap["rule"]: int(gap["recipients"]) for gap in self.award_round.gaps}
        return rule_uptake(
            self.part.rules, self.awards, self.refusals, gaps if self.sees_whole else None, self.money
        )

    @property
    def budget_lines(self) -> list[BudgetLine]:
        """A budget is the whole locality's: told to those who see it whole."""
        return budget_lines(self.part, self.awards, self.money) if self.sees_whole else []

    @property
    def gap_lines(self) -> list[GapLine]:
        """Rules that reach nobody yet for want of facts; of the whole locality, so told to those who see it whole."""
        if not self.sees_whole:
            return []
        types = Names.of(self.document).facts
        return [
            GapLine(
                self._rule(gap["rule"]),
                gap["recipients"],
                [(fact_words(name, types), count) for name, count in gap["missing"].items()],
            )
            for gap in self.award_round.gaps
        ]

    @property
    def blocked(self) -> list[Rule]:
        return [rule for rule in self.part.rules if not rule.can_run]

    @property
    def title(self) -> str:
        return self.part.title

    @property
    def source(self) -> str:
        """``平政办〔2022〕15号 附件2 四(三)``"""
        clauses = dict.fromkeys(rule.clause for rule in self.runnable)
        return f"{self.document.number} {'、'.join(clauses)}"

    @cached_property
    def money(self) -> Money:
        fens = [fen for award in self.awards for fen in (award.amount_fen, *award.shares.values())]
        fens += [fen for row in self.differences for fen in (row.difference_fen, *row.shares.values())]
        return money_for(fens)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that bear something by this document, and ``unshared`` where it does not say."""
        named = {level for sharing in self.part.sharings for level, _share in sharing.parts}
        found = {level for award in self.awards for level in award.shares}
        return tuple(level for level in (*LEVELS, UNSHARED) if level in named | found)

    @property
    def level_labels(self) -> list[str]:
        return [level_label(level) for level in self.levels]

    @cached_property
    def lines(self) -> list[AwardLine]:
        return [self._award_line(award) for award in self.awards]

    @cached_property
    def held(self) -> list[AwardLine]:
        return [line for line in self.lines if line.is_held]

    @cached_property
    def missed(self) -> list[AwardLine]:
        """Awards that lack a part, those that miss it by least first."""
        found = [(line.nearest, line) for line in self.lines]
        missed = [(part.order, line.award.recipient_code, line) for part, line in found if part is not None]
        return [line for _order, _code, line in sorted(missed, key=lambda row: row[:2])]

    @property
    def near(self) -> int:
        """How many just miss a part, or the rule itself."""
        lacking = sum(line.nearest is not None and line.nearest.is_near for line in self.missed)
        return lacking + sum(line.is_near for line in self.refused)

    @property
    def missed_first(self) -> list[AwardLine]:
        return self.missed[:MISSED_FIRST]

    @cached_property
    def refused(self) -> list[RefusalLine]:
        """Who just misses first."""
        lines = [self._refusal_line(refusal) for refusal in self.refusals]
        return sorted(lines, key=lambda line: not line.is_near)

    @cached_property
    def changed(self) -> list[DifferenceLine]:
        of = self.money.of
        return [
            DifferenceLine(
                row,
                of(row.award.amount_fen),
                of(row.amount_fen),
                of(row.difference_fen),
                difference_words(row.reasons),
            )
            for row in self.differences
        ]

    @property
    def part_titles(self) -> list[tuple[str, str]]:
        """``rule/part`` and its title, for the columns of the table by region; none where they would be too many."""
        named = {award.rule for award in self.awards}
        titles = [
            (f"{rule.id}/{part.id}", part.title)
            for rule in self.runnable
            for part in rule.parts
            if rule.id in named or len(self.runnable) == 1
        ]
        return titles if len(titles) <= _MOST_PARTS else []

    @property
    def total_fen(self) -> int:
        return self._total.fen

    def level_fen(self, level: str) -> int:
        return self._total.shares.get(level, 0)

    @property
    def total_amount(self) -> Decimal:
        return self.money.of(self.total_fen)

    @property
    def level_sums(self) -> list[tuple[str, Decimal]]:
        return [(level_label(level), self.money.of(self.level_fen(level))) for level in self.levels]

    @cached_property
    def region_rows(self) -> list[RegionRow]:
        """A row for every district in official order, also where nothing is due; they add to ``total_row``."""
        tallies = tallies_by_region(self.awards, self.regions)
        largest = max((tally.fen for tally in tallies.values()), default=0)
        rows = []
        for region in self.regions:
            tally, sharing = tallies[region.code], self.part.sharing_of(region.code)
            if region.pk == self.award_round.region_id and not tally.count and len(self.regions) > 1:
                continue
            rows.append(
                region_row(
                    tally,
                    region,
                    self._columns,
                    target=self.targets.get(region.code),
                    sharing=sharing.label if sharing else "文件未载明",
                    largest=largest,
                )
            )
        return rows

    @cached_property
    def total_row(self) -> RegionRow:
        targets = [row.target for row in self.region_rows if row.target is not None]
        target = sum(targets) if targets else None
        return region_row(self._total, None, self._columns, target=target, sharing="", largest=0)

    @property
    def unprinted(self) -> list[Unprinted]:
        """What the document leaves open and was chosen, or follows only from other places."""
        year = self.award_round.year
        found = [Unprinted(group.name, "", group.mark) for group in self.part.groups]
        for rule in self.runnable:
            if rule.occasion:
                found.append(Unprinted("计入年度", YEAR_BY[rule.occasion.year_by], rule.occasion.mark))
            found += [
                Unprinted(given.label, year_words(given, year), given.mark) for given in rule.parameters
            ]
        return [given for given in found if not given.mark.is_printed]

    @property
    def group_rows(self) -> list[GroupRow]:
        names = {entry.code: entry.name for entry in self.document.regions or ()}
        rows = []
        for group in self.part.groups:
            sharing = next((given for given in self.part.sharings if given.group == group.name), None)
            words = sharing_words(sharing)
            regions = "、".join(names[code] for code in group.regions)
            wording = sharing.wording if sharing else None
            rows.append(GroupRow(group.name, regions, words, group.clause, wording, group.mark))
        return rows

    @cached_property
    def _columns(self) -> Columns:
        return Columns(tuple(key for key, _title in self.part_titles), self.levels, self.money)

    @cached_property
    def _total(self) -> Tally:
        tally = Tally()
        for award in self.awards:
            tally.add(award)
        return tally

    def _rule(self, rule_id: str) -> Rule:
        """The rule of the edition that the round was computed from: it is never absent."""
        return next(rule for rule in self.part.rules if rule.id == rule_id)

    def _award_line(self, award: Award) -> AwardLine:
        rule, year = self._rule(award.rule), self.award_round.year
        return AwardLine(
            award=award,
            rule=rule,
            amount=self.money.of(award.amount_fen),
            shares=tuple(self.money.of(award.shares.get(level, 0)) for level in self.levels),
            words=part_words(rule, award.parts, year),
            missing=missing_words(rule, award.parts, award.reasons, year),
            limits=limit_words(self.part, rule, award.reasons),
            missed=missed_parts(rule, award.parts, year),
            may_open=self._may_open(award),
        )

    def _refusal_line(self, refusal: AwardRefusal) -> RefusalLine:
        rule = self._rule(refusal.rule)
        fact, why = refusal_words(rule, refusal.reasons, self.award_round.year)
        return RefusalLine(refusal, rule, fact, why, just_missed(refusal.reasons), self._may_open(refusal))

    def _may_open(self, row: Award | AwardRefusal) -> bool:
        return row.enterprise is not None and row.enterprise.region.path.startswith(self.scope)


def level_label(level: str) -> str:
    return LEVELS.get(level, "分担未载明")


def sharing_words(sharing: Sharing | None) -> str:
    return sharing.label if sharing else "文件未载明"


def round_page(*, user: User, programme: str, year: int, version: int | None = None) -> RoundPage | None:
    """``None`` when the user sees no such round. Six queries, whatever the round holds."""
    rounds = AwardRound.objects.visible_to(user).latest_for(programme, year)
    versions = list(rounds.select_related("edition", "region", "computed_by"))
    award_round = next((given for given in versions if version is None or given.version == version), None)
    part = awards_part(award_round.edition) if award_round else None
    if award_round is None or part is None:
        return None
    differences = AwardDifference.objects.visible_to(user).of_round(award_round)
    return RoundPage(
        award_round=award_round,
        versions=versions,
        document=document_of(award_round.edition),
        part=part,
        awards=_rows(Award.objects.visible_to(user).living(), award_round),
        refusals=_rows(AwardRefusal.objects.visible_to(user), award_round),
        differences=list(differences.select_related("award", "region")),
        regions=lines_of(award_round.region, user),
        targets=_targets(programme, year),
        scope=user.scope_path or "",
    )


def _rows(rows: Any, award_round: AwardRound) -> list[Any]:
    return list(rows.of_round(award_round).select_related("region", "enterprise__region").in_official_order())


def _targets(programme: str, year: int) -> dict[str, int]:
    rows = Target.objects.of_programme(programme).yearly(Target.Metric.NEWLY_LISTED, year)
    return dict(rows.values_list("region_id", "value"))
