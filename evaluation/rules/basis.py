"""What a cohort is evaluated by, setting by setting, with its clause or the reason why it was chosen. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.conditions import Condition
from evaluation.policy import (
    Anchor,
    Band,
    Baseline,
    Bound,
    Cohort,
    Filling,
    Grading,
    Indicator,
    Origin,
    QuotaBase,
    Scheme,
    Setting,
    is_missing,
)
from evaluation.policy.adjusting import Adjustment
from evaluation.policy.choices import (
    ALL_EQUAL,
    BASELINES,
    BLANK,
    COUNT_ROUNDINGS,
    FILLINGS,
    LAND_BASES,
    LAND_FORMULAS,
    LEASED_FLOOR,
    MOVE_KINDS,
    MULTI_ENTITY,
    PARCEL_TENANTS,
    PERIODS,
    PLACE_SHARES,
    POPULATIONS,
    PROVISIONAL,
    QUOTA_BASES,
    RANK_WITHIN,
    ROUNDINGS,
    SCORING,
    SMALL_POOLS,
    TIES,
    TIME_WEIGHTING,
)
from evaluation.rules.wording import plain

_WORD = re.compile(r"[A-Za-z_]\w*|[<>=!]=", re.ASCII)
_WORDS = {
    "and": "且", "or": "或", "not": "非", "in": "属于", "between": "在", "true": "是", "false": "否", "is": "为",
    "known": "已知", "unknown": "不明", "has": "含", "year": "当年", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠",
}  # fmt: skip
_COMPARED = {"at_least": "≥", "more_than": "＞", "at_most": "≤", "less_than": "＜"}


@dataclass(frozen=True, slots=True)
class Basis:
    label: str
    words: str
    origin: Origin


def basis_of(scheme: Scheme, cohort: Cohort | None) -> list[Basis]:
    """In the order of the steps; of the cohort's own indicators when there is one."""
    labels = labels_of(scheme)
    found = [
        Basis(f"列入：{clause.label}", condition_words(clause.condition.text, labels), clause.origin)
        for clause in scheme.include
    ]
    found += [
        Basis(f"{clause.id}：{clause.label}", condition_words(clause.condition.text, labels), clause.origin)
        for clause in scheme.special
    ]
    found += _land(scheme)
    found += _subject(scheme)
    for use in scheme.quantities.values():
        if use.basis:
            found.append(Basis(f"{use.label}口径", use.basis, use.origin))
        if use.formula is not None:
            words = condition_words(use.formula.text.rpartition(" >= ")[0], labels)
            found.append(Basis(use.label, words, use.origin))
    if cohort is not None:
        found += _items(cohort)
    found += [_adjustment(item, labels) for item in scheme.adjusting.items]
    if cohort is not None:
        for band in cohort.bands:
            found += _band(band, labels)
    compared = "后排名" if not scheme.is_compared_unrounded else "，按未取舍的得分排名"
    rounding = ROUNDINGS[scheme.rounding.known_or("half_up")]
    found.append(
        Basis("得分取舍", f"{rounding}到 {scheme.shown_places} 位小数{compared}", scheme.decimals.origin)
    )
    found += _grading(scheme.grading_of(cohort) if cohort else scheme.grading)
    for move in scheme.moves:
        rule = (
            f"{MOVE_KINDS[move.kind]} {move.grade} 级"
            if move.grade
            else f"{MOVE_KINDS[move.kind]} {move.steps} 档"
        )
        words = f"{_when(move.condition, labels)}：{rule}{'，空出名额递补' if move.backfill else ''}"
        found.append(Basis(f"调档：{move.label}", words, move.origin))
    for flag in scheme.flags:
        words = _when(flag.condition, labels)
        found.append(Basis(flag.label, words, flag.origin))
    return found


def labels_of(scheme: Scheme) -> dict[str, str]:
    """Names of facts as the scheme calls them."""
    labels = {name: fact.label for name, fact in scheme.facts.items()}
    return labels | {name: use.label for name, use in scheme.quantities.items()}


def condition_words(text: str, labels: dict[str, str]) -> str:
    """``taxable_sales >= 500万元 or land >= 3亩`` → ``应税销售 ≥ 500万元 或 用地 ≥ 3亩``"""

    def word(match: re.Match[str]) -> str:
        return _WORDS.get(match[0]) or labels.get(match[0], match[0])

    return _WORD.sub(word, text)


def _when(condition: Condition | None, labels: dict[str, str]) -> str:
    return "条件未载明" if condition is None else condition_words(condition.text, labels)


def _land(scheme: Scheme) -> Iterator[Basis]:
    land = scheme.land
    yield _choice("用地", land.area, LAND_FORMULAS, "own + leased_in - leased_out")
    yield _choice("租入租出未填", land.blank_lease, BLANK, PROVISIONAL["blank_lease"])
    for label, setting, words, name in (
        ("租赁厂房", land.leased_floor, LEASED_FLOOR, "leased_floor"),
        ("面积口径", land.basis, LAND_BASES, "basis"),
        ("按时间折算", land.time_weighting, TIME_WEIGHTING, "time_weighting"),
    ):
        if setting is not None:
            yield _choice(label, setting, words, PROVISIONAL[name])
    if land.sqm_per_mu is not None:
        yield Basis("每亩平方米", plain(land.sqm_per_mu.known_or(Decimal(667))), land.sqm_per_mu.origin)


def _subject(scheme: Scheme) -> Iterator[Basis]:
    if scheme.subject is not None:
        yield _choice("承租企业", scheme.subject.tenants, PARCEL_TENANTS, "separate")
        yield _choice("同一控制的多家企业", scheme.subject.multi_entity, MULTI_ENTITY, "separate")


def _items(cohort: Cohort) -> list[Basis]:
    found = []
    for indicator in cohort.indicators:
        origin = indicator.baseline.origin if indicator.baseline else indicator.weight.origin
        weight = (
            plain(indicator.weight.known_or(Decimal(0))) if not is_missing(indicator.weight) else "未载明"
        )
        found.append(Basis(indicator.label, f"权重 {weight}，{scoring_words(indicator)}", origin))
    if cohort.is_ranked_directly or not cohort.indicators:
        return found
    first = cohort.indicators[0]
    found.append(Basis("单项封顶", bound_words(first.cap), first.cap.origin))
    found.append(Basis("单项保底", bound_words(first.floor), first.floor.origin))
    for indicator in cohort.indicators:
        for setting, shared, label in (
            (indicator.not_reported, first.not_reported, "数据未报"),
            (indicator.zero_den, first.zero_den, "分母为零"),
        ):
            if indicator is first or setting != shared:
                name = label if indicator is first else f"{indicator.label}：{label}"
                found.append(_filling(name, setting))
        if indicator.not_applicable is not indicator.not_reported:
            found.append(_filling(f"{indicator.label}：不适用", indicator.not_applicable))
        if indicator.negative.known_or(Filling("keep")).kind != "keep":
            found.append(_filling(f"{indicator.label}：负值", indicator.negative))
    return found


def scoring_words(indicator: Indicator) -> str:
    """``基准值 26.01``; for other ways of scoring, the way and its numbers."""
    scoring = indicator.scoring
    if scoring.kind == "ratio":
        inverse = "，越低越好" if indicator.less_is_better else ""
        return f"{baseline_words(indicator)}{inverse}"
    if scoring.kind == "reverse":
        return (
            f"{baseline_words(indicator)}，在 {plain(scoring.full_at)} 倍以内记满分，"
            f"到 {plain(scoring.zero_at)} 倍记零分，其间按比例"
        )
    if scoring.kind == "growth":
        points = f"，每个百分点 {plain(scoring.per_point)} 分" if scoring.per_point is not None else ""
        return f"增减幅度与{baseline_words(indicator)}比较{points}"
    if scoring.kind == "steps":
        rows = [
            f"{_COMPARED[row.comparison]}{plain(row.bound)} 记 {_points(row.points)}"
            for row in scoring.table[:-1]
        ]
        return f"分档：{'，'.join(rows)}，其余记 {_points(scoring.table[-1].points)}"
    if scoring.kind == "minmax":
        ends = f"{_anchor(scoring.low, '最低')}到{_anchor(scoring.high, '最高')}"
        rule = scoring.all_equal.known_or("full") if scoring.all_equal else "full"
        return f"{ends}之间按比例计 {_points(scoring.low_points)}到 {_points(scoring.high_points)}，全部相等时{ALL_EQUAL[rule]}"
    if scoring.kind == "deviation":
        below = scoring.per_percent if scoring.per_percent_below is None else scoring.per_percent_below
        words = ("高", "加", "低", "减") if not indicator.less_is_better else ("低", "加", "高", "减")
        return (
            f"{baseline_words(indicator)}，与基准相同记 {_points(scoring.at_base)}，每{words[0]} 1% {words[1]} "
            f"{plain(scoring.per_percent)} 分，每{words[2]} 1% {words[3]} {plain(below)} 分"
        )
    if scoring.kind == "place" and scoring.table:
        rows = [f"前{plain(row.bound)}% 记 {_points(row.points)}" for row in scoring.table[:-1]]
        return f"按位次：{'，'.join(rows)}，其余记 {_points(scoring.table[-1].points)}"
    if scoring.kind == "place":
        share = PLACE_SHARES[scoring.over]
        return f"按位次：第一位记 {_points(scoring.first)}，依{share}到 {_points(scoring.last)}"
    return SCORING[scoring.kind]


def baseline_words(indicator: Indicator) -> str:
    """``基准值 26.01``, or whose statistic it is: ``基准值为上一年度本县区(园区)各企业比值的平均的 2 倍``"""
    printed = indicator.printed_baseline
    if printed is not None:
        return f"基准值 {plain(printed * 100)}%" if indicator.is_share else f"基准值 {plain(printed)}"
    baseline = None if indicator.baseline is None else indicator.baseline.value
    if not isinstance(baseline, Baseline):
        return "基准值未载明"
    if baseline.by:
        rows = [
            f"{word} {'未载明' if number is None else plain(number * baseline.factor)}"
            for word, number in baseline.table
        ]
        if isinstance(baseline.value, Decimal):
            rows.append(f"其他 {plain(baseline.value * baseline.factor)}")
        return f"基准值{'，'.join(rows)}"
    whom = "".join(POPULATIONS[name] for name in baseline.population) or POPULATIONS["locality"]
    times = f"的 {plain(baseline.factor)} 倍" if baseline.factor != 1 else ""
    place = f"（{plain(baseline.percentile)}%）" if baseline.kind == "percentile" else ""
    return f"基准值为{PERIODS[baseline.period]}{whom}{BASELINES[baseline.kind]}{place}{times}"


def _anchor(anchor: Anchor, word: str) -> str:
    return {
        "value": plain(anchor.number),
        "percentile": f"{plain(anchor.number)}%位值",
        "mean": f"平均值的 {plain(anchor.number)} 倍",
    }.get(anchor.kind, word)


def _points(bound: Bound) -> str:
    if bound.times_weight is not None:
        return "零分" if not bound.times_weight else f"权重的 {plain(bound.times_weight)} 倍"
    return f"{plain(bound.points or Decimal(0))} 分"


def _adjustment(item: Adjustment, labels: dict[str, str]) -> Basis:
    word = "扣" if item.is_penalty else "加"
    amount = "文件未载明"
    if item.points is not None and not is_missing(item.points):
        amount = f"{word} {plain(item.points.known)} 分"
    elif item.percent is not None and not is_missing(item.percent):
        amount = f"{word}得分的 {plain(item.percent.known)}%"
    elif item.counted is not None:
        counted = item.counted
        amount = (
            f"按{labels.get(counted.quantity, counted.quantity)}，第一次{word} {plain(counted.first)} 分，"
            f"以后每次{word} {plain(counted.each)} 分"
        )
    return Basis(f"{word}分：{item.label}", f"{_when(item.condition, labels)}：{amount}", item.origin)


def _band(band: Band, labels: dict[str, str]) -> Iterator[Basis]:
    words, origin = [], Origin()
    if band.upto is not None and not is_missing(band.upto):
        words.append(f"累计前 {plain(band.upto.known)}%（含）")
        origin = band.upto.origin
    if band.top is not None and not is_missing(band.top):
        words.append(f"前 {band.top.known} 名")
        origin = band.top.origin
    if band.at_least is not None and not is_missing(band.at_least):
        unit = "倍" if band.is_of_mean else "分"
        words.append(f"{'平均分的 ' if band.is_of_mean else ''}{plain(band.at_least.known)} {unit}以上")
        origin = band.at_least.origin
    yield Basis(f"{band.grade} {band.label}", "，且".join(words) or "其余企业", origin)
    if band.gate is not None:
        yield Basis(
            f"{band.grade} 级另须符合", condition_words(band.gate.condition.text, labels), band.gate.origin
        )


def _grading(grading: Grading) -> list[Basis]:
    within = grading.rank_within.known_or((PROVISIONAL["rank_within"],))
    base = grading.quota_base.known_or(QuotaBase(PROVISIONAL["quota_base"]))
    without = f"，不含 {'、'.join(base.without)}" if base.without else ""
    return [
        Basis(
            "排名范围",
            _told("、".join(RANK_WITHIN[name] for name in within), grading.rank_within),
            grading.rank_within.origin,
        ),
        _choice("名额取舍", grading.count_rounding, COUNT_ROUNDINGS, PROVISIONAL["count_rounding"]),
        Basis(
            "名额基数", _told(QUOTA_BASES[base.kind] + without, grading.quota_base), grading.quota_base.origin
        ),
        _choice("同分", grading.ties, TIES, PROVISIONAL["ties"]),
        Basis("最小组", f"{grading.min_size.known_or(0)} 家", grading.min_size.origin),
        _choice("不足最小组", grading.small_pool, SMALL_POOLS, PROVISIONAL["small_pool"]),
    ]


def bound_words(setting: Setting[Bound]) -> str:
    bound = setting.known_or(Bound())
    if bound.times_weight is not None:
        return f"权重的 {plain(bound.times_weight)} 倍"
    return "没有" if bound.points is None else f"{plain(bound.points)} 分"


def _filling(label: str, setting: Setting[Filling]) -> Basis:
    filling = setting.known_or(Filling(PROVISIONAL["missing"]))
    words = f"该项记 {plain(filling.points)} 分" if filling.kind == "points" else FILLINGS[filling.kind]
    return Basis(label, _told(words, setting), setting.origin)


def _choice(label: str, setting: Setting[str], words: dict[str, str], provisional: str) -> Basis:
    return Basis(label, _told(words[setting.known_or(provisional)], setting), setting.origin)


def _told(words: str, setting: Setting[Any]) -> str:
    return f"{words}（文件未载明，暂按）" if is_missing(setting) else words
