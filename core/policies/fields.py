"""Reading the fields of a node, every fault noted and none raised. Pure.

A reader opens a mapping with ``Fields(node, faults, KEYS)``: keys outside ``KEYS`` (key → Chinese name) are
faults at once; each method then takes one field and notes what is missing or of the wrong kind.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Mapping as MappingType
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from typing import Literal, Protocol

from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence


class Unknown(Enum):
    """The literal ``unknown``: the source prints nothing, and what depends on it may not be used."""

    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return "文件未载明"


UNKNOWN: Literal[Unknown.UNKNOWN] = Unknown.UNKNOWN

#: A clause is a place in the document (附件2 二、目标任务), not its sentence; that is ``wording``.
CLAUSE_LIMIT = 120
#: Longest text of a field without a limit of its own.
TEXT_LIMIT = 2000

_NUMBER = re.compile(r"[-+]?\d{1,18}(\.\d{1,6})?", re.ASCII)
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)

#: Comparisons and the printed words they stand for: 以上 and 以下 include their end, 超过 and 不足 do not.
COMPARISONS = {"at_least": "以上", "more_than": "超过", "at_most": "以下", "less_than": "不足"}
_END_WORDS = {
    "at_least": ("以上", "不低于", "不少于", "不小于", "达到"),
    "more_than": ("超过", "高于", "大于", "多于", "突破"),
    "at_most": ("以下", "不超过", "不高于", "不大于", "不多于", "以内"),
    "less_than": ("不足", "低于", "少于", "小于", "不到"),
}
_LONGEST_FIRST = sorted(
    ((word, comparison) for comparison, words in _END_WORDS.items() for word in words),
    key=lambda pair: -len(pair[0]),
)
#: These hold 以上 and 以下 without being the end of a range.
_NOT_ENDS = re.compile(r"规模以[上下]")

#: On any table: its figures are set anew every year, in a form instead of in the text.
YEARLY = "yearly"

FIGURE_KEYS = {"amount": "数值", "clause": "条款", "wording": "原文", "comparison": "界限", "note": "说明"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number: ``amount`` in the unit of its table, with the clause it stands in.

    ``comparison`` is one of ``COMPARISONS``; ``None`` when the number is printed without 以上 and the like.
    """

    amount: Decimal | Unknown
    clause: str
    comparison: str | None = None
    wording: str | None = None
    note: str | None = None


def is_unknown(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == Unknown.UNKNOWN.value


def add_fault(faults: list[PolicyFault], node: Node, message: str) -> None:
    faults.append(PolicyFault(node.line, node.key, message))


class Watcher(Protocol):
    """Is told what readers open and ask for; ``core.policies.schema`` makes the JSON Schema of it."""

    def opened(self, node: Mapping, keys: MappingType[str, str]) -> None: ...

    def asked(self, node: Mapping, name: str, kind: str, choices: Collection[str] = ()) -> None: ...


watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


class Fields:
    """The fields of one mapping; every fault goes to ``faults``."""

    def __init__(self, node: Mapping, faults: list[PolicyFault], keys: MappingType[str, str]) -> None:
        self.node = node
        self.faults = faults
        self.keys = keys
        for name, value in node.entries.items():
            if name == YEARLY and YEARLY not in keys:
                self._check_yearly(value)
            elif name not in keys:
                add_fault(faults, value, _unknown_key(name, keys))
        self._watcher = watcher.get()
        if self._watcher:
            self._watcher.opened(node, keys)

    def _check_yearly(self, node: Node) -> None:
        if not (isinstance(node, Scalar) and node.text in ("true", "false")):
            add_fault(self.faults, node, "yearly（每年更新）只能写 true 或 false")

    def _ask(self, name: str, kind: str, choices: Collection[str] = ()) -> None:
        if self._watcher:
            self._watcher.asked(self.node, name, kind, choices)

    def get(self, name: str) -> Node | None:
        """The field's node, or ``None`` when it is absent or left empty."""
        node = self.node.entries.get(name)
        return None if node is None or (isinstance(node, Scalar) and node.is_null) else node

    def require(self, name: str, *, unknown_ok: bool = False) -> Node | None:
        self._ask(name, "required")
        node = self.get(name)
        if node is None:
            key = f"{self.node.key}.{name}" if self.node.key else name
            hint = "；文件没有写明的，填 unknown" if unknown_ok else "，请补上"
            message = f"缺少 {name}（{self.keys[name]}）{hint}"
            line = self.node.entries[name].line if name in self.node.entries else self.node.line
            self.faults.append(PolicyFault(line, key, message))
        return node

    def text(self, name: str, limit: int = TEXT_LIMIT) -> str:
        """Required text of at most ``limit`` characters; an empty string when it is at fault."""
        self._ask(name, "text")
        node = self.require(name)
        return (None if node is None else self._as_text(node, limit)) or ""

    def text_or_none(self, name: str, limit: int = TEXT_LIMIT) -> str | None:
        self._ask(name, "text")
        node = self.get(name)
        return None if node is None else self._as_text(node, limit)

    def text_or_unknown(self, name: str) -> str | Unknown:
        self._ask(name, "text")
        node = self.require(name, unknown_ok=True)
        if node is None or is_unknown(node):
            return UNKNOWN
        return self._as_text(node) or UNKNOWN

    def choice(
        self, name: str, choices: Collection[str], default: str | None = None, *, or_table: bool = False
    ) -> str:
        """One of the words; ``or_table``: where a table stands instead, its reader takes it, here only editors are told."""
        self._ask(name, "choice", choices)
        if or_table:
            self._ask(name, "mapping")
        node = self.get(name) if default is not None else self.require(name)
        if node is None:
            return default or ""
        text = node.text if isinstance(node, Scalar) else None
        if text not in choices:
            message = f"{self.keys[name]}只能是：{'、'.join(choices)}{_meant(text or '', choices)}"
            add_fault(self.faults, node, message)
            return default or ""
        return text or ""

    def whole(self, name: str) -> int | None:
        """A required whole number ≥ 0."""
        self._ask(name, "whole")
        node = self.require(name)
        return None if node is None else read_whole(node, self.faults)

    def date_or_unknown(self, name: str) -> date | Unknown:
        self._ask(name, "date")
        node = self.require(name, unknown_ok=True)
        return UNKNOWN if node is None else read_date(node, self.faults)

    def mapping(self, name: str) -> Mapping | None:
        self._ask(name, "mapping")
        node = self.require(name)
        return None if node is None else as_mapping(node, self.faults)

    def sequence(self, name: str, *, required: bool = True) -> Sequence | None:
        self._ask(name, "sequence")
        node = self.require(name) if required else self.get(name)
        if node is None or isinstance(node, Sequence):
            return node
        add_fault(self.faults, node, f"{self.keys[name]}应是列表，各项以“- ”开头或写在方括号里")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """An optional list of texts."""
        node = self.sequence(name, required=False)
        read = [self._as_text(item) for item in node.items] if node else []
        return tuple(text for text in read if text)

    def _as_text(self, node: Node, limit: int = TEXT_LIMIT) -> str | None:
        if not isinstance(node, Scalar):
            add_fault(self.faults, node, "应是一段文字，不能是列表或表")
            return None
        if is_unknown(node):
            add_fault(self.faults, node, "这里不能填 unknown，请写明")
            return None
        text = node.text.strip()
        if len(text) > limit:
            add_fault(self.faults, node, f"有 {len(text)} 个字，最多 {limit} 个")
        return text


def _meant(text: str, choices: Collection[str]) -> str:
    """``；“企业”请写 enterprise`` for a word's Chinese label, or for what is nearly one of the words."""
    labels = choices if isinstance(choices, MappingType) else {}
    named = [key for key, label in labels.items() if text and text in re.split("[、，,(]", str(label))]
    near = named or get_close_matches(text, list(choices), n=1)
    return f"；“{text}”请写 {near[0]}" if near else ""


def as_mapping(node: Node, faults: list[PolicyFault]) -> Mapping | None:
    if isinstance(node, Mapping):
        return node
    add_fault(faults, node, "应是一张表（下一行缩进后写“键: 值”）")
    return None


def number_in(text: str) -> Decimal | None:
    """The number that ``text`` is, or ``None``."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_number(node: Node, faults: list[PolicyFault]) -> Decimal | Unknown | None:
    """``Decimal``, ``UNKNOWN`` or, with a fault, ``None``. Never a float, no separators, no exponent."""
    if is_unknown(node):
        return UNKNOWN
    number = number_in(node.text) if isinstance(node, Scalar) and node.plain else None
    if number is not None:
        return number
    written = f"，写的是“{node.text[:40]}”" if isinstance(node, Scalar) else ""
    add_fault(faults, node, f"应是数字{written}；不带单位、引号和千分号，没有写明的填 unknown")
    return None


def read_whole(node: Node, faults: list[PolicyFault]) -> int | None:
    if isinstance(node, Scalar) and node.plain and re.fullmatch(r"\d{1,9}", node.text, re.ASCII):
        return int(node.text)
    add_fault(faults, node, "应是整数，如 2022")
    return None


def read_date(node: Node, faults: list[PolicyFault]) -> date | Unknown:
    if is_unknown(node):
        return UNKNOWN
    if isinstance(node, Scalar) and _ISO_DATE.match(node.text):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            add_fault(faults, node, f"没有 {node.text} 这一天")
            return UNKNOWN
    add_fault(faults, node, "日期应写成 2022-06-04 的样子，没有写明的填 unknown")
    return UNKNOWN


def read_figure(node: Node, faults: list[PolicyFault], inherited_clause: str | None) -> Figure | None:
    """A bare number or ``unknown``, or a mapping with ``amount``, its own clause, wording, comparison."""
    if not isinstance(node, Mapping):
        amount = read_number(node, faults)
        if not inherited_clause:
            add_fault(faults, node, "数字没有出处，请在数字或其所在的表上写 clause（条款）")
            return None
        return None if amount is None else Figure(amount, inherited_clause)
    return figure_of(Fields(node, faults, FIGURE_KEYS), inherited_clause)


def figure_of(fields: Fields, inherited_clause: str | None = None) -> Figure | None:
    """The figure in an opened mapping: ``amount``, ``clause``, ``comparison``, ``wording``, ``note``."""
    faults = fields.faults
    amount_node = fields.require("amount", unknown_ok=True)
    amount = None if amount_node is None else read_number(amount_node, faults)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT) or inherited_clause
    if not clause:
        add_fault(faults, fields.node, "数字没有出处，请写 clause（条款）")
    comparison = (fields.choice("comparison", COMPARISONS) if fields.get("comparison") else "") or None
    wording = fields.text_or_none("wording")
    _check_wording(fields, comparison, wording)
    if amount is None or not clause:
        return None
    return Figure(amount, clause, comparison, wording, fields.text_or_none("note"))


def _check_wording(fields: Fields, comparison: str | None, wording: str | None) -> None:
    comparison_node = fields.get("comparison")
    if wording is None:
        if comparison_node is not None:
            add_fault(fields.faults, comparison_node, "写了界限就要照抄原文：请加 wording（原文）")
        return
    printed = printed_comparison(wording)
    if printed is not None and printed != comparison:
        message = f"原文是“{COMPARISONS[printed]}”一类，请写 comparison: {printed}"
        add_fault(fields.faults, comparison_node or fields.node.entries["wording"], message)


def printed_comparison(wording: str) -> str | None:
    """The end that the printed words mean; ``None`` when they name none, or both ends of a range."""
    rest = _NOT_ENDS.sub("", wording)
    found = set()
    for word, comparison in _LONGEST_FIRST:  # 不超过 is read before 超过
        if word in rest:
            found.add(comparison)
            rest = rest.replace(word, "")
    return found.pop() if len(found) == 1 else None


def _unknown_key(name: str, keys: MappingType[str, str]) -> str:
    near = get_close_matches(name, keys, n=1)
    hint = f"，是不是 {near[0]}？" if near else "；"
    return f"不认识的键“{name}”{hint}这里可用：{'、'.join(keys)}"
