"""A document as a clerk reads it: every key by its Chinese name, every figure with clause and wording beside it. Pure.

One outline serves the page of an edition, the form of what is set anew every year and both sides of a comparison; it
is made of the text and of what the readers asked, so that no part of a document needs its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace

from core.conditions import FactType
from core.facts import catalogue
from core.policies.condition_words import in_words
from core.policies.declared import read_declared
from core.policies.document import ENVELOPE_KEYS, PART_NAMES
from core.policies.fields import COMPARISONS, UNKNOWN, YEARLY, Unknown, is_unknown
from core.policies.nodes import Mapping, Node, Scalar, Sequence
from core.policies.watching import Notes, choice_label, watched

COVER = "cover"
CONDITION_KEYS = frozenset({"when", "conditions"})
#: Said beside the figure that they belong to; lines of their own only where two texts are compared.
_ORIGIN_KEYS = ("clause", "wording", "note", "src")
_SOURCES = {"demo": "未载明·演示取值", "inferred": "推定"}
#: What tells the items of a list apart, best first.
_IDENTITIES = ("id", "code", "name", "kind", "group", "label", "title", "metric")
#: How the items are called on pages, best first.
_TITLES = ("title", "label", "name", "id", "group", "metric", "code")
#: A table of one of these and of its origin is one figure.
_FIGURES = ("value", "amount")
_UNPRINTED = str(UNKNOWN)
_BESIDE_FIGURES = {"comparison", "unit", "metric", "region"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a leaf, or a heading where ``value`` is ``None``. ``key`` is the same in other editions.

    ``names`` lead to it in Chinese; ``words`` is a condition put into Chinese; ``is_origin`` marks clause, wording
    and note as lines of their own.
    """

    key: str
    names: tuple[str, ...]
    value: str | None
    line: int
    clause: str = ""
    wording: str = ""
    note: str = ""
    source: str = ""
    words: str = ""
    node: Scalar | None = None
    #: the key path in this very text, which faults and forms name
    path: str = ""
    is_yearly: bool = False
    is_origin: bool = False

    @property
    def label(self) -> str:
        return self.names[-1]

    @property
    def depth(self) -> int:
        return len(self.names) - 1

    @property
    def is_unknown(self) -> bool:
        return self.node is not None and is_unknown(self.node)


@dataclass(frozen=True, slots=True)
class Section:
    """One part: its lines in the order of the text."""

    part: str
    label: str
    rows: tuple[Row, ...]

    @property
    def shown(self) -> list[Row]:
        return [row for row in self.rows if not row.is_origin]


def outline(text: str, lender: str | None = None) -> list[Section]:
    """The cover and the parts in the order of the street; nothing for a text that is no document."""
    top, notes = watched(text, lender)
    if top is None:
        return []
    writer = _Writer(notes, _types_of(top))
    start = Row("", (), None, top.line)
    cover = [name for name in ENVELOPE_KEYS if name in top.entries]
    parts = [name for name in PART_NAMES if name in top.entries]
    sections = [Section(COVER, "封面", tuple(writer.fields(top, cover, start)))]
    for part in parts:
        below = replace(start, key=part, names=(PART_NAMES[part],))
        rows = tuple(writer.lines(top.entries[part], below, part))
        sections.append(Section(part, PART_NAMES[part], rows))
    return sections


def _types_of(top: Mapping) -> dict[str, FactType]:
    """The facts that conditions may name, as far as the text declares them without fault."""

    node = top.entries.get("facts")
    declared = read_declared(node, []) if node is not None else {}
    return {**catalogue(), **{name: fact.type for name, fact in declared.items()}}


class _Writer:
    def __init__(self, notes: Notes, types: MappingType[str, FactType]) -> None:
        self.notes = notes
        self.types = types

    def lines(self, node: Node, at: Row, name: str) -> Iterator[Row]:
        """The lines of ``node``, which is called ``name``; ``at`` says where it stands and what it inherits."""
        at = replace(at, line=node.line, path=node.key)
        if isinstance(node, Scalar):
            yield self._leaf(node, at, name)
        elif isinstance(node, Sequence):
            yield from self._list(node, at, name)
        else:
            at, own = self._with_origin(node, at)
            figure = _figure_of(node)
            if figure:
                beside = [key for key in node.entries if key in _BESIDE_FIGURES]
                yield self._leaf(node.entries[figure], at, name, self._beside(node, beside))  # type: ignore[arg-type]
            else:
                yield replace(own, value=None)
                names = [key for key in node.entries if key not in (*_ORIGIN_KEYS, YEARLY)]
                yield from self.fields(node, names, at)
            yield from self._origin_lines(node, at)

    def fields(self, node: Mapping, names: Collection[str], at: Row) -> Iterator[Row]:
        table = self.notes.tables.get(id(node))
        labels = table.keys if table else {}
        for name in names:
            label = labels.get(name, name)
            key = f"{at.key}.{name}" if at.key else name
            choices = {
                str(code): choice_label(told)
                for asked, _, choices in (table.asks if table else ())
                if asked == name and isinstance(choices, MappingType)
                for code, told in choices.items()
            }
            for row in self.lines(node.entries[name], replace(at, key=key, names=(*at.names, label)), name):
                told = choices.get(row.value or "") if row.key == key else None
                yield replace(row, value=told) if told else row

    def _leaf(self, node: Scalar, at: Row, name: str, beside: str = "") -> Row:
        value = _UNPRINTED if is_unknown(node) else _plain_word(node) + beside
        words = in_words(node.text, self.types) if name in CONDITION_KEYS and not is_unknown(node) else ""
        return replace(at, value=value, words=words, node=node, line=node.line, path=node.key)

    def _list(self, node: Sequence, at: Row, name: str) -> Iterator[Row]:
        if all(isinstance(item, Scalar) for item in node.items):
            value = "、".join("未载明" if is_unknown(item) else _plain_word(item) for item in node.items)  # type: ignore[arg-type]
            yield replace(at, value=value or "（空）")
            return
        seen: Counter[str] = Counter()
        for place, item in enumerate(node.items, start=1):
            identity = _word_of(item, _IDENTITIES) or str(place)
            seen[identity] += 1
            mark = identity if seen[identity] == 1 else f"{identity}#{seen[identity]}"
            title = _word_of(item, _TITLES) or f"第{place}项"
            below = replace(at, key=f"{at.key}[{mark}]", names=(*at.names[:-1], f"{at.label}：{title}"))
            yield from self.lines(item, below, name)

    def _with_origin(self, node: Mapping, at: Row) -> tuple[Row, Row]:
        """What the lines below inherit, and the table's own line with what it says of itself."""
        told = {key: _text_of(node.entries.get(key)) for key in _ORIGIN_KEYS}
        told["clause"] = _UNPRINTED if told["clause"] == Unknown.UNKNOWN.value else told["clause"]
        source = _SOURCES.get(told["src"], "")
        yearly = at.is_yearly or _text_of(node.entries.get(YEARLY)) == "true"
        inherits_source = "" if told["clause"] else at.source
        own = replace(
            at,
            clause=told["clause"] or at.clause,
            wording=told["wording"],
            note=told["note"],
            source=source or inherits_source,
            is_yearly=yearly,
        )
        is_figure = _figure_of(node) is not None
        return (own if is_figure else replace(own, wording="", note="")), own

    def _origin_lines(self, node: Mapping, at: Row) -> Iterator[Row]:
        table = self.notes.tables.get(id(node))
        for key in _ORIGIN_KEYS:
            item = node.entries.get(key)
            if isinstance(item, Scalar) and table is not None:
                label = table.keys.get(key, key)
                names = (*at.names, label)
                yield Row(
                    f"{at.key}.{key}", names, item.text, item.line, at.clause, node=item, is_origin=True
                )

    def _beside(self, node: Mapping, names: Collection[str]) -> str:
        told = {name: _text_of(node.entries[name]) for name in names}
        told["comparison"] = COMPARISONS.get(told.get("comparison", ""), "")
        return "".join(told[name] for name in ("unit", "comparison") if told.get(name))


def _figure_of(node: Mapping) -> str | None:
    for name in _FIGURES:
        rest = set(node.entries) - {name, YEARLY, *_ORIGIN_KEYS, *_BESIDE_FIGURES}
        if isinstance(node.entries.get(name), Scalar) and not rest:
            return name
    return None


def _word_of(node: Node, names: Collection[str]) -> str:
    found = (node.entries.get(name) for name in names) if isinstance(node, Mapping) else ()
    return next((item.text for item in found if isinstance(item, Scalar) and item.text), "")


def _text_of(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def _plain_word(node: Scalar) -> str:
    if node.is_null:
        return "长期（没有截止日）" if node.key.rpartition(".")[2] == "until" else "（空）"
    return {"true": "是", "false": "否"}.get(node.text, node.text) if node.plain else node.text
