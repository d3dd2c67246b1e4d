"""What one check of a batch found, and how it is kept: issues, rows as they were written, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice

from django.db import transaction

from core import audit
from intake.models import Batch, Issue, StagedRow
from intake.rules.faults import Fault
from intake.rules.personal import without_identity
from intake.rules.reading import Frame
from intake.rules.text import visible_text
from intake.services.row_kinds import CONFLICTS
from intake.services.sheet_types import Preview, Records

CHANGES_KEPT = 200
VALUE_KEPT = 200
_INSERT = 2_000
#: Counts of what a commit would do, and in the end did.
PREVIEWED = ("new", "changed", "same", "unknown")


@dataclass(slots=True)
class OpenRows:
    """What keeps rows out: their Excel rows, and whether something about the whole file does."""

    rows: set[int] = field(default_factory=set)
    whole_file: bool = False

    def add(self, fault: Fault, note: str) -> None:
        if fault.answered_by(note):
            return
        if fault.row is None:
            self.whole_file = True
        else:
            self.rows.add(fault.row)


@dataclass(slots=True)
class Findings:
    """What one run found, before it is saved."""

    frame: Frame
    notes: list[str]
    candidates: Records
    good: Records
    open: OpenRows
    preview: Preview
    #: where the trail stood before anything was looked up
    mark: audit.Mark


def changes_kept(preview: Preview) -> list[dict[str, object]]:
    return [asdict(change) for change in preview.changes[:CHANGES_KEPT]]


def preview_counts(preview: Preview) -> dict[str, int]:
    return {name: getattr(preview, name) for name in PREVIEWED}


def count_rows(findings: Findings) -> dict[str, int]:
    frame = findings.frame
    classes = Counter(fault.cls for fault in frame.faults)
    rows = set(frame.rows)
    out = rows if findings.open.whole_file else rows & findings.open.rows
    return {
        "rows": len(rows),
        "good": len(rows) - len(out),
        "blocked": len(out),
        "ignored": len(set(frame.ignored_rows)),
        "conflict": len({fault.row for fault in frame.faults if fault.code in CONFLICTS}),
        **{f"class_{cls.lower()}": classes[cls] for cls in "ABCD"},
        **preview_counts(findings.preview),
    }


def safe_text(text: str | None, limit: int) -> str:
    """Text that every database takes: no NUL, no half characters, cut to the column."""
    if not text:
        return ""
    return visible_text(text[:limit].encode("utf-8", "replace").decode("utf-8"))[:limit]


_SAVED = (
    "state", "outcome", "counts", "ignored_rows", "changes", "rows_path", "rows_digest", "checked_at", "seen_batches",
    "check_seconds",
)  # fmt: skip


@transaction.atomic
def save_findings(batch: Batch, findings: Findings) -> bool:
    """One transaction; False when another worker has finished the check or the batch was given up meanwhile."""
    checking = Batch.objects.filter(pk=batch.pk, state=Batch.State.CHECKING)
    if not checking.update(**{name: getattr(batch, name) for name in _SAVED}):
        return False
    Issue.objects.filter(batch=batch).delete()
    StagedRow.objects.filter(batch=batch).delete()
    _insert(Issue, _issues(batch, findings))
    _insert(StagedRow, _staged_rows(batch, findings))
    return True


def _insert(model: type[Issue] | type[StagedRow], rows: Iterator[Issue] | Iterator[StagedRow]) -> None:
    while chunk := list(islice(rows, _INSERT)):
        model.objects.bulk_create(chunk)


def _issues(batch: Batch, findings: Findings) -> Iterator[Issue]:
    """The whole file first, then column by column in the file's order, what must be mended before what may stay."""
    frame = findings.frame
    numbers = {heading: number for number, heading in frame.headings.values()}
    names = dict(zip(frame.rows, frame.raw.get("name", []), strict=False))

    def place(told: tuple[Fault, str]) -> tuple[bool, int, str, int]:
        fault = told[0]
        return fault.row is not None, numbers.get(fault.column or "", 0), fault.cls, fault.row or 0

    for fault, note in sorted(zip(frame.faults, findings.notes, strict=True), key=place):
        yield Issue(
            batch=batch,
            sheet=safe_text(fault.sheet, 60),
            row=fault.row,
            column=safe_text(fault.column, 80),
            cell=safe_text(fault.cell, 12),
            subject=without_identity(safe_text(names.get(fault.row or 0), 200)).strip(),
            code=safe_text(fault.code, 40),
            cls=fault.cls,
            value=safe_text(fault.value, VALUE_KEPT),
            reason=safe_text(fault.reason, 400),
            cure=safe_text(fault.cure, 400),
            note=note,
        )


def _staged_rows(batch: Batch, findings: Findings) -> Iterator[StagedRow]:
    """Rows that had to be mended or explained, as written; a mere hint keeps no copy of its row."""
    frame = findings.frame
    places = {row: place for place, row in enumerate(frame.rows)}
    asked = {fault.row for fault in frame.faults if fault.row is not None and fault.cls != Issue.Class.D}
    for row in sorted(asked):
        place = places.get(row)
        raw = {}
        if place is not None:
            raw = {
                safe_text(heading, 80): without_identity(safe_text(frame.raw[key][place], VALUE_KEPT))
                for key, (_, heading) in frame.headings.items()
            }
        blocked = findings.open.whole_file or row in findings.open.rows
        yield StagedRow(batch=batch, row=row, raw=raw, blocked=blocked)
