"""What hangs on a firm's identity in the apps to the right: they say it here, so that nobody imports to the right.

A follower tells, before an event is recorded, how many of its rows the event touches and what becomes of them. One
that brings ``carry`` hands its rows on when another firm stands for the firm, and takes them back with the event.
What was decided since on the ground of an event is told by ``intake.services.built_on``, as for a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.models import User
from enterprises.models import RegistryEvent

#: (numbers of firms) → how many rows
Count = Callable[[Sequence[int]], int]
#: a firm's rows by what became of them: ``made`` for the firm that stands for it, ``ended``
Carried = dict[str, list[int]]
_KEPT = "carried"


class CarryingRefused(Exception):
    """What was handed on has changed since; the message says so."""


@dataclass(frozen=True, slots=True)
class Carry:
    """``hand_on`` runs in the transaction of the event, ``give_back`` in that of its undoing; it raises
    ``CarryingRefused``. Rows are of ``table``."""

    table: str
    hand_on: Callable[[RegistryEvent, User], Carried]
    give_back: Callable[[RegistryEvent, Carried], None]


@dataclass(frozen=True, slots=True)
class Follower:
    """``label``: what it is (培育库记录); ``unit``: 条, 个月; ``becomes``: what an event makes of it, ``by_kind``
    where a kind of event makes something else of it."""

    label: str
    unit: str
    becomes: str
    count: Count
    carry: Carry | None = None
    by_kind: Mapping[str, str] = field(default_factory=dict)

    def words(self, kind: str, count: int) -> str:
        return self.by_kind.get(kind, self.becomes) if count else "没有，不受影响"


_followers: dict[str, Follower] = {}


def register_follower(follower: Follower) -> None:
    _followers[follower.label] = follower


def followers() -> list[Follower]:
    return list(_followers.values())


def _carries() -> list[Carry]:
    return [one.carry for one in _followers.values() if one.carry is not None]


def carried_tables() -> set[str]:
    return {carry.table for carry in _carries()}


def carry_over(event: RegistryEvent, actor: User) -> None:
    """Hand on all that hangs on the firm to which the event happened; the event keeps what was done."""
    done = {carry.table: carry.hand_on(event, actor) for carry in _carries()}
    event.before[_KEPT] = {table: rows for table, rows in done.items() if any(rows.values())}
    event.save(update_fields=["before"])


def give_back(event: RegistryEvent) -> None:
    """Raises ``CarryingRefused``; then the caller's transaction must fail."""
    done = event.before.get(_KEPT, {})
    for carry in _carries():
        if carry.table in done:
            carry.give_back(event, done[carry.table])


def carried_rows(event: RegistryEvent) -> dict[str, list[int]]:
    """Rows that the event made for the firm that stands for the other now, by table."""
    return {table: rows.get("made", []) for table, rows in event.before.get(_KEPT, {}).items()}


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
