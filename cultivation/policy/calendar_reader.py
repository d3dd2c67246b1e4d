"""Reading the ``calendar`` part: every step, day and clause checked, all faults told at once. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from core.policies import UNKNOWN, Fields, Node, PolicyDocument, PolicyFault, Scalar, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, as_mapping, is_unknown, read_whole
from core.workdays import Workdays
from cultivation.policy.basis_reader import BASIS_KEYS, read_basis, tell_doubles
from cultivation.policy.calendar import EVERY, KINDS, Step, WorkCalendar
from cultivation.policy.pool import Basis
from cultivation.policy.targets import YEARS

CALENDAR_KEYS = {"clause": "条款", "note": "说明", "steps": "各项工作", "holidays": "节假日安排"}
STEP_KEYS = {
    "code": "代号",
    "title": "名称",
    "every": "多久一次",
    "by": "截止日",
    "day": "次月几日前",
    "from": "起始年度",
    "until": "截止年度",
    "who": "责任单位",
    "kind": "系统办理的事项",
    "opens": "次月几日开放",
    "locks": "次月几日锁定",
    "moved": "遇节假日顺延",
} | BASIS_KEYS
HOLIDAY_KEYS = {"year": "年度", "off": "放假", "work": "调休上班", "clause": "条款", "note": "说明"}
#: the longest holiday that one line may name, in days after its first
LONGEST_HOLIDAY = 15
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
    days = fields.sequence("holidays", required=False)
    listed = fields.sequence("steps", required=days is None)
    steps = []
    for item in listed.items if listed else ():
        step = as_mapping(item, faults)
        if step is not None:
            steps.append(_read_step(Fields(step, faults, STEP_KEYS), Basis(clause) if clause else None))
    tell_doubles(listed.items if listed else (), [step.code for step in steps], "代号", faults)
    _tell_kinds(listed.items if listed else (), steps, faults)
    holidays = _read_holidays(days.items if days else (), faults)
    return (None if faults else WorkCalendar(tuple(steps), holidays)), faults


def _tell_kinds(items: tuple[Node, ...], steps: list[Step], faults: list[PolicyFault]) -> None:
    """One step of a kind: the portal would not know by which of two it should work."""
    kinds = [step.kind or "" for step in steps]
    tell_doubles(items, kinds, "事项", faults)


def _read_holidays(items: tuple[Node, ...], faults: list[PolicyFault]) -> Workdays:
    """Years with the days off and the 调休 days that their notice prints; ``2022-01-31/2022-02-06`` for a span."""
    known = Workdays()
    for item in items:
        mapping = as_mapping(item, faults)
        if mapping is None:
            continue
        fields = Fields(mapping, faults, HOLIDAY_KEYS)
        year = fields.whole("year")
        fields.text("clause", CLAUSE_LIMIT)
        fields.text_or_none("note")
        off, on = (frozenset(_days_of(fields, name)) for name in ("off", "work"))
        if year in known.years:
            add_fault(faults, item, f"{year}年的节假日安排写了两次")
        if off & on:
            add_fault(faults, item, f"{min(off & on)} 既放假又上班")
        known |= Workdays(frozenset({year} if year else ()), off, on)
    return known


def _days_of(fields: Fields, name: str) -> Iterator[date]:
    node = fields.sequence(name, required=name == "off")
    for item in node.items if node else ():
        text = item.text if isinstance(item, Scalar) else ""
        try:
            first, _, last = text.partition("/")
            day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            add_fault(fields.faults, item, "日期写成 2022-01-01，一段写成 2022-01-31/2022-02-06")
            continue
        if not 0 <= (end - day).days <= LONGEST_HOLIDAY:
            add_fault(fields.faults, item, f"一段最多 {LONGEST_HOLIDAY} 天，先早后晚")
            continue
        while day <= end:
            yield day
            day += timedelta(days=1)


def _read_step(fields: Fields, inherited: Basis | None) -> Step:
    code = fields.text("code", limit=30)
    if code and not _CODE.fullmatch(code):
        add_fault(
            fields.faults, fields.node.entries["code"], "代号用小写字母、数字和下划线，如 half_year_review"
        )
    every = fields.choice("every", EVERY)
    by, year_after = _read_by(fields, every)
    day, opens, locks = (_read_day(fields, name, every) for name in ("day", "opens", "locks"))
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
        kind=_read_kind(fields, every),
        opens=opens if isinstance(opens, int) else 1,
        locks=locks if isinstance(locks, int) else None,
        is_moved=fields.choice("moved", ("true", "false"), default="false") == "true",
    )


def _read_day(fields: Fields, name: str, every: str) -> int | Unknown | None:
    """A day of the month after a period; ``unknown`` only where it is the last day of the step."""
    node = fields.get(name)
    if node is None:
        return None
    if name == "day" and is_unknown(node):
        return UNKNOWN
    day = read_whole(node, fields.faults)
    if every not in ("month", "quarter", "half_year") or not 1 <= (day or 1) <= 31:
        add_fault(fields.faults, node, "每月、每季度、每半年的工作才写次月几日，1—31")
    return day


#: how often the steps of a kind come
_KIND_EVERY = {"return": "month", "dispatch": "quarter", "summary": "half_year", "bulletin": "year"}


def _read_kind(fields: Fields, every: str) -> str | None:
    kind = fields.choice("kind", KINDS) if fields.get("kind") else ""
    if kind and every != _KIND_EVERY[kind]:
        add_fault(
            fields.faults, fields.node.entries["kind"], f"{KINDS[kind]}是{EVERY[_KIND_EVERY[kind]]}的工作"
        )
    return kind or None


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
