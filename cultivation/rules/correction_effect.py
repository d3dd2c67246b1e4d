"""What a correction would change of an issued line's totals, shown before it is approved; the line itself stays. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from cultivation.rules.months import MonthLine

#: total → label and how it is written; only these of a month's table follow from a firm's figures
TOTALS = {
    "revenue_wan": ("本月营业收入(万元)", "amount"),
    "revenue_yoy_exact": ("本月营业收入同比", "rate"),
    "revenue_ytd_wan": ("累计营业收入(万元)", "amount"),
    "revenue_ytd_yoy_exact": ("累计营业收入同比", "rate"),
    "tax_paid_wan": ("本月实缴税金(万元)", "amount"),
    "tax_paid_ytd_wan": ("累计实缴税金(万元)", "amount"),
    "zero_reports": ("零报告(家)", "count"),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """A total as issued and as it would be; amounts in whole hundredths, rates exact, ``None`` where there is none."""

    label: str
    kind: str
    old: int | Decimal | None
    new: int | Decimal | None

    @property
    def difference(self) -> int | Decimal | None:
        return None if self.old is None or self.new is None else self.new - self.old


def effects_on(line: MonthLine, measure: str, old: int, new: int, *, is_comparable: bool) -> list[Effect]:
    """The totals that differ. ``is_comparable``: the firm reported in the same month of last year too."""
    delta = new - old
    after = line
    if measure == "revenue_wan":
        comparable = delta if is_comparable else 0
        after = replace(
            line,
            revenue_wan=line.revenue_wan + delta,
            revenue_ytd_wan=line.revenue_ytd_wan + delta,
            revenue_comparable_wan=line.revenue_comparable_wan + comparable,
            revenue_ytd_comparable_wan=line.revenue_ytd_comparable_wan + comparable,
            zero_reports=line.zero_reports + (new == 0) - (old == 0),
        )
    elif measure == "tax_paid_wan":
        after = replace(
            line,
            tax_paid_wan=line.tax_paid_wan + delta,
            tax_paid_ytd_wan=line.tax_paid_ytd_wan + delta,
        )
    found = [
        Effect(label, kind, getattr(line, name), getattr(after, name))
        for name, (label, kind) in TOTALS.items()
    ]
    return [effect for effect in found if effect.old != effect.new]
