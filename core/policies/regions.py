"""The ``regions`` part: the assessment tree of one locality, in the official order of its table. Pure.

The assessment tree is not the administrative tree: parks stand beside districts, and what is below a region
here is what its officers see.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.policies.fields import Fields, add_fault, as_mapping
from core.policies.nodes import Mapping, Node, PolicyFault

KINDS = {
    "province": "省",
    "city": "市",
    "county": "县(市)",
    "district": "区",
    "zone": "园区",
    "township": "乡镇(街道)",
}
CODE = re.compile(r"[0-9][0-9A-Z]{5,11}", re.ASCII)
CODE_HINT = "地区代码为 6—12 位数字或大写字母，如 320685"

_PART_KEYS = {"clause": "条款", "note": "说明", "tree": "地区清单"}
_REGION_KEYS = {
    "code": "代码",
    "name": "名称",
    "short_name": "简称",
    "kind": "类别",
    "parent": "上级代码",
    "aliases": "别名",
    "administrative_code": "行政区划代码",
    "note": "说明",
}


@dataclass(frozen=True, slots=True)
class RegionEntry:
    """One region; ``parent`` is ``None`` only for the locality whose parent the document does not name."""

    code: str
    name: str
    short_name: str
    kind: str
    parent: str | None
    order: int
    aliases: tuple[str, ...]
    administrative_code: str | None
    line: int

    @property
    def words(self) -> tuple[str, ...]:
        """Every way to write this region, its code included."""
        return (self.code, self.name, self.short_name, *self.aliases)


@dataclass(frozen=True)
class RegionTree:
    """The regions of a document in official order, found by code or by any of their names."""

    clause: str
    entries: tuple[RegionEntry, ...]
    _by_word: dict[str, RegionEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_word = {region_word(word): entry for entry in self.entries for word in entry.words}
        object.__setattr__(self, "_by_word", by_word)

    def __iter__(self) -> Iterator[RegionEntry]:
        return iter(self.entries)

    def find(self, word: str) -> RegionEntry | None:
        """By code, name, short name or alias; width and blanks do not matter, anything else does."""
        return self._by_word.get(region_word(word))

    def children_of(self, code: str) -> tuple[RegionEntry, ...]:
        return tuple(entry for entry in self.entries if entry.parent == code)

    def is_below(self, code: str, ancestor: str) -> bool:
        """Whether ``ancestor`` stands above ``code``; a region is not below itself."""
        parents = {entry.code: entry.parent for entry in self.entries}
        parent = parents.get(code)
        while parent is not None and parent != ancestor:
            parent = parents.get(parent)
        return parent is not None

    def parents_first(self) -> list[RegionEntry]:
        """The entries so that none comes before its parent, otherwise in official order."""
        codes = {entry.code for entry in self.entries}
        placed: list[RegionEntry] = []
        waiting = [entry for entry in self.entries if entry.parent not in codes]
        while waiting:
            placed += waiting
            level = {entry.code for entry in waiting}
            waiting = [entry for entry in self.entries if entry.parent in level]
        return placed


def region_word(word: str) -> str:
    """The form in which region names are compared: NFKC, without blanks."""
    return "".join(unicodedata.normalize("NFKC", word).split())


def read_regions(node: Node, locality: str, faults: list[PolicyFault]) -> RegionTree | None:
    """The tree, or ``None`` when a fault leaves none to work with."""
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _PART_KEYS)
    clause = fields.text("clause")
    fields.text_or_none("note")
    listed = fields.sequence("tree")
    if listed is None:
        return None
    entries = []
    for order, item in enumerate(listed.items):
        region = as_mapping(item, faults)
        entry = region and _read_region(region, order, locality, faults)
        if entry:
            entries.append((item, entry))
    _check_doubles(entries, faults)
    _check_parents(entries, locality, faults)
    if not any(entry.code == locality for _, entry in entries):
        add_fault(faults, listed, f"地区清单里没有 locality 所写的 {locality or '地区'}，请补上")
    return RegionTree(clause, tuple(entry for _, entry in entries))


def _read_region(node: Mapping, order: int, locality: str, faults: list[PolicyFault]) -> RegionEntry | None:
    fields = Fields(node, faults, _REGION_KEYS)
    code = fields.text("code")
    if code and not CODE.fullmatch(code):
        add_fault(faults, fields.node.entries["code"], CODE_HINT)
        code = ""
    name = fields.text("name", limit=60)
    fields.text_or_none("note")
    parent = fields.text_or_none("parent")
    entry = RegionEntry(
        code=code,
        name=name,
        short_name=fields.text_or_none("short_name", limit=30) or name,
        kind=fields.choice("kind", KINDS),
        parent=parent if parent or code == locality else locality,
        order=order,
        aliases=fields.texts("aliases"),
        administrative_code=fields.text_or_none("administrative_code", limit=12),
        line=node.line,
    )
    return entry if code and name else None


def _check_doubles(entries: list[tuple[Node, RegionEntry]], faults: list[PolicyFault]) -> None:
    owners: dict[str, RegionEntry] = {}
    for node, entry in entries:
        for word in dict.fromkeys(region_word(word) for word in entry.words):
            owner = owners.setdefault(word, entry)
            if owner is not entry:
                what = "代码" if word in (entry.code, owner.code) else "名称、简称或别名"
                message = f"{what}“{word}”已属于第 {owner.line} 行的{owner.name}，一个{what}只能指一个地区"
                add_fault(faults, node, message)


def _check_parents(entries: list[tuple[Node, RegionEntry]], locality: str, faults: list[PolicyFault]) -> None:
    parents = {entry.code: entry.parent for _, entry in entries}
    for node, entry in entries:
        if entry.code == locality:
            if entry.parent in parents:
                add_fault(faults, node, f"{entry.name}是本文件的最上一级，上级不能写清单里的地区")
            continue
        if entry.parent not in parents:
            add_fault(faults, node, f"{entry.name}的上级 {entry.parent} 不在地区清单里，请补上或改正")
            continue
        seen, above = {entry.code}, entry.parent
        while above in parents and above not in seen:
            seen.add(above)
            above = parents[above] or ""
        if above in seen:
            add_fault(faults, node, f"{entry.name}的上级绕回了自己，请改正 parent")
