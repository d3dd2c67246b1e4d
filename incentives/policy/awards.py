"""What the ``awards`` part of a policy document holds: who gets what for which occasion, and who bears it. Pure.

Money is printed in 元 and kept in fen; shares and rates are exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.conditions import Condition, Quantity
from core.policies import Unknown
from incentives.policy.amounts import (
    Amount,
    Fixed,
    conditions_in,
    is_benefit,
    quantities_of,
)

RECIPIENTS = {
    "enterprise": "企业",
    "district": "县区政府",
    "township": "乡镇(街道)",
    "region": "市州、县(市、区)",
    "department": "部门",
    "team": "管理团队",
    "person": "个人",
    "bank": "银行",
    "guarantee": "融资担保机构",
    "park": "园区",
    "platform": "平台、基地",
    "agency": "服务机构",
    "owner": "项目单位",
}
EVENTS = {
    "listed": "入库",
    "exit_avoided": "避免退库",
    "honour": "荣誉认定",
    "market": "上市、挂牌",
    "financing": "融资",
    "project": "项目验收",
    "year_end": "年度结束",
    "period_end": "期间结束",
    "training": "培训",
    "hire": "招用人员",
    "lease": "租赁",
    "evaluation": "评价公布",
    "rating": "考核等次公布",
    "ranking": "排名公布",
    "upper_award": "获得上级奖补",
    "pool": "进入培育库",
    "application": "申请",
}
YEAR_BY = {"approval_library": "审批库年度", "event_date": "事项日期的年度"}
#: How often a recipient may have an award of one rule.
ONCE = {
    "ever": "一生一次",
    "year": "一年一次",
    "key": "同一内容一次",
    "project": "同一项目一次",
    "event": "每次事项",
}
LEVELS = {
    "state": "中央",
    "province": "省级",
    "city": "市级",
    "district": "县区",
    "township": "乡镇",
    "park": "园区",
    "local": "属地",
}
#: printed: the document says it; inferred: it follows from other places; demo: chosen so that the demo can run.
SOURCES = {"printed": "文件载明", "inferred": "推定", "demo": "未载明·演示取值"}
CAP_PER = {"award": "每笔", "project": "每个项目", "year": "每年", "ever": "累计", "key": "同一内容"}
STACKING = {
    "highest": "就高不重复",
    "difference": "补差",
    "cumulative": "可同享",
    "across_levels": "不同层级可同享，同一层级就高",
    "exclusive": "只享受一项",
    "unknown": "文件未载明能否同享",
}
STACKING_PER = {
    "ever": "一生",
    "year": "同一年度",
    "project": "同一项目",
    "invoice": "同一发票",
    "key": "同一内容",
}
WHEN_SHORT = {"pro_rata": "按比例压减", "queue": "按先后安排", "unknown": "文件未载明"}
MODES = {"application": "申报", "list": "名单制", "automatic": "免申即享"}
DAYS = {"calendar": "天", "working": "个工作日"}
ON_EXIT = {"stop": "停发余下部分", "recover": "追回已发部分"}
ROUNDING = {"half_up": "四舍五入", "down": "舍去", "up": "进一"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a setting comes from: ``src`` is one of ``SOURCES``, ``note`` says why when it is not printed."""

    src: str
    note: str | None

    @property
    def label(self) -> str:
        return SOURCES[self.src]

    @property
    def is_printed(self) -> bool:
        return self.src == "printed"


@dataclass(frozen=True, slots=True)
class YearParameter:
    """A year that a condition names: counted from the award's year, or one fixed year."""

    name: str
    label: str
    offset: int | None
    year: int | None
    mark: Mark

    def at(self, award_year: int) -> int:
        return award_year + self.offset if self.offset is not None else self.year or award_year


@dataclass(frozen=True, slots=True)
class Occasion:
    """What opens a rule. ``first_time`` looks at the recipient's whole history; ``keys``: only these nodes,
    honours or grades; ``period``: only this year, quarter or month; ``once``: one of ``ONCE``."""

    event: str
    first_time: bool
    year_by: str
    mark: Mark
    keys: tuple[str, ...] = ()
    period: str | None = None
    once: str = "event"
    #: 几年内不重复: an award of these years, this one counted, ends the matter; 0 for what the document does not say
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One sum of an award. Without ``when`` it is due to everyone whom the rule reaches.

    ``after_years``: due that many years after the award's year, when ``when`` holds in that year.
    """

    id: str
    title: str
    amount: Amount
    when: Condition | None
    clause: str
    wording: str | None
    after_years: int = 0

    @property
    def fen(self) -> int | Unknown | None:
        """The sum of a part that is one printed number; ``None`` for what must be worked out."""
        return self.amount.fen if isinstance(self.amount, Fixed) else None


@dataclass(frozen=True, slots=True)
class Modifier:
    """加成、减计: the amount times ``times`` where ``when`` holds; ``parts``: only of these, empty for all."""

    when: Condition
    times: Fraction
    parts: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Cap:
    """封顶 of one rule: ``fen``, a quantity of each row (本级财政贡献), or so many ``times``."""

    per: str
    fen: int | Unknown | None
    quantity: Quantity | None
    clause: str
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """To whole ``fen``; half up to the fen when the document says nothing."""

    fen: int = 1
    mode: str = "half_up"


@dataclass(frozen=True, slots=True)
class Instalment:
    """A piece of the award, due ``after_years`` years later when ``when`` holds in that year."""

    id: str
    title: str
    fen: int | None
    share: Fraction | None
    after_years: int
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Retention:
    """在库要求: ``stay`` must hold in each of ``years`` years from the award's year on."""

    years: int
    stay: Condition
    on_exit: str
    clause: str


@dataclass(frozen=True, slots=True)
class Clawback:
    """追回: ``share`` of what was paid when ``when`` holds in the year of the check."""

    when: Condition
    share: Fraction
    clause: str


@dataclass(frozen=True, slots=True)
class Procedure:
    mode: str | None
    publicity_days: int | None
    publicity_by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class RegionGroup:
    name: str
    regions: tuple[str, ...]
    clause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Below:
    """A level's share, shared again: by ``parts``, or as the document shares in that region (``None``)."""

    level: str
    parts: tuple[tuple[str, Fraction], ...] | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which levels bear an award in the regions of a group (``None``: everywhere); ``parts`` sum to 1, in the
    order of the document. ``last_takes_rest``: each part is rounded down and the last takes what is left."""

    group: str | None
    parts: tuple[tuple[str, Fraction], ...]
    clause: str
    wording: str | None
    below: tuple[Below, ...] = ()
    last_takes_rest: bool = False

    @property
    def label(self) -> str:
        """``市级 50%，县区 50%``; one level that bears all is named alone."""
        borne = [(LEVELS[level], share) for level, share in self.parts if share]
        if len(borne) == 1:
            return f"{borne[0][0]}全部承担"
        return "，".join(f"{name} {_per_cent(share)}" for name, share in borne)


@dataclass(frozen=True, slots=True)
class Stacking:
    """How awards of several rules go together. ``others``: funds outside this document, by name.

    ``pays_difference``: what was had earlier is set against the highest; otherwise it ends the matter.
    """

    id: str
    title: str
    policy: str
    per: str
    rules: tuple[str, ...]
    others: tuple[str, ...]
    prefer: tuple[str, ...]
    pays_difference: bool
    clause: str
    wording: str | None


@dataclass(frozen=True, slots=True)
class CrossCap:
    """One cap over several rules, for each recipient and year (or its whole life)."""

    id: str
    title: str
    per: str
    rules: tuple[str, ...]
    fen: int | Unknown | None
    quantity: Quantity | None
    clause: str


@dataclass(frozen=True, slots=True)
class Budget:
    """The money there is for ``rules`` in a year; ``fen`` unknown until the year's budget is told."""

    id: str
    title: str
    rules: tuple[str, ...]
    fen: int | Unknown
    when_short: str
    clause: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One award rule. ``shape`` is one of ``amounts_reader.SHAPES``; ``unknown`` when no amount is printed.

    ``unknowns`` names what is missing: such a rule pays nothing. ``unclear``: points of the document that a
    person must settle before anything is paid; the amount is computed all the same.
    """

    id: str
    title: str
    clause: str
    wording: str | None
    recipients: tuple[str, ...]
    occasion: Occasion | None
    conditions: Condition | None
    parameters: tuple[YearParameter, ...]
    shape: str
    parts: tuple[Part, ...]
    first_day: date | None
    last_day: date | None
    note: str | None
    unknowns: tuple[str, ...]
    exclusions: Condition | None = None
    level: str | None = None
    area: str | None = None
    modifiers: tuple[Modifier, ...] = ()
    caps: tuple[Cap, ...] = ()
    rounding: Rounding = Rounding()
    instalments: tuple[Instalment, ...] = ()
    retention: Retention | None = None
    clawbacks: tuple[Clawback, ...] = ()
    sharings: tuple[Sharing, ...] = ()
    procedure: Procedure | None = None
    is_maximum: bool = False
    in_kind: str | None = None
    unclear: tuple[str, ...] = ()

    @property
    def recipient(self) -> str:
        return self.recipients[0] if self.recipients else ""

    @property
    def can_run(self) -> bool:
        return not self.unknowns

    @property
    def pays_money(self) -> bool:
        """Not for support in other things than money (优先、缓缴、减免)."""
        return not self.parts or not all(is_benefit(part.amount) for part in self.parts)

    @property
    def makes_awards(self) -> bool:
        """Whether rounds compute it: a printed amount, an occasion, and cash to pay."""
        return self.can_run and self.occasion is not None and self.pays_money and self.in_kind is None

    @property
    def cap_fen(self) -> int | None:
        """The most that one award pays, where that is one printed number."""
        fens = [cap.fen for cap in self.caps if cap.per == "award" and isinstance(cap.fen, int)]
        return min(fens, default=None)

    def years(self, award_year: int) -> dict[str, int]:
        """The parameters of its conditions in one award year, ``year`` among them."""
        return {"year": award_year} | {given.name: given.at(award_year) for given in self.parameters}

    def part(self, part_id: str) -> Part:
        return next(part for part in self.parts if part.id == part_id)

    def later_years(self) -> tuple[int, ...]:
        """How many years after the award's year its conditions are looked at again."""
        years = {part.after_years for part in self.parts} | {piece.after_years for piece in self.instalments}
        years |= set(range(self.retention.years)) if self.retention else set()
        return tuple(sorted(years))

    def judged_once(self) -> Iterator[Condition]:
        """The conditions that are judged in the award's year."""
        yield from (one for one in (self.conditions, self.exclusions) if one is not None)
        yield from (modifier.when for modifier in self.modifiers)
        for part in self.parts:
            yield from conditions_in(part.amount)
        yield from (part.when for part in self.parts if part.when is not None and not part.after_years)

    def judged_later(self) -> Iterator[tuple[int, Condition]]:
        """(years after the award's year, condition) of all that is judged at payment."""
        pieces: tuple[Part | Instalment, ...] = (*self.parts, *self.instalments)
        for piece in pieces:
            if piece.when is not None:
                yield piece.after_years, piece.when
        for year in range(self.retention.years if self.retention else 0):
            if self.retention:
                yield year, self.retention.stay

    def quantities(self) -> Iterator[Quantity]:
        for part in self.parts:
            yield from quantities_of(part.amount)
        yield from (cap.quantity for cap in self.caps if cap.quantity is not None)


@dataclass(frozen=True)
class Awards:
    groups: tuple[RegionGroup, ...]
    sharings: tuple[Sharing, ...]
    rules: tuple[Rule, ...]
    stackings: tuple[Stacking, ...] = ()
    caps: tuple[CrossCap, ...] = ()
    budgets: tuple[Budget, ...] = ()

    @property
    def title(self) -> str:
        """What it is about: the rules that can run, else all of them."""
        named = [rule for rule in self.rules if rule.makes_awards] or list(self.rules)
        first = "、".join(rule.title for rule in named[:3])
        return first if len(named) <= 3 else f"{first}等{len(named)}项"

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)

    def sharing_of(self, region: str) -> Sharing | None:
        """How an award in this region is borne; ``None`` when the document does not share costs."""
        group = next((group.name for group in self.groups if region in group.regions), None)
        return next((sharing for sharing in self.sharings if sharing.group in (group, None)), None)

    @property
    def marks(self) -> tuple[tuple[str, Mark], ...]:
        """Every setting that is not printed, with what it is about."""
        found = [(group.name, group.mark) for group in self.groups]
        for rule in self.rules:
            if rule.occasion:
                found.append((f"{rule.title}的年度口径", rule.occasion.mark))
            found += [(given.label, given.mark) for given in rule.parameters]
        return tuple((label, mark) for label, mark in found if not mark.is_printed)


def _per_cent(share: Fraction) -> str:
    per_cent = share * 100
    if per_cent.denominator == 1:
        return f"{per_cent.numerator}%"
    return f"{share.numerator}/{share.denominator}"
