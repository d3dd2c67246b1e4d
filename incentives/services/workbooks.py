"""拟奖补名单 as a workbook: the awards, the sums by region, who just misses and who is not reached. Numbers of the page, in 元."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.amounts import from_hundredths
from core.audit import record
from core.models import User
from incentives.rules.sentences import MissedPart
from incentives.services.round_lines import AwardLine, DifferenceLine, RefusalLine
from incentives.services.round_pages import RoundPage, level_label
from incentives.services.round_sums import tallies_by_region

NOT_STATISTICS = "本数据非统计数据，仅用于工作调度。"
_FONT = "宋体"
_WIDTHS = {"text": 16, "name": 32, "code": 22, "long": 56, "count": 10, "money": 15}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its heading, how it is written (a key of ``_WIDTHS``), and where its value comes from."""

    label: str
    kind: str
    value: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``sums``: a value a column for the 合计 row, empty for a sheet without one."""

    name: str
    title: str
    columns: tuple[Heading, ...]
    rows: Sequence[Any]
    sums: tuple[Any, ...] = ()


def export_round(*, page: RoundPage, actor: User) -> bytes:
    """The round as this user sees it; the act is kept in the trail."""
    name = f"{page.award_round.region.name}{page.award_round.year}年"
    sheets = [
        _award_sheet(page, f"{name}拟奖补名单"),
        _region_sheet(page, f"{name}奖补资金各地区汇总表"),
        _rule_sheet(page, f"{name}各条规则受理和金额"),
        _missed_sheet(page, f"{name}奖补差多少"),
        _refused_sheet(page, f"{name}不符合的对象"),
    ]
    if page.changed:
        sheets.append(_difference_sheet(page, f"{name}与已审定各版的差额"))
    content = _workbook(page, sheets)
    with transaction.atomic():
        record(
            actor=actor,
            act="export_awards",
            region=actor.region,
            subject=str(page.award_round),
            counts={"awards": len(page.awards), "version": page.award_round.version},
        )
    return content


def _award_sheet(page: RoundPage, title: str) -> Sheet:
    columns = (
        Heading("名称", "name", lambda line: line.award.recipient_name),
        Heading("代码", "code", lambda line: line.award.recipient_code),
        Heading("地区", "text", lambda line: line.award.region.name),
        Heading("事项", "name", lambda line: line.event),
        Heading("奖补事项", "text", lambda line: line.rule.title),
        Heading("怎么得来", "long", _story),
        Heading("金额（元）", "money", lambda line: from_hundredths(line.award.amount_fen)),
        *(Heading(f"{level_label(level)}（元）", "money", _share(level)) for level in page.levels),
        Heading("状态", "text", lambda line: line.award.get_state_display()),
        Heading("条款", "text", lambda line: line.rule.clause),
    )
    fens = [page.total_fen, *(page.level_fen(level) for level in page.levels)]
    sums = (f"{len(page.lines)} 笔", *[""] * 5, *map(from_hundredths, fens), "", "")
    return Sheet("拟奖补名单", title, columns, page.lines, sums)


def _region_sheet(page: RoundPage, title: str) -> Sheet:
    tallies = tallies_by_region(page.awards, page.regions)
    names = {region.code: region.name for region in page.regions}
    sharing = {row.code: row.sharing for row in page.region_rows}
    rows = [(names[code], tally, sharing[code]) for code, tally in tallies.items() if code in sharing]
    columns = (
        Heading("地区", "text", lambda row: row[0]),
        Heading("得奖（笔）", "count", lambda row: row[1].count),
        Heading("金额（元）", "money", lambda row: from_hundredths(row[1].fen)),
        *(Heading(f"{level_label(level)}（元）", "money", _tally_share(level)) for level in page.levels),
        Heading("分担", "name", lambda row: row[2]),
    )
    fens = [page.total_fen, *(page.level_fen(level) for level in page.levels)]
    return Sheet("各地区汇总", title, columns, rows, ("", len(page.awards), *map(from_hundredths, fens), ""))


def _rule_sheet(page: RoundPage, title: str) -> Sheet:
    columns = (
        Heading("规则", "name", lambda line: line.rule.title),
        Heading("对象", "text", lambda line: line.recipients),
        Heading("拟奖补（笔）", "count", lambda line: line.due),
        Heading("待核（笔）", "count", lambda line: line.held),
        Heading("不符合（笔）", "count", lambda line: line.refused),
        Heading("金额（元）", "money", lambda line: line.amount * page.money.fen / 100),
        Heading("条款", "text", lambda line: line.rule.clause),
    )
    counts = (page.due_count, len(page.held), len(page.refused))
    sums = ("", "", *counts, from_hundredths(page.total_fen), "")
    return Sheet("各条规则", title, columns, page.uptake, sums)


def _missed_sheet(page: RoundPage, title: str) -> Sheet:
    columns = (
        Heading("名称", "name", lambda line: line.award.recipient_name),
        Heading("代码", "code", lambda line: line.award.recipient_code),
        Heading("地区", "text", lambda line: line.award.region.name),
        Heading("现得（元）", "money", lambda line: from_hundredths(line.award.amount_fen)),
        Heading("差在哪里", "long", lambda line: _nearest(line).words),
        Heading("少得", "text", lambda line: _nearest(line).loss),
        Heading("条款", "text", lambda line: _nearest(line).clause),
    )
    return Sheet("差多少", title, columns, page.missed)


def _refused_sheet(page: RoundPage, title: str) -> Sheet:
    columns: tuple[Heading, ...] = (
        Heading("名称", "name", lambda line: line.refusal.recipient_name),
        Heading("代码", "code", lambda line: line.refusal.recipient_code),
        Heading("地区", "text", lambda line: line.refusal.region.name),
        Heading("事项", "name", lambda line: line.event),
        Heading("事实", "long", _fact),
        Heading("为什么", "name", _why),
        Heading("条款", "text", lambda line: line.rule.clause),
    )
    return Sheet("不符合", title, columns, page.refused)


def _difference_sheet(page: RoundPage, title: str) -> Sheet:
    """多退少补: what an approved version granted, what it would be now, and who bears the difference."""
    columns = (
        Heading("名称", "name", lambda line: line.difference.award.recipient_name),
        Heading("代码", "code", lambda line: line.difference.award.recipient_code),
        Heading("地区", "text", lambda line: line.difference.region.name),
        Heading("已审定（元）", "money", lambda line: from_hundredths(line.difference.award.amount_fen)),
        Heading("应为（元）", "money", lambda line: from_hundredths(line.difference.amount_fen)),
        Heading("差额（元）", "money", lambda line: from_hundredths(line.difference.difference_fen)),
        *(Heading(f"{level_label(level)}（元）", "money", _changed_share(level)) for level in page.levels),
        Heading("原因", "long", lambda line: line.words),
    )
    rows = [line.difference for line in page.changed]
    fens = [
        sum(row.award.amount_fen for row in rows),
        sum(row.amount_fen for row in rows),
        sum(row.difference_fen for row in rows),
        *(sum(row.shares.get(level, 0) for row in rows) for level in page.levels),
    ]
    sums = (f"{len(rows)} 笔", "", "", *map(from_hundredths, fens), "")
    return Sheet("差额", title, columns, page.changed, sums)


def _story(line: AwardLine) -> str:
    return "；".join(word for word in (line.words, line.limits, line.missing) if word)


def _nearest(line: AwardLine) -> MissedPart:
    return min(line.missed, key=lambda part: part.order)


def _fact(line: RefusalLine) -> str:
    return line.fact


def _why(line: RefusalLine) -> str:
    return line.why


def _share(level: str) -> Callable[[AwardLine], Any]:
    return lambda line: from_hundredths(line.award.shares.get(level, 0))


def _changed_share(level: str) -> Callable[[DifferenceLine], Any]:
    return lambda line: from_hundredths(line.difference.shares.get(level, 0))


def _tally_share(level: str) -> Callable[[Any], Any]:
    return lambda row: from_hundredths(row[1].shares.get(level, 0))


def _workbook(page: RoundPage, sheets: list[Sheet]) -> bytes:
    block = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(block, options)
    book.set_properties({"title": sheets[0].title, "comments": _remark()})
    award_round = page.award_round
    stand = (
        f"{page.source}　第{award_round.version}版　{award_round.get_state_display()}　"
        f"{award_round.edition}　指纹 {award_round.inputs_digest[:12]}"
    )
    marks = [
        f"{given.label}：{given.value or '见说明'}（{given.mark.label}）{given.mark.note or ''}"
        for given in page.unprinted
    ]
    for sheet in sheets:
        _write_sheet(book, sheet, stand, marks)
    book.close()
    return block.getvalue()


def _write_sheet(book: Any, sheet: Sheet, stand: str, marks: list[str]) -> None:
    page = book.add_worksheet(sheet.name)
    width = len(sheet.columns)
    base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    title = book.add_format(base | {"font_size": 16, "bold": True, "align": "center"})
    page.merge_range(0, 0, 0, width, sheet.title, title)
    page.write_string(1, 0, stand, book.add_format(base))
    head = book.add_format(base | {"bold": True, "border": 1, "align": "center", "text_wrap": True})
    page.write_string(2, 0, "序号", head)
    for number, column in enumerate(sheet.columns, 1):
        page.write_string(2, number, column.label, head)
        page.set_column(number, number, _WIDTHS[column.kind])
    cells = [_cell_format(book, base, column) for column in sheet.columns]
    plain = book.add_format(base | {"border": 1})
    for place, row in enumerate(sheet.rows):
        page.write_number(3 + place, 0, place + 1, plain)
        for number, column in enumerate(sheet.columns, 1):
            _write(page, 3 + place, number, column.value(row), cells[number - 1])
    end = 3 + len(sheet.rows)
    if sheet.sums:
        page.write_string(end, 0, "合计", book.add_format(base | {"border": 1, "bold": True}))
        strong = [_cell_format(book, base | {"bold": True}, column) for column in sheet.columns]
        for number, value in enumerate(sheet.sums, 1):
            _write(page, end, number, value, strong[number - 1])
        end += 1
    _foot(page, book.add_format(base), end + 1, marks)
    _print_set_up(page, end + len(marks) + 3, width)


def _cell_format(book: Any, base: dict[str, Any], column: Heading) -> Any:
    look = {
        "money": {"num_format": "#,##0.00"},
        "count": {"num_format": "#,##0"},
        "long": {"text_wrap": True},
    }
    return book.add_format(base | {"border": 1} | look.get(column.kind, {}))


def _write(page: Any, row: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _foot(page: Any, style: Any, row: int, marks: list[str]) -> None:
    today = timezone.localdate()
    signed = f"制表人：　　　　　审核人：　　　　　填报日期：{today.year}年{today.month}月{today.day}日"
    for offset, text in enumerate([*marks, _remark(), signed]):
        page.write_string(row + offset, 0, text, style)


def _print_set_up(page: Any, rows: int, columns: int) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(2, 2)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.set_footer(f"&L{NOT_STATISTICS}&R第 &P 页，共 &N 页")
    page.print_area(0, 0, rows, columns)
    page.freeze_panes(3, 2)
    page.set_column(0, 0, 6)
    page.set_row(0, 30)


def _remark() -> str:
    return NOT_STATISTICS + ("合成数据，企业与数字均为虚构。" if settings.DEMO else "")
