"""Reading what stands round an amount: modifiers, caps, instalments, retention, clawback, procedure. Pure."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from core.amounts import from_hundredths
from core.conditions import Quantity
from core.policies import Fields, Mapping, Node, PolicyFault, Scalar, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown, read_whole
from incentives.policy.awards import (
    CAP_PER,
    DAYS,
    MODES,
    ON_EXIT,
    ROUNDING,
    Cap,
    Clawback,
    Instalment,
    Modifier,
    Part,
    Procedure,
    Retention,
    Rounding,
)
from incentives.policy.figures import read_rate, read_yuan, require_rate
from incentives.policy.marks import read_clause
from incentives.policy.names import Names
from incentives.policy.parts_reader import TITLE_LIMIT, YEARS_LIMIT, read_after_years

T = TypeVar("T")
_MODIFIER_KEYS = {"when": "条件", "times": "倍数", "parts": "用于哪些部分", "clause": "条款", "note": "说明"}
_CAP_KEYS = {
    "per": "封顶范围",
    "yuan": "封顶(元)",
    "of": "封顶算式",
    "times": "最多几次",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
_INSTALMENT_KEYS = {
    "id": "期次代号",
    "title": "名称",
    "yuan": "金额(元)",
    "share": "占比",
    "after_years": "几年之后",
    "when": "条件",
    "note": "说明",
}
_RETENTION_KEYS = {
    "years": "年数",
    "stay": "在库条件",
    "on_exit": "退出时",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
_CLAWBACK_KEYS = {"when": "条件", "share": "追回比例", "clause": "条款", "wording": "原文", "note": "说明"}
_PROCEDURE_KEYS = {
    "mode": "兑现方式",
    "publicity_days": "公示天数",
    "publicity_by": "公示按",
    "note": "说明",
}
_ROUNDING_KEYS = {"to": "取整到", "mode": "取整办法"}
_UNITS = {"分": 1, "角": 10, "元": 100, "百元": 10_000, "千元": 100_000, "万元": 1_000_000}


def read_each(fields: Fields, name: str, read: Callable[[Mapping], T | None]) -> tuple[T, ...]:
    """An optional list of mappings."""
    listed = fields.sequence(name, required=False)
    mappings = [as_mapping(item, fields.faults) for item in (listed.items if listed else ())]
    found = [read(mapping) for mapping in mappings if mapping is not None]
    return tuple(item for item in found if item is not None)


def read_modifiers(
    fields: Fields, clause: str, names: Names, parts: tuple[Part, ...]
) -> tuple[Modifier, ...]:
    known = {part.id for part in parts}

    def read(node: Mapping) -> Modifier | None:
        opened = Fields(node, fields.faults, _MODIFIER_KEYS)
        opened.text_or_none("note")
        when, times = opened.require("when"), opened.require("times")
        named = opened.texts("parts")
        for name in named:
            if name not in known:
                add_fault(fields.faults, node, f"没有代号为 {name} 的部分，可用：{'、'.join(known)}")
        condition = None if when is None else names.condition(when, fields.faults)
        rate = None if times is None else read_rate(times, fields.faults, limit=100)
        if condition is None or not isinstance(rate, Fraction):
            if isinstance(rate, Unknown) and times is not None:
                add_fault(fields.faults, times, "倍数没有印的，整条规则的 amount 填 unknown")
            return None
        return Modifier(condition, rate, named, read_clause(opened, clause))

    return read_each(fields, "modifiers", read)


def read_caps(fields: Fields, clause: str, names: Names) -> tuple[Cap, ...]:
    """``cap_yuan`` is short for one cap of each award."""

    def read(node: Mapping) -> Cap | None:
        opened = Fields(node, fields.faults, _CAP_KEYS)
        opened.text_or_none("note")
        opened.text_or_none("wording")
        per = opened.choice("per", CAP_PER)
        given = opened.get("times")
        if given is None:
            fen, quantity = read_limit(opened, names)
            return Cap(per, fen, quantity, read_clause(opened, clause))
        times = read_whole(given, fields.faults)
        if per == "award" or times == 0 or opened.get("yuan") is not None or opened.get("of") is not None:
            add_fault(
                fields.faults,
                given,
                "最多几次写大于 0 的整数，per 写 year、ever、project 或 key，另写一条封顶金额",
            )
        return Cap(per, None, None, read_clause(opened, clause), times)

    caps = read_each(fields, "caps", read)
    short = fields.get("cap_yuan")
    fen = None if short is None else read_yuan(short, fields.faults)
    return caps if fen is None else (Cap("award", fen, None, clause), *caps)


def read_limit(fields: Fields, names: Names) -> tuple[int | Unknown | None, Quantity | None]:
    """``yuan`` or ``of`` (a quantity of money) of a cap; one of the two."""
    yuan, of = fields.get("yuan"), fields.get("of")
    if (yuan is None) == (of is None):
        add_fault(fields.faults, fields.node, "封顶写 yuan（金额）或 of（算式），写一个")
        return None, None
    if of is not None:
        return None, names.quantity(of, fields.faults, money=True)
    return (None if yuan is None else read_yuan(yuan, fields.faults)), None


def read_instalments(fields: Fields, names: Names, parts: tuple[Part, ...]) -> tuple[Instalment, ...]:
    def read(node: Mapping) -> Instalment | None:
        opened = Fields(node, fields.faults, _INSTALMENT_KEYS)
        opened.text_or_none("note")
        when = opened.get("when")
        fen, share = _read_piece(opened)
        return Instalment(
            id=opened.text("id", 30),
            title=opened.text_or_none("title", TITLE_LIMIT) or "",
            fen=fen,
            share=share,
            after_years=read_after_years(opened),
            when=None if when is None else names.condition(when, fields.faults),
        )

    pieces = read_each(fields, "instalments", read)
    node = fields.get("instalments")
    if node is not None and pieces:
        _check_pieces(node, pieces, parts, fields.faults)
    return pieces


def _read_piece(fields: Fields) -> tuple[int | None, Fraction | None]:
    given = [name for name in ("yuan", "share") if fields.get(name) is not None]
    if len(given) != 1:
        add_fault(fields.faults, fields.node, "每期写 yuan（金额）或 share（占比），写一个")
        return None, None
    if given == ["share"]:
        share = require_rate(fields, "share")
        return None, share if isinstance(share, Fraction) else None
    node = fields.get("yuan")
    fen = None if node is None else read_yuan(node, fields.faults)
    return (fen if isinstance(fen, int) else None), None


def _check_pieces(
    node: Node, pieces: tuple[Instalment, ...], parts: tuple[Part, ...], faults: list[PolicyFault]
) -> None:
    """Shares add to 1; sums add to the fixed amount. Without that, something would be lost on the way."""
    shares = [piece.share for piece in pieces if piece.share is not None]
    fens = [piece.fen for piece in pieces if piece.fen is not None]
    if shares and fens:
        add_fault(faults, node, "各期都写 yuan，或都写 share，不要混用")
    elif shares and sum(shares) != 1:
        add_fault(faults, node, f"各期占比相加应为 1，现在是 {sum(shares)}")
    elif fens:
        fixed = parts[0].fen if len(parts) == 1 else None
        if not isinstance(fixed, int):
            add_fault(faults, node, "金额不是一个定数的，各期写 share（占比）")
        elif sum(fens) != fixed:
            add_fault(
                faults,
                node,
                f"各期相加是 {from_hundredths(sum(fens)):,} 元，应等于金额 {from_hundredths(fixed):,} 元",
            )


def read_retention(fields: Fields, clause: str, names: Names) -> Retention | None:
    node = fields.get("retention")
    mapping = None if node is None else as_mapping(node, fields.faults)
    if mapping is None:
        return None
    opened = Fields(mapping, fields.faults, _RETENTION_KEYS)
    opened.text_or_none("note")
    opened.text_or_none("wording")
    years = opened.whole("years")
    stay = opened.require("stay")
    condition = None if stay is None else names.condition(stay, fields.faults)
    on_exit = opened.choice("on_exit", ON_EXIT)
    if years is not None and not 1 <= years <= YEARS_LIMIT:
        add_fault(fields.faults, mapping, f"年数写 1 到 {YEARS_LIMIT}")
        return None
    if years is None or condition is None:
        return None
    return Retention(years, condition, on_exit, read_clause(opened, clause))


def read_clawbacks(fields: Fields, clause: str, names: Names) -> tuple[Clawback, ...]:
    def read(node: Mapping) -> Clawback | None:
        opened = Fields(node, fields.faults, _CLAWBACK_KEYS)
        opened.text_or_none("note")
        opened.text_or_none("wording")
        when, share = opened.require("when"), opened.get("share")
        condition = None if when is None else names.condition(when, fields.faults)
        part = Fraction(1) if share is None else read_rate(share, fields.faults)
        if condition is None or not isinstance(part, Fraction):
            return None
        return Clawback(condition, part, read_clause(opened, clause))

    return read_each(fields, "clawback", read)


def read_procedure(fields: Fields) -> Procedure | None:
    node = fields.get("procedure")
    mapping = None if node is None else as_mapping(node, fields.faults)
    if mapping is None:
        return None
    opened = Fields(mapping, fields.faults, _PROCEDURE_KEYS)
    mode = opened.choice("mode", MODES) if opened.get("mode") is not None else None
    days = opened.get("publicity_days")
    count = None if days is None or is_unknown(days) else read_whole(days, fields.faults)
    return Procedure(
        mode, count, opened.choice("publicity_by", DAYS, default="calendar"), opened.text_or_none("note")
    )


def read_rounding(fields: Fields) -> Rounding:
    node = fields.get("rounding")
    mapping = None if node is None else as_mapping(node, fields.faults)
    if mapping is None:
        return Rounding()
    opened = Fields(mapping, fields.faults, _ROUNDING_KEYS)
    unit = opened.choice("to", _UNITS, default="分")
    return Rounding(_UNITS[unit], opened.choice("mode", ROUNDING, default="half_up"))


def read_unclear(fields: Fields) -> tuple[str, ...]:
    """Points that a person must settle before anything is paid: one sentence, or a list of them."""
    node = fields.get("unclear")
    if isinstance(node, Scalar):
        return (node.text.strip(),)
    return fields.texts("unclear")
