"""The daily lists: which firms have passed the standard unlisted, are near it, or entered of late. Pure, set-based.

Measures stay apart: a firm stands on the list of 达规未入库 because one of its measures passes, and that one is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column
from cultivation.rules.forecast import Forecast
from cultivation.rules.running_year import is_told

Mask = NDArray[np.bool_]

#: 临规 without a forecast over the standard: last year at least this share of it. No document prints one; the page says so.
NEAR_SHARE_PERCENT = 80
#: 升规三年以内 (平政办〔2022〕15号附件2 四（四）): the year of entry and the two after it.
ENTRANT_YEARS = 3

ELIGIBLE, NEAR, RISK, ENTRANT = "eligible", "near", "risk", "entrant"
#: What can be noted of an entry, by list: a reason, an answer, a step taken.
CODES: dict[str, dict[str, str]] = {
    ELIGIBLE: {
        "unwilling": "主观上不愿入库",
        "tax_worry": "担心税负增加",
        "no_accounts": "账务不健全",
        "papers": "申报材料不全",
        "scope": "经营范围、名称不符",
        "too_late": "已过当年申报期",
        "declared": "已申报，待批",
        "agreed": "同意入库",
        "other": "其他",
    },
    NEAR: {
        "production": "生产保障问题",
        "market": "市场开拓问题",
        "finance": "融资问题",
        "labour": "用工问题",
        "talked": "已走访动员",
        "other": "其他",
    },
    RISK: {
        "help": "已落实帮扶措施",
        "standstill": "停产、歇业",
        "moving": "外迁或转移产能",
        "restructuring": "重组、分立",
        "seasonal": "季节性波动，全年可达",
        "unfounded": "核实无风险",
        "other": "其他",
    },
    ENTRANT: {
        "visited": "已走访",
        "recommend_specialised": "推荐专精特新",
        "recommend_gazelle": "推荐瞪羚企业",
        "tax_burden": "反映税负变化",
        "other": "其他",
    },
}
#: Words of signals, beside the labels of a risk pool's own sources.
SIGNALS = {
    "revenue": "上年营业收入（月报）",
    "surveyed_revenue": "上年营业收入（评价采集）",
    "main_revenue": "上年主营业务收入",
    "tax_list_sales": "上年应税销售（税务名单）",
    "ytd": "本年累计营业收入",
    "forecast": "预计全年营业收入",
    "close": f"上年达到规上标准的{NEAR_SHARE_PERCENT}%",
}
#: The measures of last year that can pass the standard, by the names of their facts.
MEASURES = ("revenue", "surveyed_revenue", "main_revenue", "tax_list_sales")
#: The one that the monthly returns add up to.
OF_MONTHS = "revenue"


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """Aligned columns of firms; amounts in whole hundredths. ``listed_year`` 0: never entered."""

    above: Mask
    #: last year's measures by name
    measures: Mapping[str, Column]
    ytd: Column
    forecast: Forecast
    listed_year: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Watched:
    """Rows of one list, and by name of the signal which rows it speaks of."""

    rows: Mask
    signals: Mapping[str, Mask]


def last_year(facts: WatchFacts) -> Column:
    """The largest of last year's measures that is known: what a firm would be judged by."""
    values = np.zeros(facts.above.size, np.int64)
    known = np.zeros(facts.above.size, np.bool_)
    for column in facts.measures.values():
        values = np.where(column.known & (~known | (column.values > values)), column.values, values)
        known |= column.known
    return Column(values, known)


def passes(column: Column, standard: int) -> Mask:
    reached: Mask = column.known & (column.values >= standard)
    return reached


def watch_lists(facts: WatchFacts, year: int, standard: int | None) -> dict[str, Watched]:
    """达规未入库, 临规 and 升规三年内; the first two only where the standard is printed.

    达规未入库: not in the directory, and a measure of last year, or this year's months alone, reach the standard.
    临规: not there yet, but expected to reach it this year, or last year within ``NEAR_SHARE_PERCENT`` of it.
    """
    nobody = np.zeros(facts.above.size, np.bool_)
    found = {ELIGIBLE: Watched(nobody, {}), NEAR: Watched(nobody, {})}
    if standard is not None:
        reached = {name: passes(column, standard) for name, column in facts.measures.items()}
        reached["ytd"] = passes(facts.ytd, standard)
        eligible = ~facts.above & np.logical_or.reduce(list(reached.values()))
        expected = is_told(facts.forecast) & (facts.forecast.expected >= standard)
        before = last_year(facts)
        close = before.known & (before.values * 100 >= standard * NEAR_SHARE_PERCENT)
        near = ~facts.above & ~eligible & (expected | close)
        found[ELIGIBLE] = Watched(eligible, reached)
        found[NEAR] = Watched(near, {"forecast": expected, "close": close})
    entered = (facts.listed_year > year - ENTRANT_YEARS) & (facts.listed_year <= year) & facts.above
    found[ENTRANT] = Watched(entered, {})
    return found


def burden(tax: int | None, sales: int | None) -> tuple[int, int] | None:
    """税负 as a fraction tax ÷ sales, or ``None`` where one is missing or there were no sales (S4-11)."""
    return None if tax is None or not sales or sales <= 0 else (tax, sales)
