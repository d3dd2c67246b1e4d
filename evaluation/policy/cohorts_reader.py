"""Reading conditions, cohorts, their indicators and their bands. Pure."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass
from decimal import Decimal

from core.policies import Mapping, Node, PolicyFault, Scalar, Sequence, Unknown
from core.policies.fields import Fields, add_fault, as_mapping, read_number
from evaluation.policy.quantities import MEASURES
from evaluation.policy.scheme import (
    DIRECTIONS,
    GRADES,
    MISSING,
    Band,
    Bound,
    Clause,
    Cohort,
    Indicator,
    QuantityUse,
    is_missing,
)
from evaluation.policy.settings import Origin, Setting, SettingFields
from evaluation.policy.vocabulary import condition_of

_CLAUSE_KEYS = {"id": "代号", "label": "名称", "when": "条件", "if_unknown": "数据不明时"}
_COHORT_KEYS = _CLAUSE_KEYS | {"indicators": "指标", "bands": "等级"}
_INDICATORS_KEYS = {"full": "满分", "items": "各项指标"}
_ITEM_KEYS = {
    "id": "代号",
    "label": "名称",
    "num": "分子",
    "den": "分母",
    "unit": "单位",
    "direction": "方向",
    "weight": "权重",
    "baseline": "基准值",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报",
    "zero_den": "分母为零",
}
_BANDS_KEYS = dict.fromkeys(GRADES, "等级")
_BAND_KEYS = {"label": "名称", "upto": "累计比例"}
_BOUND_KEYS = {"points": "分", "times_weight": "权重的倍数"}
NONE = "none"


@dataclass(frozen=True, slots=True)
class ItemDefaults:
    """What ``scoring`` says of every indicator that does not say otherwise."""

    cap: Setting[Bound]
    floor: Setting[Bound]
    not_reported: Setting[str]
    zero_den: Setting[str]

    @classmethod
    def read(cls, fields: SettingFields) -> ItemDefaults:
        return cls(
            fields.custom("cap", read_bound),
            fields.custom("floor", read_bound),
            fields.one_of("not_reported", MISSING),
            fields.one_of("zero_den", MISSING),
        )

    def overridden(self, fields: SettingFields) -> ItemDefaults:
        """The same with what the indicator itself says."""
        return ItemDefaults(
            fields.custom("cap", read_bound) if fields.get("cap") else self.cap,
            fields.custom("floor", read_bound) if fields.get("floor") else self.floor,
            fields.one_of("not_reported", MISSING) if fields.get("not_reported") else self.not_reported,
            fields.one_of("zero_den", MISSING) if fields.get("zero_den") else self.zero_den,
        )


def read_bound(node: Node, faults: list[PolicyFault]) -> Bound | None:
    """``none``, ``{points: 0}`` or ``{times_weight: 1.5}``: never left to be guessed."""
    if isinstance(node, Scalar) and node.text == NONE:
        return Bound()
    if not isinstance(node, Mapping):
        add_fault(faults, node, "写 none（没有）、{points: 0}（分数）或 {times_weight: 1.5}（权重的倍数）")
        return None
    fields = Fields(node, faults, _BOUND_KEYS)
    read = {name: read_number(item, faults) for name in _BOUND_KEYS if (item := fields.get(name))}
    given = {name: value for name, value in read.items() if isinstance(value, Decimal)}
    if len(read) != 1 or len(given) != 1:
        add_fault(faults, node, "points（分数）和 times_weight（权重的倍数）写其中一个，值是数字")
        return None
    return Bound(**given)


def read_clause(node: Node, faults: list[PolicyFault], inherited: Origin | None) -> Clause | None:
    mapping = as_mapping(node, faults)
    return None if mapping is None else _clause_of(SettingFields(mapping, faults, _CLAUSE_KEYS, inherited))


def _clause_of(fields: SettingFields) -> Clause | None:
    clause_id, label = fields.text("id", 20), fields.text("label", 40)
    unknown = fields.choice("if_unknown", ("in", "out")) == "in"
    origin = fields.own_or_inherited()
    condition = condition_of(fields, "when")
    return None if condition is None else Clause(clause_id, label, condition, unknown, origin)


def read_cohorts(
    node: Sequence, defaults: ItemDefaults, quantities: dict[str, QuantityUse], faults: list[PolicyFault]
) -> tuple[Cohort, ...]:
    cohorts = [_read_cohort(item, defaults, quantities, faults) for item in node.items]
    unique([cohort.id for cohort in cohorts if cohort], node, faults)
    if not cohorts:
        add_fault(faults, node, "至少写一个分组")
    return tuple(filter(None, cohorts))


def _read_cohort(
    node: Node, defaults: ItemDefaults, quantities: dict[str, QuantityUse], faults: list[PolicyFault]
) -> Cohort | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, faults, _COHORT_KEYS)
    clause = _clause_of(fields)
    indicators_node, bands_node = fields.mapping("indicators"), fields.mapping("bands")
    indicators = _read_indicators(indicators_node, defaults, quantities, faults) if indicators_node else ()
    bands = _read_bands(bands_node, faults) if bands_node else ()
    return None if clause is None else Cohort(clause, indicators, bands)


def _read_indicators(
    node: Mapping, defaults: ItemDefaults, quantities: dict[str, QuantityUse], faults: list[PolicyFault]
) -> tuple[Indicator, ...]:
    fields = SettingFields(node, faults, _INDICATORS_KEYS)
    full, items = fields.number("full", least=1), fields.sequence("items")
    indicators = (
        [_read_indicator(item, fields, defaults, quantities) for item in items.items] if items else []
    )
    read = tuple(filter(None, indicators))
    unique([indicator.id for indicator in read], items, faults)
    weights = [w for w in (indicator.weight.value for indicator in read) if not isinstance(w, Unknown)]
    if items is not None and not items.items:
        add_fault(faults, items, "至少写一项指标")
    elif not is_missing(full) and len(weights) == len(indicators):
        total = sum(weights, Decimal(0))
        if total != full.value:
            add_fault(faults, node, f"各项权重相加为 {total}，与满分 {full.value} 不符")
    return read


def _read_indicator(
    node: Node, block: SettingFields, defaults: ItemDefaults, quantities: dict[str, QuantityUse]
) -> Indicator | None:
    mapping = as_mapping(node, block.faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, block.faults, _ITEM_KEYS, block.origin)
    num, den = (_read_measure(fields, name, quantities) for name in ("num", "den"))
    weight, baseline = fields.number("weight", least=0), fields.number("baseline")
    for name, setting in (("weight", weight), ("baseline", baseline)):
        if setting.known_or(Decimal(1)) <= 0:
            add_fault(block.faults, mapping.entries[name], f"{_ITEM_KEYS[name]}应大于 0")
    own = defaults.overridden(fields)
    return Indicator(
        id=fields.text("id", 40),
        label=fields.text("label", 40),
        num=num,
        den=den,
        unit=_read_unit(fields, num, den),
        direction=fields.choice("direction", DIRECTIONS),
        weight=weight,
        baseline=baseline,
        cap=own.cap,
        floor=own.floor,
        not_reported=own.not_reported,
        zero_den=own.zero_den,
    )


def _read_measure(fields: SettingFields, name: str, quantities: Collection[str]) -> str:
    word = fields.text(name)
    if word and word not in quantities:
        known = "、".join(quantities) or "（quantities 里还没有）"
        add_fault(
            fields.faults, fields.node.entries[name], f"“{word}”不在 quantities（指标数据）里；已有：{known}"
        )
        return ""
    return word


def _read_unit(fields: SettingFields, num: str, den: str) -> str:
    """The unit must be that of the two quantities: 万元/亩, or 比例 when they are of one unit."""
    unit = fields.text("unit", 20)
    if unit and num and den:
        top, bottom = MEASURES[num].unit, MEASURES[den].unit
        right = "比例" if top == bottom else f"{top}/{bottom}"
        if unit != right:
            add_fault(
                fields.faults, fields.node.entries["unit"], f"分子分母相除的单位是{right}，写的是{unit}"
            )
    return unit


def _read_bands(node: Mapping, faults: list[PolicyFault]) -> tuple[Band, ...]:
    fields = SettingFields(node, faults, _BANDS_KEYS)
    bands = []
    for grade in (name for name in node.entries if name in GRADES):
        mapping = as_mapping(node.entries[grade], faults)
        if mapping is not None:
            band = SettingFields(mapping, faults, _BAND_KEYS, fields.origin)
            bands.append(Band(grade, band.text("label", 20), band.number("upto", least=0)))
    shares = [band.upto.value for band in bands if isinstance(band.upto.value, Decimal)]
    order = [GRADES.index(band.grade) for band in bands]
    if order != sorted(order) or shares != sorted(shares):
        add_fault(faults, node, "等级由好到差写，upto 是累计比例，一级不小于一级")
    elif not bands or (len(shares) == len(bands) and shares[-1] != 100):
        add_fault(faults, node, "最后一级的累计比例应是 100")
    return tuple(bands)


def unique(names: SequenceType[str], node: Node | None, faults: list[PolicyFault]) -> None:
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen and node is not None:
            add_fault(faults, node, f"代号“{name}”写了两次，请改成不同的")
        seen.add(name)
