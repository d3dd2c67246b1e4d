"""A raw workbook and a description of its sheet in, one frame of typed columns with every fault out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from core.periods import Month

from .columns import CLOSED_MONTH, Cells, Column, MonthColumn
from .duplicates import duplicate_rows, same_names
from .faults import ANNOTATION_HEADING, Fault, column_letters, shown
from .findings import Finding, must_mend
from .headings import Hit, Placement, plain_heading
from .layout import Table, find_table
from .merged import covered_cells, merged_cells
from .shown import STRUCK_CELL, STRUCK_ROW, open_end, own_units, shown_otherwise, struck_cells, struck_rows
from .source import CSV_SHEET, RawSheet, RawWorkbook
from .text import Written, is_blank, squeezed, written
from .totals import check_totals

#: From so many rows on a whole list of another month was sent under the wrong one, most likely.
MANY_ROWS = 10
OTHER_MONTH_CURE = "多半是上传时选错了所属期：请重新上传并选对月份；表中月份写错的请改正整列"
#: Headings of a column of running numbers, and what a row of a template's example bears there.
NUMBERING = frozenset({"序号", "编号", "序", "no", "no."})
SAMPLE_MARKS = frozenset({"例", "示例", "样例", "范例", "例如", "填写示例", "样表", "举例"})


@dataclass(frozen=True)
class SheetSpec:
    """What a sheet is called, its columns, and the keys that identify a row."""

    name: str
    label: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    #: Where the columns are, of a list whose layout a person has explained.
    placed: Placement | None = None

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True)
class ReadingContext:
    """Who sends, for which period, on which day.

    ``regions``: every accepted written form by ``region_key`` → code; ``scope``: codes the sender may name.
    """

    regions: Mapping[str, str]
    region_names: Mapping[str, str]
    scope: frozenset[str]
    own_name: str
    period: Month | int | None
    today: date
    #: what keeps a month shut, or None: ``MONTH_NOT_OPEN`` or ``MONTH_LOCKED``
    closed: Callable[[Month], Finding | None]


@dataclass
class Frame:
    """Typed columns by key, one entry a record; ``rows`` are Excel rows.

    Records with faults stay in (None where unreadable) until ``blocked_rows`` takes them out; after a fault of
    the layout there are none.
    """

    spec: SheetSpec
    sheet: str = ""
    rows: list[int] = field(default_factory=list)
    columns: dict[str, list[object]] = field(default_factory=dict)
    raw: dict[str, Sequence[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored_rows: list[int] = field(default_factory=list)
    headings: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether a fault of the whole file keeps everything out."""
        return any(fault.row is None and fault.cls == "A" for fault in self.faults)

    def blocked_rows(self) -> set[int]:
        """Excel rows that stay out: an A fault, or a B or C fault that the row's note does not answer."""
        if self.refused:
            return set(self.rows)
        notes = dict(zip(self.rows, self.notes, strict=True))
        return {
            fault.row
            for fault in self.faults
            if fault.row is not None and not fault.answered_by(notes.get(fault.row, ""))
        }

    def fault(self, i: int, key: str, code: str, cls: str, reason: str, cure: str) -> None:
        """Report record ``i`` at the column ``key``."""
        number, heading = self.headings.get(key, (0, self.spec.column(key).heading))
        self.faults.append(
            Fault(
                code,
                cls,
                reason,
                cure,
                self.sheet,
                self.rows[i],
                heading,
                f"{column_letters(number)}{self.rows[i]}" if number else None,
                shown(self.raw[key][i]) if key in self.raw else "",
            )
        )


def read_frame(workbook: RawWorkbook, spec: SheetSpec, context: ReadingContext) -> Frame:
    """Everything that can be known of the file in one run; never raises for what a file contains."""
    table, faults = find_table(workbook, spec.columns, context.period, spec.placed)
    frame = Frame(spec, faults=faults)
    if table is None:
        return frame
    frame.sheet, frame.rows, frame.ignored_rows = table.sheet.name, table.kinds.records, table.kinds.ignored
    frame.headings = {key: (hit.number, hit.written) for key, hit in table.columns.items()}
    frame.notes = _notes(table)
    records = [table.sheet.rows[row - 1] for row in frame.rows]
    for column in spec.columns:
        hit = table.columns.get(column.key)
        if hit is None:
            frame.columns[column.key] = [None] * len(frame.rows)
            frame.raw[column.key] = [""] * len(frame.rows)
        else:
            _read_column(frame, table, hit, records, context, workbook)
    _tell_closed_months(frame)
    struck = struck_rows(table)
    frame.faults += check_totals(table, frame.columns, struck)
    hidden = _tell_hidden(frame, table) | _tell_struck(frame, table, struck) | _tell_samples(frame, table)
    _tell_duplicates(frame, hidden)
    _tell_same_names(frame, hidden)
    _tell_own_units(frame, table)
    if from_csv(workbook, table.sheet):
        _tell_wide_rows(frame, table)
        _tell_open_end(frame, table)
    frame.faults.sort(key=lambda fault: (fault.row is not None, fault.row or 0))
    return frame


def _notes(table: Table) -> list[str]:
    if table.note_column is None:
        return [""] * len(table.kinds.records)
    place = table.note_column - 1
    rows = (table.sheet.rows[row - 1] for row in table.kinds.records)
    return [squeezed(written(row[place])[:2000]) if place < len(row) else "" for row in rows]


def _read_column(
    frame: Frame,
    table: Table,
    hit: Hit,
    records: Sequence[Sequence[object]],
    context: ReadingContext,
    workbook: RawWorkbook,
) -> None:
    key, place = hit.column.key, hit.number - 1
    if all(place < len(row) for row in records):
        values = list(map(itemgetter(place), records))
    else:
        values = [row[place] if place < len(row) else None for row in records]
    if "" in values:
        values = [None if value == "" else value for value in values]
    lost = _lost_cells(frame, table, hit, values)
    frame.raw[key] = Written(values.copy())
    for i, finding in shown_otherwise(table, hit, frame.rows, values).items():
        lost[i], values[i] = finding, None

    def report(i: int, found: Finding) -> None:
        frame.fault(i, key, found.code, found.cls, found.reason, found.cure)

    for i, found in lost.items():
        report(i, found)
    cells = Cells(
        values, hit.unit, context, report, from_csv(workbook, table.sheet), set(lost), workbook.since_1904
    )
    frame.columns[key] = hit.column.parse(cells)


def _lost_cells(frame: Frame, table: Table, hit: Hit, values: list[object]) -> dict[int, Finding]:
    """Carry merged cells down where that is certain; formulas without value, errors and merged figures are found."""
    found: dict[int, Finding] = {}
    gaps, errors, merged = table.sheet.formula_gaps, table.sheet.error_cells, merged_cells(table, hit.number)
    covered = covered_cells(table, hit.number)
    if not (gaps or errors or merged or covered):
        return found
    tops = set(merged.values())
    for i, row in enumerate(frame.rows):
        top = merged.get(row)
        source = (row if top is None else top, hit.number)
        if source in gaps:
            found[i] = must_mend(
                "FORMULA_GAP", "公式没有计算结果", "请在 Excel 或 WPS 中打开、保存后重新上传，或改填数值"
            )
        elif source in errors:
            reason = f"单元格显示错误值 {errors[source]}"
            found[i] = must_mend("CELL_ERROR", reason, "请改正公式或直接填写数值")
        elif (top is not None or row in tops) and not hit.column.carried:
            found[i] = must_mend(
                "CELL_MERGED", "几行合并成一个单元格，不知道各行各是多少", "请取消合并，逐行填写"
            )
        elif row in covered:
            found[i] = must_mend(
                "CELL_COVERED",
                "合并单元格盖住了不同的内容，看到的与保存的不一样",
                "请取消合并，核对后逐行填写",
            )
        elif top is not None and is_blank(values[i]):
            above = table.sheet.rows[top - 1]
            values[i] = above[hit.number - 1] if hit.number <= len(above) else None
        if i in found:
            values[i] = None
    return found


def _tell_closed_months(frame: Frame) -> None:
    """A list whose rows all lie in shut months, or in another month than was chosen, is told so once, not once a row; a
    stray row is told at its cell."""
    codes = CLOSED_MONTH | ({"MONTH_OTHER"} if len(frame.rows) >= MANY_ROWS else set())
    closed = [fault for fault in frame.faults if fault.code in codes]
    key = next((column.key for column in frame.spec.columns if isinstance(column, MonthColumn)), None)
    if not closed or key is None or any(month is not None for month in frame.columns[key]):
        return
    if 2 * len(closed) < len(frame.rows):
        return
    frame.faults = [fault for fault in frame.faults if fault.code not in codes]
    by_reason = Counter((fault.code, fault.reason, fault.cure) for fault in closed)
    for (code, reason, cure), rows in by_reason.items():
        cure = OTHER_MONTH_CURE if code == "MONTH_OTHER" else cure
        frame.faults.append(Fault(code, "A", f"{reason}，涉及 {rows} 行", cure, frame.sheet))


def _first_key(frame: Frame) -> str:
    return next(iter(key for key in (*frame.spec.unique, *frame.headings) if key in frame.headings))


def _tell_hidden(frame: Frame, table: Table) -> set[int]:
    hidden = table.sheet.hidden_rows
    places = {i for i, row in enumerate(frame.rows) if row in hidden} if hidden else set()
    for i in sorted(places):
        frame.fault(
            i,
            _first_key(frame),
            "HIDDEN_ROW",
            "A",
            "这一行被隐藏或被筛选掉，没有采用",
            "要上报请取消隐藏或清除筛选，不上报请删除这一行",
        )
    return places


def _tell_struck(frame: Frame, table: Table, struck: frozenset[int]) -> set[int]:
    """Rows that are crossed out stay out, like hidden ones; a single cell that is crossed out is asked for."""
    places = {i for i, row in enumerate(frame.rows) if row in struck}
    found = [(i, _first_key(frame), STRUCK_ROW) for i in sorted(places)]
    found += [(i, key, STRUCK_CELL) for i, key in struck_cells(table, struck)]
    for i, key, told in found:
        frame.fault(i, key, told.code, told.cls, told.reason, told.cure)
    return places


def _tell_samples(frame: Frame, table: Table) -> set[int]:
    """Rows that are numbered 例 or 示例: what they show is a firm's name and code, and no firm's figures."""
    numbers = [n for n, text in table.heading.texts.items() if text in NUMBERING] or [1]
    if numbers[0] in {hit.number for hit in table.columns.values()}:
        return set()
    place = numbers[0] - 1
    marks = (
        row[place] if place < len(row) else None for row in (table.sheet.rows[n - 1] for n in frame.rows)
    )
    places = {
        i
        for i, mark in enumerate(marks)
        if type(mark) is str and squeezed(mark[:8]).strip("()：:") in SAMPLE_MARKS
    }
    told_already = {fault.row for fault in frame.faults if fault.code == "NAME_SAMPLE"}
    for i in sorted(i for i in places if frame.rows[i] not in told_already):
        frame.fault(
            i,
            _first_key(frame),
            "ROW_SAMPLE",
            "A",
            "序号写的是示例，没有采用",
            "示例行请删除，真实企业请改写序号",
        )
    return places


def _tell_same_names(frame: Frame, left_out: set[int]) -> None:
    told_already = {fault.row for fault in frame.faults if fault.cls == "A"}
    for i, other in same_names(frame.spec.columns, frame.columns, left_out):
        if frame.rows[i] not in told_already:
            frame.fault(
                i,
                "name",
                "NAME_TWICE",
                "C",
                f"与第{frame.rows[other]}行企业名称相同，信用代码不同",
                "请核对两行的代码；确实是两家企业的在“情况说明”写明原因（不少于6个字）",
            )


def _tell_own_units(frame: Frame, table: Table) -> None:
    """Rows whose own 计量单位 cell names another unit than the heading."""
    for i, key, word, unit in own_units(table):
        frame.fault(
            i,
            key,
            "UNIT_OF_ROW",
            "A",
            f"这一行的计量单位写的是{word}，本列按{unit}读取，分不清是多少",
            f"请把这一行换算成{unit}，并改正计量单位",
        )


def from_csv(workbook: RawWorkbook, sheet: RawSheet) -> bool:
    """A csv, or the annotated copy of one: every cell is text, and a comma too many has moved what follows."""
    return workbook.kind == "csv" or sheet.name == CSV_SHEET


def _width(table: Table) -> int:
    """The last column with a heading of the sender's own."""
    own = [
        number for number, text in table.heading.texts.items() if text != plain_heading(ANNOTATION_HEADING)
    ]
    return max(own, default=0)


def _tell_wide_rows(frame: Frame, table: Table) -> None:
    """Rows of a csv with more fields than headings: a comma within a figure or a name has moved what follows."""
    width = _width(table)
    for i, row in enumerate(frame.rows):
        beyond = table.sheet.rows[row - 1][width:]
        more = sum(
            not is_blank(value)
            for number, value in enumerate(beyond, width + 1)
            if number not in table.heading.texts
        )
        if more > 0:
            frame.fault(
                i,
                _first_key(frame),
                "CSV_WIDTH",
                "A",
                f"这一行比表头多 {more} 格，可能是金额或名称里的逗号使后面各列错位",
                "请去掉逗号或另存为 .xlsx 格式；多出的是备注请补写列名",
            )


def _tell_open_end(frame: Frame, table: Table) -> None:
    """A csv that was cut on its way: its last line lacks fields, or only its line end."""
    end = open_end(table)
    if end is None:
        return
    row, fields = end
    i, key = frame.rows.index(row), _first_key(frame)
    if fields < _width(table):
        reason = "文件到这一行中途为止，可能没有传完或没有导出完"
        frame.fault(i, key, "CSV_CUT", "A", reason, "请重新导出或另存为 .xlsx 后上传")
    else:
        reason = "文件的最后一行没有换行，可能没有传完"
        frame.fault(i, key, "CSV_END", "D", reason, "请核对最后一行的最后一格；完整的不用处理")


def _tell_duplicates(frame: Frame, left_out: set[int]) -> None:
    for i, others, exact in duplicate_rows(frame.spec.columns, frame.columns, frame.spec.unique, left_out):
        rows = "、".join(f"第{frame.rows[j]}行" for j in others[:5]) + ("等" if len(others) > 5 else "")
        if exact:
            reason, cure = f"与{rows}完全重复", "请删除重复的一行"
            code = "DUPLICATE_EXACT"
        else:
            reason, cure = f"与{rows}重复，但内容不同，无法确定以哪一行为准", "请只保留正确的一行"
            code = "DUPLICATE_CONFLICT"
        frame.fault(i, _first_key(frame), code, "A", reason, cure)
