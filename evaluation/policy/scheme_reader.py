"""Reading the ``evaluation`` part: every setting, every condition and every sum checked, all faults told at once. Pure."""

from __future__ import annotations

from core.conditions import FactType, Kind
from core.policies import Mapping, Node, PolicyDocument, PolicyFault, Scalar, Sequence
from core.policies.fields import Fields, add_fault, as_mapping
from evaluation.policy.adjusting import Adjusting
from evaluation.policy.adjusting_reader import read_adjusting
from evaluation.policy.choices import (
    BLANK,
    BOTH_TAKES,
    COMPARE,
    GRADES,
    LAND_BASES,
    LAND_FORMULAS,
    LAND_SOURCES,
    LEASED_FLOOR,
    LEVELS,
    MULTI_ENTITY,
    PARCEL_TENANTS,
    ROUNDINGS,
    SCORING,
    STATUSES,
    TIME_WEIGHTING,
)
from evaluation.policy.cohorts_reader import CLAUSE_KEYS, clause_of, read_clause, read_cohorts, unique
from evaluation.policy.grading import Grading
from evaluation.policy.grading_reader import grading_block, read_grading, read_levels, read_moves
from evaluation.policy.indicators import Baseline, Indicator
from evaluation.policy.indicators_reader import ItemDefaults
from evaluation.policy.quantities_reader import read_quantities
from evaluation.policy.scheme import Clause, Cohort, Land, QuantityUse, Scheme, Special, Subject
from evaluation.policy.settings import Setting, SettingFields, is_missing
from evaluation.policy.unknowns import ungradable, unscorable
from evaluation.policy.vocabulary import ROLES, condition_of, facts_of, indicator_facts
from evaluation.policy.workflow_reader import read_effects, read_flags, read_workflow

YEARS = range(1990, 2101)
#: Scores are whole 1/10^places; four more places are computed below them.
MOST_DECIMALS = 4

_PART_KEYS = {
    "status": "状态",
    "data_year": "评价年度",
    "binding": "是否据以执行",
    "level": "评价层级",
    "note": "说明",
    "scope": "评价范围",
    "subject": "评价单元",
    "land": "用地",
    "quantities": "指标数据",
    "industry_groups": "行业组",
    "scoring": "计分",
    "cohorts": "分组",
    "adjust": "加扣分",
    "grading": "定级",
    "moves": "调档",
    "levels": "多级评价",
    "flags": "绝对标准",
    "effects": "差别化政策",
    "workflow": "工作安排",
}
_SCOPE_KEYS = {"include": "列入条件", "special": "不定等级情形"}
_SPECIAL_KEYS = CLAUSE_KEYS | {
    "collect": "收集数据",
    "score": "评分",
    "in_quota_base": "计入名额基数",
    "grade": "固定等级",
    "manage_as": "参照管理",
    "floor": "最低等级",
    "veto_beats_floor": "否决优先于最低等级",
    "application": "须申请",
    "max_years": "最多几年",
}
_LAND_KEYS = {
    "area": "用地面积",
    "source": "用地数据",
    "blank_lease": "租入租出未填",
    "leased_floor": "租赁厂房",
    "sqm_per_mu": "每亩平方米",
    "basis": "面积口径",
    "time_weighting": "按时间折算",
}
_SUBJECT_KEYS = {
    "tenants": "承租企业",
    "tenant_exceptions": "单独评价的承租企业",
    "multi_entity": "同一控制的多家企业",
    "both_takes": "两次评价以哪次为准",
}
_SCORING_KEYS = {
    "kind": "计分办法",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报",
    "zero_den": "分母为零",
    "not_applicable": "不适用",
    "negative": "负值",
    "decimals": "得分位数",
    "rounding": "得分取舍",
    "compare": "排名所用得分",
    "item_decimals": "单项得分位数",
    "total_cap": "总分封顶",
    "total_floor": "总分保底",
}


def read_scheme(node: Node, document: PolicyDocument) -> tuple[Scheme | None, list[PolicyFault]]:
    """The ``evaluation`` part of ``document``; ``None`` when its faults leave nothing to use."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, _PART_KEYS)
    facts = facts_of(document)
    status = fields.choice("status", STATUSES)
    data_year = _read_year(fields)
    binding = _read_flag(fields, "binding")
    land = _read_land(fields)
    quantities = read_quantities(fields, facts)
    include, special = _read_scope(fields, facts)
    scoring = _block(fields, "scoring", _SCORING_KEYS)
    defaults = ItemDefaults.read(scoring) if scoring else None
    block = grading_block(fields)
    grading = read_grading(block) if block else None
    cohorts_node = fields.sequence("cohorts")
    cohorts = (
        read_cohorts(cohorts_node, defaults, quantities, grading, facts, faults)
        if cohorts_node and defaults
        else ()
    )
    if land is None or scoring is None or grading is None or data_year is None:
        return None, faults
    scored = facts | _scored_facts(cohorts, mapping, facts, faults)
    grades = tuple(g for g in GRADES if any(band.grade == g for cohort in cohorts for band in cohort.bands))
    modes = {cohort.id: (cohort.grading or grading).mode for cohort in cohorts}
    scheme = Scheme(
        status=status,
        data_year=data_year,
        binding=binding,
        include=include,
        special=special,
        land=land,
        quantities=quantities,
        cohorts=cohorts,
        scoring=scoring.choice("kind", _KINDS),
        decimals=_read_decimals(scoring),
        rounding=scoring.one_of("rounding", ROUNDINGS),
        grading=grading,
        note=fields.text_or_none("note"),
        unscorable=unscorable(cohorts),
        ungradable=ungradable(cohorts),
        facts=scored,
        compare=scoring.one_of("compare", COMPARE) if scoring.get("compare") else None,
        item_decimals=_item_decimals(scoring),
        total_cap=scoring.optional_number("total_cap"),
        total_floor=scoring.optional_number("total_floor"),
        level=fields.choice("level", LEVELS) if fields.get("level") else "",
        subject=_read_subject(fields, facts),
        industry_groups=_read_groups(fields),
        adjusting=_read_adjusting(fields, scored, quantities),
        moves=read_moves(moves, scored, grades, faults) if (moves := _optional(fields, "moves")) else (),
        levels=read_levels(levels, modes, scored, faults) if (levels := _optional(fields, "levels")) else (),
        flags=read_flags(flags, scored, faults) if (flags := _optional(fields, "flags")) else (),
        effects=read_effects(effects, grades, tuple(modes), faults)
        if (effects := _optional(fields, "effects"))
        else (),
        workflow=read_workflow(workflow, faults) if (workflow := fields.get("workflow")) else None,
    )
    _check(scheme, grades, mapping, faults)
    return (None if faults else scheme), faults


_KINDS = tuple(SCORING)


def _block(fields: Fields, name: str, keys: dict[str, str]) -> SettingFields | None:
    node = fields.mapping(name)
    return None if node is None else SettingFields(node, fields.faults, keys)


def _optional(fields: Fields, name: str) -> Sequence | None:
    return fields.sequence(name, required=False)


def _read_year(fields: Fields) -> int | None:
    year = fields.whole("data_year")
    if year is not None and year not in YEARS:
        add_fault(fields.faults, fields.node.entries["data_year"], f"评价年度不对：{year}")
    return year


def _read_flag(fields: Fields, name: str) -> bool:
    return fields.choice(name, ("true", "false")) == "true"


def _read_scope(fields: Fields, facts: dict[str, FactType]) -> tuple[tuple[Clause, ...], tuple[Special, ...]]:
    block = _block(fields, "scope", _SCOPE_KEYS)
    if block is None:
        return (), ()
    include = block.sequence("include")
    special = block.sequence("special", required=False)
    if include is not None and not include.items:
        add_fault(fields.faults, include, "至少写一条列入条件")
    read_include = [
        read_clause(item, fields.faults, block.origin, facts) for item in (include.items if include else ())
    ]
    read_special = [_read_special(item, block, facts) for item in (special.items if special else ())]
    unique([clause.id for clause in read_include if clause], block.get("include"), fields.faults)
    unique([clause.id for clause in read_special if clause], block.get("special"), fields.faults)
    return tuple(filter(None, read_include)), tuple(filter(None, read_special))


def _read_special(node: Node, block: SettingFields, facts: dict[str, FactType]) -> Special | None:
    mapping = as_mapping(node, block.faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, block.faults, _SPECIAL_KEYS, block.origin)
    clause = clause_of(fields, facts)
    given = {
        name: fields.choice(name, GRADES)
        for name in ("grade", "manage_as", "floor")
        if fields.get(name) is not None
    }
    if given.get("floor") and (given.get("grade") or fields.get("score")):
        add_fault(
            block.faults,
            mapping,
            "写了 floor（最低等级）的照常评分排名，不再写 grade（固定等级）和 score（评分）",
        )
    application = condition_of(fields, "application", facts) if fields.get("application") else None
    max_years = fields.whole("max_years") if fields.get("max_years") else None
    if clause is None:
        return None
    return Special(
        clause.id,
        clause.label,
        clause.condition,
        clause.if_unknown,
        clause.origin,
        collect=fields.flag("collect", default=True),
        score=fields.flag("score", default=False),
        in_quota_base=fields.flag("in_quota_base", default=False),
        veto_beats_floor=fields.flag("veto_beats_floor", default=True),
        application=application,
        max_years=max_years,
        **given,
    )


def _read_land(fields: Fields) -> Land | None:
    block = _block(fields, "land", _LAND_KEYS)
    if block is None:
        return None
    leased_floor = block.one_of("leased_floor", LEASED_FLOOR) if block.get("leased_floor") else None
    converts = leased_floor is not None and leased_floor.known_or("floor/sqm_per_mu") in (
        "floor/sqm_per_mu",
        "floor/FAR/sqm_per_mu",
    )
    source = block.choice("source", LAND_SOURCES, "survey")
    if source == "survey" and block.get("time_weighting"):
        add_fault(
            fields.faults,
            block.node.entries["time_weighting"],
            "按时间折算要有起止日期：请写 source: ledger（台账）",
        )
    if source == "ledger" and leased_floor is not None and leased_floor.known_or("") == "share_of_parcel":
        add_fault(
            fields.faults,
            block.node.entries["leased_floor"],
            "台账没有分摊面积；share_of_parcel 只用于年度数据表",
        )
    return Land(
        source=source,
        area=block.one_of("area", LAND_FORMULAS),
        blank_lease=block.one_of("blank_lease", BLANK),
        leased_floor=leased_floor,
        sqm_per_mu=block.number("sqm_per_mu", least=1) if converts or block.get("sqm_per_mu") else None,
        basis=block.one_of("basis", LAND_BASES) if block.get("basis") else None,
        time_weighting=block.one_of("time_weighting", TIME_WEIGHTING)
        if block.get("time_weighting")
        else None,
    )


def _read_subject(fields: Fields, facts: dict[str, FactType]) -> Subject | None:
    if fields.get("subject") is None:
        return None
    block = _block(fields, "subject", _SUBJECT_KEYS)
    if block is None:
        return None
    multi = block.one_of("multi_entity", MULTI_ENTITY)
    takes = block.one_of("both_takes", BOTH_TAKES) if multi.known_or("") == "both" else None
    exceptions = condition_of(block, "tenant_exceptions", facts) if block.get("tenant_exceptions") else None
    return Subject(block.one_of("tenants", PARCEL_TENANTS), multi, exceptions, takes)


def _read_groups(fields: Fields) -> dict[str, tuple[str, ...]]:
    """Names of industry groups with the codes of GB/T 4754 that begin them."""
    node = fields.mapping("industry_groups") if fields.get("industry_groups") else None
    groups: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for name, value in node.entries.items() if node else ():
        items = value.items if isinstance(value, Sequence) else ()
        codes = tuple(item.text for item in items if isinstance(item, Scalar))
        if not codes or any(not code.isalnum() for code in codes):
            add_fault(fields.faults, value, '写行业代码的列表，如 ["33", "34", "C35"]')
        for code in codes:
            if seen.setdefault(code.lstrip("ABCD"), name) != name:
                add_fault(fields.faults, value, f"行业 {code} 已在“{seen[code.lstrip('ABCD')]}”组里")
        groups[name] = codes
    return groups


def _read_adjusting(
    fields: Fields, facts: dict[str, FactType], quantities: dict[str, QuantityUse]
) -> Adjusting:
    node = fields.get("adjust")
    return Adjusting() if node is None else read_adjusting(node, facts, tuple(quantities), fields.faults)


def _scored_facts(
    cohorts: tuple[Cohort, ...], node: Mapping, facts: dict[str, FactType], faults: list[PolicyFault]
) -> dict[str, FactType]:
    """Indicators by name; one name means one thing in all cohorts, and no other fact."""
    found: dict[str, FactType] = {}
    for cohort in cohorts:
        for name, fact in indicator_facts(cohort.indicators).items():
            if name in facts:
                add_fault(
                    faults, node.entries["cohorts"], f"指标代号“{name}”与数据同名，请改一个，如 {name}_item"
                )
            elif found.setdefault(name, fact).unit != fact.unit:
                add_fault(
                    faults, node.entries["cohorts"], f"指标代号“{name}”在各组的单位不同，请用不同的代号"
                )
    return found


def _read_decimals(scoring: SettingFields) -> Setting[int]:
    decimals = scoring.whole_number("decimals")
    if decimals.known_or(0) > MOST_DECIMALS:
        add_fault(scoring.faults, scoring.node.entries["decimals"], f"得分最多 {MOST_DECIMALS} 位小数")
    return decimals


def _item_decimals(scoring: SettingFields) -> Setting[int] | None:
    if scoring.get("item_decimals") is None:
        return None
    decimals = scoring.whole_number("item_decimals")
    if decimals.known_or(0) > MOST_DECIMALS:
        add_fault(
            scoring.faults, scoring.node.entries["item_decimals"], f"单项得分最多 {MOST_DECIMALS} 位小数"
        )
    return decimals


def _check(scheme: Scheme, grades: tuple[str, ...], node: Mapping, faults: list[PolicyFault]) -> None:
    """What one block says of another."""
    names = set(scheme.quantities) | {i.id for cohort in scheme.cohorts for i in cohort.indicators}
    for cohort in scheme.cohorts:
        grading = scheme.grading_of(cohort)
        for breaker in grading.breakers:
            if breaker.name not in names:
                add_fault(
                    faults,
                    node.entries["grading"],
                    f"同分先比的“{breaker.name}”既不是指标数据，也不是指标代号",
                )
        if "industry_group" in grading.dimensions and not scheme.industry_groups:
            add_fault(faults, node.entries["grading"], "按行业组排名要写 industry_groups（行业组）")
        if grading.small_pool.known_or("") == "threshold" and any(
            band.at_least is None for band in cohort.bands[:-1]
        ):
            add_fault(
                faults,
                node.entries["grading"],
                f"不足最小组按得分定级，{cohort.label}各级要写 at_least（最低得分）",
            )
        for indicator in cohort.indicators:
            _check_table(indicator, scheme, node, faults)
    codes = {special.id for special in scheme.special}
    for code in sorted(_excepted(scheme.grading) - codes):
        add_fault(faults, node.entries["grading"], f"名额基数不含的“{code}”不在不定等级情形里")
    for special in scheme.special:
        for name in filter(None, (special.grade, special.floor, special.manage_as)):
            if name not in grades:
                add_fault(faults, node.entries["scope"], f"“{special.label}”写的 {name} 级不在等级里")
    subject = scheme.subject
    if subject and subject.tenants.known_or("") == "own_cohort":
        named = {fact for cohort in scheme.cohorts for fact in cohort.clause.condition.facts}
        if not named & set(ROLES):
            add_fault(
                faults,
                node.entries["subject"],
                "承租企业单列一组，要有一个分组的条件写 is_tenant（承租企业）",
            )


def _check_table(indicator: Indicator, scheme: Scheme, node: Mapping, faults: list[PolicyFault]) -> None:
    """A baseline by the words of a fact: the fact is a text, and an industry group is one of the document's."""
    baseline = None if indicator.baseline is None else indicator.baseline.value
    if not isinstance(baseline, Baseline) or not baseline.by:
        return
    fact = scheme.facts.get(baseline.by)
    if fact is None or fact.kind is not Kind.TEXT:
        message = f"“{indicator.label}”的基准值按“{baseline.by}”分列，它不是一项文字：写 industry_group、town、zone、region 或 facts 里声明的文字"
        add_fault(faults, node.entries["cohorts"], message)
        return
    allowed = (*scheme.industry_groups, "其他") if baseline.by == "industry_group" else fact.words
    for word, _number in baseline.table:
        if allowed and word not in allowed:
            message = f"“{indicator.label}”的基准值写了“{word}”，{fact.label}里没有；有：{'、'.join(allowed)}"
            add_fault(faults, node.entries["cohorts"], message)


def _excepted(grading: Grading) -> set[str]:
    return set() if is_missing(grading.quota_base) else set(grading.quota_base.known.without)
