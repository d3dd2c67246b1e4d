"""How far a firm outside the directory is from 规上, in words. Pure; amounts in whole hundredths of 万元."""

from __future__ import annotations

from dataclasses import dataclass

from core.amounts import format_amount, from_hundredths


@dataclass(frozen=True, slots=True)
class Running:
    """The running year up to its latest return. ``crossing``: the month in which the forecast reaches the standard, else 0."""

    month: int
    so_far: int
    #: months up to ``month`` of which there is no return
    unreported: int
    expected: int
    crossing: int


@dataclass(frozen=True, slots=True)
class LastYear:
    """The measure of last year that comes nearest to the standard, and what it is called."""

    label: str
    amount: int


def distance_words(
    *, standard: int, mark: str, year: int, running: Running | None, last_year: LastYear | None
) -> str:
    """``mark``: where the standard comes from when its document does not print it.

    Who reaches it by last year, or by this year's months alone, stands above it, as on the list of 达规未入库.
    """
    line = f"规上标准 {from_hundredths(standard).normalize():,f} 万元{f'（{mark}）' if mark else ''}"
    before = f"{year - 1}年{last_year.label} {_wan(last_year.amount)}" if last_year else ""
    if last_year and last_year.amount >= standard:
        return f"{before}，已达{line}，还没有入库"
    if running is None:
        told = f"{before}，距{line}还差 {_wan(standard - last_year.amount)}；" if last_year else ""
        return f"{told or f'{line}，'}{year}年还没有月报，差多少看报数"
    months = "1月" if running.month == 1 else f"1—{running.month}月"
    unreported = f"（缺 {running.unreported} 个月）" if running.unreported else ""
    told = f"{year}年{months}营业收入累计 {_wan(running.so_far)}{unreported}"
    if running.so_far >= standard:
        return f"{told}，已达{line}，还没有入库"
    ahead = f"{running.crossing}月达到" if running.crossing else "本年达不到"
    short = _wan(standard - running.so_far)
    return f"{told}，距{line}还差 {short}，预计全年 {_wan(running.expected)}、{ahead}"


def _wan(hundredths: int) -> str:
    return f"{format_amount(from_hundredths(hundredths))} 万元"
