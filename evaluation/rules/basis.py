"""What a cohort is evaluated by, setting by setting, with its clause or the reason why it was chosen. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluation.policy import Bound, Cohort, Origin, Scheme, Setting
from evaluation.policy.scheme import (
    BLANK_LEASE,
    COUNT_ROUNDINGS,
    LAND_FORMULAS,
    MISSING,
    PROVISIONAL,
    QUOTA_BASES,
    RANK_WITHIN,
    SMALL_POOLS,
    TIES,
    is_missing,
)
from evaluation.policy.vocabulary import CATALOGUE
from evaluation.rules.wording import baseline_text, plain

_WORD = re.compile(r"[A-Za-z_]\w*|[<>=!]=", re.ASCII)
_WORDS = {
    "and": "且", "or": "或", "not": "非", "in": "属于", "between": "在", "true": "是", "false": "否", "is": "为",
    "known": "已知", "unknown": "不明", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Basis:
    label: str
    words: str
    origin: Origin


def basis_of(scheme: Scheme, cohort: Cohort | None) -> list[Basis]:
    """In the order of the steps; of the cohort's own indicators when there is one."""
    labels = {name: fact.label for name, fact in CATALOGUE.items()}
    labels |= {name: use.label for name, use in scheme.quantities.items()}
    clauses = [(f"列入：{clause.label}", clause) for clause in scheme.include]
    clauses += [(f"{clause.id}：{clause.label}", clause) for clause in scheme.special]
    found = [
        Basis(label, condition_words(clause.condition.text, labels), clause.origin)
        for label, clause in clauses
    ]
    found.append(_choice("用地", scheme.land, LAND_FORMULAS, "own + leased_in - leased_out"))
    found.append(_choice("租入租出未填", scheme.blank_lease, BLANK_LEASE, PROVISIONAL["blank_lease"]))
    if cohort is not None:
        found += _items(cohort)
        found += [
            Basis(f"{band.grade} {band.label}", f"累计前 {plain(band.upto.known)}%（含）", band.upto.origin)
            for band in cohort.bands
        ]
    decimals = scheme.places
    found.append(Basis("得分取舍", f"四舍五入到 {decimals} 位小数后排名", scheme.decimals.origin))
    return found + _grading(scheme)


def condition_words(text: str, labels: dict[str, str]) -> str:
    """``taxable_sales >= 500万元 or land >= 3亩`` → ``应税销售 ≥ 500万元 或 用地 ≥ 3亩``"""

    def word(match: re.Match[str]) -> str:
        return _WORDS.get(match[0]) or labels.get(match[0], match[0])

    return _WORD.sub(word, text)


def _items(cohort: Cohort) -> list[Basis]:
    found = []
    for indicator in cohort.indicators:
        numbers = f"权重 {plain(indicator.weight.known)}，基准值 {baseline_text(indicator)}"
        found.append(Basis(indicator.label, numbers, indicator.baseline.origin))
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
                found.append(_choice(name, setting, MISSING, PROVISIONAL["missing"]))
    return found


def _grading(scheme: Scheme) -> list[Basis]:
    grading = scheme.grading
    return [
        _choice("排名范围", grading.rank_within, RANK_WITHIN, PROVISIONAL["rank_within"]),
        _choice("名额取舍", grading.count_rounding, COUNT_ROUNDINGS, PROVISIONAL["count_rounding"]),
        _choice("名额基数", grading.quota_base, QUOTA_BASES, PROVISIONAL["quota_base"]),
        _choice("同分", grading.ties, TIES, PROVISIONAL["ties"]),
        Basis("最小组", f"{grading.min_size.known_or(0)} 家", grading.min_size.origin),
        _choice("不足最小组", grading.small_pool, SMALL_POOLS, PROVISIONAL["small_pool"]),
    ]


def bound_words(setting: Setting[Bound]) -> str:
    bound = setting.known_or(Bound())
    if bound.times_weight is not None:
        return f"权重的 {plain(bound.times_weight)} 倍"
    return "没有" if bound.points is None else f"{plain(bound.points)} 分"


def _choice(label: str, setting: Setting[str], words: dict[str, str], provisional: str) -> Basis:
    told = words[setting.known_or(provisional)]
    return Basis(label, f"{told}（文件未载明，暂按）" if is_missing(setting) else told, setting.origin)
