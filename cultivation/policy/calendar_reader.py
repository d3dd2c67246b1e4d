"""Reading the ``calendar`` part: every step, day and clause checked, all faults told at once. Pure."""

from __future__ import annotations

import calendar
import re

from core.policies import UNKNOWN, Fields, Node, PolicyDocument, PolicyFault, Scalar, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown, read_whole
from cultivation.policy.basis_reader import BASIS_KEYS, read_basis, tell_doubles
from cultivation.policy.calendar import EVERY, Step, WorkCalendar
from cultivation.policy.pool import Basis
from cultivation.policy.targets import YEARS

CALENDAR_KEYS = {"clause": "条款", "note": "说明", "steps": "各项工作"}
STEP_KEYS = {
    "code": "代号",
    "title": "名称",
    "every": "多久一次",
    "by": "截止日",
    "day": "次月几日前",
    "from": "起始年度",
    "until": "截止年度",
    "who": "责任单位",
} | BASIS_KEYS
_BY = re.compile(r"(next-)?(\d{2})-(\d{2})", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)


def read_calendar(node: Node, document: PolicyDocument) -> tuple[WorkCalendar | None, list[PolicyFault]]:
    """The ``calendar`` part of ``document``; ``None`` when its faults leave nothing to use."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    fields = Fields(mapping, faults, CALENDAR_KEYS)
    clause = fields.text_or_none("clause", CLAUSE_LIMIT)
    fields.text_or_none("note")
    listed = fields.sequence("steps")
    steps = []
    for item in listed.items if listed else ():
        step = as_mapping(item, faults)
        if step is not None:
            steps.append(_read_step(Fields(step, faults, STEP_KEYS), Basis(clause) if clause else None))
    tell_doubles(listed.items if listed else (), [step.code for step in steps], "代号", faults)
    return (None if faults else WorkCalendar(tuple(steps))), faults


def _read_step(fields: Fields, inherited: Basis | None) -> Step:
    code = fields.text("code", limit=30)
    if code and not _CODE.fullmatch(code):
        add_fault(
            fields.faults, fields.node.entries["code"], "代号用小写字母、数字和下划线，如 half_year_review"
        )
    every = fields.choice("every", EVERY)
    by, year_after = _read_by(fields, every)
    day_node = fields.get("day")
    day = None if day_node is None else read_whole(day_node, fields.faults)
    if day_node is not None and (every not in ("month", "quarter", "half_year") or not 1 <= (day or 1) <= 31):
        add_fault(fields.faults, day_node, "每月、每季度、每半年的工作才写次月几日前，1—31")
    years = []
    for name in ("from", "until"):
        year = fields.whole(name) if fields.get(name) else None
        if year is not None and year not in YEARS:
            add_fault(fields.faults, fields.node.entries[name], f"年度 {year} 不对")
        years.append(year)
    return Step(
        code,
        fields.text("title", limit=120),
        every,
        by,
        year_after,
        day,
        years[0],
        years[1],
        fields.text_or_none("who", limit=120),
        read_basis(fields, inherited),
    )


def _read_by(fields: Fields, every: str) -> tuple[tuple[int, int] | Unknown | None, int]:
    """``05-31``, ``next-01-31`` for a day of the following year, ``unknown``; only for steps of a year."""
    if every not in ("year", "once"):
        node = fields.get("by")
        if node is not None:
            add_fault(fields.faults, node, f"{EVERY.get(every, '')}的工作不写截止日；次月几日前写 day")
        return None, 0
    node = fields.require("by", unknown_ok=True)
    if node is None or is_unknown(node):
        return UNKNOWN, 0
    match = _BY.fullmatch(node.text) if isinstance(node, Scalar) else None
    month, day = (int(match[2]), int(match[3])) if match else (0, 0)
    if match is None or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(2024, month)[1]:
        message = "截止日写成 05-31（当年5月底）、next-01-31（次年1月底）的样子，没有写明的填 unknown"
        add_fault(fields.faults, node, message)
        return UNKNOWN, 0
    return (month, day), int(bool(match[1]))
