"""Reading how attainment is counted: the year of an entry, gross or net, and what is due by when (序时). Pure."""

from __future__ import annotations

import calendar
import re
from fractions import Fraction

from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyFault, Scalar, Sequence, Unknown
from core.policies.fields import add_fault, is_unknown
from cultivation.policy.targets import (
    BASES,
    ENTRY_YEARS,
    EVEN_BY_MONTH,
    EVEN_BY_QUARTER,
    SCHEDULES,
    Counting,
)

_COUNTING_KEYS = {
    "entry_year": "入库年度口径",
    "schedule": "序时进度",
    "basis": "考核口径",
    "cut_off": "截止日",
    "clause": "条款",
    "note": "说明",
}
_SCHEDULE_KEYS = {"by_quarter": "各季度末累计", "by_month": "各月末累计"}
_EVEN = {"even_by_month": EVEN_BY_MONTH, "even_by_quarter": EVEN_BY_QUARTER}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)%", re.ASCII)
#: 12-31, or next-01-31 for entries of January that still count for the year before
_CUT_OFF = re.compile(r"(next-)?(\d{2})-(\d{2})", re.ASCII)
_MONTH_ENDS = {month: calendar.monthrange(2023, month)[1] for month in range(1, 13)}

Due = tuple[Fraction, ...] | Unknown


def read_counting(node: Mapping, faults: list[PolicyFault]) -> Counting:
    fields = Fields(node, faults, _COUNTING_KEYS)
    clause = fields.text_or_unknown("clause")
    note = fields.text_or_none("note")
    if clause is UNKNOWN and note is None:
        add_fault(faults, node, "计数办法没有出处时，请在 note（说明）写明按什么口径")
    entry_year = fields.choice("entry_year", ENTRY_YEARS)
    schedule, due = _read_schedule(fields)
    cut_off = _read_cut_off(fields, entry_year)
    return Counting(entry_year, schedule, fields.choice("basis", BASES), clause, note, cut_off, due)


def _read_schedule(fields: Fields) -> tuple[str, Due]:
    """A word, or what is due at the end of each quarter or month, in per cent of the year's target."""
    node = fields.require("schedule", unknown_ok=True)
    if node is None or is_unknown(node):
        return "even_by_month", UNKNOWN
    if isinstance(node, Mapping):
        return "given", _read_due(node, fields.faults)
    word = node.text if isinstance(node, Scalar) else ""
    if word not in _EVEN:
        ways = "、".join(f"{code}（{SCHEDULES[code]}）" for code in _EVEN)
        message = (
            f"序时进度写 {ways}，或 {{by_quarter: [20%, 45%, 70%, 100%]}} 的样子；文件没有写明的填 unknown"
        )
        add_fault(fields.faults, node, message)
        return "even_by_month", UNKNOWN
    fields.choice("schedule", {code: SCHEDULES[code] for code in _EVEN}, or_table=True)
    return word, _EVEN[word]


def _read_due(node: Mapping, faults: list[PolicyFault]) -> Due:
    fields = Fields(node, faults, _SCHEDULE_KEYS)
    if len(node.entries) != 1:
        add_fault(faults, node, "写 by_quarter（各季度末累计）或 by_month（各月末累计）中的一项")
        return UNKNOWN
    quarters, months = fields.get("by_quarter"), fields.get("by_month")
    if quarters is not None:
        ends = _shares(quarters, 4, faults)
        # nothing is due before the end of a quarter but what was due at the end of the one before
        return tuple(([Fraction(0), *ends])[month // 3] for month in range(1, 13)) if ends else UNKNOWN
    return (_shares(months, 12, faults) if months is not None else ()) or UNKNOWN


def _shares(node: Node, length: int, faults: list[PolicyFault]) -> tuple[Fraction, ...]:
    """Shares of the year that only grow and end at the whole; empty with a fault."""
    items = node.items if isinstance(node, Sequence) else ()
    found = [_PERCENT.fullmatch(item.text) if isinstance(item, Scalar) else None for item in items]
    shares = [Fraction(match[1]) / 100 for match in found if match]
    if len(items) != length or len(shares) != length:
        add_fault(faults, node, f"应是 {length} 个百分数，从年初累计，如 20%、45%、70%、100%")
    elif shares != sorted(shares) or shares[-1] != 1:
        add_fault(faults, node, "写到每期末的累计数：后面的不小于前面的，最后一个是 100%")
    else:
        return tuple(shares)
    return ()


def _read_cut_off(fields: Fields, entry_year: str) -> int:
    """12 for the year's end; the register keeps months, so a cut-off is the end of one."""
    node = fields.get("cut_off")
    if node is None or is_unknown(node):
        return 12
    match = _CUT_OFF.fullmatch(node.text) if isinstance(node, Scalar) else None
    month = int(match[2]) if match else 0
    if match is None or month not in _MONTH_ENDS or int(match[3]) < _MONTH_ENDS[month]:
        message = (
            "截止日写月末，如 12-31（当年12月底）、11-30、next-01-31（次年1月底）；入库变动按月登记，"
            "文件印的是月中一天的，按它所算到的那个月写月末，并在 note 抄原文"
        )
        add_fault(fields.faults, node, message)
        return 12
    if entry_year == "approval_library" and (match[1] or month != 12):
        message = "按审批库年度计的，截止日由审批库决定，不用写；按批准日期计的才写"
        add_fault(fields.faults, node, message)
    return month + 12 if match[1] else month
