"""From a workbook to one table: the sheet, its columns, its records, and what was passed over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.periods import Month

from .columns import Column
from .faults import ANNOTATION_HEADING, NOTE_HEADING, Fault, column_letters
from .figures import is_number
from .headings import (
    Heading,
    Hit,
    Placement,
    find_heading,
    placed_heading,
    plain_heading,
)
from .odd_layouts import odd_layout
from .rowkinds import RowKinds, RowSorter
from .source import RawSheet, RawWorkbook
from .text import is_blank
from .units import BASE_UNITS

#: Headings that are passed over without a word.
SILENT = {
    plain_heading(name)
    for name in ("序号", "编号", "No", "No.", "备注", "备注说明", ANNOTATION_HEADING, NOTE_HEADING)
}


#: What a template shows of the month before; coming back it is passed over.
LAST_MONTH = "上月"
#: The hidden sheet of a template's drop-down lists.
TEMPLATE_LISTS = "选项"


@dataclass(slots=True)
class Table:
    """One sheet understood: ``columns`` by key, records and ignored rows as Excel rows."""

    sheet: RawSheet
    heading: Heading
    columns: dict[str, Hit]
    kinds: RowKinds
    note_column: int | None
    faults: list[Fault] = field(default_factory=list)


def file_fault(code: str, reason: str, cure: str, sheet: str | None = None, cls: str = "A") -> Fault:
    """A fault of the whole file."""
    return Fault(code, cls, reason, cure, sheet=sheet)


def find_table(
    workbook: RawWorkbook,
    columns: Sequence[Column],
    period: Month | int | None = None,
    placed: Placement | None = None,
) -> tuple[Table | None, list[Fault]]:
    """The one table of the workbook, or None with the faults that say why. ``placed``: a person has said where."""
    faults: list[Fault] = []
    if placed is not None:
        return _placed_table(workbook, columns, placed, faults)
    candidates: list[tuple[RawSheet, Heading]] = []
    for sheet in workbook.sheets:
        if not sheet.visible:
            if sheet.name != TEMPLATE_LISTS:
                faults.append(_hidden_sheet(sheet.name))
            continue
        heading = find_heading(sheet.rows, sheet.merges, columns, period)
        if heading is not None:
            candidates.append((sheet, heading))
    chosen, refusal = _choose(workbook, candidates, columns)
    if chosen is None:
        return None, [*faults, refusal] if refusal else faults
    sheet, heading = chosen
    faults += [
        file_fault(
            "SHEET_OTHER",
            "这张工作表不是数据表，没有读取",
            "如含有数据，请放在单独的文件里上传",
            other.name,
            "D",
        )
        for other, _ in candidates
        if other is not sheet
    ]
    return _table(sheet, heading, columns, faults)


def _placed_table(
    workbook: RawWorkbook, columns: Sequence[Column], placed: Placement, faults: list[Fault]
) -> tuple[Table | None, list[Fault]]:
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == placed.page), None)
    if sheet is None:
        reason = f"没有工作表“{placed.page}”"
        return None, [file_fault("NO_HEADING", reason, "请重新确认各列的对应关系")]
    faults += [
        file_fault("SHEET_OTHER", "这张工作表没有读取", "如含有数据，请放在单独的文件里上传", other.name, "D")
        for other in workbook.sheets
        if other is not sheet and other.visible and _last_row(other)
    ]
    faults += [_hidden_sheet(other.name) for other in workbook.sheets if not other.visible]
    by_key = {column.key: column for column in columns}
    places = {number: by_key[key] for key, number in placed.numbers.items() if key in by_key}
    heading = placed_heading(sheet.rows, sheet.merges, placed.first, placed.last, places)
    return _table(sheet, heading, columns, faults)


def _hidden_sheet(name: str) -> Fault:
    return file_fault(
        "SHEET_HIDDEN", "这张工作表已隐藏，没有读取", "如需上传，请取消隐藏后放在单独的文件里", name, "D"
    )


def _choose(
    workbook: RawWorkbook, candidates: list[tuple[RawSheet, Heading]], columns: Sequence[Column]
) -> tuple[tuple[RawSheet, Heading] | None, Fault | None]:
    if not candidates:
        if any(sheet.visible and _last_row(sheet) for sheet in workbook.sheets):
            wanted = "、".join(column.heading for column in columns if column.required)
            odd = odd_layout([sheet for sheet in workbook.sheets if sheet.visible], columns)
            if odd is not None:
                return None, odd
            cure = f"表头中应有：{wanted}；请使用下载的模板"
            if workbook.kind == "csv":
                cure += "；打开是乱码、或各列挤在一格里的，请用 Excel 打开核对后另存为 .xlsx"
            return None, file_fault("NO_HEADING", "没有找到表头", cure)
        if workbook.sheets and not any(sheet.visible for sheet in workbook.sheets):
            return None, file_fault("SHEETS_HIDDEN", "工作表全部被隐藏，没有读取", "请取消隐藏后重新上传")
        return None, file_fault("EMPTY_FILE", "工作簿是空的，没有表头和数据", "请填写后重新上传")
    required = {column.key for column in columns if column.required}
    full = [pair for pair in candidates if required <= pair[1].found]
    with_data = [pair for pair in full if _last_row(pair[0]) > pair[1].last]
    if len(with_data) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet, _ in with_data)
        return None, file_fault(
            "SHEETS", f"多个工作表都有数据：{names}，无法确定用哪一个", "请只保留要上传的一张工作表"
        )
    best = with_data or full or sorted(candidates, key=lambda pair: -len(pair[1].found))
    return best[0], None


def _last_row(sheet: RawSheet) -> int:
    """The last row with a value, a lost formula or an error; 0 for an empty sheet."""
    last = len(sheet.rows)
    while last and all(is_blank(value) for value in sheet.rows[last - 1]):
        last -= 1
    lost = [row for row, _ in sheet.formula_gaps] + [row for row, _ in sheet.error_cells]
    return min(max([last, *lost]), len(sheet.rows)) if lost else last


def _table(
    sheet: RawSheet, heading: Heading, columns: Sequence[Column], faults: list[Fault]
) -> tuple[Table | None, list[Fault]]:
    chosen, doubled = _one_hit_each(heading, sheet)
    refusals = (
        [_beside(doubled, sheet.name)]
        if len(doubled) > 2
        else [
            file_fault(
                "COLUMN_TWICE",
                f"“{hits[0].column.heading}”列重复出现（{'、'.join(column_letters(hit.number) + '列' for hit in hits)}）",
                "请只保留一列",
                sheet.name,
            )
            for hits in doubled
        ]
    )
    missing = [column for column in columns if column.required and column.key not in heading.found]
    for column in missing:
        near = [text for _, text in heading.unknown if _bare(column.heading) in plain_heading(text)]
        also = f"；表中的“{near[0]}”不是这一列" if near else ""
        refusals.append(
            file_fault(
                "COLUMN_MISSING",
                f"缺少必填的“{column.heading}”列{also}",
                "请使用下载的模板，不要删改表头",
                sheet.name,
            )
        )
    kinds = RowSorter(sheet, heading, len(sheet.rows)).sort()
    if not kinds.records:
        refusals.append(file_fault("NO_DATA", "表头下面没有数据", "请填写后重新上传", sheet.name))
    refusals += [
        file_fault(
            "HEADING_CHANGES",
            f"第{row}行又出现表头，但列或单位与前面不同",
            "请把两部分改为同样的列和单位",
            sheet.name,
        )
        for row in kinds.odd_headings
    ]
    refusals += [
        Fault(
            "UNIT_UNCLEAR",
            "A",
            "表头没有写单位，上方却写了两种单位，分不清是哪一种",
            "请在这一列的表头写明单位，例如（万元）",
            sheet.name,
            None,
            hit.written,
            f"{column_letters(hit.number)}{heading.last}",
        )
        for hit in heading.unclear_units
    ]
    if refusals:
        return None, faults + refusals
    notes = [number for number, text in heading.unknown if plain_heading(text) == plain_heading(NOTE_HEADING)]
    table = Table(sheet, heading, chosen, kinds, notes[0] if notes else None, faults)
    table.faults += _hints(table) + _more_hints(table)
    return table, table.faults


def _beside(doubled: list[list[Hit]], sheet: str) -> Fault:
    """Most columns stand there twice: two lists side by side, not a heading written twice."""
    first, second = (
        "、".join(f"{column_letters(hits[which].number)}列" for hits in doubled[:2]) for which in (0, 1)
    )
    return file_fault(
        "TABLES_BESIDE",
        f"一张工作表里并排放了两份表，{len(doubled)} 个列名重复出现（{first}等与{second}等）",
        "请上下接成一份表，或分成两个文件上传",
        sheet,
    )


def _bare(heading: str) -> str:
    return plain_heading(heading).split("(")[0]


def _one_hit_each(heading: Heading, sheet: RawSheet) -> tuple[dict[str, Hit], list[list[Hit]]]:
    """One column a key; the template's own heading goes before an alias, two equal ones are told.

    A heading merged over two columns of which one is empty names one column.
    """
    by_key: dict[str, list[Hit]] = {}
    for hit in heading.hits:
        by_key.setdefault(hit.column.key, []).append(hit)
    chosen: dict[str, Hit] = {}
    doubled: list[list[Hit]] = []
    for key, hits in by_key.items():
        own = [hit for hit in hits if heading.plain_own(hit)]
        pick = own if len(own) == 1 else hits
        if len(pick) > 1:
            pick = [hit for hit in pick if _is_filled(sheet, heading.last, hit.number)] or pick
        if len(pick) > 1:
            doubled.append(hits)
        chosen[key] = pick[0]
        heading.unknown += [
            (hit.number, hit.written) for hit in hits if len(pick) == 1 and hit is not pick[0]
        ]
    return chosen, doubled


def _is_filled(sheet: RawSheet, last: int, number: int) -> bool:
    """Whether anything stands in a column below the heading."""
    lost = {column for _, column in (*sheet.formula_gaps, *sheet.error_cells)}
    return number in lost or any(
        number <= len(row) and not is_blank(row[number - 1]) for row in sheet.rows[last:]
    )


def _hints(table: Table) -> list[Fault]:
    name = table.sheet.name
    hints = [
        Fault(
            "COLUMN_UNKNOWN",
            "D",
            "不是本表的列，没有读取",
            "不需要处理",
            name,
            None,
            text,
            f"{column_letters(number)}{table.heading.last}",
        )
        for number, text in sorted(table.heading.unknown)
        if plain_heading(text) not in SILENT and not plain_heading(text).startswith(LAST_MONTH)
    ]
    for hit in table.columns.values():
        cell = f"{column_letters(hit.number)}{table.heading.last}"
        if hit.column.unit in ("wan", "wan_kwh") and not hit.unit_stated:
            base = BASE_UNITS[hit.column.unit]
            hints.append(
                Fault(
                    "UNIT_UNSTATED",
                    "D",
                    f"表头没有写单位，按{base}读取",
                    "如不是请写明单位",
                    name,
                    None,
                    hit.written,
                    cell,
                )
            )
        if hit.number in table.sheet.hidden_columns:
            hints.append(
                Fault(
                    "COLUMN_HIDDEN",
                    "D",
                    "这一列被隐藏，仍已读取",
                    "请取消隐藏后核对",
                    name,
                    None,
                    hit.written,
                    cell,
                )
            )
    return hints


def _told(table: Table, code: str, reason: str, cure: str, number: int, written: str | None) -> Fault:
    """A hint at a heading cell."""
    cell = f"{column_letters(number)}{table.heading.last}"
    return Fault(code, "D", reason, cure, table.sheet.name, None, written, cell)


def _more_hints(table: Table) -> list[Fault]:
    """Columns without a name, headings that contradict the line above, rows with a district or a month alone."""
    hints = [
        _told(
            table,
            "COLUMN_UNNAMED",
            f"{column_letters(number)}列有内容但没有列名，没有读取",
            "如需上报请补写列名",
            number,
            None,
        )
        for number in _unnamed_columns(table)
    ]
    hints += [
        _told(
            table,
            "UNIT_OTHER",
            f"表头的单位与上方所写的“{word}”不一致，按表头读取",
            "请核对单位",
            hit.number,
            hit.written,
        )
        for hit, word in table.heading.other_units
    ]
    if table.kinds.idle:
        rows = "、".join(f"第{row}行" for row in table.kinds.idle[:5])
        more = f"等 {len(table.kinds.idle)} 行" if len(table.kinds.idle) > 5 else ""
        reason = f"{rows}{more}只有县区或月份，没有企业，没有采用"
        hints.append(file_fault("ROWS_IDLE", reason, "如漏填企业请补填后重新上传", table.sheet.name, "D"))
    return hints


def _unnamed_columns(table: Table) -> list[int]:
    """Columns with values under a blank heading; one of running numbers before the first known column is not told."""
    rows = [table.sheet.rows[row - 1] for row in table.kinds.records]
    first = min(hit.number for hit in table.columns.values())
    found = []
    for number in range(1, max(map(len, rows), default=0) + 1):
        if number in table.heading.texts:
            continue
        values = [row[number - 1] for row in rows if len(row) >= number and not is_blank(row[number - 1])]
        if values and not (number < first and all(map(is_number, values))):
            found.append(number)
    return found
