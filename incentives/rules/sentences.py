"""Awards in words: made on reading from the edition's rule and the stored codes and numbers. Pure.

Page, Excel and API share these, so that an award has the same story everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from core.conditions import Condition, Finding, Judgement, RowVerdict, sentence
from core.periods import Month
from core.verdicts import FALSE, TRUE, UNKNOWN
from incentives.policy import Rule, YearParameter
from incentives.policy.awards import EVENTS
from incentives.rules.amount_words import amount_words, held_words, lacking_words, wan_words
from incentives.rules.codes import (
    ALREADY_AWARDED,
    AMOUNT_CHANGED,
    BUDGET_SPENT,
    CAP_REACHED,
    CONDITION_FAILED,
    CONDITION_UNKNOWN,
    EXCLUDED,
    EXCLUSION_UNKNOWN,
    NO_LONGER_DUE,
    NOT_FIRST_EVENT,
    NOT_FIRST_LIST,
    NOT_FIRST_TOLD,
    NOT_FIRST_TYPE,
    NOT_IN_FORCE,
    NOTHING_DUE,
    OTHER_KEY,
    OTHER_LIBRARY_YEAR,
    OTHER_PERIOD,
    OTHER_YEAR,
    REGION_UNSHARED,
    STACKED,
)
from incentives.rules.verdicts import Refusal

#: A part counts as just missed when every criterion that fails it lies within this share of its bound.
NEAR_SHARE = Fraction(1, 5)

_PLAIN = {
    NOT_FIRST_TOLD: "不是首次",
    OTHER_PERIOD: "不在规则所说的期间",
    OTHER_KEY: "不是规则所说的内容",
    CAP_REACHED: "已到封顶，不再发",
    BUDGET_SPENT: "预算已用完",
}
Trace = Mapping[str, Any]
Reason = Sequence[Any]


@dataclass(frozen=True, slots=True)
class MissedPart:
    """A part that an award lacks: by what, how far (share of the bound), and what it would have brought."""

    title: str
    clause: str
    words: str
    loss: str
    distance: Fraction | None

    @property
    def order(self) -> tuple[bool, Fraction]:
        """The least missed first; what has no distance last."""
        return self.distance is None, self.distance or Fraction(0)

    @property
    def is_near(self) -> bool:
        return self.distance is not None and self.distance <= NEAR_SHARE


def part_words(rule: Rule, parts: Sequence[Trace], year: int) -> str:
    """``首次入库 5万元；2021年主营业务收入 6,215.30 万元，不低于 5,000 万元，加 3万元``"""
    told: list[str] = []
    for trace in parts:
        part = rule.part(trace["part"])
        if trace["outcome"] != TRUE:
            continue
        money = wan_words(trace["fen"])
        if part.when is None:
            how = amount_words(rule, part, trace.get("how", {}), year)
            name = how or ("" if part.title == rule.title else part.title)
            told.append(f"{name}，计 {money}" if how else f"{name} {money}".strip())
        else:
            told.append(f"{_told(part.when, trace['verdict'], rule, year)}，加 {money}")
    return "；".join(told) or "金额待核"


def missing_words(rule: Rule, parts: Sequence[Trace], reasons: Sequence[Reason], year: int) -> str:
    """What is unknown and what hangs on it; empty when nothing is."""
    told: list[str] = []
    for trace in parts:
        part = rule.part(trace["part"])
        if trace["outcome"] == UNKNOWN and part.when is not None:
            lacking = _told(part.when, trace["verdict"], rule, year)
            told.append(f"{lacking}，“{part.title}”的 {wan_words(trace['fen'])}待定")
        elif trace["outcome"] == UNKNOWN:
            names = "、".join(lacking_words(rule, trace.get("how", {})))
            told.append(f"缺{names}，金额待定" if names else "金额待定")
    for code, *numbers in reasons:
        if code == CONDITION_UNKNOWN and rule.conditions is not None:
            told.append(f"{_told(rule.conditions, numbers[0], rule, year)}，能否奖补待定")
        elif code == EXCLUSION_UNKNOWN and rule.exclusions is not None:
            told.append(f"{_told(rule.exclusions, numbers[0], rule, year)}，是否属于不予奖补的情形待定")
        elif code == REGION_UNSHARED:
            told.append("文件没有写明这个地区由谁承担")
    told += held_words(rule, reasons)
    return "；".join(told)


def missed_parts(rule: Rule, parts: Sequence[Trace], year: int) -> tuple[MissedPart, ...]:
    """The parts that are not due, with what they miss."""
    found = []
    for trace in parts:
        part = rule.part(trace["part"])
        if trace["outcome"] == FALSE and part.when is not None:
            verdict = RowVerdict.from_json(trace["verdict"])
            words = _told(part.when, trace["verdict"], rule, year)
            loss = wan_words(trace["fen"])
            found.append(MissedPart(part.title, part.clause, words, loss, _distance(verdict)))
    return tuple(found)


def is_near(verdict: RowVerdict) -> bool:
    """Whether what a verdict misses lies within ``NEAR_SHARE`` of its bounds."""
    distance = _distance(verdict)
    return distance is not None and distance <= NEAR_SHARE


def just_missed(reasons: Sequence[Reason]) -> bool:
    """Whether a refusal is one that lies close to the rule's conditions."""
    code, *numbers = reasons[0]
    return code == CONDITION_FAILED and bool(numbers) and is_near(RowVerdict.from_json(numbers[-1]))


def refusal_words(rule: Rule, reasons: Sequence[Reason], year: int) -> tuple[str, str]:
    """The fact, and why the rule does not reach it."""
    code, *numbers = reasons[0]
    if code == OTHER_LIBRARY_YEAR:
        return f"审批库年度为 {numbers[0]}年", f"不是 {year}年的入库，按审批库年度计入 {numbers[0]}年"
    if code == NOT_FIRST_EVENT:
        return f"{Month.from_number(numbers[0]).label}已有在库、入库或退库记录", "不是首次入库"
    if code == NOT_FIRST_LIST:
        return f"在 {numbers[0]}年的退统名单里", "不是首次入库"
    if code == NOT_FIRST_TYPE:
        return "入库类型为再次升规", "不是首次入库"
    if code == NOT_IN_FORCE:
        return f"{Month.from_number(numbers[0]).label}{_event_label(rule)}", "不在规则施行期间"
    if code == ALREADY_AWARDED:
        had = f"{numbers[0]}年第{numbers[1]}版已列入" if numbers else "以前已得，或同批已列入"
        return had, "同一事项只奖补一次"
    if code == EXCLUDED and rule.exclusions is not None:
        return _told(rule.exclusions, numbers[-1], rule, year), "属于不予奖补的情形"
    if code == OTHER_YEAR:
        return f"{numbers[0]}年的事项", f"不是 {year}年的事项"
    if code == STACKED:
        return ("同组的另一项更高或在先" if numbers[1] else "以前已得"), "就高不重复，不再发"
    if code in _PLAIN:
        return "", _PLAIN[code]
    if code == CONDITION_FAILED and rule.conditions is not None:
        return _told(rule.conditions, numbers[-1], rule, year), "不符合条件"
    if code == NOTHING_DUE:
        missed = missed_parts(rule, numbers[-1], year)
        return "；".join(part.words for part in missed), "各部分都不符合"
    raise ValueError(f"not a reason of a refusal: {code}")


def refusal_code_words(refusal: Refusal, rule: Rule, year: int) -> str:
    """The sentence of a refusal that needs no judgement to be told; empty for one that does."""
    code, numbers = refusal.code, refusal.numbers
    if code in (CONDITION_FAILED, EXCLUDED):
        return "不符合条件" if code == CONDITION_FAILED else "属于不予奖补的情形"
    if code == ALREADY_AWARDED:
        return "同一事项只奖补一次"
    if code == NOTHING_DUE:
        return "各部分都不符合" if len(rule.parts) > 1 else "没有应得的金额"
    if code in (NOT_FIRST_EVENT, NOT_FIRST_LIST) and not any(numbers):
        return "不是首次"
    fact, why = refusal_words(rule, [[code, *numbers]], year)
    return f"{fact}，{why}" if fact else why


def difference_words(reasons: Sequence[Reason]) -> str:
    code, version = reasons[0]
    why = {AMOUNT_CHANGED: "数据变动，金额不同", NO_LONGER_DUE: "数据变动，不再符合"}[code]
    return f"第{version}版审定之后{why}"


def year_words(given: YearParameter, award_year: int) -> str:
    """``2021年（奖补年度的上一年）``"""
    year = given.at(award_year)
    if given.offset is None:
        return f"{year}年"
    names = {0: "奖补年度", -1: "奖补年度的上一年", 1: "奖补年度的下一年"}
    return f"{year}年（{names.get(given.offset, f'奖补年度{given.offset:+d}年')}）"


def _event_label(rule: Rule) -> str:
    return EVENTS[rule.occasion.event] if rule.occasion else ""


def _told(condition: Condition, kept: Sequence[Any], rule: Rule, year: int) -> str:
    """The clauses that decide, without the opening word and the full stop."""
    told = sentence(condition.bind(rule.years(year)), RowVerdict.from_json(kept))
    return told.partition("：")[2].removesuffix("。") or told.removesuffix("。")


def told_clauses(judged: Judgement, row: int) -> str:
    """The clauses on which a row's outcome rests, without the opening word."""
    told = sentence(judged.condition, judged.row(row))
    return told.partition("：")[2].removesuffix("。") or told.removesuffix("。")


def _distance(verdict: RowVerdict) -> Fraction | None:
    """The largest gap of the criteria that fail, as a share of their bounds; ``None`` when one has none."""
    failing = [finding for finding in verdict.findings if finding.decides]
    shares = [_share_missed(finding) for finding in failing]
    known = [share for share in shares if share is not None]
    return max(known) if known and len(known) == len(shares) else None


def _share_missed(finding: Finding) -> Fraction | None:
    if finding.gap is None or not finding.bound:
        return None
    return Fraction(abs(finding.gap), abs(finding.bound))
