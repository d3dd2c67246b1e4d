"""The door: a file -> its plain content, read by a child process that may fail without harm."""

from __future__ import annotations

import dataclasses
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from intake.workbooks.limits import DEFAULT_LIMITS, Limits
from intake.workbooks.raw import RawSheet, RawWorkbook
from intake.workbooks.refusals import MESSAGES, WorkbookRefused
from intake.workbooks.signature import recognise

CHILD = Path(__file__).with_name("parse_child.py")
_PIPE_BYTES = 1 << 20
EXCEL_ROWS = 1_048_576
#: What a cell may be on the wire; anything else means that the child no longer speaks our language.
_CELL_TYPES = {str, int, float, bool, type(None)}


def read_workbook(path: Path, upload_name: str, limits: Limits = DEFAULT_LIMITS) -> RawWorkbook:
    """Read an upload whole. Raises ``WorkbookRefused`` only: then nothing of the file may be used."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        kind = recognise(file, size, upload_name, limits)
        file.seek(0)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        job = json.dumps({"kind": kind, "limits": dataclasses.asdict(limits)})
        lines = _lines_of_child([sys.executable, "-I", "-S", str(CHILD), job], file.fileno(), limits)
        try:
            return _Listener().listen(lines)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise WorkbookRefused("UNREADABLE") from error
        finally:
            lines.close()


def _lines_of_child(command: list[str], stdin: int, limits: Limits) -> Generator[bytes, None, None]:
    """The child's lines as they come; past the wall clock, or past its allowance, it is killed."""
    child = subprocess.Popen(  # noqa: S603 - our own script; the file comes through its standard input
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        close_fds=True,
    )
    assert child.stdout is not None
    deadline = time.monotonic() + limits.wall_seconds
    allowance = 2 * limits.output_bytes
    rest = b""
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise WorkbookRefused("UNREADABLE")
                data = os.read(child.stdout.fileno(), _PIPE_BYTES)
                if not data:
                    return
                allowance -= len(data)
                if allowance < 0:
                    raise WorkbookRefused("UNREADABLE")
                *lines, rest = (rest + data).split(b"\n")
                yield from lines
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


class _Listener:
    """Puts the child's lines together again."""

    def __init__(self) -> None:
        self.workbook = RawWorkbook([], "")

    def listen(self, lines: Iterator[bytes]) -> RawWorkbook:
        for line in lines:
            said = json.loads(line)
            if "rows" in said:
                self._take_rows(self.workbook.sheets[-1], said)
            elif "sheet" in said:
                self.workbook.sheets.append(RawSheet(str(said["sheet"]), said["visible"] is True))
            elif "merges" in said:
                self._take_margins(self.workbook.sheets[-1], said)
            elif "kind" in said:
                self.workbook.kind = "csv" if said["kind"] == "csv" else "xlsx"
                self.workbook.template_version = str(said["version"])
                self.workbook.since_1904 = said.get("since_1904") is True
            elif "refused" in said:
                code = said["refused"] if said["refused"] in MESSAGES else "UNREADABLE"
                raise WorkbookRefused(code, **{str(key): value for key, value in said["figures"].items()})
            elif said.get("done") is True:
                return self.workbook
        raise WorkbookRefused("UNREADABLE")

    @staticmethod
    def _take_rows(sheet: RawSheet, said: dict[str, Any]) -> None:
        rows = sheet.rows
        for number, cells in zip(said["numbers"], said["rows"], strict=True):
            if not _CELL_TYPES.issuperset(map(type, cells)):
                raise ValueError("a cell that is no plain value")
            gap = number - 1 - len(rows)
            if not 0 <= gap <= EXCEL_ROWS:
                raise ValueError("rows out of order")
            if gap:
                rows.extend([] for _ in range(gap))
            rows.append(cells)
        moments = iter(said.get("moments", ()))
        for row, column in zip(moments, moments, strict=True):
            cells = rows[row - 1]
            written = cells[column - 1]
            parse = date.fromisoformat if len(written) == 10 else datetime.fromisoformat
            cells[column - 1] = parse(written)
        gaps = iter(said.get("gaps", ()))
        sheet.formula_gaps.update(zip(gaps, gaps, strict=True))
        errors = iter(said.get("errors", ()))
        for row, column, text in zip(errors, errors, errors, strict=True):
            sheet.error_cells[int(row), int(column)] = str(text)
        shown = iter(said.get("shown", ()))
        for row, column, text in zip(shown, shown, shown, strict=True):
            sheet.shown_cells[int(row), int(column)] = sys.intern(str(text))
        sheet.hidden_rows.update(map(int, said.get("hidden", ())))

    @staticmethod
    def _take_margins(sheet: RawSheet, said: dict[str, Any]) -> None:
        for top, left, bottom, right in said["merges"]:
            sheet.merges.append((int(top), int(left), int(bottom), int(right)))
        sheet.hidden_columns.update(map(int, said["hidden_columns"]))
