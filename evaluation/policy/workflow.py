"""The year of an evaluation as its document sets it: steps, last days, publicity, what is published. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.policies import Unknown
from evaluation.policy.settings import Origin

STEPS = {
    "land_publicity": "用地面积公示",
    "data_entry": "数据录入",
    "dept_audit": "部门审核",
    "pre_evaluation": "预评价",
    "firm_confirm": "企业书面确认",
    "appeal": "申诉",
    "final_evaluation": "终评",
    "approve": "审定",
    "publicity": "公示",
    "publish": "公布通报",
    "lists": "三张清单",
    "rectify": "改造提升和整治淘汰",
    "acceptance": "验收",
    "re_evaluation": "复评",
    "payment": "政策兑现",
}
DAY_KINDS = {"working": "工作日", "calendar": "日历日"}
ORDERS = {"code": "按统一社会信用代码", "name": "按企业名称", "region": "按地区", "score": "按得分"}
FIELDS = {"name": "企业名称", "grade": "等级", "score": "得分", "region": "地区", "cohort": "分组"}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a step, in the year after the data year: ``MM-DD``; ``UNKNOWN`` where none is printed."""

    step: str
    day: str | Unknown
    origin: Origin


@dataclass(frozen=True, slots=True)
class Publicity:
    """``closes_at`` is HH:MM of the last day; ``silence_is_consent``: who does not object has agreed."""

    days: int | Unknown
    kind: str | Unknown
    closes_at: str | Unknown
    silence_is_consent: bool | Unknown
    origin: Origin


@dataclass(frozen=True, slots=True)
class Publishing:
    """What is published of a firm and in which order; by score only where the scheme says so."""

    fields: tuple[str, ...]
    order: str
    cohorts_apart: bool


@dataclass(frozen=True)
class Workflow:
    steps: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    publicity: Publicity | None
    publishing: Publishing
