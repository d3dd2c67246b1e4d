"""The JSON Schema of policy documents, made of what the readers themselves open and ask for. Pure.

Nothing is written down twice: while documents are read, every table of keys that a reader opens and every kind and
choice that it asks for is noted at its place. A block that none of these documents uses is left open; what decides
about a document is always the reader (``check_policy``), the schema helps editors to complete and to mark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any

from core.policies.document import ENVELOPE_KEYS, PART_NAMES, SCHEMAS, borrowed_regions
from core.policies.fields import YEARLY, number_in
from core.policies.nodes import Mapping, Node, Scalar, Sequence
from core.policies.watching import Notes, Table, choice_label, watched

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: ``unknown`` and an empty value may stand anywhere in a draft.
_BLANKS: tuple[dict[str, Any], ...] = ({"enum": ["unknown", None]},)
_TEXT = {"type": ["string", "number", "boolean", "null"]}
_KINDS: dict[str, dict[str, Any]] = {
    "text": _TEXT,
    "whole": {"type": "integer", "minimum": 0},
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "mapping": {"type": "object"},
    "sequence": {"type": "array"},
}


@dataclass
class _Place:
    """What is known of one place in documents; ``opened`` counts the tables that readers opened there."""

    keys: dict[str, str] = field(default_factory=dict)
    opened: int = 0
    required: Counter[str] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)
    #: a reader took it in its own way: no kind binds
    is_free: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    fields: dict[str, _Place] = field(default_factory=dict)
    free: _Place | None = None
    items: _Place | None = None

    def below(self, name: str) -> _Place:
        return self.fields.setdefault(name, _Place())


def document_schema(texts: MappingType[str, str]) -> dict[str, Any]:
    """The schema of the documents in ``texts`` (name → text), each of which may borrow another's regions."""
    root = _Place()
    for text in texts.values():
        top, notes = watched(text, texts.get(borrowed_regions(text) or ""))
        if top is not None:
            _note(top, root, notes)
    root.keys = {**ENVELOPE_KEYS, **PART_NAMES}
    schema = _schema_of(root)
    schema["properties"]["schema"] = {"title": ENVELOPE_KEYS["schema"], "enum": list(SCHEMAS)}
    return {"$schema": DIALECT, "title": "政策文件", **schema}


def _note(node: Node, place: _Place, notes: Notes) -> None:
    """Add what readers did to ``node`` and below to what is known of ``place``."""
    if isinstance(node, Sequence):
        place.items = place.items or _Place()
        for item in node.items:
            _note(item, place.items, notes)
    elif isinstance(node, Mapping):
        table = notes.tables.get(id(node))
        if table is None:
            place.free = place.free or _Place()
        else:
            _note_table(table, place)
        for name, item in node.entries.items():
            below = place.below(name) if table and name in table.keys else place.free
            if below is not None:
                _note(item, below, notes)


def _note_table(table: Table, place: _Place) -> None:
    place.opened += 1
    place.keys.update(table.keys)
    place.required.update({name for name, kind, _ in table.asks if kind == "required"})
    asked = {name for name, kind, _ in table.asks if kind != "required"}
    for name in table.node.entries:
        if name in table.keys and name not in asked:
            place.below(name).is_free = True
    for name, kind, choices in table.asks:
        below = place.below(name)
        if kind != "required":
            below.kinds.add(kind)
        labels = choices if isinstance(choices, MappingType) else dict.fromkeys(choices, "")
        below.choices.update({str(code): choice_label(label) for code, label in labels.items()})


def _schema_of(place: _Place, title: str = "") -> dict[str, Any]:
    """Kinds bind only where every reader asked for one; tables and lists bind where there is one."""
    schema: dict[str, Any] = {"title": title} if title else {}
    kinds = [] if place.is_free else [_kind(kind, place) for kind in sorted(place.kinds)]
    if kinds == [_TEXT]:
        schema.update(_TEXT)
    elif kinds:
        schema["anyOf"] = [*kinds, *_BLANKS]
    labels = [f"{code} {label}" for code, label in place.choices.items() if label]
    if labels:
        schema["description"] = "；".join(labels)
    if place.opened:
        names = sorted(place.keys, key=list(place.keys).index)
        schema["properties"] = {
            name: _schema_of(place.fields.get(name) or _Place(), place.keys[name]) for name in names
        }
        always = [name for name in names if place.required[name] == place.opened]
        if always:
            schema["required"] = always
        schema["properties"].setdefault(YEARLY, {"title": "每年更新", "type": "boolean"})
        schema["additionalProperties"] = _schema_of(place.free) if place.free else False
    elif place.free:
        schema["additionalProperties"] = _schema_of(place.free)
    if place.items:
        schema["items"] = _schema_of(place.items)
    return schema


def _kind(kind: str, place: _Place) -> dict[str, Any]:
    if kind == "choice":
        return {"enum": [{"true": True, "false": False}.get(code, code) for code in place.choices]}
    return _KINDS[kind]


def plain_value(node: Node) -> Any:
    """The node as JSON has it: numbers and truths as such, dates and everything else as text."""
    if isinstance(node, Mapping):
        return {name: plain_value(item) for name, item in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    return _plain_scalar(node)


def _plain_scalar(node: Scalar) -> Any:
    if node.is_null:
        return None
    if not node.plain:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    number = number_in(node.text)
    return node.text if number is None else int(number) if number == int(number) else float(number)
