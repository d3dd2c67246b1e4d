"""Reading conditions, cohorts, their indicators and their bands. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from decimal import Decimal

from core.conditions import FactType
from core.policies import Mapping, Node, PolicyFault, Sequence, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown
from evaluation.policy.grading import Grading
from evaluation.policy.grading_reader import read_bands, read_cohort_grading
from evaluation.policy.indicators import Indicator
from evaluation.policy.indicators_reader import ItemDefaults, read_indicator
from evaluation.policy.scheme import Clause, Cohort, QuantityUse
from evaluation.policy.settings import Origin, SettingFields, is_missing
from evaluation.policy.vocabulary import condition_of, indicator_facts

CLAUSE_KEYS = {"id": "代号", "label": "名称", "when": "条件", "if_unknown": "数据不明时"}
_COHORT_KEYS = CLAUSE_KEYS | {"indicators": "指标", "bands": "等级", "grading": "定级"}
_INDICATORS_KEYS = {"full": "满分", "items": "各项指标"}

Facts = MappingType[str, FactType]


def read_clause(
    node: Node, faults: list[PolicyFault], inherited: Origin | None, facts: Facts
) -> Clause | None:
    mapping = as_mapping(node, faults)
    return (
        None if mapping is None else clause_of(SettingFields(mapping, faults, CLAUSE_KEYS, inherited), facts)
    )


def clause_of(fields: SettingFields, facts: Facts) -> Clause | None:
    clause_id, label = fields.text("id", 20), fields.text("label", 40)
    unknown = fields.choice("if_unknown", ("in", "out")) == "in"
    origin = fields.own_or_inherited()
    condition = condition_of(fields, "when", facts)
    return None if condition is None else Clause(clause_id, label, condition, unknown, origin)


def read_cohorts(
    node: Sequence,
    defaults: ItemDefaults,
    quantities: dict[str, QuantityUse],
    grading: Grading | None,
    facts: Facts,
    faults: list[PolicyFault],
) -> tuple[Cohort, ...]:
    cohorts = [_read_cohort(item, defaults, quantities, grading, facts, faults) for item in node.items]
    unique([cohort.id for cohort in cohorts if cohort], node, faults)
    if not cohorts:
        add_fault(faults, node, "至少写一个分组")
    return tuple(filter(None, cohorts))


def _read_cohort(
    node: Node,
    defaults: ItemDefaults,
    quantities: dict[str, QuantityUse],
    grading: Grading | None,
    facts: Facts,
    faults: list[PolicyFault],
) -> Cohort | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, faults, _COHORT_KEYS)
    clause = clause_of(fields, facts)
    indicators_node, bands_node = fields.mapping("indicators"), fields.mapping("bands")
    indicators = _read_indicators(indicators_node, defaults, quantities, faults) if indicators_node else ()
    own = read_cohort_grading(fields, grading)
    ranked = own or grading
    mode = ranked.mode if ranked else "percentile"
    known = {**facts, **indicator_facts(indicators)}
    bands = read_bands(bands_node, mode, known, faults) if bands_node else ()
    if clause is None:
        return None
    return Cohort(clause, indicators, bands, own)


def _read_indicators(
    node: Mapping, defaults: ItemDefaults, quantities: dict[str, QuantityUse], faults: list[PolicyFault]
) -> tuple[Indicator, ...]:
    fields = SettingFields(node, faults, _INDICATORS_KEYS)
    full = fields.number("full", least=1)
    items_node = fields.get("items")
    if items_node is not None and is_unknown(items_node):
        return ()
    items = fields.sequence("items")
    indicators = [read_indicator(item, fields, defaults, quantities) for item in items.items] if items else []
    read = tuple(filter(None, indicators))
    unique([indicator.id for indicator in read], items, faults)
    _check_replacing(read, node, faults)
    own = [indicator for indicator in read if not indicator.instead_of]
    weights = [w for w in (indicator.weight.value for indicator in own) if not isinstance(w, Unknown)]
    if items is not None and not items.items:
        add_fault(faults, items, "至少写一项指标")
    elif not is_missing(full) and len(weights) == len(own) and len(read) == len(indicators):
        total = sum(weights, Decimal(0))
        if total != full.value:
            add_fault(faults, node, f"各项权重相加为 {total}，与满分 {full.value} 不符")
    if len(read) > 1 and any(indicator.is_ranked_directly for indicator in read):
        add_fault(faults, node, "rank_only 按一项指标直接排序，这一组只能有这一项指标")
    return read


def _check_replacing(read: tuple[Indicator, ...], node: Mapping, faults: list[PolicyFault]) -> None:
    """Who takes another's place is worth as much, and nobody takes the place of such a one."""
    by_id = {indicator.id: indicator for indicator in read}
    for indicator in filter(lambda each: each.instead_of, read):
        other = by_id.get(indicator.instead_of)
        if other is None or other.instead_of:
            add_fault(
                faults,
                node,
                f"“{indicator.label}”代替的“{indicator.instead_of}”不是本组的一项指标，或自己也代替别项",
            )
        elif other.weight.value != indicator.weight.value:
            add_fault(faults, node, f"“{indicator.label}”代替“{other.label}”，两项的权重应相同")


def unique(names: SequenceType[str], node: Node | None, faults: list[PolicyFault]) -> None:
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen and node is not None:
            add_fault(faults, node, f"代号“{name}”写了两次，请改成不同的")
        seen.add(name)
