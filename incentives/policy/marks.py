"""Clauses and marks: where a setting stands in the document, or why it was chosen. Pure."""

from __future__ import annotations

from core.policies import Fields
from core.policies.fields import CLAUSE_LIMIT, add_fault
from incentives.policy.awards import SOURCES, Mark


def read_clause(fields: Fields, inherited: str | None) -> str:
    clause = fields.text_or_none("clause", CLAUSE_LIMIT) or inherited
    if not clause:
        add_fault(fields.faults, fields.node, "没有出处，请写 clause（条款）")
    return clause or ""


def read_mark(fields: Fields) -> Mark:
    """What is not printed says why it was chosen so."""
    src = fields.choice("src", SOURCES, default="printed")
    note = fields.text_or_none("note")
    if src != "printed" and note is None:
        node = fields.get("src") or fields.node
        add_fault(fields.faults, node, f"来源是“{SOURCES[src]}”的，请在 note（说明）写明理由")
    return Mark(src, note)
