"""The child process that opens a stranger's file: bounded memory and time, no network, nothing written.

Run as a bare script: ``python -I -S parse_child.py '{"kind": "zip", "limits": {...}}' < file``. Answers on standard
output in lines of JSON (see ``reading.py``), the last one being ``{"done": true}`` or ``{"refused": code, …}``.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from intake.workbooks.csv_text import SHEET_NAME, read_csv
from intake.workbooks.guard import check_container
from intake.workbooks.limits import Limits
from intake.workbooks.package import read_parts
from intake.workbooks.refusals import WorkbookRefused
from intake.workbooks.sheet_xml import SheetReader


def confine(limits: Limits) -> None:
    """From here on the process can neither grow, run on, write files nor leave a core."""
    for which, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bounded, bounded))


class Speaker:
    """Writes lines of JSON and counts them: shared strings can make a small file speak for gigabytes."""

    def __init__(self, out: BinaryIO, limits: Limits) -> None:
        self.out = out
        self.left = limits.output_bytes

    def say(self, line: object) -> None:
        data = (
            json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            + b"\n"
        )
        self.left -= len(data)
        if self.left < 0:
            raise WorkbookRefused("STRINGS")
        self.out.write(data)


def read_zip(file: BinaryIO, limits: Limits, speaker: Speaker) -> None:
    container = check_container(file, limits)
    parts = read_parts(container)
    speaker.say({"kind": "xlsx", "version": parts.template_version, "since_1904": parts.since_1904})
    cells = 0
    for sheet in parts.sheets:
        speaker.say({"sheet": sheet.name, "visible": sheet.visible})
        if not sheet.visible:
            continue
        reader = SheetReader(sheet.name, parts, limits, speaker.say)
        reader.value_cells = cells
        reader.read(container.chunks(sheet.member))
        cells = reader.value_cells
        hidden = sorted(reader.hidden_columns)
        speaker.say({"merges": reader.merges_in_use(), "hidden_columns": hidden})


def main() -> None:
    gc.disable()
    job = json.loads(sys.argv[1])
    limits = Limits(**job["limits"])
    confine(limits)
    speaker = Speaker(sys.stdout.buffer, limits)
    try:
        if job["kind"] == "csv":
            speaker.say({"kind": "csv", "version": ""})
            speaker.say({"sheet": SHEET_NAME, "visible": True})
            read_csv(sys.stdin.buffer.read(), limits, speaker.say)
        else:
            read_zip(sys.stdin.buffer, limits, speaker)
        answer: dict[str, object] = {"done": True}
    except WorkbookRefused as refusal:
        answer = {"refused": refusal.code, "figures": refusal.figures}
    except MemoryError:
        answer = {"refused": "UNREADABLE", "figures": {}}
    speaker.left = limits.output_bytes
    speaker.say(answer)
    sys.stdout.buffer.flush()
    os._exit(0)  # the tables of a large file need not be taken apart piece by piece


if __name__ == "__main__":
    main()
