"""Reading the ``evaluation`` part: every setting, every condition and every sum checked, all faults told at once. Pure."""

from __future__ import annotations

from core.policies import Node, PolicyDocument, PolicyFault
from core.policies.fields import Fields, add_fault, as_mapping
from evaluation.policy.cohorts_reader import ItemDefaults, read_clause, read_cohorts, unique
from evaluation.policy.quantities import MEASURES
from evaluation.policy.scheme import (
    BLANK_LEASE,
    COUNT_ROUNDINGS,
    LAND_FORMULAS,
    QUOTA_BASES,
    RANK_WITHIN,
    ROUNDINGS,
    SCORING,
    SMALL_POOLS,
    STATUSES,
    TIES,
    Clause,
    Cohort,
    Grading,
    QuantityUse,
    Scheme,
    is_missing,
)
from evaluation.policy.settings import Setting, SettingFields

YEARS = range(1990, 2101)
#: Scores are whole 1/10^places; four more places are computed below them.
MOST_DECIMALS = 4

_PART_KEYS = {
    "status": "状态",
    "data_year": "评价年度",
    "binding": "是否据以执行",
    "note": "说明",
    "scope": "评价范围",
    "land": "用地",
    "quantities": "指标数据",
    "scoring": "计分",
    "cohorts": "分组",
    "grading": "定级",
}
_SCOPE_KEYS = {"include": "列入条件", "special": "不定等级情形"}
_LAND_KEYS = {"area": "用地面积", "blank_lease": "租入租出未填"}
_QUANTITY_KEYS = {"label": "名称", "unit": "单位", "department": "数据部门"}
_SCORING_KEYS = {
    "kind": "计分办法",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报",
    "zero_den": "分母为零",
    "decimals": "得分位数",
    "rounding": "得分取舍",
}
_GRADING_KEYS = {
    "rank_within": "排名范围",
    "count_rounding": "名额取舍",
    "quota_base": "名额基数",
    "ties": "同分",
    "min_size": "最小组",
    "small_pool": "不足最小组",
}


def read_scheme(node: Node, document: PolicyDocument) -> tuple[Scheme | None, list[PolicyFault]]:
    """The ``evaluation`` part of ``document``; ``None`` when its faults leave nothing to use."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, _PART_KEYS)
    status = fields.choice("status", STATUSES)
    data_year = _read_year(fields)
    binding = _read_flag(fields, "binding")
    include, special = _read_scope(fields)
    land = _block(fields, "land", _LAND_KEYS)
    quantities = _read_quantities(fields)
    scoring = _block(fields, "scoring", _SCORING_KEYS)
    defaults = ItemDefaults.read(scoring) if scoring else None
    cohorts_node = fields.sequence("cohorts")
    cohorts = read_cohorts(cohorts_node, defaults, quantities, faults) if cohorts_node and defaults else ()
    grading = _read_grading(fields)
    if land is None or scoring is None or grading is None or data_year is None:
        return None, faults
    scheme = Scheme(
        status=status,
        data_year=data_year,
        binding=binding,
        include=include,
        special=special,
        land=land.one_of("area", LAND_FORMULAS),
        blank_lease=land.one_of("blank_lease", BLANK_LEASE),
        quantities=quantities,
        cohorts=cohorts,
        scoring=scoring.choice("kind", SCORING),
        decimals=_read_decimals(scoring),
        grading=grading,
        note=fields.text_or_none("note"),
        unscorable=_unscorable(cohorts),
    )
    return (None if faults else scheme), faults


def _block(fields: Fields, name: str, keys: dict[str, str]) -> SettingFields | None:
    node = fields.mapping(name)
    return None if node is None else SettingFields(node, fields.faults, keys)


def _read_year(fields: Fields) -> int | None:
    year = fields.whole("data_year")
    if year is not None and year not in YEARS:
        add_fault(fields.faults, fields.node.entries["data_year"], f"评价年度不对：{year}")
    return year


def _read_flag(fields: Fields, name: str) -> bool:
    return fields.choice(name, ("true", "false")) == "true"


def _read_scope(fields: Fields) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    block = _block(fields, "scope", _SCOPE_KEYS)
    if block is None:
        return (), ()
    include = block.sequence("include")
    special = block.sequence("special", required=False)
    if include is not None and not include.items:
        add_fault(fields.faults, include, "至少写一条列入条件")
    read_include = (
        [read_clause(item, fields.faults, block.origin) for item in include.items] if include else []
    )
    read_special = (
        [read_clause(item, fields.faults, block.origin) for item in special.items] if special else []
    )
    for name, clauses in (("include", read_include), ("special", read_special)):
        unique([clause.id for clause in clauses if clause], block.get(name), fields.faults)
    return tuple(filter(None, read_include)), tuple(filter(None, read_special))


def _read_quantities(fields: Fields) -> dict[str, QuantityUse]:
    node = fields.mapping("quantities")
    block = (
        SettingFields(node, fields.faults, {name: q.label for name, q in MEASURES.items()}) if node else None
    )
    quantities: dict[str, QuantityUse] = {}
    for name in MEASURES:
        item = block.get(name) if block else None
        if block is None or item is None:
            continue
        mapping = as_mapping(item, fields.faults)
        if mapping is None:
            continue
        use = SettingFields(mapping, fields.faults, _QUANTITY_KEYS, block.origin)
        unit = use.text("unit", 10)
        if unit and unit != MEASURES[name].unit:
            add_fault(
                fields.faults, mapping.entries["unit"], f"{MEASURES[name].label}的单位是{MEASURES[name].unit}"
            )
        quantities[name] = QuantityUse(
            name, use.text("label", 40), unit, use.text("department", 40), use.own_or_inherited()
        )
    return quantities


def _read_decimals(scoring: SettingFields) -> Setting[int]:
    scoring.one_of("rounding", ROUNDINGS)
    decimals = scoring.whole_number("decimals")
    if decimals.known_or(0) > MOST_DECIMALS:
        add_fault(scoring.faults, scoring.node.entries["decimals"], f"得分最多 {MOST_DECIMALS} 位小数")
    return decimals


def _read_grading(fields: Fields) -> Grading | None:
    block = _block(fields, "grading", _GRADING_KEYS)
    if block is None:
        return None
    return Grading(
        rank_within=block.one_of("rank_within", RANK_WITHIN),
        count_rounding=block.one_of("count_rounding", COUNT_ROUNDINGS),
        quota_base=block.one_of("quota_base", QUOTA_BASES),
        ties=block.one_of("ties", TIES),
        min_size=block.whole_number("min_size"),
        small_pool=block.one_of("small_pool", SMALL_POOLS),
    )


def _unscorable(cohorts: tuple[Cohort, ...]) -> tuple[str, ...]:
    """Names of unknown weights, baselines and bands: without them no score or grade exists."""
    names = []
    for cohort in cohorts:
        for indicator in cohort.indicators:
            for setting, label in ((indicator.weight, "权重"), (indicator.baseline, "基准值")):
                if is_missing(setting):
                    names.append(f"{cohort.label}“{indicator.label}”的{label}")
        names += [f"{cohort.label}{band.grade}级的比例" for band in cohort.bands if is_missing(band.upto)]
    return tuple(names)
