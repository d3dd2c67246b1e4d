"""What the ``pool`` part of a policy document holds: who is a candidate, who stays out, which tier. Pure.

Measures stay apart: 应税销售 of the tax list is another fact than 应税销售 or 营业收入 of the survey.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.conditions import Condition, FactKey, FactType, Kind
from core.periods import Month
from core.policies import Unknown
from core.policies.regions import KINDS, RegionTree

#: Kinds of pools that the portal knows by name; a document may bring further kinds with a title of their own.
#: One programme has at most one of each.
POOL_KINDS = {
    "scale_up": "小升规培育库",
    "delisting_risk": "退规风险库",
    "specialised": "专精特新培育库",
    "champion": "冠军企业培育库",
    "leading": "龙头（雄鹰）企业培育库",
    "project": "新建投产项目库",
    "upgrading": "低效企业改造提升库",
}
#: How a quota that is no whole number of firms is made one.
ROUNDINGS = {
    "up_each": "各地区分别进位",
    "up_total": "只在合计进位",
    "half_up_each": "各地区分别四舍五入",
    "half_up_total": "只在合计四舍五入",
    "down_each": "各地区分别舍去尾数",
    "down_total": "只在合计舍去尾数",
}
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


#: What a document may leave to the rule, or to an application that people review and decide.
MOVES = {"admit": "入库", "promote": "升级", "demote": "降级", "withdraw": "出库"}
DECIDED_BY = {"rule": "按规则自动", "application": "申请、审核、决定"}
#: When a county may set its own, lower line.
MAY_LOWER = {"never": "不下调", "short_of_quota": "在库数量不足时可以下调", "always": "可以下调"}


@dataclass(frozen=True, slots=True)
class Movement:
    """How firms get in, up, down and out: each of ``MOVES`` by rule or by application."""

    admit: str = "rule"
    promote: str = "rule"
    demote: str = "rule"
    withdraw: str = "rule"
    basis: Basis = Basis()

    def is_automatic(self, move: str) -> bool:
        return bool(getattr(self, move) == "rule")


@dataclass(frozen=True, slots=True)
class RegionGroup:
    """Regions that a document treats alike (市内五区), by code."""

    name: str
    regions: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class PoolParameter:
    """A number of the document that conditions name: one value, or one a year (``None`` = not printed).

    Values are exact in ``type.unit``; a share is kept as a ratio of 1.
    """

    type: FactType
    value: Decimal | None
    by_year: tuple[tuple[int, Decimal | None], ...]
    basis: Basis

    def of(self, year: int) -> Decimal | None:
        """The value that holds in ``year``: of that year, else of the last year before it, else the one value."""
        before = [value for known, value in sorted(self.by_year) if known <= year]
        return before[-1] if before else self.value


@dataclass(frozen=True, slots=True)
class Line:
    """The pool's entry line (入库线) in 万元: printed, or a share of the standard; a group may have its own.

    ``may_lower`` says when a county may set a lower one, ``lowest`` how far (``None``: the document sets no end).
    """

    amount: Decimal | Unknown
    standard: Decimal | Unknown | None
    share: Decimal | Unknown | None
    by_group: tuple[tuple[str, Decimal], ...]
    may_lower: str
    lowest: Decimal | None
    basis: Basis

    @property
    def is_standard_alone(self) -> bool:
        """A document that names the standard for its lists, but no line of its pool."""
        return isinstance(self.amount, Unknown) and self.share is None and self.standard is not None

    def of_group(self, group: str | None) -> Decimal | Unknown:
        return dict(self.by_group).get(group or "", self.amount)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many members a region is to have: ``ratio`` times its target of ``metric`` for the year, or the numbers
    that the document prints (``fixed``, by region). ``tiers``: only members of these count, all where there are none.
    """

    ratio: Decimal | Unknown
    metric: str
    rounding: str
    basis: Basis
    fixed: tuple[tuple[str, int], ...] = ()
    stated_total: int | None = None
    tiers: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """The document asks for a number and does not print it."""
        return not self.fixed and isinstance(self.ratio, Unknown)


@dataclass(frozen=True)
class PoolRule:
    """One pool. ``sources``: named by ``least`` of them makes a candidate. ``requires``: all must hold. ``checks``
    are told, they decide nothing. ``flags``: members that the document keeps out of help, but in the pool and its
    numbers. ``tiers``: the first that holds, the highest first. ``measure``: the amount that lists are sorted by.
    """

    kind: str
    title: str
    year: int
    sources: tuple[Rule, ...]
    requires: tuple[Rule, ...]
    checks: tuple[Rule, ...]
    flags: tuple[Rule, ...]
    tiers: tuple[Tier, ...]
    planned: PlannedYears | None
    quota: Quota | None
    measure: Condition | None
    note: str | None
    least: int = 1
    line: Line | None = None
    parameters: tuple[PoolParameter, ...] = ()
    groups: tuple[RegionGroup, ...] = ()
    movement: Movement = Movement()
    #: what tiers of the pool are to have besides (A类企业不少于当年目标的1.1倍)
    tier_quotas: tuple[Quota, ...] = ()
    #: the month that conditions name; not of the document, but of the moment it is judged at (``at``)
    month: Month | None = None
    #: facts that this pool or its document brings itself, by name: ``region``, ``line``, declared facts
    types: Mapping[str, FactType] = field(default_factory=dict, hash=False)

    def conditions(self) -> Iterator[Condition]:
        """Every condition that asks for facts, that of the measure too."""
        if self.measure is not None:
            yield self.measure
        lines: tuple[Rule | Tier, ...] = (
            *self.sources,
            *self.requires,
            *self.checks,
            *self.flags,
            *self.tiers,
        )
        yield from (line.when for line in lines if not isinstance(line.when, Unknown))

    def given(self, year: int) -> dict[str, Any]:
        """What conditions are judged with: the year and the document's numbers for it; ``None`` is not printed."""
        numbers = {one.type.name: one.of(year) for one in self.parameters}
        if self.line is not None:
            standard = self.line.standard
            numbers[STANDARD.name] = standard if isinstance(standard, Decimal) else None
        return {"year": year, MONTH.name: self.month or Month(year - 1, 12), **numbers}

    def at(self, month: Month | None) -> PoolRule:
        """The rule as it is judged at a month: the last one that is reported."""
        return replace(self, month=month)

    @property
    def asks_for_month(self) -> bool:
        return any(fact.per is Kind.MONTH for fact in self.asks(self.year))

    @property
    def asks_for_members(self) -> bool:
        """Whether it matters who is or was in the pool."""
        return any(fact.name in MEMBER_FACTS for fact in self.asks(self.year))

    def asks(self, year: int) -> tuple[FactKey, ...]:
        """Every fact that the conditions ask for, once, in the order of the document."""
        keys = (key for condition in self.conditions() for key in condition.needs(self.given(year)))
        return tuple(dict.fromkeys(keys))

    def group_of(self, region: str) -> str | None:
        """The name of the group that a region (by code) stands in."""
        return next((group.name for group in self.groups if region in group.regions), None)

    def source_label(self, key: str) -> str:
        """税务名单, 退统名单, or 税务名单、退统名单 for a firm that both name."""
        labels = {rule.code: rule.label for rule in self.sources}
        return "、".join(labels.get(code, code) for code in key.split(JOIN) if code)

    def told_key(self, key: str) -> str:
        """The key of a combination of sources in summaries: ``both`` where there are two and both name it."""
        return BOTH if JOIN in key and len(self.sources) == len(key.split(JOIN)) == 2 else key

    def blanks(self) -> list[str]:
        """What the document leaves open, by name."""
        rules = (*self.sources, *self.requires, *self.checks, *self.flags)
        open_ones = [rule.label for rule in rules if isinstance(rule.when, Unknown)]
        open_ones += [f"{tier.name}的界限" for tier in self.tiers if isinstance(tier.when, Unknown)]
        if self.planned:
            open_ones += [
                f"{tier.name}的拟列规年度" for tier in self.tiers if isinstance(tier.plan_after, Unknown)
            ]
        open_ones += [one.type.label for one in self.parameters if one.of(self.year) is None]
        if self.line and isinstance(self.line.amount, Unknown) and not self.line.is_standard_alone:
            open_ones.append("入库线")
        if self.quota and self.quota.is_open:
            open_ones.append("在库数量要求")
        return open_ones


#: Facts that a pool knows of every firm by itself: where it is assessed, and the line that holds there.
REGION, REGION_KIND, REGION_GROUP, LINE = "region", "region_kind", "region_group", "line"
MEMBER, MEMBER_SINCE, LEFT_YEAR = "member", "member_since", "left_year"
#: What a pool knows of a firm by its own history.
MEMBER_FACTS = frozenset({MEMBER, MEMBER_SINCE, LEFT_YEAR})
OWN_FACTS = frozenset({REGION, REGION_KIND, REGION_GROUP, LINE}) | MEMBER_FACTS
#: The last month reported before a screening; conditions may name it for windows that roll on.
MONTH = FactType("month", "最近报送月", Kind.MONTH)
#: The standard of 规上 that a line is a share of; conditions may name it.
STANDARD = FactType("standard", "规上标准", Kind.AMOUNT)


def own_types(regions: RegionTree | None, groups: tuple[str, ...], *, has_line: bool) -> dict[str, FactType]:
    """The facts of ``OWN_FACTS`` that conditions of this document may name."""
    names = tuple(entry.name for entry in regions) if regions else ()
    types = [
        FactType(REGION, "考核地区", Kind.TEXT, words=names),
        FactType(REGION_KIND, "地区类别", Kind.TEXT, words=tuple(KINDS.values())),
        FactType(MEMBER, "已在库", Kind.FLAG),
        FactType(MEMBER_SINCE, "在库起始年度", Kind.YEAR),
        FactType(LEFT_YEAR, "最近出库年度", Kind.YEAR),
    ]
    if groups:
        types.append(FactType(REGION_GROUP, "地区分组", Kind.TEXT, words=groups))
    if has_line:
        types.append(FactType(LINE, "入库线", Kind.AMOUNT))
    return {one.name: one for one in types}


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of a document in its order."""

    rules: tuple[PoolRule, ...]

    def of_kind(self, kind: str) -> PoolRule | None:
        return next((rule for rule in self.rules if rule.kind == kind), None)
