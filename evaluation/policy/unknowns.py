"""The settings that the document does not print, by names a clerk knows. Pure."""

from __future__ import annotations

import re

from core.policies import PolicyDocument
from evaluation.policy.scheme import Scheme

_STEP = re.compile(r"([a-zA-Z_]+)(?:\[(\d+)\])?")
_WORDS = {
    "full": "满分",
    "weight": "权重",
    "baseline": "基准值",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报的处理",
    "zero_den": "分母为零的处理",
    "decimals": "得分位数",
    "rounding": "得分取舍",
    "area": "用地面积的算法",
    "blank_lease": "租入租出未填的处理",
    "rank_within": "排名范围",
    "count_rounding": "名额取舍",
    "quota_base": "名额基数",
    "ties": "同分的处理",
    "min_size": "最小组",
    "small_pool": "不足最小组的处理",
}


def unknown_settings(document: PolicyDocument) -> tuple[str, ...]:
    """``规上组“亩均税收”的基准值``, in the order of the document; empty when nothing is left open."""
    scheme = document.parts.get("evaluation")
    if not isinstance(scheme, Scheme):
        return ()
    keys = [key.removeprefix("evaluation.") for key in document.unknown_keys if key.startswith("evaluation.")]
    return tuple(dict.fromkeys(_named(key, scheme) for key in keys))


def _named(key: str, scheme: Scheme) -> str:
    place, cohort = "", None
    word = ""
    for name, number in _STEP.findall(key):
        if name == "cohorts" and number:
            cohort = scheme.cohorts[int(number) - 1]
            place = cohort.label
        elif name == "items" and number and cohort:
            place += f"“{cohort.indicators[int(number) - 1].label}”"
        elif name in "ABCD":
            word = f"{name}级的比例"
        elif name in _WORDS:
            word = _WORDS[name]
    return f"{place}的{word}" if place else word or key
