"""Policy text to nodes: YAML with a line and a key path on every node. Pure.

Only plain YAML is read: no tags, no anchors or references, one document, every key once. Scalars keep the
text as written: a figure becomes ``Decimal`` without having been a float, and ``320685`` may be a code.
Key paths read ``targets.tables[1].rows.海安市``; places in a list count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

#: No issued document comes near it; a larger text is a mistake or an attack.
TEXT_LIMIT = 1_000_000
#: Far deeper than any part nests.
DEPTH_LIMIT = 30

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class PolicyFault:
    """One thing wrong with a document: where it is and how to mend it, in Chinese."""

    line: int
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Scalar:
    key: str
    line: int
    text: str
    plain: bool
    #: where it stands in the text, by character, without a byte order mark; for those who change it there
    span: tuple[int, int] = field(default=(0, 0), compare=False)

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Sequence:
    key: str
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    key: str
    line: int
    entries: dict[str, Node]


Node = Scalar | Sequence | Mapping


class UnreadableText(Exception):
    """The text is not the plain YAML that policy documents use; carries every fault found."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


def read_nodes(text: str) -> tuple[Mapping, list[PolicyFault]]:
    """The document's top mapping and the faults that do not stop reading (doubled keys).

    Raises ``UnreadableText`` for what cannot be read at all.
    """
    if len(text) > TEXT_LIMIT:
        raise UnreadableText([PolicyFault(1, "", f"文件超过 {TEXT_LIMIT} 个字符，不像一份政策文件")])
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UnreadableText([PolicyFault(1, "", "文件含无法保存的字符，请另存为 UTF-8")])
    faults = [
        PolicyFault(number, "", "行首有制表符（Tab），请改用空格缩进")
        for number, line in enumerate(text.splitlines(), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if faults:
        raise UnreadableText(faults)
    composer = _Composer(text.removeprefix("\ufeff"))
    try:
        node = composer.compose()
    except yaml.YAMLError as error:
        raise UnreadableText([*composer.stopping, _syntax_fault(error)]) from error
    if composer.stopping:
        raise UnreadableText(composer.stopping)
    if not isinstance(node, Mapping):
        raise UnreadableText([PolicyFault(1, "", "文件应由“键: 值”组成，第一行写 schema: 1")])
    return node, composer.doubled


class _Composer:
    """Builds nodes from parser events; ``stopping`` faults make the text unusable, ``doubled`` do not."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self.stopping: list[PolicyFault] = []
        self.doubled: list[PolicyFault] = []

    def compose(self) -> Node | None:
        """The first document of the text; ``None`` when there is none."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._stop(event, "", "一个文件只写一份政策，请删去第二个“---”及以后的内容")
                    break
                root = self._node(next(self._events), "", 0)
        return root

    def _node(self, event: Any, key: str, depth: int) -> Node:
        line = _line(event)
        if depth > DEPTH_LIMIT:
            raise UnreadableText([PolicyFault(line, key, f"层次超过 {DEPTH_LIMIT} 层，请检查缩进和括号")])
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, key, "不能用 * 引用，请把内容写全")
            return Scalar(key, line, "", plain=True)
        if event.anchor is not None:
            self._stop(event, key, "不能用 & 作标记，请删去")
        if event.tag is not None:
            self._stop(event, key, "不能用 ! 标签，请删去")
        if isinstance(event, yaml.ScalarEvent):
            span = (_mark(event.start_mark).index, _mark(event.end_mark).index)
            return Scalar(key, line, event.value, plain=not event.style, span=span)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(key, line, tuple(self._items(key, depth)))
        return Mapping(key, line, self._entries(key, depth))

    def _items(self, key: str, depth: int) -> Iterator[Node]:
        place = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place += 1
            yield self._node(event, f"{key}[{place}]", depth + 1)

    def _entries(self, key: str, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        first_lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name_node = self._node(event, key, depth + 1)
            if isinstance(name_node, Scalar):
                name = name_node.text
            else:
                self._stop(event, key, "键应是一个词，不能是列表或表")
                name = ""
            path = f"{key}.{name}" if key else name
            value = self._node(next(self._events), path, depth + 1)
            if name in entries:
                message = f"“{name}”写了两次（第 {first_lines[name]} 行已有），请只留一个"
                self.doubled.append(PolicyFault(name_node.line, path, message))
                continue
            entries[name] = value
            first_lines[name] = name_node.line
        return entries

    def _stop(self, event: Any, key: str, message: str) -> None:
        self.stopping.append(PolicyFault(_line(event), key, message))


def _mark(mark: Any) -> Any:
    """The library's marks are typed as if they could be absent; those of events never are."""
    return mark


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


#: What the parser says, by a part of its sentence, and what a clerk can do about it.
_SYNTAX_HINTS = (
    ("mapping values are not allowed", "这里不能再出现冒号；请检查缩进，或给含冒号的文字加引号"),
    ("could not find expected ':'", "缺少冒号；冒号须用半角“:”，后面空一格"),
    ("did not find expected key", "缩进不齐、引号不成对或缺少冒号；冒号须用半角“:”，后面空一格"),
    ("expected <block end>", "缩进与上一行不齐，请对齐"),
    ("did not find expected '-' indicator", "列表各项的“-”没有对齐，请对齐"),
    ("quoted scalar", "引号没有成对，请补上另一半"),
    ("',' or ']'", "方括号没有闭合或缺少逗号，逗号须用半角"),
    ("',' or '}'", "花括号没有闭合或缺少逗号，逗号须用半角"),
    ("cannot start any token", "有不能开头的符号，请给这段文字加引号"),
    ("special characters are not allowed", "含看不见的控制字符，请删去后重新输入"),
    ("control characters are not allowed", "含看不见的控制字符，请删去后重新输入"),
    ("undefined alias", "不能用 * 引用，请把内容写全"),
)


def _syntax_fault(error: yaml.YAMLError) -> PolicyFault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else 1
    told = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')} {error}"
    hint = next((hint for part, hint in _SYNTAX_HINTS if part in told), "格式读不懂，请检查冒号、引号和缩进")
    return PolicyFault(line, "", hint)
