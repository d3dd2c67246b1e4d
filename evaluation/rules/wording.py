"""A score in words: one place that page, notice, Excel and API take their sentences from. Pure.

Everything is rendered on reading from the scheme, the trace (codes and numbers) and the line of the ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from evaluation.policy import MEASURES, Band, Cohort, Indicator, Scheme
from evaluation.policy.choices import CHANGES, MOVE_KINDS
from evaluation.rules.figures import FINE, FINE_PLACES
from evaluation.rules.scoring import (
    BEYOND_LIMIT,
    CAPPED,
    FLOORED,
    NEGATIVE,
    NO_BASELINE,
    NOT_APPLICABLE,
    NOT_REPORTED,
    REPLACED,
    filling_of,
)
from evaluation.rules.standing import FOLLOWS, GRADED, NO_COHORT, SPECIAL, told
from evaluation.rules.trace import Item, Trace, one_firm
from evaluation.rules.values import places_of

_DIGITS = "〇一二三四五六七八九十"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a graded firm stands: ``total`` and ``cuts`` are whole 10^-decimals, ``where`` is 海安市规上组.

    ``grade`` is the initial one, ``final`` that after the moves (empty: the same).
    """

    total: int
    rank: int
    size: int
    where: str
    grade: str
    places: Sequence[int]
    cuts: Sequence[int | None]
    means: Sequence[int | None]
    final: str = ""


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


def quantity_text(trace: Trace, quantity: str, scheme: Scheme | None = None) -> str:
    """``412.80 万元``; staff without places; 未报 is never 0."""
    if quantity in trace.not_applicable:
        return "不适用"
    kept = trace.figures[quantity]
    if kept is None:
        return "未报"
    if quantity in MEASURES:
        places, unit = 0 if MEASURES[quantity].per == 100 else 2, MEASURES[quantity].unit
        return f"{fixed(Decimal(kept).scaleb(-2), places)} {unit}"
    assert scheme is not None
    use = scheme.quantities[quantity]
    places = places_of(use)
    return f"{fixed(Decimal(kept).scaleb(-places), min(places, 4))} {use.unit}"


def value_text(
    indicator: Indicator,
    value: Decimal,
    *,
    rounding: str = ROUND_HALF_UP,
    with_unit: bool = True,
    baseline: Decimal | None = None,
) -> str:
    """Two places, four where the baseline is below 1; shares in per cent."""
    if indicator.is_share:
        return f"{fixed((value * 100).quantize(_CENT, rounding), 2)}{'%' if with_unit else ''}"
    places = value_places(indicator, baseline if baseline is not None else value)
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding)
    return fixed(rounded, places) + (indicator.unit if with_unit else "")


def value_places(indicator: Indicator, baseline: Decimal | None = None) -> int:
    """As many as the size of the baseline asks for (0.0021 needs more than 24.1); of the value itself where none is printed."""
    measure = indicator.printed_baseline if indicator.printed_baseline is not None else baseline
    if measure is None or not 0 < abs(measure) < 1:
        return 2
    return 4 if abs(measure) >= _CENT else 6


def why_text(indicator: Indicator, trace: Trace, scheme: Scheme) -> str:
    """``评价税收 412.80 万元 ÷ 用地 21.50 亩 · 税务部门、自然资源部门``"""
    uses = [scheme.quantities[name] for name in indicator.parts]
    departments = "、".join(dict.fromkeys(use.department for use in uses))
    told = " ÷ ".join(f"{use.label} {quantity_text(trace, use.id, scheme)}" for use in uses)
    if indicator.change:
        told += f"，{CHANGES[indicator.change]}"
    elif indicator.years > 1:
        told += f"，近{indicator.years}年"
    return f"{told} · {departments}"


# ---------------------------------------------------------------- sentences


def steps_of(scheme: Scheme, cohort: Cohort, trace: Trace, place: Place) -> list[str]:
    """怎么算出来的: the way from the directory to the grade, one sentence a step."""
    inside = "在" if trace.figures["above_scale"] else "不在"
    steps = [f"{scheme.data_year}年末{inside}规上工业企业名录内，按{cohort.label}参加评价。"]
    if any("land" in indicator.parts for indicator in cohort.indicators):
        steps.append(land_sentence(trace))
    steps.append(_items_sentence(cohort, trace))
    steps += [
        remark
        for indicator, item, mean in zip(cohort.indicators, trace.items, place.means, strict=True)
        if (remark := item_remark(indicator, item, trace, scheme, mean))
    ]
    steps += adjusted_sentences(scheme, trace)
    steps.append(_place_sentence(cohort, trace, place, scheme))
    steps += moved_sentences(scheme, cohort, trace, place)
    return steps + level_sentences(scheme, cohort, trace) + flag_sentences(scheme, trace)


def level_sentences(scheme: Scheme, cohort: Cohort, trace: Trace) -> list[str]:
    """``市级：同一得分在 412 家中列第 31 位，定为 A 级。``, one for each further level that ranks the firm."""
    told = []
    for level, place in zip(scheme.levels, trace.levels, strict=True):
        if place.rank <= 0:
            continue
        letters = [band.grade for band in level.bands.get(cohort.id, cohort.bands)]
        ranked = f"{level.label}：同一得分在 {place.size} 家中列第 {place.rank} 位"
        if place.final < 0:
            told.append(f"{ranked}，文件没有写明各级的界限。")
        elif place.grade not in (place.final, -1):
            told.append(f"{ranked}，初评 {letters[place.grade]} 级，调档后为 {letters[place.final]} 级。")
        else:
            told.append(f"{ranked}，定为 {letters[place.final]} 级。")
    return told


def flag_sentences(scheme: Scheme, trace: Trace) -> list[str]:
    return [
        f"绝对标准：{flag.label}（{flag.origin.label}）。"
        for flag, is_met in zip(scheme.flags, trace.flags, strict=True)
        if is_met
    ]


def standing_sentences(scheme: Scheme, trace: Trace) -> list[str]:
    """Why a firm has no grade: its special class, or each of the scope's clauses that it does not meet."""
    firm = one_firm(trace)
    if trace.standing == SPECIAL:
        special = scheme.special[trace.special]
        base = "计入名额基数" if special.in_quota_base else "不占名额"
        managed = f"，参照 {special.manage_as} 类管理" if special.manage_as else ""
        graded = f"固定为 {special.grade} 级" if special.grade else "不定等级"
        return [
            f"列为 {special.id}（{special.label}），{graded}，{base}{managed}。",
            told(special, firm, scheme),
        ]
    if trace.standing == GRADED:
        return [
            "在评价范围内；文件没有写明这一组的指标、权重或等级界限，没有评分和等级。",
            *(f"{clause.label}：{told(clause, firm, scheme)}" for clause in scheme.include),
            *flag_sentences(scheme, trace),
        ]
    if trace.standing == FOLLOWS:
        return ["承租企业，随出租方的等级，不单独排名。"]
    if trace.standing == NO_COHORT:
        return ["在评价范围内，但不属于任何一个分组，没有评分。"]
    return [
        "不在评价范围，没有评分。",
        *(f"{clause.label}：{told(clause, firm, scheme)}" for clause in scheme.include),
    ]


def land_sentence(trace: Trace) -> str:
    own, leased_in, leased_out = (
        "未填" if part is None else f"{fixed(Decimal(part).scaleb(-2), 2)} 亩" for part in trace.land_parts
    )
    return f"用地 = 自有 {own} + 租入 {leased_in} − 租出 {leased_out} = {quantity_text(trace, 'land')}。"


def _items_sentence(cohort: Cohort, trace: Trace) -> str:
    if cohort.is_ranked_directly:
        indicator, item = cohort.indicators[0], trace.items[0]
        value = "没有数" if item.value is None else value_text(indicator, item.value)
        return f"按{indicator.label}直接排序，不计分：{value}。"
    points = [item.points for item in trace.items if item.state != REPLACED]
    compared = "分别与基准值相比，" if all(i.scoring.kind == "ratio" for i in cohort.indicators) else ""
    total = f"{_count_word(len(points))}项指标{compared}合计 {points_text(sum(points), 2)} 分"
    lost = [
        0 if item.state == REPLACED else int(indicator.weight.known * FINE) - item.points
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
    ]
    worst = max(range(len(lost)), key=lambda number: lost[number])
    if lost[worst] <= 0:
        return f"{total}，没有一项低于{'基准' if compared else '满分'}。"
    indicator, item = cohort.indicators[worst], trace.items[worst]
    lagging = f"。{indicator.label}"
    if item.value is not None:
        lagging += f" {value_text(indicator, item.value, baseline=item.baseline)}，"
        if item.baseline:
            share = item.value / item.baseline * 100
            lagging += f"为基准 {baseline_text(indicator, item)} 的 {fixed(share, 1)}%，"
    return f"{total}{lagging}是失分最多的一项（少 {points_text(lost[worst], 2)} 分）。"


def baseline_text(indicator: Indicator, item: Item | None = None) -> str:
    """As printed; a computed one with as many places as values of its size are told with."""
    printed = indicator.printed_baseline
    if printed is not None:
        return f"{plain(printed * 100)}%" if indicator.is_share else plain(printed)
    if item is None or item.baseline is None:
        return "—"
    return value_text(indicator, item.baseline, with_unit=indicator.is_share)


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
    if item.state == REPLACED:
        return "" if indicator.instead_of else f"{indicator.label}没有数，改按代替的一项计分。"
    missing = _missing_words(indicator, item, trace, scheme)
    filling = filling_of(indicator, item.state)
    if filling.kind == "mean_score" and mean is None:
        return f"{missing}，全组都没有数，{indicator.label}记 0 分。"
    if filling.kind == "mean_score":
        return f"{missing}，{indicator.label}取同组有数企业该项得分的平均 {points_text(item.points, 2)} 分。"
    if filling.kind == "drop_and_reweight":
        return f"{missing}，去掉{indicator.label}，其余各项权重按比例放大。"
    if filling.kind == "full":
        return f"{missing}，{indicator.label}记满分 {points_text(item.points, 2)} 分。"
    return f"{missing}，{indicator.label}记 {plain(Decimal(item.points).scaleb(-FINE_PLACES))} 分。"


def _missing_words(indicator: Indicator, item: Item, trace: Trace, scheme: Scheme) -> str:
    if item.state == NOT_APPLICABLE:
        names = [name for name in indicator.parts if name in trace.not_applicable]
        return f"{'、'.join(map(scheme.quantity_label, names)) or indicator.label}不适用"
    if item.state == NEGATIVE:
        return f"{indicator.label}为负"
    if item.state == NO_BASELINE:
        return f"{indicator.label}没有可用的基准值"
    if item.state == NOT_REPORTED:
        names = [name for name in indicator.parts if trace.figures[name] is None]
        told = "、".join(scheme.quantity_label(name) for name in names)
        return f"{told}未报" if told else f"{indicator.label}缺以前年度的数"
    if not indicator.den or indicator.change:
        return f"{indicator.label}的基数不是正数，不能相除"
    if (
        indicator.less_is_better
        and indicator.scoring.kind == "ratio"
        and (trace.figures[indicator.den] or 0) > 0
    ):
        return f"{scheme.quantity_label(indicator.num)}为 {quantity_text(trace, indicator.num, scheme)}，不能相除"
    return f"{scheme.quantity_label(indicator.den)}为 {quantity_text(trace, indicator.den, scheme)}，不能相除"


def adjusted_sentences(scheme: Scheme, trace: Trace) -> list[str]:
    """``加分：省级研发中心 2.00 分。``, the total where caps changed it, and the score's own bounds."""
    told = []
    for word, sign in (("加分", 1), ("扣分", -1)):
        parts = [
            f"{item.label} {points_text(abs(points), 2)} 分"
            for item, points in zip(scheme.adjusting.items, trace.adjusted, strict=True)
            if points * sign > 0
        ]
        if parts:
            told.append(f"{word}：{'，'.join(parts)}。")
    if told and sum(trace.adjusted) != trace.adjusted_total:
        told.append(f"加扣分合计封顶后为 {points_text(trace.adjusted_total, 2)} 分。")
    return told


def moved_sentences(scheme: Scheme, cohort: Cohort, trace: Trace, place: Place) -> list[str]:
    """Each move that changed the grade or held it, in order, and the final grade."""
    if not trace.moves and not trace.is_kept:
        return []
    told, letters = [], [band.grade for band in cohort.bands]
    before = letters.index(place.grade) if place.grade in letters else -1
    for move, after in zip(scheme.moves, trace.moves, strict=True):
        if after < 0:
            continue
        changed = "不变" if after == before else f"由 {letters[before]} 级改为 {letters[after]} 级"
        if before < 0:
            changed = f"定为 {letters[after]} 级"
        rule = (
            f"{MOVE_KINDS[move.kind]} {move.grade} 级"
            if move.grade
            else f"{MOVE_KINDS[move.kind]} {move.steps} 档"
        )
        told.append(f"调档：{move.label}，{rule}，{changed}（{move.origin.label}）。")
        before = after
    if trace.is_kept:
        told.append(f"调档：{scheme.special[trace.special].label}，最低 {letters[trace.final]} 级。")
    if trace.is_refilled:
        told.append(f"递补：前面的企业调出后空出名额，改为 {letters[trace.final]} 级。")
    return told


def _place_sentence(cohort: Cohort, trace: Trace, place: Place, scheme: Scheme) -> str:
    decimals = scheme.places
    equal = trace.last - place.rank
    tied = f"（同分 {equal + 1} 家）" if equal > 0 else ""
    scored = f"综合得分 {score_text(place.total, decimals)} 分，"
    if cohort.is_ranked_directly:
        scored = ""
    ranked = f"{scored}在{place.where} {place.size} 家中列第 {place.rank} 位{tied}"
    if not place.grade:
        return f"{ranked}；文件没有写明各级的界限，不定等级。"
    band = band_of(cohort, place.grade)
    is_moved = any(after >= 0 for after in trace.moves) or trace.is_kept or trace.is_refilled
    return (
        f"{ranked}，{band_words(cohort, band)}，{'初评' if is_moved else '定'}为 {band.grade} 级（{band.label}）。"
        f"{'' if is_moved else '没有调档事项。'}"
    )


def cuts_sentence(cohort: Cohort, place: Place, decimals: int) -> str:
    """``A 级到第 57 位（前20%，92.16 分），B 级到第 172 位（前60%，66.20 分）``"""
    told = []
    for band, last, cut in zip(cohort.bands[:-1], place.places, place.cuts, strict=False):
        if cut is None:
            told.append(f"{band.grade} 级没有名额")
        elif not reach_words(band):
            told.append(f"{band.grade} 级 {score_text(cut, decimals)} 分以上")
        else:
            told.append(
                f"{band.grade} 级到第 {last} 位（{reach_words(band)}，{score_text(cut, decimals)} 分）"
            )
    return "，".join(told)


def band_of(cohort: Cohort, grade: str) -> Band:
    return next(band for band in cohort.bands if band.grade == grade)


def band_words(cohort: Cohort, band: Band) -> str:
    """``在前20%以内`` or ``在前20%与前60%之间``; by score ``在 80 分以上``"""
    number = cohort.bands.index(band)
    reaches = [reach_words(each) for each in cohort.bands]
    if not all(reaches):
        if band.at_least is None:
            return "在其余企业之列"
        return f"在{'平均分的' if band.is_of_mean else ''} {plain(band.at_least.known)} {'倍' if band.is_of_mean else '分'}以上"
    if number == 0:
        return f"在{reaches[0]}以内"
    if number == len(cohort.bands) - 1:
        return f"在{reaches[number - 1]}以外"
    return f"在{reaches[number - 1]}与{reaches[number]}之间"


def reach_words(band: Band) -> str:
    """``前20%``, ``前10名``; an empty text for a band that has a score instead."""
    if band.top is not None:
        return f"前{band.top.known}名"
    return "" if band.upto is None else f"前{plain(band.upto.known)}%"


def _count_word(count: int) -> str:
    return _DIGITS[count] if count <= 10 else str(count)
