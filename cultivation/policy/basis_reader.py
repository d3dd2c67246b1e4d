"""Reading where a line of a document comes from: its clause and wording, or the portal's own choice. Pure."""

from __future__ import annotations

from core.policies import Fields, Node, PolicyFault
from core.policies.fields import CLAUSE_LIMIT, add_fault
from cultivation.policy.pool import DEMO, Basis

BASIS_KEYS = {"clause": "条款", "src": "来源", "wording": "原文", "note": "说明"}


def read_basis(fields: Fields, inherited: Basis | None) -> Basis:
    """A line's own clause, or ``src: demo`` with the reason in its note, or what its block says."""
    faults = fields.faults
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    wording, note = fields.text_or_none("wording"), fields.text_or_none("note")
    if fields.get("src") is not None:
        fields.choice("src", {DEMO})
        if clause or wording:
            message = "条款、原文和演示取值只写一样：文件载明的写 clause，自定的写 src: demo"
            add_fault(faults, fields.node, message)
        if not note:
            add_fault(faults, fields.node, "演示取值要在 note（说明）写明理由")
        return Basis(None, True, None, note)
    if inherited is None and not clause:
        add_fault(faults, fields.node, "没有出处，请写 clause（条款），或 src: demo 并在 note 说明理由")
    if clause is None and inherited is not None:
        return Basis(inherited.clause, inherited.is_demo, wording, note or inherited.note)
    return Basis(clause, False, wording, note)


def block_basis(fields: Fields, inherited: Basis | None) -> Basis | None:
    """What the lines of a block inherit: its own origin, or that of what holds it."""
    own = any(fields.get(name) for name in ("clause", "src"))
    return read_basis(fields, None) if own else inherited


def tell_doubles(items: tuple[Node, ...], words: list[str], what: str, faults: list[PolicyFault]) -> None:
    """A word that two items of a list share is a fault of the later one."""
    seen: dict[str, int] = {}
    for item, word in zip(items, words, strict=False):
        if word and seen.setdefault(word, item.line) != item.line:
            add_fault(faults, item, f"{what}“{word}”写了两次（第 {seen[word]} 行已有），请只留一个")
