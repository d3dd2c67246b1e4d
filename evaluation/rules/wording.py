"""A score in words: one place that page, notice, Excel and API take their sentences from. Pure.

Everything is rendered on reading from the scheme, the trace (codes and numbers) and the line of the ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from evaluation.policy import MEASURES, Band, Cohort, Indicator, Scheme
from evaluation.rules.figures import FINE, FINE_PLACES
from evaluation.rules.scoring import BEYOND_LIMIT, CAPPED, FLOORED, NOT_REPORTED, filling_of
from evaluation.rules.standing import NO_COHORT, SPECIAL, told
from evaluation.rules.trace import Item, Trace, one_firm

_DIGITS = "〇一二三四五六七八九十"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a graded firm stands: ``total`` and ``cuts`` are whole 10^-decimals, ``where`` is 海安市规上组."""

    total: int
    rank: int
    size: int
    where: str
    grade: str
    places: Sequence[int]
    cuts: Sequence[int | None]
    means: Sequence[int | None]


# ---------------------------------------------------------------- numbers


def fixed(number: Decimal, places: int) -> str:
    """Half up, thousands separators, true minus sign."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):,.{places}f}".replace("-", "−")


def plain(number: Decimal) -> str:
    """As the document prints it: 30, 0.0305, 4,861.08."""
    text = f"{number.normalize():,f}"
    return text.replace("-", "−")


def points_text(fine_points: int, places: int = 4) -> str:
    return fixed(Decimal(fine_points).scaleb(-FINE_PLACES), places)


def score_text(whole: int, decimals: int, places: int = 2) -> str:
    return fixed(Decimal(whole).scaleb(-decimals), places)


def quantity_text(trace: Trace, quantity: str) -> str:
    """``412.80 万元``; staff without places; 未报 is never 0."""
    hundredths = trace.figures[quantity]
    if hundredths is None:
        return "未报"
    per = MEASURES[quantity].per
    return f"{fixed(Decimal(hundredths).scaleb(-2), 0 if per == 100 else 2)} {MEASURES[quantity].unit}"


def value_of(indicator: Indicator, trace: Trace) -> Decimal | None:
    """The indicator in its unit; ``None`` without both figures or with nothing to divide by."""
    num, den = trace.figures[indicator.num], trace.figures[indicator.den]
    return None if num is None or den is None or den <= 0 else Decimal(num) / Decimal(den)


def value_text(
    indicator: Indicator, value: Decimal, *, rounding: str = ROUND_HALF_UP, with_unit: bool = True
) -> str:
    """Two places, four where the baseline is below 1; shares in per cent."""
    if indicator.is_share:
        return f"{fixed((value * 100).quantize(_CENT, rounding), 2)}{'%' if with_unit else ''}"
    places = value_places(indicator)
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding)
    return fixed(rounded, places) + (indicator.unit if with_unit else "")


def value_places(indicator: Indicator) -> int:
    return 2 if indicator.baseline.known >= 1 else 4


def why_text(indicator: Indicator, trace: Trace, scheme: Scheme) -> str:
    """``评价税收 412.80 万元 ÷ 用地 21.50 亩 · 税务部门、自然资源部门``"""
    num, den = scheme.quantities[indicator.num], scheme.quantities[indicator.den]
    departments = "、".join(dict.fromkeys((num.department, den.department)))
    return f"{num.label} {quantity_text(trace, num.id)} ÷ {den.label} {quantity_text(trace, den.id)} · {departments}"


# ---------------------------------------------------------------- sentences


def steps_of(scheme: Scheme, cohort: Cohort, trace: Trace, place: Place) -> list[str]:
    """怎么算出来的: the way from the directory to the grade, one sentence a step."""
    inside = "在" if trace.figures["above_scale"] else "不在"
    steps = [f"{scheme.data_year}年末{inside}规上工业企业名录内，按{cohort.label}参加评价。"]
    if any("land" in (indicator.num, indicator.den) for indicator in cohort.indicators):
        steps.append(land_sentence(trace))
    steps.append(_items_sentence(cohort, trace))
    steps += [
        remark
        for indicator, item, mean in zip(cohort.indicators, trace.items, place.means, strict=True)
        if (remark := item_remark(indicator, item, trace, scheme, mean))
    ]
    steps.append(_place_sentence(cohort, trace, place, scheme))
    return steps


def standing_sentences(scheme: Scheme, trace: Trace) -> list[str]:
    """Why a firm has no grade: its special class, or each of the scope's clauses that it does not meet."""
    firm = one_firm(trace)
    if trace.standing == SPECIAL:
        special = scheme.special[trace.special]
        return [f"列为 {special.id}（{special.label}），不定等级，不占名额。", told(special, firm, scheme)]
    if trace.standing == NO_COHORT:
        return ["在评价范围内，但不属于任何一个分组，没有评分。"]
    return [
        "不在评价范围，没有评分。",
        *(f"{clause.label}：{told(clause, firm, scheme)}" for clause in scheme.include),
    ]


def land_sentence(trace: Trace) -> str:
    def part(name: str) -> str:
        return "未填" if trace.figures[name] is None else quantity_text(trace, name)

    return (
        f"用地 = 自有 {part('land_own')} + 租入 {part('land_leased_in')} − 租出 {part('land_leased_out')}"
        f" = {quantity_text(trace, 'land')}。"
    )


def _items_sentence(cohort: Cohort, trace: Trace) -> str:
    points = [item.points for item in trace.items]
    total = f"{_count_word(len(points))}项指标分别与基准值相比，合计 {points_text(sum(points), 2)} 分"
    lost = [
        int(indicator.weight.known * FINE) - item.points
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
    ]
    worst = max(range(len(lost)), key=lambda number: lost[number])
    if lost[worst] <= 0:
        return f"{total}，没有一项低于基准。"
    indicator = cohort.indicators[worst]
    value = value_of(indicator, trace)
    lagging = f"。{indicator.label}"
    if value is not None:
        share = value / indicator.baseline.known * 100
        lagging += (
            f" {value_text(indicator, value)}，为基准 {baseline_text(indicator)} 的 {fixed(share, 1)}%，"
        )
    return f"{total}{lagging}是失分最多的一项（少 {points_text(lost[worst], 2)} 分）。"


def baseline_text(indicator: Indicator) -> str:
    if indicator.is_share:
        return f"{plain(indicator.baseline.known * 100)}%"
    return plain(indicator.baseline.known)


def item_remark(indicator: Indicator, item: Item, trace: Trace, scheme: Scheme, mean: int | None) -> str:
    """What happened to an item beside the plain division; an empty text when nothing did."""
    if item.state == CAPPED:
        return f"{indicator.label}按封顶 {points_text(item.points, 2)} 分计（不封顶为 {points_text(item.raw, 2)} 分）。"
    if item.state == FLOORED:
        return f"{indicator.label}按最低 {points_text(item.points, 2)} 分计（算得 {points_text(item.raw, 2)} 分）。"
    if item.state == BEYOND_LIMIT:
        return f"{indicator.label}的得分超出可记录的范围，按上限计，请核对{scheme.quantity_label(indicator.num)}。"
    if not item.is_empty:
        return ""
    missing = _missing_words(indicator, item, trace, scheme)
    filling = filling_of(indicator, item.state)
    if filling == "mean_score" and mean is None:
        return f"{missing}，全组都没有数，{indicator.label}记 0 分。"
    if filling == "mean_score":
        return f"{missing}，{indicator.label}取同组有数企业该项得分的平均 {points_text(item.points, 2)} 分。"
    if filling == "drop_and_reweight":
        return f"{missing}，去掉{indicator.label}，其余各项权重按比例放大。"
    return f"{missing}，{indicator.label}记 0 分。"


def _missing_words(indicator: Indicator, item: Item, trace: Trace, scheme: Scheme) -> str:
    if item.state == NOT_REPORTED:
        names = [name for name in (indicator.num, indicator.den) if trace.figures[name] is None]
        return f"{'、'.join(scheme.quantity_label(name) for name in names)}未报"
    return f"{scheme.quantity_label(indicator.den)}为 {quantity_text(trace, indicator.den)}，不能相除"


def _place_sentence(cohort: Cohort, trace: Trace, place: Place, scheme: Scheme) -> str:
    decimals = scheme.places
    equal = trace.last - place.rank
    tied = f"（同分 {equal + 1} 家）" if equal > 0 else ""
    band = band_of(cohort, place.grade)
    return (
        f"综合得分 {score_text(place.total, decimals)} 分，在{place.where} {place.size} 家中列第 {place.rank} 位{tied}，"
        f"{band_words(cohort, band)}，定为 {band.grade} 级（{band.label}）。没有调档事项。"
    )


def cuts_sentence(cohort: Cohort, place: Place, decimals: int) -> str:
    """``A 级到第 57 位（前20%，92.16 分），B 级到第 172 位（前60%，66.20 分）``"""
    told = []
    for band, last, cut in zip(cohort.bands[:-1], place.places, place.cuts, strict=False):
        if cut is None:
            told.append(f"{band.grade} 级没有名额")
        else:
            told.append(
                f"{band.grade} 级到第 {last} 位（前{plain(band.upto.known)}%，{score_text(cut, decimals)} 分）"
            )
    return "，".join(told)


def band_of(cohort: Cohort, grade: str) -> Band:
    return next(band for band in cohort.bands if band.grade == grade)


def band_words(cohort: Cohort, band: Band) -> str:
    """``在前20%以内`` or ``在前20%与前60%之间``"""
    number = cohort.bands.index(band)
    if number == 0:
        return f"在前{plain(band.upto.known)}%以内"
    above = cohort.bands[number - 1]
    if number == len(cohort.bands) - 1:
        return f"在前{plain(above.upto.known)}%以外"
    return f"在前{plain(above.upto.known)}%与前{plain(band.upto.known)}%之间"


def _count_word(count: int) -> str:
    return _DIGITS[count] if count <= 10 else str(count)
