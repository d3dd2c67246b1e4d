"""Monthly files of 启东市 for March 2026, sent on 8 April, and the officers who send them."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import xlsxwriter

from core.models import User
from intake.models import Batch
from intake.services.batches import check_batch, commit_batch, receive_upload
from tests.factories import region
from tests.intake.monthly_rows import HEADINGS, row

SENT_ON = date(2026, 4, 8)


def workbook(*rows: list[object], headings: list[str] = HEADINGS) -> bytes:
    """The rows below one row of headings, as an officer's .xlsx."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet("3月")
        for number, cells in enumerate((headings, *rows)):
            for column, value in enumerate(cells):
                page.write(number, column, value)
    return buffer.getvalue()


def good_rows(count: int = 3) -> list[list[object]]:
    return [row(n) for n in range(1, count + 1)]


def five_faults() -> bytes:
    """Seven firms: a code turned into a number, a region unknown, no figure, a negative sale, tax above sales; two good."""
    rows = good_rows(7)
    rows[0][1] = 913206810000000000
    rows[1][3] = "启冬市"
    rows[2][5] = "无"
    rows[3][5] = -12.5
    rows[4][6] = 5000
    return workbook(*rows)


def received(
    actor: User, content: bytes, name: str = "月报.xlsx", code: str = "320681", period: str = "2026-03"
) -> Batch:
    return receive_upload(
        actor=actor,
        sheet="monthly",
        region=region(code),
        period=period,
        as_of=SENT_ON,
        upload_name=name,
        content=content,
    )


def checked(actor: User, content: bytes, **more: str) -> Batch:
    return check_batch(batch=received(actor, content, **more), actor=actor)


def committed(actor: User, content: bytes, **more: str) -> Batch:
    return commit_batch(batch=checked(actor, content, **more), actor=actor)


def stored_files(root: Path) -> list[str]:
    """What lies under the media folder, without the random parts of the names."""
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return [re.sub(r"[0-9a-f]{32}(-[0-9a-f]+)?", "…", name) for name in files]
