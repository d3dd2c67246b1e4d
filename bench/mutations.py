"""Small faults that a slip of the hand could make in a module: one operator, one number, one word at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
_WRITTEN = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.BitAnd: "&", ast.BitOr: "|", ast.And: "and", ast.Or: "or",
}  # fmt: skip
_COUNTED = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "*", ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
_NAMED = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """Bytes ``start:end`` of the source become ``text``."""

    start: int
    end: int
    text: str
    line: int
    was: str


def mutations(source: str) -> list[Mutation]:
    """Every fault of the module, in the order of the text; annotations and texts are left alone."""
    tree = ast.parse(source)
    data = source.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    found = []
    for node in _walk(tree):
        for start_node, end_node, old, new in _faults(node):
            if end_node is None:
                start, end = (
                    at(start_node.lineno, start_node.col_offset),
                    at(start_node.end_lineno, start_node.end_col_offset),
                )  # type: ignore[attr-defined]
            else:  # an operator: the word between its two sides
                begin = at(start_node.end_lineno, start_node.end_col_offset)  # type: ignore[attr-defined]
                stop = at(end_node.lineno, end_node.col_offset)  # type: ignore[attr-defined]
                place = data[begin:stop].find(old.encode())
                if place < 0:
                    continue
                start, end = begin + place, begin + place + len(old.encode())
            found.append(Mutation(start, end, new, start_node.lineno, old))  # type: ignore[attr-defined]
    return sorted(found, key=lambda each: (each.start, each.text))


def mutated(source: str, number: int) -> str:
    one = mutations(source)[number]
    data = source.encode()
    return (data[: one.start] + one.text.encode() + data[one.end :]).decode()


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but annotations, decorators and formatted texts."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"} or isinstance(node, ast.JoinedStr):
            continue
        # who counts two lists that are always of one length against each other cannot slip
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _faults(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None, str, str]]:
    """(where, the other side of an operator or ``None``, what stands there, what comes in its place)."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for number, operator in enumerate(node.ops):
            yield sides[number], sides[number + 1], _WRITTEN[type(operator)], _COMPARED[type(operator)]
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield node.left, node.right, _WRITTEN[type(node.op)], _COUNTED[type(node.op)]
    elif isinstance(node, ast.AugAssign) and type(node.op) in _COUNTED:
        yield node.target, node.value, f"{_WRITTEN[type(node.op)]}=", f"{_COUNTED[type(node.op)]}="
    elif isinstance(node, ast.BoolOp):
        new = "or" if isinstance(node.op, ast.And) else "and"
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield left, right, _WRITTEN[type(node.op)], new
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        new = str(not node.value) if isinstance(node.value, bool) else str(node.value + 1)
        yield node, None, str(node.value), new
    elif isinstance(node, ast.Name) and node.id in _NAMED:
        yield node, None, node.id, _NAMED[node.id]
    elif isinstance(node, ast.IfExp | ast.If):
        yield node.test, None, "if", "not (" + ast.unparse(node.test) + ")"
