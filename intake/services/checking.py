"""The check of a batch: read, understood, judged and compared, all outside any transaction; then saved at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from core import audit
from core.models import User
from intake.models import Batch, Issue
from intake.rules.faults import Fault
from intake.rules.reading import Frame, read_frame
from intake.services.access import ensure_may_act
from intake.services.findings import (
    VALUE_KEPT,
    Findings,
    OpenRows,
    changes_kept,
    count_rows,
    safe_text,
    save_findings,
)
from intake.services.locks import partial_locks, rows_held, year_rows_held
from intake.services.mapping import open_mapping
from intake.services.other_files import tell_other_files
from intake.services.reading_context import context_of
from intake.services.records import select_rows, write_records
from intake.services.row_kinds import keep_row_kinds
from intake.services.sheet_types import Preview, Records, SheetType, sheet_type
from intake.services.templates import template_changes, template_version
from intake.services.twins import find_again, same_file
from intake.services.uploads import committed_twin, media_path
from intake.services.write_queue import long_write
from intake.workbooks import Limits, WorkbookRefused, read_workbook

Tell = Callable[[int, int], None]
#: Reading, judging against what is stored, and comparing.
STEPS = 3
#: Nobody mends more one by one; the rest is counted, stays out and is told in one line.
ISSUES_KEPT = 50_000
#: A commit that had begun but was not visible when a check looked is surely finished after this time.
COMMIT_TAKES = timedelta(minutes=10)
CHECKABLE = (
    Batch.State.RECEIVED,
    Batch.State.CHECKING,
    Batch.State.READY,
    Batch.State.REFUSED,
    Batch.State.INTERRUPTED,
    Batch.State.MAPPING,
)


class BatchClosed(Exception):
    """The batch is committed or given up: there is nothing left to check or to answer."""


def check_batch(*, batch: Batch, actor: User, tell: Tell = lambda done, total: None) -> Batch:
    """Check the batch's file from the start; replaces what a former check found, keeps the notes given.

    Ends in READY (something may be committed) or REFUSED, a list of unknown layout first in MAPPING; ``batch`` itself is brought up to date and returned.
    Raises ``NotYours`` and ``BatchClosed``.
    """
    check_for_commit(batch=batch, actor=actor, tell=tell)
    return batch


def check_for_commit(*, batch: Batch, actor: User, tell: Tell = lambda done, total: None) -> Findings | None:
    """``check_batch`` for a commit that follows at once: what was found, None where this check's result does not stand."""
    ensure_may_act(actor=actor, batch=batch)
    started, checked_at = time.monotonic(), timezone.now()
    seen = _recent_commits(batch)
    checkable = Batch.objects.filter(pk=batch.pk, state__in=CHECKABLE)
    if not checkable.update(state=Batch.State.CHECKING):
        raise BatchClosed(str(batch))
    sheet = sheet_type(batch.sheet)
    if sheet.is_mapped and not batch.mapping.get("columns") and not open_mapping(batch, sheet):
        return None
    findings = find_again(batch) or _find(batch, sheet, tell)
    rows_path = f"{batch.stored_path.rpartition('.')[0]}-{time.time_ns():x}.jsonl.gz"
    digest = write_records(media_path(rows_path), findings.candidates)
    batch.refresh_from_db(fields=["rows_path"])
    former = batch.rows_path
    batch.state = Batch.State.READY if len(findings.candidates) else Batch.State.REFUSED
    batch.outcome = Batch.Outcome.NONE if len(findings.candidates) else Batch.Outcome.REJECTED
    batch.counts = count_rows(findings)
    batch.ignored_rows = sorted(set(findings.frame.ignored_rows))
    batch.changes = changes_kept(findings.preview)
    batch.rows_path, batch.rows_digest = rows_path, digest
    batch.checked_at, batch.seen_batches = checked_at, seen
    batch.check_seconds = Decimal(f"{time.monotonic() - started:.2f}")
    with long_write():
        saved = save_findings(batch, findings)
    if not saved:
        media_path(rows_path).unlink(missing_ok=True)
        batch.refresh_from_db()
        return None
    keep_row_kinds(batch, findings.preview.rows)
    if former:
        media_path(former).unlink(missing_ok=True)
    return findings


# -------------------------------------------------------------------- finding


def _find(batch: Batch, sheet: SheetType, tell: Tell) -> Findings:
    tell(0, STEPS)
    mark = audit.mark()
    frame = _read(batch, sheet)
    tell(1, STEPS)
    # also where the whole file is refused: its sender mends everything in one go
    learnt = sheet.judge(frame, batch) if frame.rows else None
    _tell_locked(frame, batch)
    twin = committed_twin(batch)
    if twin is not None:
        frame.faults.append(same_file(twin))
    tell_other_files(frame, batch)
    left_out = _limit(frame)
    tell(2, STEPS)
    notes = _notes(frame, batch)
    open_rows, hard = OpenRows(set(left_out)), set(left_out)
    for fault, note in zip(frame.faults, notes, strict=True):
        open_rows.add(fault, note)
        if fault.cls == Issue.Class.A and fault.row is not None:
            hard.add(fault.row)
    everything = Records(frame.rows, frame.columns)
    is_refused = frame.refused  # asked once: it walks all faults
    candidates = select_rows(everything, lambda row: not is_refused and row not in hard)
    good = good_records(candidates, open_rows)
    preview = sheet.preview_judged(good, batch, learnt) if len(good) else Preview()
    tell(STEPS, STEPS)
    return Findings(frame, notes, candidates, good, open_rows, preview, mark)


def good_records(candidates: Records, open_rows: OpenRows) -> Records:
    return select_rows(candidates, lambda row: not open_rows.whole_file and row not in open_rows.rows)


def _read(batch: Batch, sheet: SheetType) -> Frame:
    limits = Limits(file_bytes=settings.UPLOAD_MAX_BYTES)
    try:
        workbook = read_workbook(media_path(batch.stored_path), batch.upload_name, limits)
    except WorkbookRefused as refused:
        reason, _, cure = refused.message.rstrip("。").partition("；")
        return Frame(sheet.spec, faults=[Fault(refused.code, "A", reason, cure)])
    spec = sheet.spec_for(batch.region, batch.mapping)
    frame = read_frame(workbook, spec, context_of(batch, sheet))
    version = workbook.template_version
    if version and version != template_version(spec):
        changed = template_changes(frame)
        frame.faults.append(
            Fault("TEMPLATE_OLD", "D", f"使用的是旧模板：{changed}", "本次照常校验，下次请重新下载模板")
        )
    return frame


def _tell_locked(frame: Frame, batch: Batch) -> None:
    """Rows of a month that is open for other firms or regions alone, and of a year that is audited."""
    for place, lock in rows_held(partial_locks(batch.sheet, batch.region), frame.columns).items():
        frame.fault(place, "month", "MONTH_LOCKED", "A", lock.words, lock.cure)
    for place, shut in year_rows_held(batch.sheet, batch.region, frame.columns).items():
        frame.fault(place, "year", "YEAR_LOCKED", "A", shut.words, shut.cure)


def _limit(frame: Frame) -> set[int]:
    """Keep memory and tables bounded: issues beyond the limit are told in one line; returns the rows they keep out."""
    beyond = frame.faults[ISSUES_KEPT:]
    if not beyond:
        return set()
    left_out = {fault.row for fault in beyond if fault.row is not None and fault.cls != Issue.Class.D}
    frame.faults = frame.faults[:ISSUES_KEPT]
    frame.faults.append(
        Fault(
            "MORE_ISSUES",
            "D",
            f"问题超过 {ISSUES_KEPT:,} 个，另有 {len(beyond):,} 个没有逐条列出，涉及的 {len(left_out):,} 行没有采用",
            "请先改正已列出的同类问题",
            frame.sheet,
        )
    )
    return left_out


def _notes(frame: Frame, batch: Batch) -> list[str]:
    """The note for each fault: what was answered at the former check, else the row's own 情况说明."""
    given = {
        (row, column, code, value): note
        for row, column, code, value, note in batch.issues.exclude(note="").values_list(
            "row", "column", "code", "value", "note"
        )
    }
    own = {row: note for row, note in zip(frame.rows, frame.notes, strict=False) if note}
    return [
        ""
        if fault.cls not in "BC"
        else given.get(_mark(fault)) or safe_text(own.get(fault.row or 0, ""), 400)
        for fault in frame.faults
    ]


def _mark(fault: Fault) -> tuple[int | None, str, str, str]:
    return (
        fault.row,
        safe_text(fault.column, 80),
        safe_text(fault.code, 40),
        safe_text(fault.value, VALUE_KEPT),
    )


def _recent_commits(batch: Batch) -> list[int]:
    """Lists of the same sheet whose commit is already visible: the preview will know them."""
    since = timezone.now() - COMMIT_TAKES
    recent = Batch.objects.filter(sheet=batch.sheet, state=Batch.State.COMMITTED, committed_at__gte=since)
    return list(recent.values_list("pk", flat=True))
