"""A queue for the few long writes. SQLite has one writer and serves those who wait in no order, up to its time-out."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextmanager
def long_write() -> Iterator[None]:
    """Stand in line, across processes, before a transaction of thousands of rows begins.

    So the short writes of everybody else meet one long writer at a time, and no long one starves. Other databases
    queue by themselves. Never nested, never entered inside a transaction that already writes.
    """
    if connection.vendor != "sqlite":
        yield
        return
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    with (Path(settings.MEDIA_ROOT) / ".long-write").open("w") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        yield
