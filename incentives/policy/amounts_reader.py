"""Reading what a rule pays: one fixed sum, or parts that add up; in 元, kept in fen. Pure."""

from __future__ import annotations

from typing import Literal

from core.amounts import HUNDREDTH, LIMIT, from_hundredths, to_hundredths
from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyFault, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown, read_number
from incentives.policy.awards import Part
from incentives.policy.condition_texts import read_condition
from incentives.policy.marks import read_clause

Shape = Literal["fixed", "sum", "unknown"]
SHAPES = {"fixed": "一个数", "sum": "几部分相加"}

_FIXED_KEYS = {"type": "形式", "yuan": "金额(元)"}
_SUM_KEYS = {"type": "形式", "parts": "各部分"}
_PART_KEYS = {
    "id": "部分代号",
    "title": "名称",
    "yuan": "金额(元)",
    "when": "条件",
    "clause": "条款",
    "wording": "原文",
}
_YUAN_LIMIT = from_hundredths(LIMIT)
_TITLE_LIMIT = 60


def read_amount(
    fields: Fields, clause: str, years: dict[str, str]
) -> tuple[Shape, tuple[Part, ...], tuple[str, ...]]:
    """Shape, parts, and the names of the amounts that the document does not print."""
    node = fields.require("amount", unknown_ok=True)
    if node is None:
        return "fixed", (), ()
    if is_unknown(node):
        return "unknown", (), ("金额",)
    mapping = as_mapping(node, fields.faults)
    if mapping is None:
        return "fixed", (), ()
    kind = mapping.entries.get("type")
    if getattr(kind, "text", None) == "sum":
        parts = _read_sum(mapping, clause, years, fields.faults)
        return "sum", parts, tuple(f"“{part.title}”的金额" for part in parts if isinstance(part.fen, Unknown))
    amount = Fields(mapping, fields.faults, _FIXED_KEYS)
    amount.choice("type", SHAPES)
    fen = _read_yuan(amount, "yuan")
    title = fields.text_or_none("title", _TITLE_LIMIT) or ""
    part = Part(
        "amount", title, UNKNOWN if fen is None else fen, None, clause, fields.text_or_none("wording")
    )
    return "fixed", (part,), ("金额",) if isinstance(part.fen, Unknown) else ()


def read_cap(fields: Fields) -> int | None:
    """The most that one award pays, in fen; ``None`` when the document states no cap."""
    if fields.get("cap_yuan") is None:
        return None
    fen = _read_yuan(fields, "cap_yuan")
    return None if isinstance(fen, Unknown) else fen


def _read_sum(
    node: Mapping, clause: str, years: dict[str, str], faults: list[PolicyFault]
) -> tuple[Part, ...]:
    fields = Fields(node, faults, _SUM_KEYS)
    listed = fields.sequence("parts")
    parts: list[Part] = []
    for item in listed.items if listed else ():
        part = _read_part(item, clause, years, faults)
        if part is None:
            continue
        if part.id in {known.id for known in parts}:
            add_fault(faults, item, f"部分代号 {part.id} 写了两次，请换一个")
        parts.append(part)
    if listed is not None and not listed.items:
        add_fault(faults, listed, "至少写一部分")
    return tuple(parts)


def _read_part(node: Node, clause: str, years: dict[str, str], faults: list[PolicyFault]) -> Part | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _PART_KEYS)
    fen = _read_yuan(fields, "yuan")
    when = fields.get("when")
    return Part(
        id=fields.text("id", 30),
        title=fields.text("title", _TITLE_LIMIT),
        fen=UNKNOWN if fen is None else fen,
        when=None if when is None else read_condition(when, years, faults),
        clause=read_clause(fields, clause),
        wording=fields.text_or_none("wording"),
    )


def _read_yuan(fields: Fields, name: str) -> int | Unknown | None:
    """Fen; an amount has at most two places, is above zero and below the limit of an amount."""
    node = fields.require(name, unknown_ok=True)
    amount = None if node is None else read_number(node, fields.faults)
    if node is None or amount is None:
        return None
    if isinstance(amount, Unknown):
        return UNKNOWN
    if not 0 < amount < _YUAN_LIMIT or amount != amount.quantize(HUNDREDTH):
        add_fault(fields.faults, node, f"金额以元为单位，大于 0，最多两位小数（{amount}）")
        return None
    return to_hundredths(amount)
