"""The sender's own workbook with the cells that were sent back (退回): these, the reason, and nothing else."""

from __future__ import annotations

from intake.models import Batch
from intake.rules.faults import MUST_MEND, Fault, column_letters
from intake.rules.layout import Table, find_table
from intake.services.copies import NoCopy, marked_copy
from intake.services.periods import read_period
from intake.services.records import RecordsDamaged, read_records
from intake.services.sheet_types import sheet_type
from intake.services.templates import sent_back
from intake.services.uploads import media_path
from intake.workbooks import Limits, WorkbookRefused
from intake.workbooks.reading import read_workbook

_CURE = "请核对后改正，重新上传"


def returned_copy(batch: Batch) -> bytes:
    """The annotated .xlsx. Raises ``NoCopy``, also where nothing of the list is sent back."""
    faults = returned_faults(batch)
    if not faults:
        raise NoCopy("这份名单里没有退回的单元格。")
    return marked_copy(batch, faults)


def returned_faults(batch: Batch) -> list[Fault]:
    """What was sent back of the rows of a committed list, the reasons first; none where nothing of it was."""
    if batch.state != Batch.State.COMMITTED or not batch.rows_path:
        return []
    sheet = sheet_type(batch.sheet)
    period = read_period(sheet, batch.period)
    back = sent_back(batch.sheet, batch.region, period)
    if not back.cells:
        return []
    spec = sheet.spec_for(batch.region, batch.mapping)
    try:
        records = read_records(media_path(batch.rows_path), batch.rows_digest)
        written = read_workbook(media_path(batch.stored_path), batch.upload_name, Limits())
    except (RecordsDamaged, WorkbookRefused, OSError) as error:
        raise NoCopy("原文件打不开，不能标注；请下载模板，退回的单元格在模板里也标出。") from error
    table, _ = find_table(written, spec.columns, period, spec.placed)
    rows = dict(zip(records.columns["uscc"], records.rows, strict=True))
    cells = [
        _cell(rows[uscc], key, note, table)
        for (uscc, key), note in back.cells.items()
        if uscc in rows and table and key in table.columns
    ]
    reasons = [Fault("RETURNED", MUST_MEND, f"退回原因：{reason}", "") for reason in back.reasons]
    return [*reasons, *cells] if cells else []


def _cell(row: int, key: str, note: str, table: Table) -> Fault:
    """In the column that the sender has it in, whatever he calls it."""
    hit = table.columns[key]
    place = f"{column_letters(hit.number)}{row}"
    return Fault("RETURNED", MUST_MEND, note, _CURE, table.sheet.name, row, hit.written, place)
