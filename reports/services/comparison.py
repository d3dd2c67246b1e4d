"""批量比对 as a workbook: the list as it was sent, with what the house knows of each firm beside it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from intake.services.uploads import clean_name
from reports.services.firm_lists import AMBIGUOUS, NOT_FOUND, FirmList, Match, match_firms, read_list
from reports.services.firm_standing import Standing, standings

ADDED = (
    "比对结果", "说明", "名录代码", "名录名称", "地区", "企业状态", "规上情况", "最近入库", "培育库", "亩均等级", "奖补",
)  # fmt: skip
_NOTE = "本数据非统计数据，仅用于工作调度。比对结果不保存。"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The workbook, and how many rows there were, were found, were ambiguous, were not found."""

    content: bytes
    counts: dict[str, int]


def compare_list(*, name: str, content: Iterable[bytes], actor: User) -> Comparison:
    """Nothing of the list is stored: the trail keeps its name and the counts. Raises ``ListRefused``."""
    given = read_list(name=name, content=content)
    matches = match_firms(given.rows, actor)
    known = standings((match.firm for match in matches if match.firm is not None), actor)
    counts = _counts(matches)
    book = _workbook(given, matches, known)
    with transaction.atomic():
        record(
            actor=actor,
            act="compare_firms",
            region=actor.region,
            subject=f"批量比对 {clean_name(name)}",
            counts=counts,
        )
    return Comparison(book, counts)


def _counts(matches: Sequence[Match]) -> dict[str, int]:
    how = Counter(match.how for match in matches)
    found = sum(match.firm is not None for match in matches)
    return {
        "rows": len(matches),
        "found": found,
        "ambiguous": how[AMBIGUOUS],
        "not_found": how[NOT_FOUND],
    }


def _added(match: Match, known: Mapping[int, Standing]) -> list[str]:
    one = known[match.firm] if match.firm is not None else Standing()
    return [
        match.how, match.remark, one.uscc, one.name, one.region, one.status, one.above_scale, one.listed,
        "、".join(one.pools), one.grade, "；".join(one.awards),
    ]  # fmt: skip


def _workbook(given: FirmList, matches: Sequence[Match], known: Mapping[int, Standing]) -> bytes:
    block = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(block, options)
    page = book.add_worksheet("比对结果")
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1}
    head = book.add_format(base | {"bold": True, "text_wrap": True})
    added = book.add_format(base | {"bold": True, "text_wrap": True, "bg_color": "#E4ECF7"})
    plain = book.add_format(base)
    for number, heading in enumerate(given.headings):
        page.write_string(0, number, heading, head)
    width = len(given.headings)
    for number, heading in enumerate(ADDED):
        page.write_string(0, width + number, heading, added)
        page.set_column(width + number, width + number, 20)
    for place, match in enumerate(matches, 1):
        cells = [*match.row.cells, *[""] * (width - len(match.row.cells)), *_added(match, known)]
        for number, text in enumerate(cells):
            page.write_string(place, number, text[:32_000], plain)
    page.freeze_panes(1, 0)
    today = timezone.localdate()
    page.write_string(len(matches) + 2, 0, f"{_NOTE}比对日期 {today.isoformat()}")
    book.close()
    return block.getvalue()
