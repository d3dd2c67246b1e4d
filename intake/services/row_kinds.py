"""Which rows of a batch are new, changed, the same, of unknown firms: kept beside its file, so that a count leads to them."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from intake.models import Batch
from intake.services.uploads import media_path

#: kind → what people call it, in the order of the preview
KINDS = {
    "new": "新增",
    "changed": "变更",
    "same": "不变",
    "conflict": "冲突",
    "unknown": "未知企业",
    "blocked": "未纳入",
}
#: Issues that say that somebody else, or another row, speaks of the same firm: 冲突.
CONFLICTS = frozenset({"DUPLICATE_CONFLICT", "FIRM_ELSEWHERE", "FIRM_TWO_FILES"})

Rows = Mapping[str, Sequence[int]]


def keep_row_kinds(batch: Batch, kinds: Rows) -> None:
    """Replace what was kept; whoever reads meanwhile finds the one or the other, whole."""
    path = _path(batch)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    runs = {kind: _runs(sorted(set(rows))) for kind, rows in kinds.items()}
    part.write_bytes(gzip.compress(msgspec.json.encode(runs), 4, mtime=0))
    part.replace(path)


def rows_of_kind(batch: Batch, kind: str) -> list[int]:
    """Excel rows in ascending order; none where nothing was kept."""
    try:
        runs = msgspec.json.decode(
            gzip.decompress(_path(batch).read_bytes()), type=dict[str, list[tuple[int, int]]]
        )
    except (OSError, EOFError, gzip.zlib.error, msgspec.DecodeError):
        return []
    return [row for first, last in runs.get(kind, []) for row in range(first, last + 1)]


def _path(batch: Batch) -> Path:
    return media_path(f"batches/kinds/{batch.pk}.json.gz")


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """``[2, 3, 4, 7]`` → ``[(2, 4), (7, 7)]``: most lists are of one kind throughout."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
