"""The envelope of a policy document and the registry of its parts. Pure.

One issued document = one policy name = one edition: who issued what, when it is in force, and its parts. Apps
register a reader for each part that they understand; a document that brings another part is told so.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from core.conditions import FactType
from core.facts import catalogue
from core.policies.declared import DeclaredFact, read_declared
from core.policies.fields import UNKNOWN, Fields, Unknown, add_fault, is_unknown
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence, UnreadableText, read_nodes
from core.policies.regions import CODE, CODE_HINT, RegionTree, read_regions

SCHEMAS = (1,)
#: Every part that a document of any kind may have, in the order of the street.
PART_NAMES = {
    "regions": "地区",
    "facts": "补充数据",
    "targets": "目标任务",
    "pool": "培育库",
    "calendar": "工作日历",
    "dispatch": "调度口径",
    "listing": "入库纳统",
    "evaluation": "综合评价",
    "awards": "奖补",
}
#: Parts that every other part may lean on; they are read with the envelope and need no app.
OWN_PARTS = ("regions", "facts")
ENVELOPE_KEYS = {
    "schema": "格式版本",
    "id": "政策名",
    "title": "标题",
    "locality": "适用地区代码",
    "issuer": "印发单位",
    "number": "文号",
    "issued_on": "印发日期",
    "published_on": "发布日期",
    "in_force": "施行期间",
    "source": "出处",
    "regions_of": "沿用地区的政策名",
    "note": "说明",
}
_IN_FORCE_KEYS = {"from": "施行日期", "until": "失效日期"}
_SOURCE_KEYS = {"document": "文件", "annex": "附件", "note": "说明"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_NAME_LIMIT = 60
_BORROWED = re.compile(r"^regions_of:\s*[\"']?([a-z0-9-]{1,60})", re.ASCII | re.MULTILINE)
_CACHE_SIZE = 64


@dataclass(frozen=True, slots=True)
class InForce:
    """Both ends included. ``until`` is ``None`` when the document says it has no end."""

    first: date | Unknown
    until: date | Unknown | None


@dataclass(frozen=True, slots=True)
class Source:
    document: str
    annex: str | None
    note: str | None


@dataclass(frozen=True)
class PolicyDocument:
    """A document without faults. ``unknown_keys`` are the key paths where the source prints nothing."""

    schema: int
    id: str
    title: str
    locality: str
    issuer: str | Unknown
    number: str | Unknown
    issued_on: date | Unknown
    published_on: date | Unknown
    in_force: InForce
    source: Source
    note: str | None
    sha256: str
    unknown_keys: tuple[str, ...]
    #: its own tree, or that of the document whose name ``regions_of`` is
    regions: RegionTree | None
    regions_of: str | None
    declared: MappingType[str, DeclaredFact]
    parts: MappingType[str, object]

    @property
    def present(self) -> tuple[str, ...]:
        """The names of the parts that this document has, in the order of the street."""
        own = {"regions": self.regions and not self.regions_of, "facts": self.declared}
        return tuple(name for name in PART_NAMES if name in self.parts or own.get(name))

    @property
    def facts(self) -> MappingType[str, FactType]:
        """The facts that this document declares."""
        return {name: fact.type for name, fact in self.declared.items()}

    @property
    def types(self) -> MappingType[str, FactType]:
        """Every fact that conditions of this document may name: the portal's and its own."""
        return {**catalogue(), **self.facts}


#: A reader takes the part's node and the envelope with its regions; it returns a frozen dataclass, or
#: ``None`` when its faults leave nothing to use.
PartReader = Callable[[Node, PolicyDocument], tuple[object | None, list[PolicyFault]]]
Reading = tuple[PolicyDocument | None, tuple[PolicyFault, ...]]

_readers: dict[str, PartReader] = {}
_cache: dict[tuple[str, str], Reading] = {}
_cache_lock = threading.Lock()


def register_part(name: str, reader: PartReader) -> None:
    """Let ``reader`` read the part ``name`` from now on; a second reader for the same part is an error."""
    if name not in PART_NAMES or name in OWN_PARTS:
        raise ValueError(f"not a part of policy documents: {name}")
    if _readers.setdefault(name, reader) is not reader:
        raise ValueError(f"part {name} has a reader already")
    with _cache_lock:
        _cache.clear()


def readable_parts() -> tuple[str, ...]:
    """The parts that this version can use."""
    return tuple(name for name in PART_NAMES if name in OWN_PARTS or name in _readers)


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def borrowed_regions(text: str) -> str | None:
    """The name of the document whose regions ``text`` uses, found without reading it."""
    match = _BORROWED.search(text)
    return match[1] if match else None


def read_document(
    text: str, others: MappingType[str, str] = MappingProxyType({})
) -> tuple[PolicyDocument | None, list[PolicyFault]]:
    """The document, or ``None`` with every fault at once, by line. Cached by the sha256 of the text.

    ``others``: name → text of the documents whose regions it may use (``regions_of``).
    """
    sha256 = text_sha256(text)
    lender = others.get(borrowed_regions(text) or "")
    key = (sha256, text_sha256(lender) if lender is not None else "")
    reading = _cache.get(key)
    if reading is None:
        reading = read_afresh(text, lender)
        with _cache_lock:
            while len(_cache) >= _CACHE_SIZE:
                _cache.pop(next(iter(_cache)))
            _cache[key] = reading
    document, faults = reading
    return document, list(faults)


def read_afresh(text: str, lender: str | None) -> Reading:
    """``read_document`` past the cache; ``lender`` is the text of the document whose regions it uses."""
    try:
        root, faults = read_nodes(text)
    except UnreadableText as error:
        return None, tuple(error.faults)
    schema_fault = _schema_fault(root)
    if schema_fault:
        return None, (schema_fault,)
    document = _read_envelope(root, text_sha256(text), lender, faults)
    document = _read_parts(root, document, faults)
    if faults:
        return None, tuple(sorted(set(faults)))
    return document, ()


def _schema_fault(root: Mapping) -> PolicyFault | None:
    """Told alone: how to read the rest of a document of another shape is not known."""
    node = root.entries.get("schema")
    if node is None:
        message = f"缺少 schema（格式版本），第一行请写 schema: {SCHEMAS[-1]}"
        return PolicyFault(root.line, "schema", message)
    if not isinstance(node, Scalar) or node.text not in map(str, SCHEMAS):
        known = "、".join(map(str, SCHEMAS))
        return PolicyFault(node.line, "schema", f"不认识的格式版本，本系统能读：{known}")
    return None


def _read_envelope(
    root: Mapping, sha256: str, lender: str | None, faults: list[PolicyFault]
) -> PolicyDocument:
    fields = Fields(root, faults, ENVELOPE_KEYS | PART_NAMES)
    name = fields.text("id")
    if name and (not _NAME.fullmatch(name) or len(name) > _NAME_LIMIT):
        add_fault(faults, root.entries["id"], "政策名用小写字母、数字和连字符，如 nantong-2022")
    locality = fields.text("locality")
    if locality and not CODE.fullmatch(locality):
        add_fault(faults, root.entries["locality"], CODE_HINT)
    facts_node = fields.get("facts")
    return PolicyDocument(
        schema=SCHEMAS[-1],
        id=name,
        title=fields.text("title", limit=200),
        locality=locality,
        issuer=fields.text_or_unknown("issuer"),
        number=fields.text_or_unknown("number"),
        issued_on=fields.date_or_unknown("issued_on"),
        published_on=fields.date_or_unknown("published_on") if fields.get("published_on") else UNKNOWN,
        in_force=_read_in_force(fields, faults),
        source=_read_source(fields, faults),
        note=fields.text_or_none("note"),
        sha256=sha256,
        unknown_keys=tuple(_unknown_keys(root)),
        regions=_read_tree(fields, locality, lender),
        regions_of=fields.text_or_none("regions_of", _NAME_LIMIT),
        declared=MappingProxyType(read_declared(facts_node, faults) if facts_node else {}),
        parts=MappingProxyType({}),
    )


def _read_tree(fields: Fields, locality: str, lender: str | None) -> RegionTree | None:
    """The document's own tree, or that of the document that it names."""
    own, borrowed = fields.get("regions"), fields.get("regions_of")
    if own is not None and borrowed is not None:
        add_fault(fields.faults, borrowed, "已有 regions（地区）部分，regions_of 请删去")
    if own is not None or borrowed is None:
        return read_regions(own, locality, fields.faults) if own is not None else None
    if lender is None:
        message = "没有找到这份政策：检查时把它放在同一目录，或用 --with 指明文件；载入时要先载入它"
        add_fault(fields.faults, borrowed, message)
        return None
    tree = _lent_tree(lender)
    if tree is None:
        add_fault(fields.faults, borrowed, "所沿用的政策没有可用的 regions（地区）部分，请先把它改好")
    elif locality and all(entry.code != locality for entry in tree):
        message = f"所沿用的地区清单里没有 locality 所写的 {locality}，请核对"
        add_fault(fields.faults, fields.node.entries["locality"], message)
    return tree


def _lent_tree(text: str) -> RegionTree | None:
    """The regions of another document, whatever else it holds."""
    try:
        root, _doubled = read_nodes(text)
    except UnreadableText:
        return None
    faults: list[PolicyFault] = []
    fields = Fields(root, faults, dict.fromkeys(root.entries, ""))
    locality, node = fields.text_or_none("locality") or "", fields.get("regions")
    tree = read_regions(node, locality, faults) if node is not None else None
    return None if faults else tree


def _read_in_force(fields: Fields, faults: list[PolicyFault]) -> InForce:
    node = fields.mapping("in_force")
    if node is None:
        return InForce(UNKNOWN, UNKNOWN)
    period = Fields(node, faults, _IN_FORCE_KEYS)
    first = period.date_or_unknown("from")
    until: date | Unknown | None = None
    if "until" not in node.entries:
        message = "缺少 until（失效日期）；长期有效的写 null，文件没有写明的写 unknown"
        faults.append(PolicyFault(node.line, f"{node.key}.until", message))
    elif period.get("until") is not None:
        until = period.date_or_unknown("until")
    if isinstance(first, date) and isinstance(until, date) and until < first:
        add_fault(faults, node.entries["until"], f"失效日期 {until} 早于施行日期 {first}")
    return InForce(first, until)


def _read_source(fields: Fields, faults: list[PolicyFault]) -> Source:
    node = fields.mapping("source")
    if node is None:
        return Source("", None, None)
    source = Fields(node, faults, _SOURCE_KEYS)
    return Source(source.text("document"), source.text_or_none("annex"), source.text_or_none("note"))


def _read_parts(root: Mapping, document: PolicyDocument, faults: list[PolicyFault]) -> PolicyDocument:
    parts: dict[str, object] = {}
    for name, label in PART_NAMES.items():
        node = root.entries.get(name)
        if node is None or name in OWN_PARTS:
            continue
        reader = _readers.get(name)
        if reader is None:
            usable = "、".join(readable_parts())
            add_fault(
                faults, node, f"本版本还不能读 {name}（{label}）部分，能读的有：{usable}；请先删去这一部分"
            )
            continue
        part, part_faults = reader(node, document)
        faults += part_faults
        if part is not None:
            parts[name] = part
    return replace(document, parts=MappingProxyType(parts))


def _unknown_keys(node: Node) -> Iterator[str]:
    if is_unknown(node):
        yield node.key
    elif isinstance(node, Mapping):
        for value in node.entries.values():
            yield from _unknown_keys(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _unknown_keys(item)
