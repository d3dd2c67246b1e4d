"""Reading region groups and cost shares: no region twice, none left out, parts that sum to 1. Pure."""

from __future__ import annotations

import re
from fractions import Fraction

from core.policies import Fields, Mapping, Node, PolicyDocument, PolicyFault, Scalar
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown
from incentives.policy.awards import LEVELS, Below, RegionGroup, Sharing
from incentives.policy.marks import read_clause, read_mark

_GROUP_KEYS = {"name": "组名", "regions": "地区", "clause": "条款", "src": "来源", "note": "说明"}
_SHARING_KEYS = {
    "group": "地区分组",
    "parts": "各级比例",
    "remainder": "除不尽时",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
_BELOW_KEYS = {"share": "比例", "split": "再分担"}
#: 0.5, 1, or a fraction such as 1/3 that no decimal says exactly
_SHARE = re.compile(r"(?:(\d)(\.\d{1,6})?|(\d{1,3})/(\d{1,3}))", re.ASCII)
_NAME_LIMIT = 30


def read_groups(fields: Fields, document: PolicyDocument, clause: str | None) -> tuple[RegionGroup, ...]:
    listed = fields.sequence("region_groups", required=False)
    if listed is None:
        return ()
    groups: list[RegionGroup] = []
    taken: dict[str, str] = {}
    for item in listed.items:
        mapping = as_mapping(item, fields.faults)
        if mapping is None:
            continue
        group = Fields(mapping, fields.faults, _GROUP_KEYS)
        name = group.text("name", _NAME_LIMIT)
        if name in {known.name for known in groups}:
            add_fault(fields.faults, item, f"地区分组“{name}”写了两次，请只留一个")
        codes = _codes(group, name, document, taken)
        groups.append(RegionGroup(name, codes, read_clause(group, clause), read_mark(group)))
    return tuple(groups)


def _codes(group: Fields, name: str, document: PolicyDocument, taken: dict[str, str]) -> tuple[str, ...]:
    listed = group.sequence("regions")
    codes = []
    for item in listed.items if listed else ():
        word = item.text if isinstance(item, Scalar) else ""
        if document.regions is None and word:  # regions are called by their names then
            if word in taken:
                add_fault(group.faults, item, f"{word}已在“{taken[word]}”组里，一个地区只在一个组")
            taken[word] = name
            codes.append(word)
            continue
        entry = document.regions.find(word) if document.regions and word else None
        if entry is None:
            message = f"“{word}”不在地区清单里，请改用清单里的名称，或先补进 regions"
            add_fault(group.faults, item, message)
        elif entry.code in taken:
            add_fault(group.faults, item, f"{entry.name}已在“{taken[entry.code]}”组里，一个地区只在一个组")
        else:
            taken[entry.code] = name
            codes.append(entry.code)
    return tuple(codes)


def read_sharings(
    fields: Fields,
    document: PolicyDocument,
    groups: tuple[RegionGroup, ...],
    clause: str | None,
) -> tuple[Sharing, ...]:
    """A document that shares costs at all shares them in every district of its locality.

    A rule's own ``sharing`` stands before the document's, in the regions that it names.
    """
    listed = fields.sequence("sharing", required=False)
    if listed is None:
        return ()
    sharings: list[Sharing] = []
    for item in listed.items:
        mapping = as_mapping(item, fields.faults)
        if mapping is not None:
            sharings.append(_read_sharing(mapping, groups, sharings, clause, fields.faults))
    if not any(sharing.group is None for sharing in sharings):
        _check_covered(listed, document, groups, sharings, fields.faults)
    return tuple(sharings)


def _read_sharing(
    node: Mapping,
    groups: tuple[RegionGroup, ...],
    known: list[Sharing],
    clause: str | None,
    faults: list[PolicyFault],
) -> Sharing:
    fields = Fields(node, faults, _SHARING_KEYS)
    group = None
    if fields.get("group") is not None:
        group = fields.choice("group", [given.name for given in groups])
    if group in {sharing.group for sharing in known}:
        add_fault(faults, node, f"“{group or '各地区'}”的分担写了两次，请只留一处")
    fields.text_or_none("note")
    parts, below = _read_parts(fields)
    return Sharing(
        group=group,
        parts=parts,
        clause=fields.text_or_none("clause", CLAUSE_LIMIT) or read_clause(fields, clause),
        wording=fields.text_or_none("wording"),
        below=below,
        last_takes_rest=fields.choice("remainder", ("largest", "last"), default="largest") == "last",
    )


def _read_parts(fields: Fields) -> tuple[tuple[tuple[str, Fraction], ...], tuple[Below, ...]]:
    """Level → share; a level that is shared again is a table of ``share`` and ``split``."""
    node = fields.mapping("parts")
    parts: list[tuple[str, Fraction]] = []
    below: list[Below] = []
    for level, item in (node.entries if node else {}).items():
        if level not in LEVELS:
            levels = "、".join(f"{key} {label}" for key, label in LEVELS.items())
            add_fault(fields.faults, item, f"不认识的一级“{level}”，可用：{levels}")
        share: Fraction | None
        if isinstance(item, Mapping):
            again = Fields(item, fields.faults, _BELOW_KEYS)
            given = again.require("share")
            share = None if given is None else _read_share(given, fields.faults)
            below += _read_below(again, level)
        else:
            share = _read_share(item, fields.faults)
        if share is not None:
            parts.append((level, share))
    _check_whole(node, parts, fields.faults)
    return tuple(parts), tuple(below)


def _read_below(fields: Fields, level: str) -> list[Below]:
    """``split: document`` shares as the document does in that region, ``unknown`` leaves it to the level."""
    split = fields.require("split", unknown_ok=True)
    if split is None or is_unknown(split):
        return []
    if isinstance(split, Scalar) and split.text == "document":
        return [Below(level, None)]
    if not isinstance(split, Mapping):
        add_fault(fields.faults, split, "split 写一张各级比例的表，或 document（按本文件的分担），或 unknown")
        return []
    found = [(name, _read_share(item, fields.faults)) for name, item in split.entries.items()]
    for name, item in split.entries.items():
        if name not in LEVELS:
            add_fault(fields.faults, item, f"不认识的一级“{name}”")
    parts = [(name, share) for name, share in found if share is not None]
    _check_whole(split, parts, fields.faults)
    return [Below(level, tuple(parts))]


def _check_whole(node: Mapping | None, parts: list[tuple[str, Fraction]], faults: list[PolicyFault]) -> None:
    total = sum((share for _level, share in parts), Fraction(0))
    if node is not None and len(parts) == len(node.entries) and total != 1:
        add_fault(faults, node, f"各级比例相加应为 1，现在是 {total}")


def _read_share(node: Node, faults: list[PolicyFault]) -> Fraction | None:
    match = _SHARE.fullmatch(node.text) if isinstance(node, Scalar) else None
    if match is None or match[4] in {"0", "00", "000"}:
        add_fault(faults, node, "比例写成 0.5、1 或 1/3 的样子")
        return None
    if match[3]:
        return Fraction(int(match[3]), int(match[4]))
    return Fraction(f"{match[1]}{match[2] or ''}")


def _check_covered(
    node: Node,
    document: PolicyDocument,
    groups: tuple[RegionGroup, ...],
    sharings: list[Sharing],
    faults: list[PolicyFault],
) -> None:
    if document.regions is None:
        return
    shared = {sharing.group for sharing in sharings}
    covered = {code for group in groups if group.name in shared for code in group.regions}
    left = [e.name for e in document.regions.children_of(document.locality) if e.code not in covered]
    if left:
        add_fault(faults, node, f"{'、'.join(left)}没有写由谁承担，请补进地区分组和资金分担")
