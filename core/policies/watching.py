"""A document with what its readers opened and asked for: the Chinese name of every key, the choices it had. Pure."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

from core.policies.document import read_afresh
from core.policies.fields import watcher
from core.policies.nodes import Mapping


@dataclass
class Table:
    """What readers opened and asked of one mapping of one document."""

    node: Mapping
    keys: dict[str, str] = field(default_factory=dict)
    asks: list[tuple[str, str, Collection[str]]] = field(default_factory=list)


@dataclass
class Notes:
    """By the identity of the node; whoever keeps notes keeps the nodes."""

    tables: dict[int, Table] = field(default_factory=dict)

    def opened(self, node: Mapping, keys: MappingType[str, str]) -> None:
        self.tables.setdefault(id(node), Table(node)).keys.update(keys)

    def asked(self, node: Mapping, name: str, kind: str, choices: Collection[str] = ()) -> None:
        self.tables[id(node)].asks.append((name, kind, choices))


def watched(text: str, lender: str | None = None) -> tuple[Mapping | None, Notes]:
    """The top of the document and the notes of its reading; no top for a text that is no document at all."""
    notes = Notes()
    token = watcher.set(notes)
    try:
        read_afresh(text, lender)
    finally:
        watcher.reset(token)
    return next((table.node for table in notes.tables.values() if not table.node.key), None), notes


def choice_label(label: object) -> str:
    """Choices are tables of code → Chinese, or of code → something with a label, or bare codes."""
    return label if isinstance(label, str) else str(getattr(label, "label", ""))
