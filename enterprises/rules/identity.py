"""Whether an event of the registry can have happened, and what a firm is after it. Pure: no clock, no database.

One table of objections serves the form, the list and the command; each names the field that must be mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from intake.rules.text import name_key
from intake.rules.uscc import check_uscc


class EventKind(StrEnum):
    """The same words as ``RegistryEvent.Kind``; a test holds the two together."""

    RENAMED = "renamed"
    RECODED = "recoded"
    MOVED = "moved"
    CONVERTED = "converted"
    MERGED = "merged"
    SPLIT = "split"
    CLOSED = "closed"
    REVOKED = "revoked"
    REVIVED = "revived"
    DUPLICATE = "duplicate"


#: events after which the firm itself is no more
ENDINGS = frozenset({EventKind.CONVERTED, EventKind.MERGED, EventKind.CLOSED, EventKind.REVOKED})
#: events with a second firm
WITH_OTHER = frozenset({EventKind.CONVERTED, EventKind.MERGED, EventKind.SPLIT})
#: what an event is about: events of one aspect are recorded in the order of their dates
ASPECTS: Mapping[EventKind, str] = {
    EventKind.RENAMED: "name",
    EventKind.RECODED: "code",
    EventKind.MOVED: "region",
    **dict.fromkeys((EventKind.CONVERTED, EventKind.MERGED, EventKind.SPLIT, EventKind.CLOSED), "life"),
    **dict.fromkeys((EventKind.REVOKED, EventKind.REVIVED, EventKind.DUPLICATE), "life"),
}
STATUS_AFTER = {
    EventKind.CONVERTED: "个转企注销",
    EventKind.MERGED: "已并入",
    EventKind.CLOSED: "注销",
    EventKind.REVOKED: "吊销",
    EventKind.SPLIT: "分立注销",
}
EVIDENCE_LEAST = 4
_OLD_LENGTHS = (9, 15, 18)


class Objection(NamedTuple):
    """``field`` is a field of ``Act``; ``cls`` as in 联网直报: A must be mended, D is told only."""

    field: str
    code: str
    cls: str
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class FirmState:
    """A firm as the registry has it before the event."""

    uscc: str
    name: str
    region: str
    founded_on: date | None = None
    ended_on: date | None = None
    ended_as: str = ""
    #: since when it is where it is; None: since ever
    region_since: date | None = None
    #: aspect → day of its latest event
    latest: Mapping[str, date] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An event as somebody states it. ``region_name`` and ``other`` stand for what the words led to."""

    kind: EventKind
    on: date | None
    new_name: str = ""
    new_code: str = ""
    #: a number that the firm bore before and the registry never knew: a 15-digit 注册号
    old_code: str = ""
    new_region: str = ""
    #: the second firm's code as written, and the firm where the registry knows it
    other_code: str = ""
    other_name: str = ""
    other: FirmState | None = None
    #: after a 分立: whether the divided firm ceases (解散分立) or goes on (存续分立)
    ceases: bool = False
    evidence: str = ""
    #: the firm that has ``new_code`` already, where one has
    taken_by: str = ""


def objections(act: Act, firm: FirmState, today: date) -> list[Objection]:
    """Everything that speaks against the event, all at once; empty or all of class D when it may be recorded."""
    found = [*_of_the_day(act, firm, today), *_of_the_kind(act, firm)]
    if len(act.evidence.strip()) < EVIDENCE_LEAST:
        found.append(
            _must(
                "evidence",
                "EVIDENCE",
                "没有写明依据",
                f"请填写登记文书、公告或文号（不少于{EVIDENCE_LEAST}个字）",
            )
        )
    return found


def _must(field: str, code: str, reason: str, cure: str) -> Objection:
    return Objection(field, code, "A", reason, cure)


def said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _of_the_day(act: Act, firm: FirmState, today: date) -> Iterable[Objection]:
    if act.on is None:
        yield _must("on", "EVENT_DAY", "没有填写日期", "请填写变更登记的日期，例如 2022-07-01")
        return
    if act.on > today:
        yield _must("on", "EVENT_FUTURE", f"日期在今天（{said(today)}）之后", "变更登记以后再录入")
    if firm.founded_on and act.on < firm.founded_on:
        yield _must("on", "EVENT_EARLY", f"早于成立日期（{said(firm.founded_on)}）", "请核对日期或成立日期")
    last = (firm.latest or {}).get(ASPECTS[act.kind])
    if last and act.on < last:
        reason = f"已有{said(last)}的同类事项，不能插在它之前"
        yield _must("on", "EVENT_ORDER", reason, "请按先后登记；要补登更早的，先撤销后面的再依次登记")
    if firm.ended_on and act.kind is not EventKind.REVIVED:
        yield _must("kind", "FIRM_ENDED", f"该企业{said(firm.ended_on)}已终止", "如仍在经营，请先登记“恢复”")


def _of_the_kind(act: Act, firm: FirmState) -> Iterable[Objection]:
    kind = act.kind
    if kind is EventKind.RENAMED:
        yield from _new_name(act, firm)
    elif kind is EventKind.RECODED:
        yield from _new_code(act, firm)
    elif kind is EventKind.MOVED:
        yield from _new_region(act, firm)
    elif kind in WITH_OTHER:
        yield from _other(act, firm)
    elif kind is EventKind.REVIVED and firm.ended_on is None:
        yield _must("kind", "NOT_ENDED", "该企业没有终止，不用恢复", "请核对信用代码")
    elif kind is EventKind.REVIVED and firm.ended_as not in (EventKind.CLOSED, EventKind.REVOKED):
        yield _must(
            "kind", "NOT_CLOSED", "该企业不是注销或吊销的，不能恢复", "并入、个转企登错的，请撤销那一条"
        )


def _new_name(act: Act, firm: FirmState) -> Iterable[Objection]:
    if not act.new_name:
        yield _must("new_name", "NEW_NAME", "更名没有填写新名称", "请填写执照上的新名称")
    elif act.new_name == firm.name:
        yield _must("new_name", "SAME_NAME", "新名称与现在的名称相同", "已经更名的不用再报")
    elif name_key(act.new_name) == name_key(firm.name):
        reason = "新名称与现在的名称只有括号、全半角之别"
        yield Objection("new_name", "SAME_KEY", "D", reason, "按规范写法改正，不作曾用名")


def _new_code(act: Act, firm: FirmState) -> Iterable[Objection]:
    if act.old_code and act.new_code in ("", firm.uscc):
        if act.old_code == firm.uscc or len(act.old_code) not in _OLD_LENGTHS or not act.old_code.isalnum():
            yield _must(
                "old_code",
                "OLD_CODE",
                "旧代码应是 15 位注册号、9 位组织机构代码或 18 位信用代码",
                "请对照旧执照填写",
            )
        return
    if not act.new_code:
        yield _must("new_code", "NEW_CODE", "代码变更没有填写新代码", "请填写执照上的 18 位统一社会信用代码")
        return
    if act.new_code == firm.uscc:
        yield _must("new_code", "SAME_CODE", "新代码与现在的代码相同", "已经变更的不用再报")
        return
    if check_uscc([act.new_code])[0] is not None:
        yield _must("new_code", "CODE_WRONG", "新代码不是有效的统一社会信用代码", "请对照营业执照逐位核对")
    if act.taken_by:
        reason = f"新代码已有档案：{act.taken_by}"
        yield _must("new_code", "CODE_TAKEN", reason, "同一家企业有两份档案的，请在“疑似重复”里合并")


def _new_region(act: Act, firm: FirmState) -> Iterable[Objection]:
    if not act.new_region:
        yield _must("new_region", "NEW_REGION", "迁移没有填写迁入县区", "请填写迁入的考核地区")
    elif act.new_region == firm.region:
        yield _must("new_region", "SAME_REGION", "迁入县区就是现在的县区", "请核对迁入县区")
    elif act.on and firm.region_since and act.on <= firm.region_since:
        reason = f"该企业{said(firm.region_since)}才迁入现在的县区"
        yield _must("on", "MOVED_LATER", reason, "请填写其后的日期；原迁移登错的，请撤销那一条")


def _other(act: Act, firm: FirmState) -> Iterable[Objection]:
    words = {
        EventKind.MERGED: "并入的企业",
        EventKind.SPLIT: "分立出的企业",
        EventKind.CONVERTED: "转成的企业",
    }
    who = words[act.kind]
    if not act.other_code:
        yield _must("other_code", "OTHER_MISSING", f"没有填写{who}的信用代码", f"请填写{who}的 18 位代码")
        return
    if act.other_code == firm.uscc:
        yield _must("other_code", "OTHER_SELF", f"{who}就是这家企业自己", "请填写对方的代码")
        return
    if check_uscc([act.other_code])[0] is not None:
        yield _must(
            "other_code", "CODE_WRONG", f"{who}的代码不是有效的统一社会信用代码", "请对照营业执照逐位核对"
        )
        return
    if act.kind is EventKind.CONVERTED and not firm.uscc.startswith("92"):
        reason = "这家企业不是个体工商户（代码不是92开头），不是个转企"
        yield Objection("kind", "NOT_SOLE_TRADER", "D", reason, "确为个体户转企业的照常登记")
    if act.other is None:
        if act.kind is EventKind.MERGED:
            yield _must("other_code", "OTHER_UNKNOWN", f"企业名录里没有{who}", "请先补报对方的企业名录")
        elif not act.other_name:
            yield _must(
                "other_name", "OTHER_NAME", f"企业名录里没有{who}，也没有填写名称", f"请填写{who}的名称"
            )
    elif act.other.ended_on and (act.on is None or act.other.ended_on <= act.on):
        yield _must("other_code", "OTHER_ENDED", f"{who}{said(act.other.ended_on)}已终止", "请核对对方的代码")


def is_clear(found: Iterable[Objection]) -> bool:
    return all(objection.cls == "D" for objection in found)


def firm_after(act: Act, firm: FirmState) -> FirmState:
    """The firm as the event leaves it; ``act`` must be clear."""
    if act.on is None:
        raise ValueError("an event without a day")
    if act.kind is EventKind.RENAMED:
        return replace(firm, name=act.new_name)
    if act.kind is EventKind.RECODED:
        return replace(firm, uscc=act.new_code or firm.uscc)
    if act.kind is EventKind.MOVED:
        return replace(firm, region=act.new_region, region_since=act.on)
    if act.kind in ENDINGS or (act.kind is EventKind.SPLIT and act.ceases):
        return replace(firm, ended_on=act.on, ended_as=act.kind.value)
    if act.kind is EventKind.REVIVED:
        return replace(firm, ended_on=None, ended_as="")
    return firm
