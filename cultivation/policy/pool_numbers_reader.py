"""Reading a pool's numbers and ways: parameters, the entry line, quota, region groups, who decides. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from core.conditions import FactType, Kind
from core.conditions.kinds import RESERVED
from core.conditions.units import unit_of
from core.policies import UNKNOWN, Fields, Node, PolicyDocument, PolicyFault, Scalar, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown, read_number
from cultivation.policy.basis_reader import BASIS_KEYS, read_basis, tell_doubles
from cultivation.policy.pool import (
    DECIDED_BY,
    MAY_LOWER,
    MONTH,
    MOVES,
    OWN_FACTS,
    STANDARD,
    Basis,
    Line,
    Movement,
    PoolParameter,
    RegionGroup,
)
from cultivation.policy.targets import YEARS

_GROUP_KEYS = {"name": "名称", "regions": "地区"} | BASIS_KEYS
_PARAMETER_KEYS = {"label": "名称", "value": "取值", "unit": "单位", "by_year": "各年取值"} | BASIS_KEYS
_LINE_KEYS = {
    "amount": "金额(万元)",
    "standard": "规上标准(万元)",
    "share": "比例",
    "by_group": "各组金额(万元)",
    "may_lower": "能否下调",
    "lowest": "下调的最低限(万元)",
} | BASIS_KEYS
_MOVEMENT_KEYS = MOVES | BASIS_KEYS
_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
#: 1000万元, 50%, 0.5亿元, 35万千瓦时, 20人, 3
_VALUE = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,6})?)\s*([^\d\s].*)?")
_AMOUNT_UNITS = {"元": Decimal("0.0001"), "千元": Decimal("0.1"), "万元": Decimal(1), "百万元": Decimal(100), "亿元": Decimal(10_000)}  # fmt: skip
_HUNDREDTH = Decimal("0.01")


def read_groups(fields: Fields, document: PolicyDocument, inherited: Basis | None) -> tuple[RegionGroup, ...]:
    """``region_groups``: regions by any of their names; one region stands in one group at most."""
    listed = fields.sequence("region_groups", required=False)
    groups: list[RegionGroup] = []
    placed: dict[str, str] = {}
    for item in listed.items if listed else ():
        mapping = as_mapping(item, fields.faults)
        if mapping is None:
            continue
        own = Fields(mapping, fields.faults, _GROUP_KEYS)
        name, codes = own.text("name", limit=30), []
        for word in own.texts("regions"):
            region = document.regions.find(word) if document.regions else None
            if region is None:
                add_fault(
                    fields.faults, mapping, f"“{word}”不在地区清单里，请改用清单里的名称，或先补进 regions"
                )
            elif placed.setdefault(region.code, name) != name:
                add_fault(
                    fields.faults, mapping, f"{region.name}已在“{placed[region.code]}”组，一个地区只能在一组"
                )
            else:
                codes.append(region.code)
        groups.append(RegionGroup(name, tuple(codes), read_basis(own, inherited)))
    tell_doubles(listed.items if listed else (), [group.name for group in groups], "地区分组", fields.faults)
    return tuple(groups)


def read_parameters(fields: Fields, inherited: Basis | None) -> tuple[PoolParameter, ...]:
    """``parameters``: name → value with its unit, or one value a year; ``unknown`` where nothing is printed."""
    node = fields.get("parameters")
    mapping = as_mapping(node, fields.faults) if node else None
    found = []
    for name, entry in (mapping.entries if mapping else {}).items():
        block = as_mapping(entry, fields.faults)
        if not _PARAMETER_NAME.fullmatch(name) or name in RESERVED | OWN_FACTS | {
            "year",
            MONTH.name,
            STANDARD.name,
        }:
            message = "参数名用小写字母、数字和下划线，如 low；year、month、standard、line、region 等另有所指"
            add_fault(fields.faults, entry, message)
        elif block is not None:
            found.append(_parameter(name, Fields(block, fields.faults, _PARAMETER_KEYS), inherited))
    return tuple(one for one in found if one is not None)


def _parameter(name: str, fields: Fields, inherited: Basis | None) -> PoolParameter | None:
    label, basis = fields.text("label", limit=30), read_basis(fields, inherited)
    years = fields.get("by_year")
    values: list[tuple[int | None, FactType | None, Decimal | None]] = []
    if years is None or fields.get("value") is not None:
        node = fields.require("value", unknown_ok=True)
        if node is not None:
            values.append((None, *_value(name, label, node, fields.faults)))
    by_year = as_mapping(years, fields.faults) if years else None
    for word, node in (by_year.entries if by_year else {}).items():
        if not (word.isascii() and word.isdigit() and int(word) in YEARS):
            add_fault(fields.faults, node, f"“{word}”不是年度，写成 2022: 1000万元 的样子")
            continue
        values.append((int(word), *_value(name, label, node, fields.faults)))
    types = {kind for _, kind, _ in values if kind is not None}
    if len(types) > 1:
        add_fault(fields.faults, fields.node, "各年取值的单位不同类，请用同一类单位")
    if not values or len(types) > 1:
        return None
    unit = fields.text_or_none("unit", limit=20)
    # a number that is nowhere printed is an amount unless its unit is written
    kind = types.pop() if types else _type_of(name, label, unit or "万元", fields)
    whole = next((value for year, _, value in values if year is None), None)
    return PoolParameter(kind, whole, tuple((year, value) for year, _, value in values if year), basis)


def _type_of(name: str, label: str, unit: str, fields: Fields) -> FactType:
    try:
        unit_of(unit)
    except ValueError:
        add_fault(
            fields.faults, fields.node.entries["unit"], f"没有“{unit}”这个单位，如 万元、%、亩、万千瓦时"
        )
        unit = ""
    if unit in _AMOUNT_UNITS or not unit:
        return FactType(name, label or name, Kind.AMOUNT)
    if unit in ("%", "‰"):
        return FactType(name, label or name, Kind.RATIO)
    return FactType(name, label or name, Kind.QUANTITY, unit, places=6)


def _value(
    name: str, label: str, node: Node, faults: list[PolicyFault]
) -> tuple[FactType | None, Decimal | None]:
    """Type and value of ``1000万元``, ``50%``, ``35万千瓦时``; nothing of ``unknown``."""
    if is_unknown(node):
        return None, None
    match = _VALUE.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
    unit = (match[2] or "").strip() if match else ""
    try:
        unit_of(unit)
    except ValueError:
        match = None
    if match is None:
        add_fault(faults, node, "写数字和单位，如 1000万元、50%、35万千瓦时；没有写明的填 unknown")
        return None, None
    number, label = Decimal(match[1]), label or name
    if unit in _AMOUNT_UNITS:
        number *= _AMOUNT_UNITS[unit]
        if number != number.quantize(_HUNDREDTH):
            add_fault(faults, node, "金额最多精确到百元（万元两位小数）")
            return None, None
        return FactType(name, label, Kind.AMOUNT), number
    if unit in ("%", "‰"):
        return FactType(name, label, Kind.RATIO), number / (100 if unit == "%" else 1000)
    if not unit:
        return FactType(name, label, Kind.NUMBER, places=6), number
    return FactType(name, label, Kind.QUANTITY, unit, places=6), number


def read_line(fields: Fields, groups: tuple[RegionGroup, ...], inherited: Basis | None) -> Line | None:
    """``line``: an amount, or ``standard`` × ``share``; whether and how far a county may lower it."""
    node = fields.get("line")
    block = as_mapping(node, fields.faults) if node else None
    if block is None:
        return None
    own = Fields(block, fields.faults, _LINE_KEYS)
    basis = read_basis(own, inherited)
    amount, standard, share = (_number(own, name) for name in ("amount", "standard", "share"))
    has_line = own.get("amount") is not None or own.get("share") is not None
    if (not has_line and own.get("standard") is None) or (share is not None and standard is None):
        message = (
            "入库线写 amount（金额），或 standard（规上标准）和 share（比例）；只有规上标准的写 standard"
        )
        add_fault(fields.faults, block, message)
    if isinstance(share, Decimal) and not 0 < share <= 1:
        add_fault(fields.faults, block.entries["share"], f"比例写成小数，如 0.5（写的是 {share}）")
    if isinstance(standard, Decimal) and isinstance(share, Decimal):
        product = standard * share
        if isinstance(amount, Decimal) and amount != product:
            message = f"入库线写 {amount} 万元，而标准 {standard} × 比例 {share} = {product.normalize():f} 万元，请核对"
            add_fault(fields.faults, block, message)
        amount = product.quantize(_HUNDREDTH)
    elif amount is None:
        amount = UNKNOWN
    by_group = _by_group(own, groups)
    may_lower = own.choice("may_lower", MAY_LOWER, default="never")
    lowest = _number(own, "lowest")
    if isinstance(lowest, Decimal) and isinstance(amount, Decimal) and lowest > amount:
        add_fault(fields.faults, block.entries["lowest"], f"最低限 {lowest} 高于入库线 {amount}")
    printed = lowest if isinstance(lowest, Decimal) else None
    return Line(amount, standard, share, by_group, may_lower, printed, basis)


def _number(fields: Fields, name: str) -> Decimal | Unknown | None:
    node = fields.get(name)
    number = None if node is None else read_number(node, fields.faults)
    if node is not None and isinstance(number, Decimal) and number <= 0:
        add_fault(fields.faults, node, f"应大于 0（{number}）")
    return number


def _by_group(fields: Fields, groups: tuple[RegionGroup, ...]) -> tuple[tuple[str, Decimal], ...]:
    node = fields.get("by_group")
    block = as_mapping(node, fields.faults) if node else None
    known, found = {group.name for group in groups}, []
    for name, value in (block.entries if block else {}).items():
        if name not in known:
            add_fault(fields.faults, value, f"没有“{name}”这个地区分组，请先写在 region_groups")
        number = read_number(value, fields.faults)
        if isinstance(number, Decimal):
            found.append((name, number))
    return tuple(found)


def read_movement(fields: Fields, inherited: Basis | None) -> Movement:
    """``movement``: each way in, up, down and out by rule or by application; by rule where nothing is written."""
    node = fields.get("movement")
    block = as_mapping(node, fields.faults) if node else None
    if block is None:
        return Movement(basis=inherited or Basis())
    own = Fields(block, fields.faults, _MOVEMENT_KEYS)
    ways = {move: own.choice(move, DECIDED_BY, default="rule") for move in MOVES}
    return Movement(**ways, basis=read_basis(own, inherited))
