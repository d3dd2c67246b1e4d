"""What the pages of policy documents show: editions, one edition in blocks, its yearly figures as fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from core.models import PolicyEdition, User
from core.policies import PolicyFault, read_document
from core.policies.comparing import Change, changes_between
from core.policies.nodes import Mapping, Node, Scalar, Sequence, read_nodes
from core.policies.outline import Row, Section, outline
from core.policies.yearly import yearly_leaves
from core.services.policies import lenders_of

#: A list of tables is shown as one table when its rows are short enough.
MOST_COLUMNS = 8
_PLACE = re.compile(r"\[(\d+)\]$")
State = PolicyEdition.State


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document in the list: what is in force, what waits, how many editions there were."""

    title: str
    name: str
    locality: str
    in_force: PolicyEdition | None
    waiting: tuple[PolicyEdition, ...]
    editions: int

    @property
    def newest(self) -> PolicyEdition:
        return self.in_force or self.waiting[0]


def document_lines(user: User) -> list[DocumentLine]:
    """One query: every edition that the user may see, by document."""
    editions = PolicyEdition.objects.visible_to(user).select_related("locality", "loaded_by").defer("text")
    by_name: dict[str, list[PolicyEdition]] = {}
    for edition in editions.order_by("locality__path", "name", "-number"):
        by_name.setdefault(edition.name, []).append(edition)
    return [_document_line(name, found) for name, found in by_name.items() if _is_shown(found)]


def _is_shown(editions: list[PolicyEdition]) -> bool:
    return any(edition.state != State.DISCARDED for edition in editions)


def _document_line(name: str, editions: list[PolicyEdition]) -> DocumentLine:
    in_force = next((edition for edition in editions if edition.state == State.IN_FORCE), None)
    waiting = tuple(e for e in editions if e.state in (State.DRAFT, State.SUBMITTED, State.SCHEDULED))
    newest = in_force or (waiting[0] if waiting else editions[0])
    return DocumentLine(newest.title, name, newest.place, in_force, waiting or (newest,), len(editions))


def first_day_to_come(edition: PolicyEdition) -> date | None:
    """The day from which the document says that it is in force, where that is still to come."""
    document, _faults = read_document(edition.text, lenders_of(edition.text))
    first = document.in_force.first if document else None
    return first if isinstance(first, date) and first > timezone.localdate() else None


# ---------------------------------------------------------------- one edition


@dataclass(frozen=True, slots=True)
class TableRow:
    head: Row
    cells: tuple[Row | None, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines, or a table of the items of one list: ``columns`` are the names of its cells."""

    rows: tuple[Row, ...] = ()
    columns: tuple[str, ...] = ()
    table: tuple[TableRow, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ShownSection:
    part: str
    label: str
    blocks: tuple[Block, ...]


def outline_of(edition: PolicyEdition) -> list[Section]:
    lenders = lenders_of(edition.text)
    return outline(edition.text, next(iter(lenders.values()), None))


def shown_sections(sections: Iterable[Section]) -> list[ShownSection]:
    return [ShownSection(s.part, s.label, tuple(_blocks(s.shown))) for s in sections]


def blanks_of(sections: Iterable[Section]) -> list[Row]:
    """Every leaf that the source does not print."""
    return [row for section in sections for row in section.rows if row.is_unknown]


def demo_choices_of(sections: Iterable[Section]) -> list[Row]:
    """Tables whose figures no document prints, each once."""
    return [row for section in sections for row in section.shown if row.source and row.note]


def _blocks(rows: list[Row]) -> Iterable[Block]:
    lines: list[Row] = []
    place = 0
    while place < len(rows):
        table, after = _table_at(rows, place)
        if table is None:
            lines.append(rows[place])
            place += 1
            continue
        if lines:
            yield Block(rows=tuple(lines))
            lines = []
        yield table
        place = after
    if lines:
        yield Block(rows=tuple(lines))


def _table_at(rows: list[Row], place: int) -> tuple[Block | None, int]:
    """The table that begins here: neighbours of one list, each of leaves only; and the place behind it."""
    items: list[tuple[Row, list[Row]]] = []
    listed = _list_of(rows[place])
    while listed and place < len(rows) and _list_of(rows[place]) == listed:
        head, end = rows[place], place + 1
        while end < len(rows) and rows[end].depth > head.depth:
            end += 1
        cells = rows[place + 1 : end]
        if any(cell.value is None or cell.words or cell.depth != head.depth + 1 for cell in cells):
            break
        items.append((head, cells))
        place = end
    columns = tuple(dict.fromkeys(cell.label for _, cells in items for cell in cells))
    if len(items) < 2 or len(columns) > MOST_COLUMNS:
        return None, place
    table = []
    for head, cells in items:
        by_label = {cell.label: cell for cell in cells}
        table.append(TableRow(head, tuple(by_label.get(column) for column in columns)))
    caption = items[0][0].label.partition("：")[0]
    return Block(columns=columns, table=tuple(table), caption=caption), place


def _list_of(row: Row) -> str:
    """The key of the list that this heading is an item of; empty for any other row."""
    return row.key.rpartition("[")[0] if row.value is None and row.key.endswith("]") else ""


# ---------------------------------------------------------------- comparing


def changes_of(before: PolicyEdition | None, after: PolicyEdition) -> list[Change]:
    return changes_between(outline_of(before) if before else [], outline_of(after))


# ---------------------------------------------------------------- figures of a new year


@dataclass(frozen=True, slots=True)
class YearlyField:
    """``path`` is the leaf's key path; ``names`` lead to it in Chinese."""

    path: str
    names: tuple[str, ...]
    value: str
    line: int


def yearly_fields(edition: PolicyEdition) -> list[YearlyField]:
    """Every leaf under ``yearly: true`` in the order of the text; empty when the document marks none."""
    leaves = yearly_leaves(edition.text)
    if not leaves:
        return []
    names = {row.path: row.names for section in outline_of(edition) for row in section.rows if row.path}
    top, _ = read_nodes(edition.text)
    texts = dict(_scalars(top))
    return [
        YearlyField(path, _names_of(path, names, texts), leaf.text, leaf.line)
        for path, leaf in leaves.items()
    ]


def _names_of(path: str, names: dict[str, tuple[str, ...]], texts: dict[str, str]) -> tuple[str, ...]:
    """Of an item of a list: the list's names and the year it stands for, where the table around has years."""
    if path in names:
        return names[path]
    whole, place = _PLACE.sub("", path), _PLACE.search(path)
    if place is None or whole not in names:
        return (path,)
    above = whole
    while "." in above:
        above = above.rpartition(".")[0]
        year = texts.get(f"{above}.years[{place[1]}]")
        if year and not whole.endswith(".years"):
            return (*names[whole], f"{year}年")
    return (*names[whole], f"第{place[1]}个")


def _scalars(node: Node) -> Iterable[tuple[str, str]]:
    if isinstance(node, Scalar):
        yield node.key, node.text
    elif isinstance(node, Mapping):
        for item in node.entries.values():
            yield from _scalars(item)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)


# ---------------------------------------------------------------- faults


@dataclass(frozen=True, slots=True)
class ToldFault:
    """A fault with the line of the text that it is about."""

    line: int
    key: str
    message: str
    excerpt: str


def told_faults(text: str, faults: list[PolicyFault]) -> list[ToldFault]:
    lines = text.splitlines()
    return [
        ToldFault(f.line, f.key, f.message, lines[f.line - 1].strip()[:120] if f.line <= len(lines) else "")
        for f in faults
    ]
