"""Files handed back to people: what they sent, and the same with its faults marked."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from core import audit
from core.models import User
from intake.models import Batch
from intake.rules.faults import Fault
from intake.services.uploads import media_path
from intake.workbooks import Limits, WorkbookRefused
from intake.workbooks.annotate import annotate_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoCopy(Exception):
    """The file cannot be marked up or is no longer there; the message says so."""


def annotated_copy(batch: Batch) -> bytes:
    """The annotated .xlsx (校验结果 beside each faulty row). Raises ``NoCopy``."""
    return marked_copy(batch, [issue.as_fault() for issue in batch.issues.all()])


def marked_copy(batch: Batch, faults: Sequence[Fault]) -> bytes:
    """The workbook as it was sent, with these faults beside their rows."""
    with tempfile.TemporaryDirectory(prefix="annotated-") as folder:
        out = Path(folder) / "annotated.xlsx"
        try:
            annotate_workbook(
                media_path(batch.stored_path), faults, out, upload_name=batch.upload_name, limits=Limits()
            )
        except (WorkbookRefused, OSError) as error:
            raise NoCopy("这个文件打不开，不能生成标注文件；请按问题清单改正。") from error
        return out.read_bytes()


def annotated_name(batch: Batch, what: str = "标注") -> str:
    return f"{Path(batch.upload_name).stem}_{what}.xlsx"


def original_file(*, batch: Batch, actor: User) -> Path:
    """The file as it was sent; it may hold telephone numbers, so the trail says who took it. Raises ``NoCopy``."""
    path = media_path(batch.stored_path)
    if not path.is_file():
        raise NoCopy("原文件已不在服务器上。")
    with transaction.atomic():
        audit.record(
            actor=actor,
            act="download_batch_file",
            region=batch.region,
            subject=f"{batch} {batch.upload_name}",
            digest=batch.sha256,
        )
    return path
