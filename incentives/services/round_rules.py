"""Each rule's uptake and spending in a round, and what its budgets have left: of what one reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.policies import Unknown
from incentives.models import Award, AwardRefusal
from incentives.policy import RECIPIENTS, Awards, Rule
from incentives.policy.awards import WHEN_SHORT
from incentives.services.round_lines import Money


@dataclass(frozen=True, slots=True)
class RuleUptake:
    """``wanting``: of how many it cannot be told; ``None`` for who does not see the whole locality."""

    rule: Rule
    recipients: str
    due: int
    held: int
    refused: int
    wanting: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """``amount`` and ``left`` are ``None`` while the year's money is not told; ``is_short``: less than what is due."""

    title: str
    clause: str
    amount: Decimal | None
    spent: Decimal
    left: Decimal | None
    when_short: str

    @property
    def is_short(self) -> bool:
        return self.left is not None and self.left <= 0


def rule_uptake(
    rules: Sequence[Rule],
    awards: Sequence[Award],
    refusals: Sequence[AwardRefusal],
    gaps: Mapping[str, int] | None,
    money: Money,
) -> list[RuleUptake]:
    """Rules in the order of the document, those that nobody took up among them."""
    due, held, fen = Counter[str](), Counter[str](), Counter[str]()
    for award in awards:
        due[award.rule] += award.state != Award.State.HELD
        held[award.rule] += award.state == Award.State.HELD
        fen[award.rule] += award.amount_fen
    refused = Counter(row.rule for row in refusals)
    return [
        RuleUptake(
            rule=rule,
            recipients="、".join(RECIPIENTS[kind] for kind in rule.recipients),
            due=due[rule.id],
            held=held[rule.id],
            refused=refused[rule.id],
            wanting=None if gaps is None else gaps.get(rule.id, 0),
            amount=money.of(fen[rule.id]),
        )
        for rule in rules
        if rule.makes_awards
    ]


def budget_lines(part: Awards, awards: Sequence[Award], money: Money) -> list[BudgetLine]:
    lines = []
    for budget in part.budgets:
        spent = sum(award.amount_fen for award in awards if award.rule in budget.rules)
        told = None if isinstance(budget.fen, Unknown) else budget.fen
        lines.append(
            BudgetLine(
                title=budget.title,
                clause=budget.clause,
                amount=None if told is None else money.of(told),
                spent=money.of(spent),
                left=None if told is None else money.of(told - spent),
                when_short=WHEN_SHORT[budget.when_short],
            )
        )
    return lines
