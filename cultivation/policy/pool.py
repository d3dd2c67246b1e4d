"""What the ``pool`` part of a policy document holds: who is a candidate, who stays out, which tier. Pure.

Measures stay apart: 应税销售 of the tax list is another fact than 应税销售 or 营业收入 of the survey.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.conditions import Condition
from core.policies import Unknown

#: Kinds of pools that may stand side by side; one programme has at most one of each.
POOL_KINDS = {
    "scale_up": "小升规培育库",
    "delisting_risk": "退规风险库",
    "specialised": "专精特新培育库",
    "project": "新建投产项目库",
}
#: How a quota that is no whole number of firms is made one.
ROUNDINGS = {"up_each": "各地区分别进位", "up_total": "只在合计进位"}
#: What a firm that two sources name counts under.
BOTH = "both"
JOIN = "+"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a line comes from: a clause with its wording, or the demo's own choice (``is_demo``) with its note."""

    clause: str | None = None
    is_demo: bool = False
    wording: str | None = None
    note: str | None = None

    @property
    def label(self) -> str:
        return "未载明·演示取值" if self.is_demo else self.clause or ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named condition on a firm; ``when`` is ``UNKNOWN`` where the document does not say how to tell."""

    code: str
    label: str
    when: Condition | Unknown
    basis: Basis


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of the pool (层级) by its name; ``plan_after`` years after the screening it is to be listed.

    ``bounds`` is what pages print beside the name (500—1000万元).
    """

    name: str
    bounds: str
    when: Condition | Unknown
    plan_after: int | Unknown
    basis: Basis


@dataclass(frozen=True, slots=True)
class PlannedYears:
    """The years in which members are planned to be listed (拟列规年度), the first earliest."""

    years: tuple[int, ...]
    basis: Basis

    def of(self, screened: int, plan_after: int) -> int:
        """The planned year of a tier: never before the first nor behind the last year of the plan."""
        return min(max(screened + plan_after, self.years[0]), self.years[-1])


@dataclass(frozen=True, slots=True)
class Quota:
    """How many members a region is to have: ``ratio`` times its target of ``metric`` for the year."""

    ratio: Decimal | Unknown
    metric: str
    rounding: str
    basis: Basis


@dataclass(frozen=True)
class PoolRule:
    """One pool. ``sources``: any makes a candidate. ``requires``: all must hold. ``checks`` are told, they
    decide nothing. ``tiers``: the first that holds. ``measure``: the amount that lists are sorted and summed by.
    """

    kind: str
    title: str
    year: int
    sources: tuple[Rule, ...]
    requires: tuple[Rule, ...]
    checks: tuple[Rule, ...]
    tiers: tuple[Tier, ...]
    planned: PlannedYears | None
    quota: Quota | None
    measure: Condition | None
    note: str | None

    def conditions(self) -> Iterator[Condition]:
        """Every condition that asks for facts, that of the measure too."""
        if self.measure is not None:
            yield self.measure
        lines: tuple[Rule | Tier, ...] = (*self.sources, *self.requires, *self.checks, *self.tiers)
        yield from (line.when for line in lines if not isinstance(line.when, Unknown))

    def source_label(self, key: str) -> str:
        """税务名单, 退统名单, or 税务名单、退统名单 for a firm that both name."""
        labels = {rule.code: rule.label for rule in self.sources}
        return "、".join(labels.get(code, code) for code in key.split(JOIN) if code)

    def told_key(self, key: str) -> str:
        """The key of a combination of sources in summaries: ``both`` where there are two and both name it."""
        return BOTH if JOIN in key and len(self.sources) == len(key.split(JOIN)) == 2 else key

    def blanks(self) -> list[str]:
        """What the document leaves open, by name."""
        rules = (*self.sources, *self.requires, *self.checks)
        open_ones = [rule.label for rule in rules if isinstance(rule.when, Unknown)]
        open_ones += [f"{tier.name}的界限" for tier in self.tiers if isinstance(tier.when, Unknown)]
        if self.planned:
            open_ones += [
                f"{tier.name}的拟列规年度" for tier in self.tiers if isinstance(tier.plan_after, Unknown)
            ]
        if self.quota and isinstance(self.quota.ratio, Unknown):
            open_ones.append("在库数量要求")
        return open_ones


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of a document in its order."""

    rules: tuple[PoolRule, ...]

    def of_kind(self, kind: str) -> PoolRule | None:
        return next((rule for rule in self.rules if rule.kind == kind), None)
