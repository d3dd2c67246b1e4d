"""Reading the ``pool`` part: every condition, clause and year checked, all faults told at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from decimal import Decimal

from core.conditions import Condition, FactType, Kind, read_condition
from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyDocument, PolicyFault, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown, read_number, read_whole
from cultivation.policy.pool import (
    DEMO,
    POOL_KINDS,
    ROUNDINGS,
    Basis,
    PlannedYears,
    PoolRule,
    Pools,
    Quota,
    Rule,
    Tier,
)
from cultivation.policy.targets import METRICS, YEARS

#: A code is kept on each member.
CODE_LIMIT = 20
#: The combinations of sources that a member may have are kept in one text.
MOST_SOURCES = 4
_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)

_BASIS_KEYS = {"clause": "条款", "src": "来源", "wording": "原文", "note": "说明"}
_PART_KEYS = {"clause": "条款", "note": "说明", "pools": "各培育库"}
_POOL_KEYS = {
    "kind": "类别",
    "title": "名称",
    "year": "筛选年度",
    "measure": "排序指标",
    "clause": "条款",
    "note": "说明",
    "sources": "名单来源",
    "requires": "必备条件",
    "checks": "核对事项",
    "planned_years": "拟列规年度",
    "tiers": "层级",
    "quota": "在库数量要求",
}
_RULE_KEYS = {"code": "代号", "label": "名称", "when": "条件"} | _BASIS_KEYS
_TIERS_KEYS = {"list": "各层级"} | _BASIS_KEYS
_TIER_KEYS = {"name": "名称", "bounds": "界限文字", "when": "条件", "plan_after": "几年后列规"} | _BASIS_KEYS
_PLANNED_KEYS = {"years": "年度"} | _BASIS_KEYS
_QUOTA_KEYS = {"ratio": "倍数", "of": "目标指标", "rounding": "取整"} | _BASIS_KEYS


def read_pools(node: Node, document: PolicyDocument) -> tuple[Pools | None, list[PolicyFault]]:
    """The ``pool`` part of ``document``; ``None`` when its faults leave nothing to use."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, _PART_KEYS)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    fields.text_or_none("note")
    rules = []
    listed = fields.sequence("pools")
    for item in listed.items if listed else ():
        pool = as_mapping(item, faults)
        if pool is not None:
            rules.append(_PoolReader(pool, faults, clause, document.types).read())
    _tell_doubles(listed.items if listed else (), [rule.kind for rule in rules], "类别", faults)
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
        types: MappingType[str, FactType],
    ) -> None:
        self.node = node
        self.faults = faults
        self.types = types
        self.fields = Fields(node, faults, _POOL_KEYS)
        self.clause = self.fields.text_or_none("clause", CLAUSE_LIMIT) or clause

    def read(self) -> PoolRule:
        kind = self.fields.choice("kind", POOL_KINDS)
        title = self.fields.text("title", limit=60)
        year = self.fields.whole("year")
        if year is not None and year not in YEARS:
            add_fault(self.faults, self.fields.node.entries["year"], f"年度 {year} 不对")
        sources = self._rules("sources", required=True)
        if len(sources) > MOST_SOURCES:
            add_fault(self.faults, self.node, f"名单来源最多 {MOST_SOURCES} 个")
        planned = self._planned()
        return PoolRule(
            kind=kind,
            title=title or POOL_KINDS.get(kind, ""),
            year=year or YEARS[0],
            sources=sources,
            requires=self._rules("requires"),
            checks=self._rules("checks"),
            tiers=self._tiers(planned),
            planned=planned,
            quota=self._quota(),
            measure=self._measure(),
            note=self.fields.text_or_none("note"),
        )

    def _rules(self, name: str, *, required: bool = False) -> tuple[Rule, ...]:
        listed = self.fields.sequence(name, required=required)
        inherited = Basis(self.clause) if self.clause else None
        rules = []
        for item in listed.items if listed else ():
            mapping = as_mapping(item, self.faults)
            if mapping is not None:
                rules.append(self._rule(Fields(mapping, self.faults, _RULE_KEYS), inherited))
        if listed is not None:
            _tell_doubles(listed.items, [rule.code for rule in rules], "代号", self.faults)
        if required and listed is not None and not listed.items:
            add_fault(self.faults, listed, "没有一个名单来源，请至少写一个")
        return tuple(rules)

    def _rule(self, fields: Fields, inherited: Basis | None) -> Rule:
        return Rule(
            self._code(fields),
            fields.text("label", limit=30),
            self._when(fields),
            self._basis(fields, inherited),
        )

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
        condition, faults = read_condition(text, self.types)
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
        return condition

    def _basis(self, fields: Fields, inherited: Basis | None) -> Basis:
        """A line's own clause, or ``src: demo`` with the reason in its note, or what its block says."""
        clause = fields.text_or_none("clause", CLAUSE_LIMIT)
        wording, note = fields.text_or_none("wording"), fields.text_or_none("note")
        if fields.get("src") is not None:
            fields.choice("src", {DEMO})
            if clause or wording:
                message = "条款、原文和演示取值只写一样：文件载明的写 clause，自定的写 src: demo"
                add_fault(self.faults, fields.node, message)
            if not note:
                add_fault(self.faults, fields.node, "演示取值要在 note（说明）写明理由")
            return Basis(None, True, None, note)
        if inherited is None and not clause:
            add_fault(
                self.faults, fields.node, "没有出处，请写 clause（条款），或 src: demo 并在 note 说明理由"
            )
        if clause is None and inherited is not None:
            return Basis(inherited.clause, inherited.is_demo, wording, note or inherited.note)
        return Basis(clause, False, wording, note)

    def _tiers(self, planned: PlannedYears | None) -> tuple[Tier, ...]:
        node = self.fields.get("tiers")
        block = as_mapping(node, self.faults) if node else None
        if block is None:
            return ()
        fields = Fields(block, self.faults, _TIERS_KEYS)
        inherited = self._block_basis(fields)
        listed = fields.sequence("list")
        tiers = []
        for item in listed.items if listed else ():
            mapping = as_mapping(item, self.faults)
            if mapping is not None:
                tiers.append(self._tier(Fields(mapping, self.faults, _TIER_KEYS), inherited, planned))
        _tell_doubles(listed.items if listed else (), [tier.name for tier in tiers], "层级", self.faults)
        return tuple(tiers)

    def _block_basis(self, fields: Fields) -> Basis | None:
        """What the lines of a block inherit: its own origin, or the clause of the pool."""
        own = any(fields.get(name) for name in ("clause", "src"))
        return self._basis(fields, None) if own else (Basis(self.clause) if self.clause else None)

    def _tier(self, fields: Fields, inherited: Basis | None, planned: PlannedYears | None) -> Tier:
        name, when, basis = (
            fields.text("name", limit=CODE_LIMIT),
            self._when(fields),
            self._basis(fields, inherited),
        )
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
        fields = Fields(block, self.faults, _PLANNED_KEYS)
        basis = self._basis(fields, Basis(self.clause) if self.clause else None)
        listed = fields.sequence("years")
        years = [read_whole(item, self.faults) for item in listed.items] if listed else []
        known = [year for year in years if year is not None]
        if listed and (not known or known != sorted(set(known)) or any(year not in YEARS for year in known)):
            add_fault(self.faults, listed, "年度应由早到晚各写一次，如 [2022, 2023, 2024]")
            return None
        return PlannedYears(tuple(known), basis) if known else None

    def _quota(self) -> Quota | None:
        node = self.fields.get("quota")
        if node is None:
            return None
        if is_unknown(node):
            return Quota(UNKNOWN, "newly_listed", "up_each", Basis(self.clause))
        block = as_mapping(node, self.faults)
        if block is None:
            return None
        fields = Fields(block, self.faults, _QUOTA_KEYS)
        basis = self._basis(fields, Basis(self.clause) if self.clause else None)
        ratio_node = fields.require("ratio", unknown_ok=True)
        ratio = None if ratio_node is None else read_number(ratio_node, self.faults)
        if ratio_node is not None and isinstance(ratio, Decimal) and ratio <= 0:
            add_fault(self.faults, ratio_node, f"倍数应大于 0（{ratio}）")
        metric, rounding = fields.choice("of", METRICS), fields.choice("rounding", ROUNDINGS)
        return Quota(UNKNOWN if ratio is None else ratio, metric, rounding, basis)


def _tell_doubles(items: tuple[Node, ...], words: list[str], what: str, faults: list[PolicyFault]) -> None:
    seen: dict[str, int] = {}
    for item, word in zip(items, words, strict=False):
        if word and seen.setdefault(word, item.line) != item.line:
            add_fault(faults, item, f"{what}“{word}”写了两次（第 {seen[word]} 行已有），请只留一个")
