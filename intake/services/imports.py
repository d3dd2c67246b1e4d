"""The whole way of a file in one call, with the safe default where a page would ask; and its answer as plain data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import F

from core.models import Region, User
from intake.models import Batch, Issue
from intake.rules.faults import Fault
from intake.services.checking import check_for_commit
from intake.services.commits import CommitRefused, commit_batch, refuse_batch
from intake.services.periods import Period
from intake.services.records import each_record, read_records
from intake.services.sheet_types import SheetType, sheet_type
from intake.services.uploads import UploadRefused, media_path, receive_upload


def import_file(
    *,
    actor: User,
    sheet: SheetType,
    region: Region,
    period: Period,
    as_of: date,
    path: Path,
    upload_name: str = "",
    good_rows_only: bool = False,
) -> Batch:
    """Receive, check and commit a file: whole, or in its good rows when allowed; else it is refused and nothing stored.

    Raises ``NotYours`` and ``UploadRefused``.
    """
    batch = receive_upload(
        actor=actor,
        sheet=sheet,
        region=region,
        period=period,
        as_of=as_of,
        upload_name=upload_name or path.name,
        path=path,
    )
    found = check_for_commit(batch=batch, actor=actor)
    if batch.state != Batch.State.READY:
        return batch
    if batch.counts["blocked"] and not (good_rows_only and batch.counts["good"]):
        return refuse_batch(batch=batch, actor=actor)
    try:
        return commit_batch(batch=batch, actor=actor, good_rows_only=good_rows_only, found=found)
    except CommitRefused as refusal:
        return refuse_batch(batch=batch, actor=actor, refusal=refusal)


def import_answer(batch: Batch) -> dict[str, Any]:
    """What became of a batch: outcome, every issue by row, ignored rows, and the records that were stored."""
    issues = batch.issues.order_by(F("row").asc(nulls_first=True), "id")
    return {
        "outcome": batch.outcome,
        "issues": [_told(issue) for issue in issues],
        "ignored_rows": batch.ignored_rows,
        "rows": _stored(batch),
    }


def refusal_answer(refused: UploadRefused) -> dict[str, Any]:
    """The same for a file that was not even taken in."""
    fault = Fault(refused.code, "A", refused.reason, refused.cure)
    issue = {"sheet": None, "row": None, "column": None, "code": fault.code, "level": "error", "class": "A"}
    issue |= {"value": "", "message": fault.message()}
    return {"outcome": Batch.Outcome.REJECTED.value, "issues": [issue], "ignored_rows": [], "rows": []}


def _told(issue: Issue) -> dict[str, Any]:
    """``level``: error keeps the row (or file) out, warning is answered by a note, info is a hint."""
    level = "error" if issue.is_open else "info" if issue.cls == Issue.Class.D else "warning"
    return {
        "sheet": issue.sheet or None,
        "row": issue.row,
        "column": issue.column or None,
        "code": issue.code,
        "level": level,
        "class": issue.cls,
        "value": issue.value,
        "message": issue.message,
    }


def _stored(batch: Batch) -> list[dict[str, Any]]:
    if batch.state != Batch.State.COMMITTED:
        return []
    records = read_records(media_path(batch.rows_path), batch.rows_digest)
    as_json = sheet_type(batch.sheet).as_json
    return [as_json(record) for record in each_record(records)]
