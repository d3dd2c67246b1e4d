"""The same file once more: told as such, and not read and compared again while nothing was changed since."""

from __future__ import annotations

from django.utils import timezone

from core import audit
from core.models import AuditEntry
from intake.models import Batch, Issue
from intake.rules.faults import Fault
from intake.rules.reading import Frame
from intake.services.findings import Findings, OpenRows
from intake.services.periods import period_label
from intake.services.records import RecordsDamaged, read_records
from intake.services.sheet_types import Preview, sheet_type
from intake.services.uploads import committed_twin, media_path


def same_file(twin: Batch) -> Fault:
    day = timezone.localtime(twin.sent_at)
    when = f"{day.year}年{day.month}月{day.day}日"
    return Fault(
        "SAME_FILE",
        "D",
        f"与{when}报送、已入库的批次 {twin}（{period_label(twin.period)}）是同一个文件",
        "不必重复提交；要更正请修改后再上传",
    )


def find_again(batch: Batch) -> Findings | None:
    """What a check of the batch would find: all rows as they stand, with the hints of then.

    Only for the very bytes that were taken whole and had nothing to be mended or explained, of the same day, and
    while nobody has changed anything in the house since; None otherwise: then it is read as any file is.
    """
    mark = audit.mark()
    twin = committed_twin(batch)
    if twin is None or not _stands(twin, batch):
        return None
    try:
        records = read_records(media_path(twin.rows_path), twin.rows_digest)
    except RecordsDamaged:
        return None
    frame = Frame(sheet_type(batch.sheet).spec_for(batch.region), rows=records.rows)
    frame.raw = {"name": records.columns.get("name", [])}
    frame.ignored_rows = list(twin.ignored_rows)
    hints = twin.issues.exclude(code="SAME_FILE")
    frame.faults = [issue.as_fault() for issue in hints.order_by("pk")] + [same_file(twin)]
    preview = Preview(same=len(records), rows={"same": records.rows}, is_idle=True)
    notes = [""] * len(frame.faults)
    return Findings(frame, notes, records, records, OpenRows(), preview, mark)


def _stands(twin: Batch, batch: Batch) -> bool:
    taken_whole = twin.outcome == Batch.Outcome.ACCEPTED and twin.as_of == batch.as_of
    if not taken_whole or twin.mapping or twin.issues.exclude(cls=Issue.Class.D).exists():
        return False
    told = AuditEntry.objects.filter(act="commit_batch", digest=twin.rows_digest).first()
    return told is not None and audit.is_last_change(told)
