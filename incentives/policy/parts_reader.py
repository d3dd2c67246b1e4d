"""Reading the parts of an amount: one of any shape, parts that add up, or parts that come due year by year. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyFault, Scalar
from core.policies.fields import add_fault, as_mapping, is_unknown, read_whole
from incentives.policy.amounts import Fixed, has_unknown
from incentives.policy.amounts_reader import FLAG_KEYS, SHAPES, read_amount, read_flags, read_yuan_or_amount
from incentives.policy.awards import Part
from incentives.policy.marks import read_clause
from incentives.policy.names import Names

_PART_KEYS = {
    "id": "部分代号",
    "title": "名称",
    "yuan": "金额(元)",
    "amount": "金额",
    "when": "条件",
    "after_years": "几年之后",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
TITLE_LIMIT = 60
#: no document spreads an award over more years
YEARS_LIMIT = 20


@dataclass(frozen=True, slots=True)
class ReadParts:
    """``unknowns`` names the amounts that the document does not print."""

    shape: str
    parts: tuple[Part, ...]
    unknowns: tuple[str, ...] = ()
    is_maximum: bool = False
    in_kind: str | None = None


def read_parts(fields: Fields, clause: str, names: Names) -> ReadParts:
    """The ``amount`` of a rule."""
    node = fields.require("amount", unknown_ok=True)
    if node is None:
        return ReadParts("fixed", ())
    if is_unknown(node):
        return ReadParts("unknown", (), ("金额",))
    if isinstance(node, Scalar):
        add_fault(
            fields.faults,
            node,
            f"写成 amount: {{type: fixed, yuan: {node.text[:20]}}} 的样子，没有印的填 unknown",
        )
        return ReadParts("fixed", ())
    mapping = as_mapping(node, fields.faults)
    if mapping is None:
        return ReadParts("fixed", ())
    kind = getattr(mapping.entries.get("type"), "text", "")
    if kind not in SHAPES:
        opened = Fields(mapping, fields.faults, {**dict.fromkeys(mapping.entries, ""), **FLAG_KEYS})
        opened.choice("type", SHAPES)
        return ReadParts("fixed", ())
    is_maximum, in_kind = read_flags(mapping, fields.faults)
    if kind in ("sum", "schedule"):
        parts = _read_list(mapping, clause, names, fields.faults, by_years=kind == "schedule")
        unknowns = tuple(f"“{part.title}”的金额" for part in parts if has_unknown(part.amount))
        return ReadParts(kind, parts, unknowns, is_maximum, in_kind)
    amount = read_amount(mapping, names, fields.faults)
    if amount is None:
        return ReadParts(kind, ())
    title = fields.text_or_none("title", TITLE_LIMIT) or ""
    part = Part("amount", title, amount, None, clause, fields.text_or_none("wording"))
    return ReadParts(kind, (part,), ("金额",) if has_unknown(amount) else (), is_maximum, in_kind)


def _read_list(
    node: Mapping, clause: str, names: Names, faults: list[PolicyFault], *, by_years: bool
) -> tuple[Part, ...]:
    fields = Fields(node, faults, FLAG_KEYS | {"parts": "各部分"})
    fields.text_or_none("note")
    listed = fields.sequence("parts")
    parts: list[Part] = []
    for item in listed.items if listed else ():
        part = _read_part(item, clause, names, faults, by_years=by_years)
        if part is None:
            continue
        if part.id in {known.id for known in parts}:
            add_fault(faults, item, f"部分代号 {part.id} 写了两次，请换一个")
        parts.append(part)
    if listed is not None and not listed.items:
        add_fault(faults, listed, "至少写一部分")
    return tuple(parts)


def _read_part(
    node: Node, clause: str, names: Names, faults: list[PolicyFault], *, by_years: bool
) -> Part | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = Fields(mapping, faults, _PART_KEYS)
    when = fields.get("when")
    after = read_after_years(fields)
    if after and not by_years:
        add_fault(faults, node, "after_years（几年之后）只用在 type: schedule（分年兑现）里")
    fields.text_or_none("note")
    return Part(
        id=fields.text("id", 30),
        title=fields.text("title", TITLE_LIMIT),
        # a faulty amount stands as unknown: the document is refused all the same
        amount=read_yuan_or_amount(fields, names) or Fixed(UNKNOWN),
        when=None if when is None else names.condition(when, faults),
        clause=read_clause(fields, clause),
        wording=fields.text_or_none("wording"),
        after_years=after,
    )


def read_after_years(fields: Fields) -> int:
    node = fields.get("after_years")
    years = 0 if node is None else read_whole(node, fields.faults)
    if node is not None and years is not None and years > YEARS_LIMIT:
        add_fault(fields.faults, node, f"最多 {YEARS_LIMIT} 年")
    return min(years or 0, YEARS_LIMIT)
