"""Reading how many members a pool is to have (在库数量要求): a multiple of a target, or numbers as printed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceType
from decimal import Decimal

from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyFault, RegionTree, Scalar, Sequence, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown, read_number, read_whole
from cultivation.policy.basis_reader import BASIS_KEYS, read_basis
from cultivation.policy.pool import ROUNDINGS, Basis, Quota
from cultivation.policy.targets import METRICS

_QUOTA_KEYS = {
    "ratio": "倍数",
    "of": "目标指标",
    "rounding": "取整",
    "fixed": "各地区家数",
    "stated_total": "合计",
    "tiers": "只算这些层级",
} | BASIS_KEYS
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)%", re.ASCII)


def read_quotas(
    fields: Fields, inherited: Basis | None, regions: RegionTree | None, tiers: SequenceType[str]
) -> tuple[Quota | None, tuple[Quota, ...]]:
    """``quota``: that of the whole pool, and those of some of its tiers; one block, or a list of them."""
    node = fields.get("quota")
    if node is None:
        return None, ()
    blocks = node.items if isinstance(node, Sequence) else [node]
    found = [one for block in blocks if (one := _quota(block, inherited, regions, tiers, fields.faults))]
    whole = [one for one in found if not one.tiers]
    if len(whole) > 1:
        add_fault(fields.faults, node, "整个库的在库数量要求只写一项；其他各项用 tiers 写明是哪些层级的")
    return (whole[0] if whole else None), tuple(one for one in found if one.tiers)


def _quota(
    node: Node,
    inherited: Basis | None,
    regions: RegionTree | None,
    tiers: SequenceType[str],
    faults: list[PolicyFault],
) -> Quota | None:
    if is_unknown(node):
        return Quota(UNKNOWN, "newly_listed", "up_each", inherited or Basis())
    block = as_mapping(node, faults)
    if block is None:
        return None
    own = Fields(block, faults, _QUOTA_KEYS)
    basis = read_basis(own, inherited)
    named = own.texts("tiers")
    for word in named:
        if word not in tiers:
            add_fault(faults, block, f"没有“{word}”这一层级，已有：{'、'.join(tiers) or '（没有写层级）'}")
    if own.get("fixed") is not None:
        fixed, stated = _fixed(own, regions)
        return Quota(UNKNOWN, "newly_listed", "up_each", basis, fixed, stated, named)
    ratio_node = own.require("ratio", unknown_ok=True)
    ratio = None if ratio_node is None else _ratio(ratio_node, faults)
    metric, rounding = own.choice("of", METRICS), own.choice("rounding", ROUNDINGS)
    return Quota(UNKNOWN if ratio is None else ratio, metric, rounding, basis, tiers=named)


def _ratio(node: Node, faults: list[PolicyFault]) -> Decimal | Unknown | None:
    """1.2, or 120%."""
    share = _PERCENT.fullmatch(node.text) if isinstance(node, Scalar) else None
    ratio = Decimal(share[1]) / 100 if share else read_number(node, faults)
    if isinstance(ratio, Decimal) and ratio <= 0:
        add_fault(faults, node, f"倍数应大于 0（{ratio}）")
    return ratio


def _fixed(own: Fields, regions: RegionTree | None) -> tuple[tuple[tuple[str, int], ...], int | None]:
    """Numbers by region as printed; they add to the stated 合计."""
    for key in ("ratio", "of", "rounding"):
        if own.get(key) is not None:
            add_fault(
                own.faults, own.node.entries[key], "写了各地区家数（fixed），就不写倍数、目标指标、取整"
            )
    block = as_mapping(own.node.entries["fixed"], own.faults) or Mapping("", own.node.line, {})
    found: dict[str, int] = {}
    for word, node in block.entries.items():
        region, number = regions.find(word) if regions else None, read_whole(node, own.faults)
        if region is None:
            add_fault(own.faults, node, f"“{word}”不在地区清单里，请改用清单里的名称，或先补进 regions")
        elif region.code in found:
            add_fault(own.faults, node, f"{region.name}写了两次，请只留一处")
        elif number is not None:
            found[region.code] = number
    stated = own.get("stated_total")
    total = None if stated is None or is_unknown(stated) else read_whole(stated, own.faults)
    added = sum(found.values())
    if stated is not None and total is not None and total != added:
        add_fault(own.faults, stated, f"合计写 {total}，各地区相加为 {added}，请对照文件逐项核对")
    return tuple(found.items()), total
