"""A line of the statistics as pages and papers read it: sums, growth with its reason, net. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cultivation.rules.measures import four_places, share
from cultivation.rules.statistics import MEASURES

NOT_COMPARABLE = "没有两年同月都报数的企业"
NO_BASE = "上年基数为零、为负，或没有可比企业"
NO_CHAIN = "上月基数为零、为负，或没有可比企业"
JOINT_CHAIN = "1—2月合并统计，1—3月不算环比"
#: growth of a measure → the parts that it compares
_RATES = {"yoy": ("_now", "_base"), "mom": ("_chain", "_chain_base"), "ytd_yoy": ("_ytd_now", "_ytd_base")}


@dataclass(frozen=True, slots=True)
class Rate:
    """A growth rate, exact, or why there is none."""

    exact: Decimal | None
    reason: str = ""

    @property
    def ratio(self) -> Decimal | None:
        """Four places, half up, as machines get it."""
        return four_places(self.exact)


@dataclass(frozen=True, slots=True)
class StatisticLine:
    """Sums of some cells (``cultivation.rules.statistics.SUMMED``): whole hundredths, counts of firms."""

    values: Mapping[str, int]
    #: January to March of a programme that tells January and February together
    has_no_chain: bool = False
    #: numbers that no document gives a rule for
    untold: frozenset[str] = frozenset()

    def number(self, name: str) -> int | None:
        """A sum by its name, ``None`` where it is not told; ``net_added`` and ``net_added_ytd`` are entries less
        exits. ``KeyError`` for others."""
        if name in self.untold:
            return None
        if name.startswith("net_added"):
            tail = name.removeprefix("net_added")
            return self.values[f"newly_listed{tail}"] - self.values[f"delisted{tail}"]
        return self.values[name]

    def rate(self, measure: str, kind: str) -> Rate:
        """``kind``: yoy 同比, mom 环比, ytd_yoy 累计同比; over firms that have both sides."""
        now, base = (self.values[f"{measure}{part}"] for part in _RATES[kind])
        if kind == "mom":
            reason = JOINT_CHAIN if self.has_no_chain else NO_CHAIN
        else:
            reason = NO_BASE if self.values["comparable"] else NOT_COMPARABLE
        grown = share(now - base, base)
        return Rate(grown) if grown is not None else Rate(None, reason)

    @property
    def rates(self) -> dict[str, Rate]:
        """``revenue_yoy``, ``tax_mom``, ``power_ytd_yoy`` …"""
        return {f"{measure}_{kind}": self.rate(measure, kind) for measure in MEASURES for kind in _RATES}

    @property
    def numbers(self) -> dict[str, int | None]:
        """Everything that is a sum, 净增 with it."""
        return {name: self.number(name) for name in (*self.values, "net_added", "net_added_ytd")}
