"""Worked cases beside a policy document: what is given, what the document makes of it, what was expected. Pure.

Each part of a document brings a runner with ``register_cases``. Everything else is common to all parts: reading
the file, comparing what was expected with what came out, and telling every difference with its line and path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.policies.document import PART_NAMES, PolicyDocument
from core.policies.fields import Fields, Unknown, add_fault, as_mapping, is_unknown, number_in
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence, UnreadableText, read_nodes

#: Takes the document and the case's ``given``; raises ``CaseFaulty`` for what it cannot read. Answers with nested
#: tables, lists and plain values (str, bool, int, Decimal, date); ``UNKNOWN`` where the document or the data
#: leave it open, ``None`` where there is nothing.
Runner = Callable[[PolicyDocument, Mapping], MappingType[str, Any]]

_FILE_KEYS = {"policy": "政策名", "note": "说明", "cases": "案例"}
_CASE_KEYS = {"name": "名称", "part": "部分", "given": "给定", "expect": "预期", "note": "说明"}

_runners: dict[str, Runner] = {}


class CaseFaulty(Exception):
    """What is given cannot be read; carries every fault of this case."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Case:
    """``expect`` is ``None`` when the result is only to be shown."""

    name: str
    part: str
    line: int
    given: Mapping
    expect: Mapping | None


@dataclass(frozen=True, slots=True)
class Difference:
    """``path`` reads ``firms.甲厂.rank``; list places count from 1."""

    line: int
    path: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """``got`` is empty when ``faults`` kept the case from being worked."""

    case: Case
    got: MappingType[str, Any] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    faults: tuple[PolicyFault, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.differences and not self.faults


def register_cases(part: str, runner: Runner) -> None:
    """Let ``runner`` work the cases of ``part`` from now on; a second runner for the same part is an error."""
    if part not in PART_NAMES:
        raise ValueError(f"not a part of policy documents: {part}")
    if _runners.setdefault(part, runner) is not runner:
        raise ValueError(f"part {part} has a runner already")


def workable_parts() -> tuple[str, ...]:
    """The parts whose cases this version can work."""
    return tuple(part for part in PART_NAMES if part in _runners)


def read_cases(text: str, document: PolicyDocument) -> tuple[list[Case], list[PolicyFault]]:
    """The cases of a file that stands beside ``document``, and every fault of its frame by line."""
    try:
        root, faults = read_nodes(text)
    except UnreadableText as error:
        return [], list(error.faults)
    fields = Fields(root, faults, _FILE_KEYS)
    policy = fields.text("policy")
    if policy and policy != document.id:
        add_fault(faults, root.entries["policy"], f"案例属于 {policy}，文件是 {document.id}，请改成一致")
    fields.text_or_none("note")
    listed = fields.sequence("cases")
    cases = []
    lines: dict[str, int] = {}
    for item in listed.items if listed else ():
        case = _read_case(item, document, faults)
        if case is None:
            continue
        if case.name in lines:
            add_fault(faults, item, f"案例“{case.name}”已在第 {lines[case.name]} 行写过，请换一个名称")
        lines[case.name] = item.line
        cases.append(case)
    return cases, sorted(set(faults))


def _read_case(node: Node, document: PolicyDocument, faults: list[PolicyFault]) -> Case | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _CASE_KEYS)
    name, part = fields.text("name", limit=200), fields.choice("part", workable_parts())
    fields.text_or_none("note")
    if part and part not in document.present:
        add_fault(faults, mapping.entries["part"], f"文件没有 {part}（{PART_NAMES[part]}）部分")
        part = ""
    blocks = {}
    for key in ("given", "expect"):
        block = fields.get(key)
        blocks[key] = None if block is None else as_mapping(block, faults)
    if not name or not part:
        return None
    empty = Mapping(f"{mapping.key}.given", mapping.line, {})
    return Case(name, part, mapping.line, blocks["given"] or empty, blocks["expect"])


def work_cases(document: PolicyDocument, cases: list[Case]) -> list[CaseResult]:
    return [_work(document, case) for case in cases]


def _work(document: PolicyDocument, case: Case) -> CaseResult:
    try:
        got = _runners[case.part](document, case.given)
    except CaseFaulty as error:
        return CaseResult(case, faults=tuple(sorted(set(error.faults))))
    differences = tuple(_differences(case.expect, got, "")) if case.expect else ()
    return CaseResult(case, got, differences)


def _differences(expected: Node, got: Any, path: str) -> Iterator[Difference]:
    """Whatever ``expected`` names must be in ``got``; what ``got`` has besides does not matter, but in lists."""
    if isinstance(expected, Mapping) and isinstance(got, MappingType):
        for name, node in expected.entries.items():
            below = f"{path}.{name}" if path else name
            if name in got:
                yield from _differences(node, got[name], below)
            else:
                names = "、".join(map(str, got))
                yield Difference(node.line, below, told(node), f"没有这一项；有：{names}")
    elif isinstance(expected, Sequence) and isinstance(got, list | tuple):
        if len(expected.items) != len(got):
            yield Difference(expected.line, path, told(expected), told(got))
            return
        for place, (node, item) in enumerate(zip(expected.items, got, strict=True), start=1):
            yield from _differences(node, item, f"{path}[{place}]")
    elif not (isinstance(expected, Scalar) and _is_same(expected, got)):
        yield Difference(expected.line, path, told(expected), told(got))


def _is_same(expected: Scalar, got: Any) -> bool:
    if isinstance(got, Unknown):
        return is_unknown(expected)
    if got is None:
        return expected.is_null
    if isinstance(got, bool):
        return expected.text == str(got).lower()
    if isinstance(got, int | Decimal):
        return number_in(expected.text) == got
    return expected.text == str(got)


def told(value: Any) -> str:
    """A value, expected or got, in one line."""
    if isinstance(value, Scalar):
        return value.text if not value.is_null else "null"
    if isinstance(value, Mapping):
        return told(value.entries)
    if isinstance(value, Sequence):
        return told(value.items)
    if isinstance(value, MappingType):
        return "{" + ", ".join(f"{name}: {told(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(told(item) for item in value) + "]"
    plain = plain_of(value)
    return {None: "null", True: "true", False: "false"}.get(plain) or str(plain)


def plain_of(value: Any) -> Any:
    """What a runner answered as JSON has it: numbers as decimal strings, so that none becomes a float."""
    if isinstance(value, MappingType):
        return {str(name): plain_of(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(item) for item in value]
    if isinstance(value, Unknown):
        return value.value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | date):
        return str(value)
    raise TypeError(f"a runner answers with {type(value).__name__}: {value!r}")
