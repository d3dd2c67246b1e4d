"""The rows behind a count of the preview, page by page: as they would be stored, or as they were written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from core.amounts import format_amount, from_hundredths
from core.models import Region
from core.templatetags.figures import mask_phone
from intake.models import Batch, Issue
from intake.rules.columns import AmountColumn, Column, PhoneColumn, RegionColumn
from intake.services.records import RecordsDamaged, read_records, select_rows
from intake.services.row_kinds import CONFLICTS, KINDS, rows_of_kind
from intake.services.sheet_types import Change, Records, sheet_type
from intake.services.uploads import media_path


@dataclass(slots=True)
class RowLine:
    """One row: its cells under the page's headings, what would change in it, what is wrong with it."""

    row: int
    #: (text, whether it is a figure)
    cells: list[tuple[str, bool]]
    changes: list[Change] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


@dataclass(slots=True)
class RowPage:
    kind: str
    label: str
    headings: list[tuple[str, bool]]
    page: Page
    lines: list[RowLine]


def row_page(batch: Batch, *, kind: str, text: str, number: str | None, size: int) -> RowPage:
    """``text`` narrows by name or code. Two or three queries for any page, however long the list."""
    if kind in ("blocked", "conflict"):
        return _written_page(batch, kind, text, number, size)
    records = _records(batch)
    wanted = set(rows_of_kind(batch, kind))
    found = [row for row in _matching(records, text) if row in wanted]
    page = Paginator(found, size).get_page(number)
    shown = set(page.object_list)
    records = select_rows(records, lambda row: row in shown)
    spec = sheet_type(batch.sheet).spec_for(batch.region, batch.mapping)
    columns = [column for column in spec.columns if column.key in records.columns]
    names = dict(Region.objects.values_list("code", "name"))
    lines = {
        row: RowLine(
            row,
            [
                (_shown(column, records.columns[column.key][i], names), _is_figure(column))
                for column in columns
            ],
        )
        for i, row in enumerate(records.rows)
    }
    if kind == "changed" and len(records):
        for change in sheet_type(batch.sheet).changes_of(records, batch):
            if change.row in lines:
                lines[change.row].changes.append(change)
    headings = [(column.heading, _is_figure(column)) for column in columns]
    return RowPage(kind, KINDS[kind], headings, page, list(lines.values()))


def _records(batch: Batch) -> Records:
    try:
        return read_records(media_path(batch.rows_path), batch.rows_digest)
    except RecordsDamaged:
        return Records([], {})


def _matching(records: Records, text: str) -> Iterable[int]:
    text = text.strip().upper()
    columns = [records.columns[key] for key in ("name", "uscc") if key in records.columns]
    if not text or not columns:
        return records.rows
    return [
        row
        for row, *values in zip(records.rows, *columns, strict=True)
        if any(text in str(value).upper() for value in values)
    ]


def _written_page(batch: Batch, kind: str, text: str, number: str | None, size: int) -> RowPage:
    """Rows with issues as they were written, with the issues of each."""
    staged = batch.staged_rows.order_by("row")
    if kind == "blocked":
        staged = staged.filter(blocked=True)
    told = batch.issues.filter(row__isnull=False)
    if kind == "conflict":
        told = told.filter(code__in=CONFLICTS)
    if text.strip():
        told = told.filter(subject__icontains=text.strip())
    if kind == "conflict" or text.strip():
        rows = list(told.order_by("row").values_list("row", flat=True).distinct())
    else:
        rows = list(staged.values_list("row", flat=True))
    if kind == "blocked" and text.strip():
        rows = sorted(set(rows) & set(staged.values_list("row", flat=True)))
    page = Paginator(rows, size).get_page(number)
    issues = defaultdict(list)
    asked = batch.issues.filter(row__in=page.object_list).order_by("id")
    asked = asked.filter(code__in=CONFLICTS) if kind == "conflict" else asked.exclude(cls=Issue.Class.D)
    for issue in asked:
        issues[issue.row].append(issue)
    raw = dict(batch.staged_rows.filter(row__in=page.object_list).values_list("row", "raw"))
    headings = list(dict.fromkeys(heading for cells in raw.values() for heading in cells))
    lines = [
        RowLine(
            row,
            [(str(raw.get(row, {}).get(heading, "")), False) for heading in headings],
            issues=issues[row],
        )
        for row in page.object_list
    ]
    return RowPage(kind, KINDS[kind], [(heading, False) for heading in headings], page, lines)


def _is_figure(column: Column) -> bool:
    return isinstance(column, AmountColumn) or column.unit != ""


def _shown(column: Column, value: Any, names: dict[str, str]) -> str:
    """A value as people read it: amounts with two places, regions by name, telephone numbers masked."""
    if value is None or value == "":
        return "—"
    if isinstance(column, AmountColumn):
        return format_amount(from_hundredths(value))
    if isinstance(column, RegionColumn):
        return names.get(value, value)
    if isinstance(column, PhoneColumn):
        return mask_phone(value)
    return value.isoformat() if isinstance(value, date) else str(value)
