"""批量比对: any list of firms read through the front door's reader, each row matched with the registry. Nothing is kept.

A row is matched by its credit code, by a code that the firm bore, else by its name or a former one. A name that
belongs to several firms is told, not chosen. Firms outside the reader's region do not exist for him.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.models import User
from enterprises.models import Enterprise
from enterprises.services.lineage import current_codes
from enterprises.services.storing import in_chunks
from intake.rules.columns import NameColumn, UsccColumn
from intake.rules.headings import Matcher, Placement, plain_heading
from intake.rules.layout import Table, find_table
from intake.rules.text import name_key, near_keys, written
from intake.rules.uscc import plain_code
from intake.workbooks import Limits, RawWorkbook, WorkbookRefused, read_workbook

#: more rows than that are a register, not a list to be compared
MOST_ROWS = 20_000
_COLUMNS = (UsccColumn(required=False), NameColumn(required=False))
#: rows from the top in which a heading may stand
_SEARCHED = 15
_SEPARATORS = "、;；,，/"


class ListRefused(Exception):
    """The file cannot be compared; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One record as it was sent: its Excel row, its cells as text, the code and the name that it gives."""

    number: int
    cells: tuple[str, ...]
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class FirmList:
    headings: tuple[str, ...]
    rows: tuple[ListRow, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """``firm`` is ``None`` where no one firm was found; ``how`` says how, ``remark`` what is odd."""

    row: ListRow
    firm: int | None
    how: str
    remark: str = ""


BY_CODE, BY_OLD_CODE, BY_NAME, BY_OLD_NAME = "按代码", "按曾用代码", "按名称", "按曾用名"
AMBIGUOUS, NOT_FOUND = "名称不唯一", "名录中没有"


def read_list(*, name: str, content: Iterable[bytes]) -> FirmList:
    """The one table of the file; raises ``ListRefused``. The file lies in a temporary folder while it is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        with path.open("wb") as file:
            for chunk in content:
                file.write(chunk)
        try:
            workbook = read_workbook(path, name, Limits(file_bytes=settings.UPLOAD_MAX_BYTES))
        except WorkbookRefused as refused:
            raise ListRefused(refused.message) from refused
    table, faults = find_table(workbook, _COLUMNS)
    if table is None and (placed := _one_column(workbook)) is not None:
        table, faults = find_table(workbook, _COLUMNS, placed=placed)
    if table is None or not table.columns:
        told = "；".join(f"{fault.reason}，{fault.cure}" for fault in faults if fault.cls == "A")
        raise ListRefused(f"{told or '没有找到“统一社会信用代码”或“企业名称”列'}。")
    if len(table.kinds.records) > MOST_ROWS:
        raise ListRefused(f"名单有 {len(table.kinds.records):,} 行，最多 {MOST_ROWS:,} 行，请拆开比对。")
    return _list_of(table)


def _one_column(workbook: RawWorkbook) -> Placement | None:
    """Where a list stands that names its firms in one column only: too little for a heading that is searched for."""
    matcher = Matcher(_COLUMNS)
    for sheet in workbook.sheets:
        for row, line in enumerate(sheet.rows[:_SEARCHED] if sheet.visible else (), 1):
            for number, cell in enumerate(line, 1):
                found = matcher.match([plain_heading(cell)])
                if found is not None:
                    return Placement(sheet.name, row, row, {found[0].key: number})
    return None


def _list_of(table: Table) -> FirmList:
    lines = table.sheet.rows
    width = max([*table.heading.texts, *(len(lines[row - 1]) for row in table.kinds.records)])
    headings = tuple(table.heading.texts.get(number, "") for number in range(1, width + 1))
    places = {key: hit.number - 1 for key, hit in table.columns.items()}
    rows = []
    for number in table.kinds.records:
        line = lines[number - 1]
        cells = tuple(written(value) if value is not None else "" for value in line)
        told = [_cell(line, places.get(key)) for key in ("uscc", "name")]
        rows.append(ListRow(number, cells, plain_code(told[0] or ""), written(told[1] or "").strip()))
    return FirmList(headings, tuple(rows))


def _cell(line: Sequence[object], place: int | None) -> object:
    return line[place] if place is not None and place < len(line) else None


def match_firms(rows: Sequence[ListRow], user: User) -> list[Match]:
    """Every row, in its order; a fixed number of queries a thousand rows."""
    visible = Enterprise.objects.visible_to(user)
    by_code: dict[str, tuple[int, str]] = {}
    old = {code: change.uscc for code, change in current_codes(row.code for row in rows if row.code).items()}
    for chunk in in_chunks(sorted({*(row.code for row in rows if row.code), *old.values()})):
        for pk, code, name in visible.filter(uscc__in=chunk).order_by().values_list("pk", "uscc", "name"):
            by_code[code] = (pk, name)
    named = _by_name(rows, user)
    return [_matched(row, by_code, old, named) for row in rows]


@dataclass(frozen=True, slots=True)
class _Named:
    """Key of a name → (firm, code) of those who bear it, and of those who bore it."""

    now: dict[str, list[tuple[int, str]]]
    before: dict[str, list[tuple[int, str]]]
    #: key of a name that is near to one that nobody bears → (name, code)
    near: dict[str, list[tuple[str, str]]]


def _by_name(rows: Sequence[ListRow], user: User) -> _Named:
    visible = Enterprise.objects.visible_to(user)
    wanted = {name_key(row.name) for row in rows if row.name}
    now: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for chunk in in_chunks(sorted(wanted)):
        found = visible.filter(name_key__in=chunk).order_by("uscc")
        for pk, code, key in found.values_list("pk", "uscc", "name_key"):
            now[key].append((pk, code))
    before: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if wanted - now.keys():
        renamed = visible.exclude(former_names="").order_by("uscc")
        for pk, code, former in renamed.values_list("pk", "uscc", "former_names"):
            for key in {name_key(word) for word in _split(former)}:
                before[key].append((pk, code))
    near: dict[str, list[tuple[str, str]]] = defaultdict(list)
    unknown = wanted - now.keys() - before.keys()
    for chunk in in_chunks(sorted({near_key for key in unknown for near_key in near_keys(key)})):
        found = visible.filter(name_key__in=chunk).order_by("uscc")
        for name, code, key in found.values_list("name", "uscc", "name_key"):
            near[key].append((name, code))
    return _Named(now, before, near)


def _split(names: str) -> list[str]:
    for sign in _SEPARATORS[1:]:
        names = names.replace(sign, _SEPARATORS[0])
    return [word.strip() for word in names.split(_SEPARATORS[0]) if word.strip()]


def _matched(row: ListRow, by_code: dict[str, tuple[int, str]], old: dict[str, str], named: _Named) -> Match:
    code = row.code if row.code in by_code else old.get(row.code, "")
    if code in by_code:
        pk, name = by_code[code]
        differs = row.name and name_key(row.name) != name_key(name)
        remark = f"名录中的名称是“{name}”" if differs else ""
        return Match(row, pk, BY_CODE if code == row.code else BY_OLD_CODE, remark)
    key = name_key(row.name) if row.name else ""
    for how, found in ((BY_NAME, named.now.get(key, [])), (BY_OLD_NAME, named.before.get(key, []))):
        if len(found) == 1:
            return Match(row, found[0][0], how, "所报代码不在名录，请核对代码" if row.code else "")
        if found:
            codes = "、".join(code for _pk, code in found)
            return Match(row, None, AMBIGUOUS, f"有 {len(found)} 家：{codes}，请按代码确认")
    if not row.code and not row.name:
        return Match(row, None, NOT_FOUND, "这一行没有代码也没有名称")
    near = dict.fromkeys(one for near_key in near_keys(key) for one in named.near.get(near_key, ()))
    told = "、".join(f"“{name}”（{code}）" for name, code in near)
    return Match(row, None, NOT_FOUND, f"名录中有名称相近的{told}，请核对" if told else "")
