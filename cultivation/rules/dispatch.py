"""A dispatch order's way (调度单): who may do what from which state, when it is late; praise and criticism. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from cultivation.rules.findings import KIND_WORDS
from cultivation.rules.measures import LAGGING, NORMAL, MonthMeasures

DRAFT, SENT, ANSWERED, CLOSED, WITHDRAWN = "draft", "sent", "answered", "closed", "withdrawn"
STATE_WORDS = {
    DRAFT: "待下达",
    SENT: "待反馈",
    ANSWERED: "待审核",
    CLOSED: "已办结",
    WITHDRAWN: "已撤销",
}
OPEN_STATES = (DRAFT, SENT, ANSWERED)
SEND, ANSWER, ACCEPT, RETURN, WITHDRAW = "send", "answer", "accept", "return", "withdraw"
#: who does an act: the bureau that dispatches, or the district that the order goes to
BUREAU_SIDE, DISTRICT_SIDE = "bureau", "district"
#: what is not an act but stands in an order's history
DRAFTED, CARRIED = "drafted", "carried"


@dataclass(frozen=True, slots=True)
class Act:
    """``words``: as the history says it; ``button``: as the page offers it."""

    before: tuple[str, ...]
    after: str
    side: str
    words: str
    button: str


ACTS: dict[str, Act] = {
    SEND: Act((DRAFT,), SENT, BUREAU_SIDE, "下达", "下达"),
    ANSWER: Act((SENT,), ANSWERED, DISTRICT_SIDE, "反馈", "提交反馈"),
    ACCEPT: Act((ANSWERED,), CLOSED, BUREAU_SIDE, "审核通过，办结", "办结"),
    RETURN: Act((ANSWERED,), SENT, BUREAU_SIDE, "退回重办", "退回"),
    WITHDRAW: Act((DRAFT, SENT), WITHDRAWN, BUREAU_SIDE, "撤销", "撤销"),
}
STEP_WORDS = {DRAFTED: "拟单", CARRIED: "结转", **{name: act.words for name, act in ACTS.items()}}

#: why an order is given: a finding of the month, a district behind 序时, a talk, or a leader's own reason
BEHIND, TALK, OTHER = "behind", "talk", "other"
ORDER_KINDS = {
    BEHIND: "落后序时",
    **{kind: word for kind, word in KIND_WORDS.items() if kind != "crossing"},
    TALK: "提请约谈",
    OTHER: "其他",
}
#: what is asked of the district, by kind
ASKED = {
    BEHIND: "请分析进度落后的原因，倒排到月、落实到企业，报送追赶措施。",
    "fall": "请逐户核查营业收入大幅下降的原因：属实的落实帮扶措施，填报有误的更正。",
    "silent": "请逐户催报；已停产、外迁的，核实后变更登记。",
    "power_gap": "请核查用电与营业收入背离的企业，说明原因；填报有误的更正。",
    "missing": "请对预计全年达不到标准的规上企业逐户落实责任人和帮扶措施，防止退规。",
    TALK: "提请约谈：请准备工作情况说明；约谈后在反馈中记录约谈时间、约谈人和整改要求。",
    OTHER: "",
}
#: An order with so many days left is told as about to fall due.
SOON_DAYS = 3


def may(act: str, state: str) -> bool:
    return state in ACTS[act].before


def due_light(state: str, deadline: date | None, today: date) -> tuple[str, str]:
    """State of a light and its word, computed: 逾期, 临期, 办理中; of what is done, its own word."""
    if state in (CLOSED, WITHDRAWN):
        return ("ok" if state == CLOSED else "mute"), STATE_WORDS[state]
    if deadline is None or state == DRAFT:
        return "mute", STATE_WORDS[state]
    if state == ANSWERED:
        return "info", STATE_WORDS[state]
    if deadline < today:
        return "bad", "逾期"
    return ("warn", "临期") if deadline - today <= timedelta(days=SOON_DAYS) else ("info", "办理中")


Line = TypeVar("Line", bound=MonthMeasures)
_PRAISED = 3


def praised(ranked: Sequence[Line]) -> list[Line]:
    """表扬: the first places, of those not behind 序时; equal ranks are praised together."""
    fine = [line for line in ranked if line.light == NORMAL]
    if len(fine) <= _PRAISED:
        return fine
    last = fine[_PRAISED - 1].attainment_fraction
    return [line for line in fine if line.attainment_fraction >= last]  # type: ignore[operator]


def criticised(ranked: Sequence[Line]) -> list[Line]:
    """通报批评、提请约谈: the red lights, the furthest behind first."""
    slow = [line for line in ranked if line.light == LAGGING]
    return sorted(slow, key=lambda line: line.schedule_gap_exact or 0)
