"""The process in words: what stands in the way, and until when. Pure."""

from __future__ import annotations

from datetime import datetime

from core.periods import SHANGHAI
from evaluation.rules.process import (
    NOT_HANDED_OUT,
    NOT_PUBLIC,
    NOT_SETTLED,
    OPEN_APPEALS,
    STILL_PUBLIC,
    UNPROVEN,
    WAITING,
    Hindrance,
)


def moment_words(moment: datetime) -> str:
    """``2022年5月31日17:30`` on the clock of Shanghai."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def hindrance_text(hindrance: Hindrance) -> str:
    count, until = hindrance.count, moment_words(hindrance.until) if hindrance.until else ""
    return {
        NOT_HANDED_OUT: "预评价结果还没有交企业书面确认",
        WAITING: f"还有 {count} 家企业没有书面确认" + (f"（截止 {until}）" if until else ""),
        OPEN_APPEALS: f"还有 {count} 件申诉没有裁定",
        UNPROVEN: f"还有 {count} 家调档的企业没有凭据和批准人",
        NOT_SETTLED: "结果还没有审定",
        NOT_PUBLIC: "还没有公示",
        STILL_PUBLIC: f"公示到 {until} 为止，还没有期满",
    }[hindrance.code]
