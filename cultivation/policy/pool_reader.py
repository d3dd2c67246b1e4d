"""Reading the ``pool`` part: every condition, clause and year checked, all faults told at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from difflib import get_close_matches

from core.conditions import YEAR, Condition, FactType, Kind, read_condition
from core.periods import Month
from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyDocument, PolicyFault, Unknown
from core.policies.ends import check_ends, gaps_between
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown, read_whole
from cultivation.policy.basis_reader import BASIS_KEYS, block_basis, read_basis, tell_doubles
from cultivation.policy.pool import (
    MONTH,
    POOL_KINDS,
    STANDARD,
    Basis,
    PlannedYears,
    PoolRule,
    Pools,
    RegionGroup,
    Rule,
    Tier,
    own_types,
)
from cultivation.policy.pool_numbers_reader import (
    read_groups,
    read_line,
    read_movement,
    read_parameters,
)
from cultivation.policy.quota_reader import read_quotas
from cultivation.policy.targets import YEARS

#: A code is kept on each member.
CODE_LIMIT = 20
#: The combinations of sources that a member may have are kept in one text.
MOST_SOURCES = 12
#: A line of the pool is a bit of a whole number.
MOST_LINES = 40
_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)

PART_KEYS = {"clause": "条款", "note": "说明", "region_groups": "地区分组", "pools": "各培育库"}
POOL_KEYS = {
    "kind": "类别",
    "title": "名称",
    "year": "筛选年度",
    "measure": "排序指标",
    "clause": "条款",
    "note": "说明",
    "parameters": "参数",
    "line": "入库线",
    "sources": "名单来源",
    "least": "至少符合几个来源",
    "requires": "必备条件",
    "checks": "核对事项",
    "flags": "不列入帮扶的情形",
    "planned_years": "拟列规年度",
    "tiers": "层级",
    "quota": "在库数量要求",
    "movement": "进出升降怎么定",
}
RULE_KEYS = {"code": "代号", "label": "名称", "when": "条件"} | BASIS_KEYS
TIERS_KEYS = {"list": "各层级"} | BASIS_KEYS
TIER_KEYS = {"name": "名称", "bounds": "界限文字", "when": "条件", "plan_after": "几年后列规"} | BASIS_KEYS
PLANNED_KEYS = {"years": "年度"} | BASIS_KEYS


def read_pools(node: Node, document: PolicyDocument) -> tuple[Pools | None, list[PolicyFault]]:
    """The ``pool`` part of ``document``; ``None`` when its faults leave nothing to use."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, PART_KEYS)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    fields.text_or_none("note")
    groups = read_groups(fields, document, Basis(clause) if clause else None)
    rules = []
    listed = fields.sequence("pools")
    for item in listed.items if listed else ():
        pool = as_mapping(item, faults)
        if pool is not None:
            rules.append(_PoolReader(pool, faults, clause, document, groups).read())
    tell_doubles(listed.items if listed else (), [rule.kind for rule in rules], "类别", faults)
    if listed is not None and not listed.items:
        add_fault(faults, listed, "没有一个培育库，请至少写一个")
    return (None if faults else Pools(tuple(rules))), faults


class _PoolReader:
    """Reads one pool; ``clause`` is what its lines inherit when they name none."""

    def __init__(
        self,
        node: Mapping,
        faults: list[PolicyFault],
        clause: str | None,
        document: PolicyDocument,
        groups: tuple[RegionGroup, ...],
    ) -> None:
        self.node = node
        self.faults = faults
        self.groups = groups
        self.regions = document.regions
        self.fields = Fields(node, faults, POOL_KEYS)
        clause = self.fields.text_or_none("clause", CLAUSE_LIMIT) or clause
        self.inherited = Basis(clause) if clause else None
        self.parameters = read_parameters(self.fields, self.inherited)
        self.line = read_line(self.fields, groups, self.inherited)
        names = tuple(group.name for group in groups)
        own = own_types(document.regions, names, has_line=self.line is not None)
        #: facts that the portal does not offer by itself, or offers otherwise
        self.brought: MappingType[str, FactType] = {**document.facts, **own}
        self.types: MappingType[str, FactType] = {**document.types, **own}
        known = (STANDARD,) if self.line and self.line.standard is not None else ()
        self.given = (YEAR, MONTH, *known, *(one.type for one in self.parameters))

    def read(self) -> PoolRule:
        kind = self._kind()
        title = self.fields.text("title", limit=60)
        year = self.fields.whole("year")
        if year is not None and year not in YEARS:
            add_fault(self.faults, self.node.entries["year"], f"年度 {year} 不对")
        sources = self._rules("sources", required=True)
        if len(sources) > MOST_SOURCES:
            add_fault(self.faults, self.node, f"名单来源最多 {MOST_SOURCES} 个")
        planned = self._planned()
        tiers = self._tiers(planned)
        quota, tier_quotas = read_quotas(
            self.fields, self.inherited, self.regions, [one.name for one in tiers]
        )
        return PoolRule(
            kind=kind,
            title=title or POOL_KINDS.get(kind, ""),
            year=year or YEARS[0],
            sources=sources,
            least=self._least(sources),
            requires=self._rules("requires"),
            checks=self._rules("checks"),
            flags=self._rules("flags"),
            tiers=tiers,
            planned=planned,
            quota=quota,
            tier_quotas=tier_quotas,
            measure=self._measure(),
            note=self.fields.text_or_none("note"),
            line=self.line,
            parameters=self.parameters,
            groups=self.groups,
            movement=read_movement(self.fields, self.inherited),
            types=self.brought,
        )

    def _kind(self) -> str:
        """A kind that the portal knows, or one of the document's own; what looks like a misspelling is told."""
        kind = self.fields.text("kind", limit=CODE_LIMIT)
        node = self.node.entries.get("kind")
        near = get_close_matches(kind, POOL_KINDS, n=1, cutoff=0.75)
        if node is None or not kind or kind in POOL_KINDS:
            return kind
        known = "、".join(f"{code} {label}" for code, label in POOL_KINDS.items())
        if near:
            add_fault(self.faults, node, f"没有“{kind}”这一类，是不是 {near[0]}？已有：{known}")
        elif not _CODE.fullmatch(kind):
            message = f"类别用已有的（{known}），或自定一个：小写字母、数字、下划线"
            add_fault(self.faults, node, message)
        return kind

    def _least(self, sources: tuple[Rule, ...]) -> int:
        node = self.fields.get("least")
        least = None if node is None else read_whole(node, self.faults)
        if node is not None and least is not None and not 1 <= least <= max(len(sources), 1):
            add_fault(self.faults, node, f"应在 1 和名单来源数 {len(sources)} 之间")
        return least or 1

    def _rules(self, name: str, *, required: bool = False) -> tuple[Rule, ...]:
        listed = self.fields.sequence(name, required=required)
        rules = []
        for item in listed.items if listed else ():
            mapping = as_mapping(item, self.faults)
            if mapping is not None:
                rules.append(self._rule(Fields(mapping, self.faults, RULE_KEYS)))
        if listed is not None:
            tell_doubles(listed.items, [rule.code for rule in rules], "代号", self.faults)
            if len(rules) > MOST_LINES:
                add_fault(self.faults, listed, f"{POOL_KEYS[name]}最多 {MOST_LINES} 项")
        if required and listed is not None and not listed.items:
            add_fault(self.faults, listed, "没有一个名单来源，请至少写一个")
        return tuple(rules)

    def _rule(self, fields: Fields) -> Rule:
        rule = Rule(
            self._code(fields),
            fields.text("label", limit=30),
            self._when(fields),
            read_basis(fields, self.inherited),
        )
        if isinstance(rule.when, Condition):
            check_ends(rule.when, rule.basis.wording, fields.node.entries["when"], self.faults)
        return rule

    def _code(self, fields: Fields) -> str:
        code = fields.text("code", limit=CODE_LIMIT)
        if code and not _CODE.fullmatch(code):
            add_fault(fields.faults, fields.node.entries["code"], "代号用小写字母、数字和下划线，如 tax_list")
        return code

    def _when(self, fields: Fields) -> Condition | Unknown:
        node = fields.require("when", unknown_ok=True)
        if node is None or is_unknown(node):
            return UNKNOWN
        text = fields.text("when")
        return (self._condition(text, node) if text else None) or UNKNOWN

    def _condition(self, text: str, node: Node) -> Condition | None:
        condition, faults = read_condition(text, self.types, self.given)
        for fault in faults:
            add_fault(self.faults, node, str(fault))
        return condition

    def _measure(self) -> Condition | None:
        """The fact that lists are sorted by, kept as the condition that it is known."""
        node = self.fields.get("measure")
        text = self.fields.text("measure", limit=60) if node else ""
        if node is None or not text:
            return None
        condition = self._condition(f"{text} is known", node)
        if condition and (
            len(condition.facts) != 1 or self.types[condition.facts[0]].kind is not Kind.AMOUNT
        ):
            add_fault(self.faults, node, "排序指标应是一个以万元计的事实，如 tax_list_sales[2021]")
        elif condition and any(
            key.per is Kind.MONTH for key in condition.needs({"year": 2000, "month": Month(2000, 1)})
        ):
            add_fault(self.faults, node, "排序指标写按年的事实；月份逐月变化，前后不能比")
        return condition

    def _tiers(self, planned: PlannedYears | None) -> tuple[Tier, ...]:
        node = self.fields.get("tiers")
        block = as_mapping(node, self.faults) if node else None
        if block is None:
            return ()
        fields = Fields(block, self.faults, TIERS_KEYS)
        inherited = block_basis(fields, self.inherited)
        listed = fields.sequence("list")
        tiers = []
        for item in listed.items if listed else ():
            mapping = as_mapping(item, self.faults)
            if mapping is not None:
                tiers.append(self._tier(Fields(mapping, self.faults, TIER_KEYS), inherited, planned))
        tell_doubles(listed.items if listed else (), [tier.name for tier in tiers], "层级", self.faults)
        bounds = [tier.when for tier in tiers if isinstance(tier.when, Condition)]
        if listed is not None and len(bounds) == len(tiers):
            for gap in gaps_between(bounds):
                message = f"层级之间有空档：{gap}哪一层都不算，请对照文件核对界限"
                add_fault(self.faults, listed, message)
        return tuple(tiers)

    def _tier(self, fields: Fields, inherited: Basis | None, planned: PlannedYears | None) -> Tier:
        name, when, basis = (
            fields.text("name", limit=CODE_LIMIT),
            self._when(fields),
            read_basis(fields, inherited),
        )
        if isinstance(when, Condition):
            check_ends(when, basis.wording, fields.node.entries["when"], self.faults)
        bounds = fields.text_or_none("bounds", limit=30) or ""
        node = fields.require("plan_after", unknown_ok=True) if planned else fields.get("plan_after")
        if node is not None and planned is None:
            add_fault(self.faults, node, "写了几年后列规，就要有 planned_years（拟列规年度）")
        after = None if node is None or is_unknown(node) else read_whole(node, self.faults)
        return Tier(name, bounds, when, UNKNOWN if after is None else after, basis)

    def _planned(self) -> PlannedYears | None:
        node = self.fields.get("planned_years")
        block = as_mapping(node, self.faults) if node else None
        if block is None:
            return None
        fields = Fields(block, self.faults, PLANNED_KEYS)
        basis = read_basis(fields, self.inherited)
        listed = fields.sequence("years")
        years = [read_whole(item, self.faults) for item in listed.items] if listed else []
        known = [year for year in years if year is not None]
        if listed and (not known or known != sorted(set(known)) or any(year not in YEARS for year in known)):
            add_fault(self.faults, listed, "年度应由早到晚各写一次，如 [2022, 2023, 2024]")
            return None
        return PlannedYears(tuple(known), basis) if known else None
