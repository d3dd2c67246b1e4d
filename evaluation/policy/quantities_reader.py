"""Reading the quantities of a scheme: the survey's, declared ones, and those that it makes of others. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.conditions import Condition, Criterion, FactType, Kind, read_condition
from core.policies import Mapping, Scalar
from core.policies.fields import Fields, add_fault, as_mapping
from evaluation.policy.choices import BLANK
from evaluation.policy.quantities import MEASURES
from evaluation.policy.scheme import QuantityUse
from evaluation.policy.settings import SettingFields
from evaluation.policy.vocabulary import CATALOGUE, condition_of

_KEYS = {
    "label": "名称",
    "unit": "单位",
    "department": "数据部门",
    "confirmed_by": "由谁确认",
    "basis": "口径",
    "formula": "算式",
    "includes": "加上",
    "excludes": "减去",
    "blank": "空白的组成部分",
    "not_applicable": "不适用的条件",
}
SHARE = "比例"
_NAME_HINT = "数据的代号用小写英文字母、数字和下划线"


def read_quantities(fields: Fields, facts: dict[str, FactType]) -> dict[str, QuantityUse]:
    """In the order of the document; what it makes itself is added to ``facts`` for whatever is read after it."""
    node = fields.mapping("quantities")
    if node is None:
        return {}
    names = [name for name in node.entries if name not in _ORIGIN]
    block = SettingFields(node, fields.faults, dict.fromkeys(names, "指标数据"))
    quantities: dict[str, QuantityUse] = {}
    for name in names:
        mapping = as_mapping(node.entries[name], fields.faults)
        if mapping is None:
            continue
        use = _read_use(name, SettingFields(mapping, fields.faults, _KEYS, block.origin), facts)
        if use is not None:
            quantities[name] = use
            facts.setdefault(name, use.fact)
    return quantities


_ORIGIN = ("clause", "src", "note", "wording")


def _read_use(name: str, fields: SettingFields, facts: dict[str, FactType]) -> QuantityUse | None:
    label, unit = fields.text("label", 40), fields.text("unit", 10)
    formula, blank = None, None
    if fields.get("formula") or fields.get("includes"):
        blank = fields.one_of("blank", BLANK)
        text = _formula_text(fields)
        read = _read_formula(name, label, unit, text, fields, facts)
        if read is None:
            return None
        fact, formula = read
    else:
        known = facts.get(name)
        if known is None or not known.is_measured:
            kind = "不是数量，不能作指标数据" if known else "不认识"
            add_fault(
                fields.faults,
                fields.node,
                f"“{name}”{kind}：写 {'、'.join(MEASURES)}，或 facts 里声明的、事实一览里的数量，或用 formula（算式）自行算出",
            )
            return None
        fact = known
        right = SHARE if fact.kind is Kind.RATIO else fact.unit
        if unit and unit != right:
            declared = "" if name in CATALOGUE else f"；用{unit}的，在 facts 里写 unit: {unit}"
            add_fault(
                fields.faults,
                fields.node.entries["unit"],
                f"{fact.label}的单位是{right}，写的是{unit}{declared}",
            )
    return QuantityUse(
        id=name,
        label=label,
        unit=unit,
        department=fields.text("department", 40),
        origin=fields.own_or_inherited(),
        fact=fact,
        formula=formula,
        blank=blank,
        not_applicable=condition_of(fields, "not_applicable", facts)
        if fields.get("not_applicable")
        else None,
        confirmed_by=fields.text_or_none("confirmed_by", 40) or "",
        basis=fields.text_or_none("basis", 40) or "",
    )


def _formula_text(fields: SettingFields) -> str:
    """``includes`` and ``excludes`` are a sum written as two lists."""
    if fields.get("formula"):
        for name in ("includes", "excludes"):
            if fields.get(name):
                add_fault(
                    fields.faults, fields.node, "formula（算式）与 includes、excludes（加上、减去）只写一种"
                )
        return fields.text("formula")
    plus, minus = fields.texts("includes"), fields.texts("excludes")
    return " + ".join(plus) + "".join(f" - {name}" for name in minus)


def _read_formula(
    name: str, label: str, unit: str, text: str, fields: SettingFields, facts: dict[str, FactType]
) -> tuple[FactType, Condition] | None:
    node = fields.get("formula") or fields.get("includes") or fields.node
    if name in facts:
        add_fault(
            fields.faults, fields.node, f"“{name}”系统里已有，自行算出的数据请另起代号，如 {name}_assessed"
        )
        return None
    condition, faults = read_condition(f"{text} >= 0", facts)
    for fault in faults:
        if isinstance(node, Scalar | Mapping):
            add_fault(fields.faults, node, f"算式“{text}”{fault}")
    if faults and not isinstance(node, Scalar | Mapping):
        add_fault(fields.faults, node, f"算式“{text}”{faults[0]}")
    if condition is None:
        return None
    clause = condition.clause
    if not isinstance(clause, Criterion) or clause.op != ">=" or clause.unit is None:
        add_fault(fields.faults, node, "算式只写加减乘除，不写比较和且、或")
        return None
    right = SHARE if clause.unit.is_ratio or not clause.unit.label else clause.unit.label
    if unit and unit != right:
        add_fault(fields.faults, fields.node.entries["unit"], f"算式的单位是{right}，写的是{unit}")
        return None
    try:
        kind = Kind.RATIO if right == SHARE else Kind.QUANTITY
        fact = FactType(
            name, label or name, kind, "" if kind is Kind.RATIO else unit, per=Kind.YEAR, bare=True
        )
    except ValueError:
        add_fault(fields.faults, fields.node, f"“{name}”不能作代号：{_NAME_HINT}")
        return None
    places = clause.places if right != SHARE or clause.unit.is_ratio else max(clause.places - 2, 0)
    return replace(fact, places=places), condition
