"""The settings that the document does not print, by names a clerk knows. Pure."""

from __future__ import annotations

import re

from core.policies import PolicyDocument
from evaluation.policy.choices import GRADES
from evaluation.policy.scheme import Cohort, Scheme
from evaluation.policy.settings import is_missing
from evaluation.policy.workflow import STEPS

_STEP = re.compile(r"([a-zA-Z_]+[+1-3]?)(?:\[(\d+)\])?")
_WORDS = {
    "full": "满分",
    "weight": "权重",
    "baseline": "基准值",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报的处理",
    "zero_den": "分母为零的处理",
    "not_applicable": "不适用的处理",
    "negative": "负值的处理",
    "all_equal": "全部相等的处理",
    "zero_at": "记零分的倍数",
    "full_at": "记满分的倍数",
    "value_decimals": "指标值位数",
    "low_points": "低值一端的得分",
    "high_points": "高值一端的得分",
    "at_base": "与基准相同的得分",
    "per_point": "每个百分点的得分",
    "per_percent": "每百分之一的得分",
    "per_percent_below": "低于基准时每百分之一的得分",
    "last": "末位的得分",
    "mean": "平均分的倍数",
    "decimals": "得分位数",
    "item_decimals": "单项得分位数",
    "rounding": "得分取舍",
    "compare": "排名所用得分",
    "total_cap": "总分封顶",
    "total_floor": "总分保底",
    "area": "用地面积的算法",
    "blank_lease": "租入租出未填的处理",
    "leased_floor": "租赁厂房的折算",
    "sqm_per_mu": "每亩平方米",
    "basis": "用地面积的口径",
    "time_weighting": "用地按时间的折算",
    "blank": "空白组成部分的处理",
    "tenants": "承租企业的处理",
    "multi_entity": "同一控制的多家企业的处理",
    "both_takes": "两次评价以哪次为准",
    "rank_within": "排名范围",
    "count_rounding": "名额取舍",
    "quota_base": "名额基数",
    "ties": "同分的处理",
    "min_size": "最小组",
    "small_pool": "不足最小组的处理",
    "best_at_most": "最好一级的上限",
    "last_at_least": "最末一级的下限",
    "points": "分值",
    "percent": "百分比",
    "first": "第一次的分值",
    "each": "每次的分值",
    "bonus_total": "加分合计的封顶",
    "penalty_total": "扣分合计的封顶",
    "when": "条件",
    "value": "数值",
    "days": "公示天数",
    "kind": "公示按哪种日子",
    "closes_at": "公示截止时刻",
    "silence_is_consent": "逾期是否视为无异议",
}
_SETTINGS_OF_BLOCKS = ("value", "kind")


def unknown_settings(document: PolicyDocument) -> tuple[str, ...]:
    """``规上组“亩均税收”的基准值``, in the order of the document; empty when nothing is left open."""
    scheme = document.parts.get("evaluation")
    if not isinstance(scheme, Scheme):
        return ()
    keys = [key.removeprefix("evaluation.") for key in document.unknown_keys if key.startswith("evaluation.")]
    return tuple(dict.fromkeys(_named(key, scheme) for key in keys))


def unscorable(cohorts: tuple[Cohort, ...]) -> tuple[str, ...]:
    """Names of unknown weights and baselines: without them no score exists."""
    names = []
    for cohort in cohorts:
        if not cohort.indicators:
            names.append(f"{cohort.label}的指标")
        for indicator in cohort.indicators:
            for setting, label in ((indicator.weight, "权重"), (indicator.baseline, "基准值")):
                if setting is not None and is_missing(setting):
                    names.append(f"{cohort.label}“{indicator.label}”的{label}")
    return tuple(names)


def ungradable(cohorts: tuple[Cohort, ...]) -> tuple[str, ...]:
    """Names of unknown bands: firms can be scored and ranked, but not graded."""
    names = []
    for cohort in cohorts:
        for band in cohort.bands:
            if band.upto is not None and is_missing(band.upto):
                names.append(f"{cohort.label}{band.grade}级的比例")
            if band.top is not None and is_missing(band.top):
                names.append(f"{cohort.label}{band.grade}级的名次")
            if band.at_least is not None and is_missing(band.at_least):
                names.append(f"{cohort.label}{band.grade}级的最低得分")
    return tuple(names)


def _named(key: str, scheme: Scheme) -> str:
    place, word, cohort = "", "", None
    steps = _STEP.findall(key)
    for name, number in steps:
        if name == "cohorts" and number:
            cohort = scheme.cohorts[int(number) - 1]
            place = cohort.label
        elif name == "items" and number and cohort:
            place += f"“{cohort.indicators[int(number) - 1].label}”"
        elif number and (label := _label_of(name, int(number) - 1, scheme)):
            place = f"“{label}”"
        elif name in GRADES:
            word = f"{name}级的比例"
        elif name == "items":
            word = "指标"
        elif name == "steps":
            word = "档数"
        elif name == "averaging":
            word = "按几年平均"
        elif name == "top":
            word = word.replace("的比例", "的名次")
        elif name == "at_least":
            word = word.replace("的比例", "的最低得分")
        elif name in _WORDS and not (word and name in _SETTINGS_OF_BLOCKS):
            word = _WORDS[name]
        elif steps[0][0] == "workflow" and name in STEPS:
            word = f"{STEPS[name]}的期限"
    return f"{place}的{word}" if place and word else word or key


def _label_of(block: str, number: int, scheme: Scheme) -> str:
    adjustments = [item for item in scheme.adjusting.items if item.is_penalty == (block == "penalty")]
    found = {
        "bonus": adjustments,
        "penalty": adjustments,
        "moves": scheme.moves,
        "flags": scheme.flags,
        "effects": scheme.effects,
        "levels": scheme.levels,
        "special": scheme.special,
    }.get(block, ())
    return str(getattr(found[number], "label", "")) if number < len(found) else ""
