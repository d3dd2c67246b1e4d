"""A paper as Word, its tables as Excel: the same sheets, written twice; every download is kept in the trail."""

from __future__ import annotations

from django.db import transaction

from core.audit import record
from core.models import User
from cultivation.services.workbooks import Heading, Sheet, remark, workbook_of
from reports.models import Bulletin
from reports.services.bulletins import Paper
from reports.services.official_paper import HeadCell, OfficialPaper, PaperTable
from reports.services.statutory import StatutoryTable, written


def word_of(paper: Paper, actor: User) -> bytes:
    """The paper as .docx: as it was signed, before that marked as a draft (送审稿)."""
    _told("export_paper", actor, f"{paper.issue} {paper.kind}", len(paper.sheets))
    if paper.bulletin is not None and paper.is_issued:
        return bytes(Bulletin.objects.values_list("content", flat=True).get(pk=paper.bulletin.pk))
    return paper_bytes(paper)


def paper_bytes(paper: Paper) -> bytes:
    made = OfficialPaper()
    if not paper.is_issued:
        made.draft_mark("送审稿")
    made.head(f"{paper.signed_by}文件", paper.number)
    made.title(paper.title, break_after="规上工业企业")
    made.addressee(paper.addressee)
    for line in paper.lines:
        made.text(line)
    made.annex_note([sheet.title for sheet in paper.sheets])
    made.signed(paper.signed_by, paper.day)
    for number, sheet in enumerate(paper.sheets, 1):
        made.annex(table_of(sheet), number, len(paper.sheets))
    made.note(remark())
    printed = paper.bulletin.printed_on if paper.bulletin else None
    made.imprint(paper.copies, f"{paper.signed_by}办公室", printed)
    return made.content()


def excel_of(table: StatutoryTable, paper: Paper | None, actor: User) -> bytes:
    """The statutory table; with a paper, its other tables beside it."""
    sheets = paper.sheets if paper else [table.sheet]
    _told("export_statutory", actor, str(table.issue), len(sheets))
    return workbook_of(sheets)


def table_of(sheet: Sheet) -> PaperTable:
    """The words of a sheet, its groups of columns as merged headings."""
    groups: list[list[Heading]] = []
    for column in sheet.columns:
        if groups and groups[-1][0].group == column.group:
            groups[-1].append(column)
        else:
            groups.append([column])
    above = [HeadCell("地区", height=2), *(HeadCell(group[0].group, len(group)) for group in groups)]
    below = [HeadCell(column.label) for column in sheet.columns]
    rows = [
        [name, *(written(column.kind, column.value(line)) for column in sheet.columns)]
        for name, line in sheet.rows
    ]
    return PaperTable(sheet.title, sheet.unit, (above, below), rows)


def _told(act: str, actor: User, subject: str, sheets: int) -> None:
    with transaction.atomic():
        record(actor=actor, act=act, region=actor.region, subject=subject, counts={"tables": sheets})
