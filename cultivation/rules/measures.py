"""What is read off a region's line: rates, growth, attainment, 序时 gap, light. Pure.

One definition for page, Excel, REST and summary. Ratios end in ``_exact`` unrounded (pages round them once, to one
decimal of a per cent); without it they have four places, half up, as machines get them.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.policies import Unknown

#: Lights of 进度 turn red this far behind 序时 where the programme says nothing, in hundredths of a percentage point.
LAGGING_HUNDREDTHS = 1000
NORMAL, SLOW, LAGGING = "ok", "warn", "bad"
LIGHT_WORDS = {NORMAL: "正常", SLOW: "偏慢", LAGGING: "滞后"}
BASIS_GROSS, BASIS_NET = "gross", "net"

#: what stands for a 序时 that the programme does not say
UNSAID = "unsaid"

_FOUR_PLACES = Decimal("0.0001")
_ONE_PLACE = Decimal("0.1")


def share(part: int | Decimal, whole: int | Decimal | None) -> Decimal | None:
    """part ÷ whole, unrounded; ``None`` when the base is missing, zero or negative."""
    return None if whole is None or whole <= 0 else Decimal(part) / Decimal(whole)


def due_share(due: Fraction | Unknown) -> str:
    """序时 as a month keeps it."""
    return UNSAID if isinstance(due, Unknown) else str(due)


def light_rules(lagging: int | None) -> list[tuple[str, str]]:
    """State and when it holds; ``lagging`` in hundredths of a point, ``None`` where the programme leaves red unsaid."""
    if lagging is None:
        return [(NORMAL, "不低于序时"), (SLOW, "低于序时")]
    points = f"{(Decimal(lagging) / 100).normalize():f}"
    return [
        (NORMAL, "不低于序时"),
        (SLOW, f"差{points}个百分点以内"),
        (LAGGING, f"差{points}个百分点及以上"),
    ]


def _decimal(number: Fraction | None) -> Decimal | None:
    return None if number is None else Decimal(number.numerator) / number.denominator


def four_places(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else ratio.quantize(_FOUR_PLACES, ROUND_HALF_UP)


class MonthMeasures:
    """Mixed into whatever carries the numbers of a line: a computed line, a stored row, a sum of rows."""

    firms: int
    reporting: int
    silent: int
    comparable_firms: int
    revenue_comparable_wan: int
    revenue_base_wan: int
    revenue_ytd_comparable_wan: int
    revenue_ytd_base_wan: int
    newly_listed: int
    newly_listed_ytd: int
    delisted: int
    delisted_ytd: int
    target: int | None
    #: months of the year that have passed, 1–12: what 序时 is measured by
    months_passed: int
    #: the share of the year's target that is due at the month's end (``3/20``); empty: months passed ÷ 12;
    #: ``UNSAID``: the programme has no 序时
    due_share: str = ""
    #: the programme tells January and February together (1—2月合并)
    is_joint: bool = False
    #: ``gross``: attainment counts 新增; ``net``: 净增
    basis: str
    #: from which distance to 序时 the light is red, in hundredths of a point; ``None``: never
    lagging_hundredths: int | None = LAGGING_HUNDREDTHS

    @property
    def net_added(self) -> int:
        return self.newly_listed - self.delisted

    @property
    def net_added_ytd(self) -> int:
        return self.newly_listed_ytd - self.delisted_ytd

    @property
    def counted_ytd(self) -> int:
        """What counts towards the target, by the programme's 考核口径."""
        return self.net_added_ytd if self.basis == BASIS_NET else self.newly_listed_ytd

    @property
    def reporting_exact(self) -> Decimal | None:
        return share(self.reporting, self.firms)

    @property
    def is_two_months(self) -> bool:
        """February of a programme that tells it together with January."""
        return self.is_joint and self.months_passed == 2

    @property
    def yoy_label(self) -> str:
        """What the month's 同比 compares: the month, or 1—2月."""
        return "1—2月同比" if self.is_two_months else "同比"

    @property
    def revenue_yoy_exact(self) -> Decimal | None:
        """Of comparable firms, 1—2月 in February where the programme says so; ``None`` without a positive base."""
        if self.is_two_months:
            return self.revenue_ytd_yoy_exact
        return share(self.revenue_comparable_wan - self.revenue_base_wan, self.revenue_base_wan)

    @property
    def revenue_yoy(self) -> Decimal | None:
        return four_places(self.revenue_yoy_exact)

    @property
    def revenue_ytd_yoy_exact(self) -> Decimal | None:
        return share(self.revenue_ytd_comparable_wan - self.revenue_ytd_base_wan, self.revenue_ytd_base_wan)

    @property
    def revenue_ytd_yoy(self) -> Decimal | None:
        return four_places(self.revenue_ytd_yoy_exact)

    @property
    def yoy_reason(self) -> str:
        """Why there is no 同比; empty when there is one."""
        if self.is_two_months:
            return self.ytd_yoy_reason
        if self.revenue_base_wan > 0:
            return ""
        return "上年同月基数为零或负数" if self.comparable_firms else "没有两年同月都报数的企业"

    @property
    def ytd_yoy_reason(self) -> str:
        return "" if self.revenue_ytd_base_wan > 0 else "上年同期没有可比基数"

    @property
    def attainment_fraction(self) -> Fraction | None:
        """Exact: ranking compares these, never rounded ones."""
        return Fraction(self.counted_ytd, self.target) if self.target else None

    @property
    def attainment_exact(self) -> Decimal | None:
        return share(self.counted_ytd, self.target)

    @property
    def attainment(self) -> Decimal | None:
        """完成率, 0–1 (may exceed 1)."""
        return four_places(self.attainment_exact)

    @property
    def schedule_fraction(self) -> Fraction | None:
        """序时: what is due of the year's target by now; ``None`` where the programme says nothing of it."""
        if not self.due_share:
            return Fraction(self.months_passed, 12)
        return None if self.due_share == UNSAID else Fraction(self.due_share)

    @property
    def schedule_exact(self) -> Decimal | None:
        return _decimal(self.schedule_fraction)

    @property
    def _ahead(self) -> Fraction | None:
        """Firms more (less) than are due by now, exact; ``None`` without a target or 序时."""
        due = self.schedule_fraction
        return None if not self.target or due is None else self.counted_ytd - self.target * due

    @property
    def schedule_gap_exact(self) -> Decimal | None:
        ahead = self._ahead
        return None if ahead is None or not self.target else _decimal(ahead / self.target)

    @property
    def schedule_gap_firms(self) -> Decimal | None:
        """序时差 in firms: what counts − target × what is due by now, one decimal place, half up."""
        exact = _decimal(self._ahead)
        return None if exact is None else exact.quantize(_ONE_PLACE, ROUND_HALF_UP)

    @property
    def schedule_gap(self) -> Decimal | None:
        """序时差: attainment − what is due by now; rounded once, from the exact difference."""
        return four_places(self.schedule_gap_exact)

    @property
    def gap_reason(self) -> str:
        """Why there is no 序时差; empty when there is one."""
        if not self.target:
            return "没有年度目标"
        return "" if self._ahead is not None else "文件没有写明序时"

    @property
    def light(self) -> str | None:
        """``ok`` 正常, ``warn`` 偏慢, ``bad`` 滞后; ``None`` without a target or 序时."""
        ahead = self._ahead
        if ahead is None or not self.target:
            return None
        if ahead >= 0:
            return NORMAL
        limit = self.lagging_hundredths
        return LAGGING if limit is not None and -ahead * 10_000 >= limit * self.target else SLOW

    @property
    def light_word(self) -> str:
        return LIGHT_WORDS[self.light] if self.light else "—"
