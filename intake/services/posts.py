"""Posts of programs: the same post sent twice opens one batch, and a batch is told as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, BinaryIO

import msgspec
from django.core.files.base import File
from django.db import IntegrityError

from core.models import Region, User
from intake.models import Batch, Issue, PostKey
from intake.services import progress
from intake.services.periods import Period
from intake.services.sheet_types import SheetType, sheet_label
from intake.services.uploads import receive_upload

ISSUES_A_PAGE = 1_000


class KeyReused(Exception):
    """The Idempotency-Key was used before for another content; ``batch`` is what it opened."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(str(batch))


def post_batch(
    *,
    actor: User,
    sheet: SheetType,
    region: Region,
    period: Period,
    as_of: date,
    file: File[bytes] | BinaryIO,
    upload_name: str,
    key: str,
    queue: Callable[[Batch], object],
) -> tuple[Batch, bool]:
    """Receive what a program posted; ``(batch, whether it is new)``. ``queue`` is called in the same transaction.

    With a ``key`` the same post finds its batch again, whatever became of it. Raises ``KeyReused`` for another
    content under that key, and what ``receive_upload`` raises.
    """
    digest = _digest(sheet.spec.name, region.pk, str(period or ""), file)
    if key and (former := _former(actor, key, digest)):
        return former, False

    def keep(batch: Batch) -> None:
        if key:
            PostKey.objects.create(sent_by=actor, key=key, digest=digest, batch=batch)
        queue(batch)

    try:
        batch = receive_upload(
            actor=actor,
            sheet=sheet,
            region=region,
            period=period,
            as_of=as_of,
            upload_name=upload_name,
            content=_chunks(file),
            also=keep,
        )
    except IntegrityError:
        # the same post came twice at once: the other one was quicker
        former = _former(actor, key, digest) if key else None
        if former is None:
            raise
        return former, False
    return batch, True


def _former(actor: User, key: str, digest: str) -> Batch | None:
    found = PostKey.objects.select_related("batch").filter(sent_by=actor, key=key).first()
    if found is None:
        return None
    if found.digest != digest:
        raise KeyReused(found.batch)
    return found.batch


def _digest(sheet: str, region: str, period: str, file: File[bytes] | BinaryIO) -> str:
    digest = hashlib.sha256(msgspec.json.encode([sheet, region, period]))
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: File[bytes] | BinaryIO) -> Iterable[bytes]:
    file.seek(0)
    while chunk := file.read(1 << 20):
        yield chunk


# -------------------------------------------------------------------- telling


def batch_head(batch: Batch) -> dict[str, Any]:
    """A batch ``with_shown_state`` as one line of a list."""
    return {
        "id": batch.pk,
        "number": str(batch),
        "sheet": batch.sheet,
        "sheet_label": sheet_label(batch.sheet),
        "region": batch.region_id,
        "region_name": batch.region.name,
        "period": batch.period,
        "upload_name": batch.upload_name,
        "sha256": batch.sha256,
        "state": batch.shown_state,
        "state_label": batch.shown_state_label,
        "outcome": batch.outcome,
        "counts": batch.counts,
        "sent_at": batch.sent_at.isoformat(),
        "checked_at": _moment(batch.checked_at),
        "committed_at": _moment(batch.committed_at),
    }


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()


def batch_told(*, batch: Batch, user: User, after: int = 0) -> dict[str, Any]:
    """The whole batch: what may be done now, what would change, and up to 1,000 issues behind number ``after``.

    ``issues_after`` is the number to go on from, or None.
    """
    acts = progress.acts_for(user=user, batch=batch)
    may = {"commit": acts.commit, "commit_good": acts.commit_good, "notes": acts.answer}
    may |= {"map": acts.map, "discard": acts.discard, "retry": acts.retry}
    may |= {"undo": acts.undo}
    issues = list(batch.issues.filter(pk__gt=after).order_by("pk")[: ISSUES_A_PAGE + 1])
    more = len(issues) > ISSUES_A_PAGE
    issues = issues[:ISSUES_A_PAGE]
    notice = progress.notice_of(batch)
    return batch_head(batch) | {
        "message": notice.title,
        "may": [act for act, allowed in may.items() if allowed],
        "ignored_rows": batch.ignored_rows,
        "changes": batch.changes,
        "issues": [issue_told(issue) for issue in issues],
        "issues_after": issues[-1].pk if more else None,
    }


def issue_told(issue: Issue) -> dict[str, Any]:
    """Where, what, why and how to mend, as the page shows it; ``open`` still keeps its row out."""
    return {
        "id": issue.pk,
        "sheet": issue.sheet or None,
        "row": issue.row,
        "column": issue.column or None,
        "cell": issue.cell or None,
        "subject": issue.subject,
        "code": issue.code,
        "class": issue.cls,
        "value": issue.value,
        "reason": issue.reason,
        "cure": issue.cure,
        "note": issue.note,
        "open": issue.is_open,
    }
