"""What a month's figures make one look at (一月一分析): falls, silence, power against sales, who crosses or misses the line.

Pure, set-based. A threshold that is ``None`` is not printed anywhere, and nothing is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column as Fact
from cultivation.rules.month_rows import Selection, Shown
from cultivation.rules.months import OUTSIDE, Column, Table, joined_table, taken

Mask = NDArray[np.bool_]
_MILLION = 1_000_000
#: kinds in the order of pages and papers; their place is the table's ``kind``
KINDS = ("fall", "silent", "power_gap", "crossing", "missing")
KIND_WORDS = {
    "fall": "营业收入大幅下降",
    "silent": "连续未报",
    "power_gap": "用电与营业收入背离",
    "crossing": "预计全年达到规上标准",
    "missing": "规上企业预计全年达不到标准",
}
#: shape and word of a finding: ok is good news
TONES = {"fall": "bad", "silent": "warn", "power_gap": "warn", "crossing": "ok", "missing": "bad"}


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """Aligned columns of firms: amounts in whole hundredths, each known or not. ``due``: asked for a return."""

    line: Column
    above: Mask
    due: Mask
    revenue: Fact
    revenue_base: Fact
    power: Fact
    power_base: Fact
    silent_months: Fact
    expected: Fact


@dataclass(frozen=True, slots=True)
class FindingLines:
    """Where a finding begins: per cents, months and points; the standard of 规上 in whole hundredths."""

    fall: Decimal | None
    silent: Decimal | None
    power_gap: Decimal | None
    standard: int | None


def findings_of(facts: FindingFacts, lines: FindingLines) -> Table:
    """One row a firm and kind, with what it rests on. Rates are millionths."""
    rate, rated = _growth(facts.revenue, facts.revenue_base)
    power_rate, power_rated = _growth(facts.power, facts.power_base)
    nobody = np.zeros(facts.line.size, np.bool_)
    masks = {
        "fall": _at_least_by(-rate, lines.fall, rated, nobody),
        "silent": _silent(facts, lines.silent, nobody),
        "power_gap": _at_least_by(abs(power_rate - rate), lines.power_gap, rated & power_rated, nobody),
        "crossing": nobody,
        "missing": nobody,
    }
    if lines.standard is not None:
        reaches = facts.expected.values >= lines.standard
        masks["crossing"] = facts.expected.known & reaches & ~facts.above
        masks["missing"] = facts.expected.known & ~reaches & facts.above
    inside = facts.line != OUTSIDE
    rows = [np.flatnonzero(masks[kind] & inside) for kind in KINDS]
    firm = np.concatenate(rows).astype(np.int64)
    told = {
        "revenue": _told(facts.revenue),
        "base": _told(facts.revenue_base),
        "rate": np.where(rated, rate, 0),
        "power": _told(facts.power),
        "power_base": _told(facts.power_base),
        "power_rate": np.where(power_rated, power_rate, 0),
        "months": _told(facts.silent_months),
        "expected": _told(facts.expected),
    }
    kinds = np.repeat(np.arange(len(KINDS)), [len(one) for one in rows]).astype(np.int64)
    return {"firm": firm, "line": facts.line[firm], "kind": kinds, **{n: v[firm] for n, v in told.items()}}


def joined_findings(parts: Sequence[Table], starts: Sequence[int]) -> Table:
    """Of parts whose firms are numbered from 0 each, by kind and firm as ``findings_of`` tells them."""
    rows = joined_table(parts, starts)
    order = np.argsort(rows["kind"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


def _growth(now: Fact, base: Fact) -> tuple[Column, Mask]:
    """Millionths, half away from zero, where both are known and the base is positive."""
    known = now.known & base.known & (base.values > 0)
    safe = np.where(known, base.values, 1).astype(np.float64)
    grown = np.where(known, (now.values - base.values) / safe * _MILLION, 0)
    return np.rint(np.clip(grown, -(2.0**52), 2.0**52)).astype(np.int64), known


def _at_least_by(change: Column, per_cent: Decimal | None, known: Mask, nobody: Mask) -> Mask:
    if per_cent is None:
        return nobody
    reached: Mask = known & (change >= int(per_cent * _MILLION / 100))
    return reached


def _silent(facts: FindingFacts, months: Decimal | None, nobody: Mask) -> Mask:
    if months is None:
        return nobody
    quiet: Mask = facts.due & facts.silent_months.known & (facts.silent_months.values >= int(months))
    return quiet


def _told(fact: Fact) -> Column:
    return np.where(fact.known, fact.values, 0).astype(np.int64)


# ---------------------------------------------------------------- lists


def _of(kind: str) -> Selection:
    number = KINDS.index(kind)
    return Selection(
        KIND_WORDS[kind], "findings", lambda table, month: table["kind"] == number, _COLUMNS[kind], kind
    )


_SALES = (
    Shown("revenue", "本月营业收入(万元)", is_summed=False),
    Shown("base", "上年同月(万元)", is_summed=False),
    Shown("rate", "同比(%)", "rate", is_summed=False),
)
_POWER = (
    Shown("power", "本月用电(万千瓦时)", is_summed=False),
    Shown("power_base", "上年同月(万千瓦时)", is_summed=False),
    Shown("power_rate", "用电同比(%)", "rate", is_summed=False),
)
_EXPECTED = (Shown("expected", "预计全年营业收入(万元)", is_summed=False),)
_COLUMNS = {
    "fall": _SALES,
    "silent": (Shown("months", "连续未报(个月)", "count", is_summed=False),),
    "power_gap": (*_SALES, *_POWER),
    "crossing": _EXPECTED,
    "missing": _EXPECTED,
}
FINDING_SELECTIONS: dict[str, Selection] = {kind: _of(kind) for kind in KINDS}


def counts_of(findings: Table, lines: Column | list[int]) -> dict[str, int]:
    """Kind → firms, of these lines."""
    own = taken(findings, np.isin(findings["line"], lines))
    return {kind: int((own["kind"] == number).sum()) for number, kind in enumerate(KINDS)}


def contributions(changes: dict[str, tuple[int, int]]) -> dict[str, Decimal | None]:
    """Region → points by which it moves the whole's growth, from (now, base) over comparable firms; they add up to
    the whole's rate. ``None`` where the whole has no base."""
    whole = sum(base for _, base in changes.values())
    if whole <= 0:
        return dict.fromkeys(changes)
    return {name: Decimal(now - base) / whole for name, (now, base) in changes.items()}
