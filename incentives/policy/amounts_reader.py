"""Reading what a rule pays: the shapes of ``docs/award-format.md``, in 元 and kept in fen. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from core.conditions import Condition, Kind, Quantity, read_quantity
from core.conditions.units import PLAIN
from core.policies import Fields, Mapping, Node, PolicyFault, Scalar, Unknown
from core.policies.fields import add_fault, as_mapping
from incentives.policy.amounts import (
    Amount,
    Band,
    Banded,
    Benefit,
    Choice,
    Choosing,
    Combined,
    Fixed,
    Formula,
    PerUnit,
    Rated,
)
from incentives.policy.figures import (
    read_price,
    read_rate,
    read_yuan,
    require_price,
    require_rate,
    require_yuan,
)
from incentives.policy.names import Names
from incentives.policy.tiers_reader import tier_choices

SHAPES = {
    "fixed": "一个数",
    "by_key": "按内容定额",
    "tier": "按档定额",
    "tier_rate": "按档定率",
    "marginal_rate": "分段累进",
    "percent": "按比例",
    "percent_by_key": "按内容定率",
    "per_unit": "按数量",
    "tier_per_unit": "按数量分档",
    "formula": "公式",
    "sum": "几部分相加",
    "schedule": "分年兑现",
    "first_match": "依次判断",
    "highest_of": "几项取高",
    "lowest_of": "几项取低",
    "match_upper": "按上级奖补配套",
    "non_monetary": "非资金支持",
}
#: Keys that any amount may have beside those of its shape.
FLAG_KEYS = {"type": "形式", "is_maximum": "是上限", "in_kind": "不付现金", "note": "说明"}
_KEYS: dict[str, dict[str, str]] = {
    "fixed": {"yuan": "金额(元)"},
    "by_key": {"key": "依据", "yuan": "各项金额(元)", "otherwise": "其他(元)"},
    "tier": {"on": "分档依据", "steps": "各档", "overlap": "两档重叠时"},
    "tier_rate": {"base": "计算基数", "on": "分档依据", "steps": "各档", "overlap": "两档重叠时"},
    "marginal_rate": {"base": "计算基数", "bands": "各段"},
    "percent": {"base": "计算基数", "rate": "比例"},
    "percent_by_key": {"base": "计算基数", "key": "依据", "rates": "各项比例", "otherwise": "其他比例"},
    "per_unit": {
        "units": "数量",
        "yuan": "每单位金额(元)",
        "key": "依据",
        "over": "超过多少起算",
        "each": "一个单位",
        "count": "零头",
    },
    "tier_per_unit": {
        "units": "数量",
        "on": "分档依据",
        "steps": "各档",
        "over": "超过多少起算",
        "each": "一个单位",
        "count": "零头",
        "overlap": "两档重叠时",
    },
    "formula": {"yuan": "算式"},
    "first_match": {"branches": "各种情形"},
    "highest_of": {"of": "各项"},
    "lowest_of": {"of": "各项"},
    "match_upper": {"levels": "配套哪级", "rate": "比例", "several": "几级都有时"},
    "non_monetary": {"benefit": "支持内容"},
}
_BRANCH_KEYS = {"when": "条件", "otherwise": "其余", "yuan": "金额(元)", "amount": "金额", "note": "说明"}
_BAND_KEYS = {"up_to": "到", "rate": "比例"}
_COUNTS = {"whole": "不足一个单位的不计", "exact": "按比例计", "up": "不足一个单位的按一个计"}
UPPER_LEVELS = {"state": "中央", "province": "省级", "city": "市级", "district": "县区"}
_SEVERAL = ("first", "sum", "highest")


def read_amount(node: Node, names: Names, faults: list[PolicyFault]) -> Amount | None:
    """Any shape but ``sum`` and ``schedule``, which make a rule's parts; ``None`` with a fault."""
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    kind = getattr(mapping.entries.get("type"), "text", "")
    if kind not in _KEYS:
        fields = Fields(mapping, faults, {**dict.fromkeys(mapping.entries, ""), **FLAG_KEYS})
        fields.choice("type", [name for name in SHAPES if name in _KEYS])
        return None
    fields = Fields(mapping, faults, FLAG_KEYS | _KEYS[kind])
    fields.text_or_none("note")
    return _READERS[kind](_Shape(fields, names))


def read_yuan_or_amount(fields: Fields, names: Names) -> Amount | None:
    """``yuan: 50000`` for a fixed sum, or ``amount:`` with any shape."""
    given = [name for name in ("yuan", "amount") if fields.get(name) is not None]
    if len(given) == 2:
        add_fault(fields.faults, fields.node, "yuan 与 amount 只写一个")
    if given == ["amount"]:
        node = fields.require("amount")
        return None if node is None else read_amount(node, names, fields.faults)
    return _fixed(require_yuan(fields, "yuan"))


@dataclass(frozen=True, slots=True)
class _Shape:
    """An opened amount with what its texts may name."""

    fields: Fields
    names: Names

    @property
    def faults(self) -> list[PolicyFault]:
        return self.fields.faults

    def quantity(self, name: str, *, money: bool) -> Quantity | None:
        node = self.fields.require(name)
        return None if node is None else self.names.quantity(node, self.faults, money=money)

    def rated(self, base: Quantity | None, node: Node) -> Amount | None:
        rate = read_rate(node, self.faults)
        return None if rate is None or base is None else Rated(base, rate)


def _fixed(fen: int | Unknown | None) -> Fixed | None:
    return None if fen is None else Fixed(fen)


def _read_fixed(shape: _Shape) -> Amount | None:
    return _fixed(require_yuan(shape.fields, "yuan"))


def _read_by_key(shape: _Shape) -> Amount | None:
    return _keyed(shape, "yuan", lambda node: _fixed(read_yuan(node, shape.faults)))


def _read_percent(shape: _Shape) -> Amount | None:
    base = shape.quantity("base", money=True)
    rate = require_rate(shape.fields, "rate")
    return None if base is None or rate is None else Rated(base, rate)


def _read_percent_by_key(shape: _Shape) -> Amount | None:
    base = shape.quantity("base", money=True)
    return _keyed(shape, "rates", lambda node: shape.rated(base, node))


def _keyed(shape: _Shape, name: str, read: Callable[[Node], Amount | None]) -> Amount | None:
    """A table from the words of ``key`` to amounts, in the order of the document."""
    key = shape.fields.require("key")
    table = shape.fields.mapping(name)
    if key is None or table is None or not isinstance(key, Scalar):
        return None
    kind = _kind_of_key(key, shape)
    choices: list[Choice] = []
    for word, node in table.entries.items() if kind else ():
        condition = shape.names.condition_of(_is_word(key.text, word, kind), node, shape.faults)
        amount = read(node)
        if condition is not None and amount is not None:
            choices.append(Choice(word, condition, amount))
    rest = shape.fields.get("otherwise") if "otherwise" in shape.fields.keys else None
    left = None if rest is None else read(rest)
    if left is not None:
        choices.append(Choice("其他", None, left))
    return Choosing(tuple(choices)) if choices else None


def _kind_of_key(key: Scalar, shape: _Shape) -> Kind | None:
    quantity, found = read_quantity(key.text, shape.names.facts, shape.names.parameters)
    for fault in found:
        add_fault(shape.faults, key, str(fault))
    return None if quantity is None else quantity.kind


def _is_word(key: str, word: str, kind: Kind | None) -> str:
    if kind is Kind.TEXT:
        return f'{key} == "{word}"'
    if kind is Kind.TAGS:
        return f'{key} has "{word}"'
    return f"{key} == {word}"


def _read_tier(shape: _Shape) -> Amount | None:
    on = shape.fields.require("on")
    steps = {"yuan": "金额(元)", "amount": "金额"}
    return _tiered(shape, on, steps, lambda step: read_yuan_or_amount(step, shape.names))


def _read_tier_rate(shape: _Shape) -> Amount | None:
    base = shape.quantity("base", money=True)
    on = shape.fields.get("on") or shape.fields.get("base")

    def read(step: Fields) -> Amount | None:
        rate = require_rate(step, "rate")
        return None if base is None or rate is None else Rated(base, rate)

    return _tiered(shape, on, {"rate": "比例"}, read)


def _read_tier_per_unit(shape: _Shape) -> Amount | None:
    counted = _counted(shape)
    on = shape.fields.get("on") or shape.fields.get("units")

    def read(step: Fields) -> Amount | None:
        fen = require_price(step, "yuan")
        return None if fen is None or counted is None else PerUnit(counted[0], counted[1], fen, counted[2])

    return _tiered(shape, on, {"yuan": "每单位金额(元)"}, read)


def _tiered(
    shape: _Shape, on: Node | None, keys: dict[str, str], read: Callable[[Fields], Amount | None]
) -> Amount | None:
    listed = shape.fields.sequence("steps")
    overlap = shape.fields.choice("overlap", ("higher", "lower", "ask"), default="")
    if on is None or listed is None or not isinstance(on, Scalar):
        return None
    choices = tier_choices(on, listed, overlap, keys, read, shape.names, shape.faults)
    return Choosing(choices, graded=True, asks=overlap == "ask") if choices else None


def _read_marginal(shape: _Shape) -> Amount | None:
    base = shape.quantity("base", money=True)
    listed = shape.fields.sequence("bands")
    bands: list[Band] = []
    for place, item in enumerate(listed.items if listed else (), start=1):
        mapping = as_mapping(item, shape.faults)
        if mapping is None or listed is None:
            continue
        band = Fields(mapping, shape.faults, _BAND_KEYS)
        rate = require_rate(band, "rate")
        end = band.get("up_to")
        is_last = place == len(listed.items)
        if end is None and not is_last:
            add_fault(shape.faults, item, "除最后一段外，每段都写到哪里为止：up_to")
        up_to = None if end is None else shape.names.quantity(end, shape.faults, money=True)
        if rate is not None:
            bands.append(Band(up_to, rate))
    if base is None or not bands:
        return None
    return Banded(base, tuple(bands))


def _read_per_unit(shape: _Shape) -> Amount | None:
    counted = _counted(shape)
    if shape.fields.get("key") is not None:
        return _keyed(shape, "yuan", lambda node: _per_unit(counted, read_price(node, shape.faults)))
    return _per_unit(counted, require_price(shape.fields, "yuan"))


def _per_unit(
    counted: tuple[Quantity, Fraction, str] | None, fen: Fraction | Unknown | None
) -> Amount | None:
    return None if counted is None or fen is None else PerUnit(counted[0], counted[1], fen, counted[2])


def _counted(shape: _Shape) -> tuple[Quantity, Fraction, str] | None:
    """What is counted, how much of it is one (in base units), and what a begun one counts for."""
    node = shape.fields.require("units")
    begun = shape.fields.choice("count", _COUNTS, default="whole")
    if node is None or not isinstance(node, Scalar):
        return None
    over = shape.fields.get("over")
    text = f"({node.text}) - ({over.text})" if isinstance(over, Scalar) else None
    units = shape.names.quantity(node, shape.faults, money=False, text=text)
    if units is None:
        return None
    each = shape.fields.get("each")
    if each is None:
        if len(units.unit.dimensions) > 1:
            message = (
                f"数量的单位是 {units.unit.label}；请写 each（多少算一个），或改用 formula，如 * 300元/人·月"
            )
            add_fault(shape.faults, node, message)
        return units, units.unit.scale, begun
    unit = shape.names.quantity(each, shape.faults, money=False)
    size = unit.constant if unit else None
    if unit is not None and (
        size is None or size <= 0 or unit.unit.dimensions not in (units.unit.dimensions, PLAIN.dimensions)
    ):
        add_fault(shape.faults, each, f"一个单位写成数，单位与数量相同，如 1{units.unit.label}")
        return None
    if size is not None and unit is not None and unit.unit == PLAIN:
        size *= units.unit.scale
    return None if size is None else (units, size, begun)


def _read_formula(shape: _Shape) -> Amount | None:
    money = shape.quantity("yuan", money=True)
    return None if money is None else Formula(money)


def _read_first_match(shape: _Shape) -> Amount | None:
    listed = shape.fields.sequence("branches")
    choices: list[Choice] = []
    for place, item in enumerate(listed.items if listed else (), start=1):
        mapping = as_mapping(item, shape.faults)
        if mapping is None or listed is None:
            continue
        branch = Fields(mapping, shape.faults, _BRANCH_KEYS)
        branch.text_or_none("note")
        when = _branch_condition(branch, shape.names, is_last=place == len(listed.items))
        amount = read_yuan_or_amount(branch, shape.names)
        if amount is not None:
            choices.append(Choice(when.text if when else "其余", when, amount))
    return Choosing(tuple(choices)) if choices else None


def _branch_condition(branch: Fields, names: Names, *, is_last: bool) -> Condition | None:
    node = branch.get("when")
    if node is not None:
        return names.condition(node, branch.faults)
    if branch.get("otherwise") is None or not is_last:
        add_fault(branch.faults, branch.node, "每种情形写 when；最后一种可写 otherwise: true")
    return None


def _read_combined(shape: _Shape, op: str) -> Amount | None:
    listed = shape.fields.sequence("of")
    items = [read_amount(item, shape.names, shape.faults) for item in (listed.items if listed else ())]
    found = tuple(item for item in items if item is not None)
    if listed is not None and len(listed.items) < 2:
        add_fault(shape.faults, listed, "至少写两项")
    return Combined(op, found) if found else None


def _read_match_upper(shape: _Shape) -> Amount | None:
    """``several``: ``first`` takes the first level listed that has an award; or their sum, or the highest."""
    listed = shape.fields.sequence("levels")
    rate = require_rate(shape.fields, "rate", limit=10)  # 按省级奖补的1.5倍配套
    several = shape.fields.choice("several", _SEVERAL, default="first")
    levels = [item for item in (listed.items if listed else ()) if isinstance(item, Scalar)]
    for item in levels:
        if item.text not in UPPER_LEVELS:
            usable = "、".join(f"{key} {label}" for key, label in UPPER_LEVELS.items())
            add_fault(shape.faults, item, f"不认识的一级“{item.text}”，可用：{usable}")
    if rate is None or not levels or any(item.text not in UPPER_LEVELS for item in levels):
        return None
    facts = [f"upper_{item.text}" for item in levels]
    if several == "sum":
        base = shape.names.quantity(levels[0], shape.faults, money=True, text=" + ".join(facts))
        return None if base is None else Rated(base, rate)
    choices = []
    for item, fact in zip(levels, facts, strict=True):
        base = shape.names.quantity(item, shape.faults, money=True, text=fact)
        when = shape.names.condition_of(f"{fact} > 0", item, shape.faults)
        if base is not None and when is not None:
            choices.append(Choice(f"{UPPER_LEVELS[item.text]}奖补", when, Rated(base, rate)))
    if several == "first":
        return Choosing(tuple(choices))
    return Combined(several, tuple(Choosing((choice,)) for choice in choices))


def _read_benefit(shape: _Shape) -> Amount | None:
    return Benefit(shape.fields.text("benefit"))


_READERS: dict[str, Callable[[_Shape], Amount | None]] = {
    "fixed": _read_fixed,
    "by_key": _read_by_key,
    "tier": _read_tier,
    "tier_rate": _read_tier_rate,
    "marginal_rate": _read_marginal,
    "percent": _read_percent,
    "percent_by_key": _read_percent_by_key,
    "per_unit": _read_per_unit,
    "tier_per_unit": _read_tier_per_unit,
    "formula": _read_formula,
    "first_match": _read_first_match,
    "highest_of": lambda shape: _read_combined(shape, "highest"),
    "lowest_of": lambda shape: _read_combined(shape, "lowest"),
    "match_upper": _read_match_upper,
    "non_monetary": _read_benefit,
}


def read_flags(node: Mapping, faults: list[PolicyFault]) -> tuple[bool, str | None]:
    """``is_maximum`` (the decided amount is entered) and ``in_kind`` (what is given instead of cash)."""
    fields = Fields(node, faults, {**dict.fromkeys(node.entries, ""), **FLAG_KEYS})
    maximum = fields.choice("is_maximum", ("true", "false"), default="false") == "true"
    return maximum, fields.text_or_none("in_kind", 60)
