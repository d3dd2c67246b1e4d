"""The firms behind each number of the statistics: which table, which rows, which sum. Pure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.periods import Month
from cultivation.rules.month_rows import SELECTIONS, Selection, Shown
from cultivation.rules.months import Table
from cultivation.rules.statistics import MEASURES

MEASURE_WORDS = {"revenue": "营业收入", "tax": "实缴税金", "power": "用电量"}
UNITS = {"revenue": "万元", "tax": "万元", "power": "万千瓦时"}
_YEAR_BEFORE, _MONTH_BEFORE = "上年同期", "上月"


def _flagged(name: str) -> Callable[[Table, Month], NDArray[np.bool_]]:
    return lambda table, month: table[name] == 1


def _has(measure: str) -> Callable[[Table, Month], NDArray[np.bool_]]:
    """Firms that reported; of power only those that gave one."""
    name = "powered" if measure == "power" else "months"
    return lambda table, month: table[name] > 0


def _amounts(measure: str, *, ytd: bool) -> Selection:
    word, unit = MEASURE_WORDS[measure], UNITS[measure]
    columns = [Shown(measure, f"{word}({unit})")]
    parts = [("_now", "可比"), ("_base", _YEAR_BEFORE)]
    if not ytd:
        parts += [("_chain", "环比可比"), ("_chain_base", _MONTH_BEFORE)]
    columns += [Shown(f"{measure}{part}", f"{label}({unit})") for part, label in parts]
    label = f"累计{word}" if ytd else f"本月{word}"
    name = f"{measure}_ytd" if ytd else measure
    table = "ytd" if ytd else "period"
    return Selection(label, table, _has(measure), tuple(columns), name, is_count=False, adds=measure)


def _listed(name: str, label: str) -> Selection:
    return Selection(label, "lists", _flagged(name), (), name)


_CHANGES = ("newly_listed", "newly_listed_ytd", "delisted", "delisted_ytd", "net_added", "net_added_ytd")
_COMPARED = (Shown("revenue_now", "营业收入(万元)"), Shown("revenue_base", "上年同期(万元)"))
#: name in the address → its list; ``Selection.number`` is the number of a statistic line that it stands behind
STATISTIC_SELECTIONS: dict[str, Selection] = {
    "firms": SELECTIONS["firms"],
    "reporting": SELECTIONS["reporting"],
    "comparable": Selection("可比企业", "period", _flagged("comparable"), _COMPARED, "comparable"),
    **{measure: _amounts(measure, ytd=False) for measure in MEASURES},
    **{f"{measure}_ytd": _amounts(measure, ytd=True) for measure in MEASURES},
    **{name: SELECTIONS[name] for name in _CHANGES},
    "above_scale": SELECTIONS["above_scale"],
    "eligible": _listed("eligible", "达规未入库企业"),
    "near": _listed("near", "临规企业"),
    "risk": _listed("risk", "退规风险企业"),
    "member": _listed("member", "培育库在库企业"),
}
