"""How far a batch has come, in the words of its page: steps, one notice, and what may be done next or why not."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import User
from intake.models import Batch, Issue
from intake.services.access import may_act
from intake.services.sheet_types import UndoPlan

State = Batch.State
#: state → tone of its tag
TONES = {
    State.RECEIVED: "info",
    State.CHECKING: "info",
    State.READY: "warn",
    State.REFUSED: "bad",
    State.COMMITTED: "ok",
    State.DISCARDED: "mute",
    State.INTERRUPTED: "bad",
    State.UNDONE: "mute",
    State.MAPPING: "warn",
}
RUNNING = (State.RECEIVED, State.CHECKING)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the flow bar; ``look`` is done, now, stop or empty."""

    label: str
    note: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    tone: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Acts:
    """What this person may do with the batch now."""

    commit: bool = False
    commit_good: bool = False
    answer: bool = False
    discard: bool = False
    retry: bool = False
    undo: bool = False
    #: say what the columns of a list of unknown layout are, for the first time or anew
    map: bool = False
    #: on the disabled button: what is missing
    why_not: str = ""


def count(batch: Batch, name: str) -> int:
    return int(batch.counts.get(name, 0))


def acts_for(*, user: User, batch: Batch) -> Acts:
    state = State(batch.shown_state)
    if not may_act(actor=user, batch=batch):
        return Acts()
    if state in RUNNING:
        return Acts(discard=True)
    is_mapped = bool(batch.mapping.get("survey"))
    if state == State.MAPPING:
        return Acts(discard=True, map=True)
    if state in (State.INTERRUPTED, State.REFUSED):
        return Acts(discard=True, retry=True, map=is_mapped)
    if state == State.COMMITTED:
        return Acts(undo=True)
    if state != State.READY:
        return Acts()
    blocked, good = count(batch, "blocked"), count(batch, "good")
    return Acts(
        commit=not blocked,
        commit_good=bool(blocked and good),
        answer=True,
        discard=True,
        retry=True,
        map=is_mapped,
        why_not=f"先处理 {blocked} 行" if blocked else "",
    )


def flow_of(batch: Batch) -> list[Step]:
    """下载模板 → 填报 → 校验 → 预览 → 提交 → 入库, the current one marked."""
    state = State(batch.shown_state)
    rows, blocked = count(batch, "rows"), count(batch, "blocked")
    start = [Step("下载模板", "", "done"), Step("填报", f"{rows} 行" if rows else "", "done")]
    ahead = [Step("预览"), Step("提交"), Step("入库")]
    if state in RUNNING:
        return [*start, Step("校验", batch.shown_state_label, "now"), *ahead]
    if state == State.COMMITTED:
        done = [Step(label, "", "done") for label in ("校验", "预览", "提交")]
        return [*start, *done, Step("入库", f"{rows - _left_out(batch)} 行", "done")]
    if state == State.READY and not blocked:
        return [*start, Step("校验", "通过", "done"), Step("预览", "核对后提交", "now"), *ahead[1:]]
    if state == State.READY:
        ahead[0] = Step("预览", "可先看差异")
    if state == State.MAPPING:
        return [
            start[0],
            Step("填报", "", "done"),
            Step("确认列", "每种名单确认一次", "now"),
            Step("校验"),
            *ahead,
        ]
    words = {
        State.INTERRUPTED: "校验中断",
        State.DISCARDED: "已放弃",
        State.UNDONE: "已撤销",
        State.READY: f"{blocked} 行要处理",
    }
    return [*start, Step("校验", words.get(state, "未通过"), "stop"), *ahead]


def undo_effect(plan: UndoPlan) -> str:
    """将删除本批新增的 3 行、把变更过的 2 行恢复为原值、移出本批新列入名录的 1 家企业"""
    parts = [
        (plan.removes, f"删除本批新增的 {plan.removes:,} 行"),
        (plan.restores, f"把变更过的 {plan.restores:,} 行恢复为原值"),
        (plan.firms, f"移出本批新列入名录的 {plan.firms:,} 家企业"),
    ]
    return "将" + "、".join(words for number, words in parts if number)


def notice_of(batch: Batch) -> Notice:
    """One message: what happened, then what to do."""
    return _NOTICES[State(batch.shown_state)](batch)


def _left_out(batch: Batch) -> int:
    return count(batch, "rows") - count(batch, "good")


def _issues(batch: Batch) -> int:
    return sum(count(batch, f"class_{cls.lower()}") for cls in Issue.Class.values)


def _ready(batch: Batch) -> Notice:
    blocked, rows = count(batch, "blocked"), count(batch, "rows")
    if not blocked:
        hints = f"另有 {_issues(batch)} 条提示或已说明的问题。" if _issues(batch) else ""
        return Notice(
            "ok", f"校验通过：{rows} 行都可以入库。", f"核对下面的差异后提交；提交后才写入。{hints}"
        )
    return Notice(
        "bad",
        f"{blocked} 行有未处理的问题，处理后才能提交全部 {rows} 行。",
        f"共发现 {_issues(batch)} 个问题，已一次列全。A 类须改正后重新上传；B、C 类可以在“情况说明”一栏写明。"
        "下载标注文件，在标红的单元格里修改，保存后直接上传即可；标注列会自动去掉。",
    )


def _refused(batch: Batch) -> Notice:
    rows = count(batch, "rows")
    title = f"校验未通过：{rows} 行都有必须改正的问题。" if rows else "文件没有采用。"
    if batch.outcome == Batch.Outcome.REJECTED and count(batch, "good"):
        title = "这一批没有采用。"
    return Notice("bad", title, "没有写入任何数据。原因见下表，改正后重新上传。")


def _committed(batch: Batch) -> Notice:
    left = _left_out(batch)
    title = f"已入库 {count(batch, 'good')} 行：新增 {count(batch, 'new')}，变更 {count(batch, 'changed')}，不变 {count(batch, 'same')}。"
    return Notice("ok", title, f"有问题的 {left} 行没有写入，改正后另行上传补报。" if left else "")


_NOTICES = {
    State.RECEIVED: lambda batch: Notice(
        "info", "文件已收到，等待校验。", "可以离开本页，校验完后在待办里提醒。"
    ),
    State.CHECKING: lambda batch: Notice("info", "正在校验。", "可以离开本页，校验完后在待办里提醒。"),
    State.INTERRUPTED: lambda batch: Notice(
        "bad", "校验中断，没有写入任何数据。", "文件已保存，不用再传；点“重新校验”继续。"
    ),
    State.READY: _ready,
    State.REFUSED: _refused,
    State.COMMITTED: _committed,
    State.MAPPING: lambda batch: Notice(
        "warn",
        "第一次见到这种名单：请确认各列是什么。",
        "系统已按列名和内容给出建议，核对后确认一次；下次同样的名单直接校验。",
    ),
    State.DISCARDED: lambda batch: Notice("info", "这一批已放弃，没有写入任何数据。", "需要时请重新上传。"),
    State.UNDONE: lambda batch: Notice(
        "info",
        f"这一批已由 {batch.undone_by} 撤销，数据恢复到提交以前。",
        "原文件、问题和差异仍可查看；要再次入库请重新上传。",
    ),
}
