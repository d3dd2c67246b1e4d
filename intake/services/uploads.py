"""Taking a file in: under a name of our own, with its fingerprint, before anybody looks inside."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core import audit
from core.models import Region, User
from intake.models import Batch
from intake.services.access import ensure_may_send
from intake.services.periods import Period, read_period
from intake.services.sheet_types import SheetType, sheet_type

_CHUNK = 1 << 20
#: Enough to recognise one's own file by; the rest of a long name is cut before the ending.
NAME_CHARACTERS = 120
_SEPARATORS = re.compile(r"[\\/]+")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_ENDING = re.compile(r"\.(xlsx|xlsm|xls|csv|et|ods|pdf)$", re.IGNORECASE | re.ASCII)


class UploadRefused(Exception):
    """The file is not taken in at all; the message says why and what to do."""

    def __init__(self, code: str, reason: str, cure: str) -> None:
        self.code, self.reason, self.cure = code, reason, cure
        super().__init__(f"{reason}；{cure}。")


def clean_name(name: str) -> str:
    """The sender's file name as it is shown: no path, no invisible characters, at most 120 characters."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    text = _INVISIBLE.sub("", _SEPARATORS.split(text)[-1]).strip(" .")
    ending = match[0] if (match := _ENDING.search(text)) else ""
    stem = text[: len(text) - len(ending)].strip()[: NAME_CHARACTERS - len(ending)]
    return f"{stem or '未命名'}{ending}"


def media_path(stored: str) -> Path:
    return Path(settings.MEDIA_ROOT) / stored


def receive_upload(
    *,
    actor: User,
    sheet: SheetType | str,
    region: Region,
    period: Period | str,
    as_of: date,
    upload_name: str,
    content: Iterable[bytes] | bytes | None = None,
    path: Path | None = None,
    also: Callable[[Batch], None] = lambda batch: None,
) -> Batch:
    """Keep the file and open a batch for it; nothing is read yet.

    ``content`` (bytes or chunks) or ``path`` gives the bytes; ``also`` belongs to the same transaction. Raises ``NotYours``, ``BadPeriod`` and ``UploadRefused``.
    """
    sheet = sheet_type(sheet) if isinstance(sheet, str) else sheet
    period = read_period(sheet, period) if isinstance(period, str) else period
    ensure_may_send(actor=actor, sheet=sheet, region=region)
    stored = f"batches/{as_of:%Y-%m}/{secrets.token_hex(16)}{_ending_kept(upload_name)}"
    try:
        size, sha256 = _store(media_path(stored), _chunks(content, path))
        with transaction.atomic():
            batch = Batch.objects.create(
                sheet=sheet.spec.name,
                region=region,
                department=sheet.department_of(actor),
                period="" if period is None else str(period),
                as_of=as_of,
                upload_name=clean_name(upload_name),
                stored_path=stored,
                sha256=sha256,
                size=size,
                sent_by=actor,
            )
            audit.record(
                actor=actor,
                act="receive_batch",
                region=region,
                subject=f"{batch} {sheet.spec.label} {batch.upload_name}",
                counts={"bytes": size},
                digest=sha256,
            )
            also(batch)
    except BaseException:
        media_path(stored).unlink(missing_ok=True)
        raise
    return batch


def committed_twin(batch: Batch) -> Batch | None:
    """The batch of the very same bytes, for the same sheet, region and period, that was committed before."""
    twins = Batch.objects.filter(
        sha256=batch.sha256,
        sheet=batch.sheet,
        region=batch.region_id,
        period=batch.period,
        state=Batch.State.COMMITTED,
    )
    return twins.exclude(pk=batch.pk).order_by("-pk").first()


def _ending_kept(upload_name: str) -> str:
    match = _ENDING.search(upload_name.strip())
    return match[0].lower() if match and match[1].lower() in ("xlsx", "csv") else ".bin"


def _chunks(content: Iterable[bytes] | bytes | None, path: Path | None) -> Iterator[bytes]:
    if path is not None:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    elif isinstance(content, bytes):
        yield content
    elif content is not None:
        yield from content
    else:
        raise TypeError("either content or path")


def _store(target: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write and count; stop at the limit, whatever the sender said the size was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with open(target, "xb", opener=_private) as file:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.UPLOAD_MAX_BYTES:
                limit = settings.UPLOAD_MAX_BYTES // (1 << 20)
                raise UploadRefused("FILE_SIZE", f"文件超过 {limit} MB 的上限", "请拆成几个文件分次上传")
            digest.update(chunk)
            file.write(chunk)
    return size, digest.hexdigest()


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
