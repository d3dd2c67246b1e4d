"""What becomes of a checked batch: taken whole or in its good rows, refused, or given up. One short transaction each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import Region, User
from intake.models import Batch, Issue
from intake.services.access import ensure_may_act
from intake.services.checking import COMMIT_TAKES, BatchClosed, good_records
from intake.services.findings import (
    PREVIEWED,
    Findings,
    OpenRows,
    changes_kept,
    preview_counts,
    safe_text,
)
from intake.services.locks import month_locks, partial_locks, rows_held, year_rows_held
from intake.services.other_files import OTHER_REGION
from intake.services.records import RecordsDamaged, months_of, read_records, write_records
from intake.services.replaced import replaced_path
from intake.services.row_kinds import keep_row_kinds
from intake.services.sheet_types import Preview, Records, sheet_type
from intake.services.uploads import media_path
from intake.services.write_queue import long_write


class CommitRefused(Exception):
    """Nothing was stored; ``message`` says why and what to do. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class Overtaken(CommitRefused):
    """Another batch has changed what this one's differences were shown against. ``SheetType.take`` raises it."""

    def __init__(self, message: str) -> None:
        super().__init__("OVERTAKEN", message)


@dataclass(frozen=True, slots=True)
class Standing:
    """A batch's records that may be stored as things stand, and what keeps the others out."""

    candidates: Records
    good: Records
    open: OpenRows


def open_rows_of(batch: Batch) -> OpenRows:
    """What is still unanswered, from the issues and the notes given to them."""
    found = OpenRows()
    for issue in batch.issues.exclude(cls=Issue.Class.D).only("row", "cls", "note", "batch_id"):
        found.add(issue.as_fault(), issue.note)
    return found


def standing_of(batch: Batch) -> Standing:
    """Raises ``CommitRefused`` when the canonical file is damaged: the batch must be checked again."""
    try:
        candidates = read_records(media_path(batch.rows_path), batch.rows_digest)
    except RecordsDamaged as error:
        raise CommitRefused(
            "RECORDS_DAMAGED", "校验结果文件已损坏，没有写入任何数据；请重新校验。"
        ) from error
    open_rows = open_rows_of(batch)
    return Standing(candidates, good_records(candidates, open_rows), open_rows)


def commit_batch(
    *, batch: Batch, actor: User, good_rows_only: bool = False, found: Findings | None = None
) -> Batch:
    """Store the batch's rows, all of them or, when asked, the good ones.

    ``found``: what ``check_for_commit`` has just found; it is used as far as nothing was changed since.
    Raises ``NotYours``, ``CommitRefused`` (and ``Overtaken``): then nothing is stored and the batch stays as it was.
    """
    ensure_may_act(actor=actor, batch=batch)
    batch.refresh_from_db()
    if batch.state != Batch.State.READY:
        raise CommitRefused("NOT_READY", f"批次 {batch} {batch.get_state_display()}，不能提交。")
    standing = standing_of(batch) if found is None else Standing(found.candidates, found.good, found.open)
    good = standing.good
    left_out = batch.counts["rows"] - len(good)
    if left_out and not good_rows_only:
        raise CommitRefused("OPEN_ROWS", f"还有 {left_out} 行没有改正或说明，不能全部提交。")
    if not len(good):
        raise CommitRefused("NO_ROWS", "没有可以提交的行。")
    _refuse_locked(batch, good)
    sheet_type(batch.sheet).prepare(good, batch)
    checked = (batch.rows_path, batch.rows_digest)
    if len(good) != len(standing.candidates):
        batch.rows_path = f"{batch.stored_path.rpartition('.')[0]}-{time.time_ns():x}.jsonl.gz"
        batch.rows_digest = write_records(media_path(batch.rows_path), good)
    batch.outcome = Batch.Outcome.PARTIAL if left_out else Batch.Outcome.ACCEPTED
    try:
        with long_write():
            _store(batch, good, actor, checked, found)
    except BaseException:
        replaced_path(batch).unlink(missing_ok=True)
        if batch.rows_path != checked[0]:
            media_path(batch.rows_path).unlink(missing_ok=True)
        batch.refresh_from_db()
        raise
    if batch.rows_path != checked[0]:
        media_path(checked[0]).unlink(missing_ok=True)
    return batch


@transaction.atomic
def _store(
    batch: Batch, records: Records, actor: User, checked: tuple[str, str], found: Findings | None
) -> None:
    """The one transaction of a commit: the batch, its rows and its line in the trail, or none of them."""
    one_at_a_time(batch.region)
    batch.state, batch.committed_by, batch.committed_at = Batch.State.COMMITTED, actor, timezone.now()
    saved = ("state", "outcome", "committed_by", "committed_at", "rows_path", "rows_digest")
    mine = Batch.objects.filter(
        pk=batch.pk, state=Batch.State.READY, rows_path=checked[0], rows_digest=checked[1]
    )
    if not mine.update(**{name: getattr(batch, name) for name in saved}):
        raise CommitRefused("NOT_READY", f"批次 {batch} 刚刚被他人办理或重新校验，请刷新本页。")
    sheet = sheet_type(batch.sheet)
    if found is None or not audit.is_unchanged(found.mark):
        stored = sheet.take(records, batch, actor)
    elif found.preview.is_idle:
        stored = preview_counts(found.preview)
    else:
        stored = sheet.take_previewed(records, batch, actor, found.preview)
    batch.counts = batch.counts | {name: stored[name] for name in PREVIEWED if name in stored}
    Batch.objects.filter(pk=batch.pk).update(counts=batch.counts, replaced_digest=batch.replaced_digest)
    audit.record(
        actor=actor,
        act="commit_batch",
        region=batch.region,
        subject=f"{batch} {sheet.spec.label} {batch.upload_name}",
        counts={"rows": len(records), "left_out": batch.counts["rows"] - len(records), **stored},
        digest=batch.rows_digest,
    )


def one_at_a_time(region: Region) -> None:
    """Commits of one city queue here, so that the later one sees what the earlier one stored.

    SQLite has one writer anyway; elsewhere the row of the topmost region is locked until the end.
    """
    top = region.path.split("/", 1)[0]
    list(Region.objects.select_for_update(no_key=True).filter(pk=top).values_list("pk"))


def _refuse_locked(batch: Batch, records: Records) -> None:
    locks = month_locks(batch.sheet, batch.region)
    locked = sorted(locks.keys() & months_of(records))
    if locked:
        more = f"等 {len(locked)} 个月" if len(locked) > 1 else ""
        lock = locks[locked[0]]
        raise CommitRefused("MONTH_LOCKED", f"{lock.words}{more}，不能再写入；{lock.cure}。")
    held = rows_held(partial_locks(batch.sheet, batch.region), records.columns)
    if held:
        lock = next(iter(held.values()))
        raise CommitRefused(
            "MONTH_LOCKED", f"{lock.words}，涉及 {len(held)} 行，不能再写入；请重新校验。{lock.cure}。"
        )
    shut = year_rows_held(batch.sheet, batch.region, records.columns)
    if shut:
        told = next(iter(shut.values()))
        raise CommitRefused("YEAR_LOCKED", f"{told.words}，涉及 {len(shut)} 行，不能再写入；{told.cure}。")


def later_batches(batch: Batch) -> dict[int, Batch]:
    """Lists of the same sheet committed since this batch was compared with what is stored, by number.

    A ``take`` that finds a row of one of these under its own rows must raise ``Overtaken``. Usually empty.
    """
    if batch.checked_at is None:
        return {}
    later = Batch.objects.filter(
        sheet=batch.sheet,
        state=Batch.State.COMMITTED,
        committed_at__gte=batch.checked_at - COMMIT_TAKES,
    ).exclude(pk__in=[batch.pk, *batch.seen_batches])
    return {other.pk: other for other in later.select_related("region", "sent_by", "committed_by")}


def overtaken(*, batch: Batch, other: Batch, actor: User, firms: Sequence[str]) -> Overtaken:
    """The refusal in words: by whom, when the actor may see that batch; else only that it was another region."""
    if not Batch.objects.visible_to(actor).filter(pk=other.pk).exists():
        return Overtaken(OTHER_REGION)
    names = "、".join(firms[:3]) + (f"等 {len(firms)} 家" if len(firms) > 3 else "")
    when = timezone.localtime(other.committed_at)
    who = f"{other.region.name} {other.committed_by or other.sent_by}"
    return Overtaken(
        f"{names}的数据已由{who}在{when.month}月{when.day}日 {when:%H:%M} 提交的批次 {other} 变更，"
        "本批没有写入；请重新校验，核对差异后再提交。"
    )


def refuse_batch(*, batch: Batch, actor: User, refusal: CommitRefused | None = None) -> Batch:
    """Close a checked batch as not taken, as the command does when errors are left; with the reason told last."""
    ensure_may_act(actor=actor, batch=batch)
    with transaction.atomic():
        ready = Batch.objects.filter(pk=batch.pk, state=Batch.State.READY)
        ready.update(state=Batch.State.REFUSED, outcome=Batch.Outcome.REJECTED)
        if refusal is not None:
            reason, _, cure = refusal.message.rstrip("。").partition("；")
            Issue.objects.create(
                batch=batch,
                code=refusal.code,
                cls=Issue.Class.A,
                reason=safe_text(reason, 400),
                cure=safe_text(cure, 400),
            )
        audit.record(actor=actor, act="refuse_batch", region=batch.region, subject=_subject(batch))
    batch.refresh_from_db()
    return batch


_MAY_DISCARD = [
    state
    for state in Batch.State
    if state not in (Batch.State.COMMITTED, Batch.State.DISCARDED, Batch.State.UNDONE)
]


def discard_batch(*, batch: Batch, actor: User) -> Batch:
    """Give the batch up; its file and issues stay to be looked at. Raises ``BatchClosed`` when it is committed."""
    ensure_may_act(actor=actor, batch=batch)
    with transaction.atomic():
        waiting = Batch.objects.filter(pk=batch.pk, state__in=_MAY_DISCARD)
        if not waiting.update(state=Batch.State.DISCARDED):
            raise BatchClosed(str(batch))
        audit.record(actor=actor, act="discard_batch", region=batch.region, subject=_subject(batch))
    batch.refresh_from_db()
    return batch


def answer_issues(*, batch: Batch, actor: User, notes: Mapping[int, str]) -> list[Issue]:
    """Keep the notes given to B and C issues, by issue number; returns those that they do not answer yet.

    A reason that is too short is kept too, so that nothing typed is lost. Raises ``BatchClosed``.
    """
    ensure_may_act(actor=actor, batch=batch)
    asked = batch.issues.filter(pk__in=_in_range(notes), cls__in=[Issue.Class.B, Issue.Class.C])
    changed = []
    for issue in asked:
        note = safe_text(notes[issue.pk].strip(), 400)
        if note != issue.note:
            issue.note = note
            changed.append(issue)
    if changed:
        _save_notes(batch, actor, changed)
    return [issue for issue in asked if issue.is_open]


def _in_range(notes: Iterable[int]) -> list[int]:
    return [number for number in notes if 0 < number < 2**63]


def _save_notes(batch: Batch, actor: User, changed: list[Issue]) -> None:
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, state=Batch.State.READY).update(state=Batch.State.READY):
            raise BatchClosed(str(batch))
        Issue.objects.bulk_update(changed, ["note"], batch_size=500)
        audit.record(
            actor=actor,
            act="answer_issues",
            region=batch.region,
            subject=_subject(batch),
            counts={"notes": len(changed)},
        )
    _count_again(batch)


def _count_again(batch: Batch) -> None:
    """The preview follows the notes: rows that are answered now join the good ones."""
    standing = standing_of(batch)
    good = standing.good
    preview = sheet_type(batch.sheet).preview(good, batch) if len(good) else Preview()
    keep_row_kinds(batch, preview.rows)
    batch.changes = changes_kept(preview)
    rows = batch.counts["rows"]
    batch.counts = batch.counts | preview_counts(preview) | {"good": len(good), "blocked": rows - len(good)}
    Batch.objects.filter(pk=batch.pk, state=Batch.State.READY, rows_digest=batch.rows_digest).update(
        counts=batch.counts, changes=batch.changes
    )


def _subject(batch: Batch) -> str:
    return f"{batch} {batch.upload_name}"
