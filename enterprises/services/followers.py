"""What hangs on a firm's identity in the apps to the right: they say it here, so that nobody imports to the right.

A follower tells, before an event is recorded, how many of its rows the event touches and what becomes of them.
What was decided since on the ground of an event is told by ``intake.services.built_on``, as for a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: (numbers of firms) → how many rows
Count = Callable[[Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class Follower:
    """``label``: what it is (培育库记录); ``unit``: 条, 个月; ``becomes``: what an event makes of it."""

    label: str
    unit: str
    becomes: str
    count: Count


_followers: dict[str, Follower] = {}


def register_follower(follower: Follower) -> None:
    _followers[follower.label] = follower


def followers() -> list[Follower]:
    return list(_followers.values())


#: table → what people call its rows, for telling what hangs on a firm
TABLE_WORDS = {
    "monthly_figure": "月度报表",
    "annual_figure": "年度数据",
    "scale_event": "入库退库",
    "delisted_entry": "退统名单",
    "declared_value": "补充数据",
    "source_figure": "部门数据",
    "parcel": "用地台账",
    "lease": "租赁台账",
    "honour": "荣誉资质",
    "enterprise_contact": "联系人",
    "liaison": "责任人",
    "registry_event": "变更事项",
    "duplicate_decision": "疑似重复",
    "pool_membership": "培育库记录",
    "pool_application": "入库申请",
    "pool_judgement": "研判记录",
    "pool_handover": "名单移交",
    "tier_change": "层级变动",
    "watch_entry": "工作名单",
    "watch_note": "工作记录",
    "eval_score": "评价结果",
    "award": "奖补",
    "award_refusal": "奖补说明",
}


def table_words(table: str) -> str:
    return TABLE_WORDS.get(table, "其他记录")
