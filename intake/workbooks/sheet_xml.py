"""One worksheet's XML -> rows of values, in a single pass of expat with a flat memory.

Values and what lies beside them (hidden rows, merges, formulas without a result, error cells) come out of the same
pass, so they agree on rows and columns. Nothing is read from ``<dimension>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime

from intake.workbooks.guard import damaged, new_parser, parse_xml
from intake.workbooks.limits import Limits
from intake.workbooks.package import MAIN_NAMESPACES, TRUE, WorkbookParts, unescape
from intake.workbooks.plain_rows import Cell, TakeRow, plain_cells, without_plain_rows
from intake.workbooks.refusals import WorkbookRefused
from intake.workbooks.row_shapes import Shapes
from intake.workbooks.serials import STRUCK, moment_of

EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384
#: A chunk is handed on when it holds so many rows, cells, or characters in long cells.
CHUNK_ROWS, CHUNK_CELLS, CHUNK_CHARACTERS = 2_000, 20_000, 1_000_000
LONG_TEXT = 255
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Beyond this a whole number is kept as the float that Excel computes with.
_WHOLE = 2**63

DATA_NAMES = ("sheetData", "row", "c", "v")

Chunk = dict[str, list[object]]


def column_letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


#: Letters of every column Excel has -> number; looked up once a cell.
COLUMNS = {column_letters(i): i for i in range(1, EXCEL_COLUMNS + 1)}


def split_reference(reference: str) -> tuple[int, int]:
    """``"B12"`` -> (12, 2); a reference outside Excel's sheet is damage."""
    match = _REFERENCE.fullmatch(reference.strip())
    row, column = (int(match[2]), column_number(match[1])) if match else (0, 0)
    if not 1 <= row <= EXCEL_ROWS or not 1 <= column <= EXCEL_COLUMNS:
        raise damaged("单元格位置有误")
    return row, column


class SheetReader:
    """Reads one sheet; ``emit`` takes chunks, ``cells_left`` is what the workbook may still hold."""

    def __init__(
        self, name: str, parts: WorkbookParts, limits: Limits, emit: Callable[[Chunk], None]
    ) -> None:
        self.name = name
        self.parts = parts
        self.limits = limits
        self.emit = emit
        self.value_cells = 0
        self.value_rows = 0
        self.last_row = 0
        self.merges: list[tuple[int, int, int, int]] = []
        self.hidden_columns: set[int] = set()
        self._moments: dict[tuple[str, str], object] = {}
        self._longest = limits.cell_characters + 1
        self._is_between_rows: Callable[[], bool] = lambda: False
        self._take_plain: TakeRow = lambda number, written: False
        self._start_chunk()

    # ---------------------------------------------------------------- chunks handed on

    def _start_chunk(self) -> None:
        self.numbers: list[object] = []
        self.rows: list[object] = []
        self.moments: list[object] = []
        self.gaps: list[object] = []
        self.errors: list[object] = []
        self.hidden: list[object] = []
        self.shown: list[object] = []
        self.chunk_cells = self.chunk_characters = 0

    def _flush(self) -> None:
        if self.numbers:
            self.emit(
                {
                    "numbers": self.numbers,
                    "rows": self.rows,
                    "moments": self.moments,
                    "gaps": self.gaps,
                    "errors": self.errors,
                    "hidden": self.hidden,
                    "shown": self.shown,
                }
            )
        self._start_chunk()

    def _take_row(self, number: int, cells: list[object], values: int, hidden: bool) -> None:
        self.value_cells += values
        if self.value_cells > self.limits.cells:
            raise WorkbookRefused("CELLS", limit=self.limits.cells)
        self.value_rows += 1
        if self.value_rows > self.limits.rows + self.limits.extra_rows:
            raise WorkbookRefused("ROWS", sheet=self.name, limit=self.limits.rows)
        self.last_row = number
        self.numbers.append(number)
        self.rows.append(cells)
        if hidden:
            self.hidden.append(number)
        self.chunk_cells += values
        full = len(self.rows) >= CHUNK_ROWS or self.chunk_cells >= CHUNK_CELLS
        if full or self.chunk_characters >= CHUNK_CHARACTERS:
            self._flush()

    # ---------------------------------------------------------------- values

    def _number(self, text: str, style: str | None, row: int, column: int) -> object:
        """int when the stored number has no fraction, float otherwise, ISO text for dates (noted in ``moments``)."""
        if style is not None and (kind := self.parts.date_styles.get(style)):
            return self._moment(text, style, kind, row, column)
        if style is not None and (shown := self.parts.shown_styles.get(style)):
            self.shown += (row, column, shown)
        return plain_number(text)

    def _moment(self, text: str, style: str, kind: int, row: int, column: int) -> object:
        key = (text, style)
        if key not in self._moments:
            if len(self._moments) > 100_000:
                self._moments.clear()
            number = plain_number(text)
            shown = (
                moment_of(number, kind, self.parts.since_1904) if isinstance(number, (int, float)) else None
            )
            self._moments[key] = number if shown is None else shown
        return self._note_moment(self._moments[key], row, column)

    def _note_moment(self, shown: object, row: int, column: int) -> object:
        if isinstance(shown, date):
            self.moments += (row, column)
            return shown.isoformat()
        return shown

    def _text(self, text: str, row: int, column: int) -> str | None:
        if len(text) > LONG_TEXT:
            self.chunk_characters += len(text)
            if len(text) > self.limits.cell_characters:
                text = text[: self._longest]
                # A first row is a title or a heading; nobody can be told about its rows one by one.
                if not self.value_rows:
                    cell = f"{column_letters(column)}{row}"
                    raise WorkbookRefused("LONG_HEADING", sheet=self.name, row=row, cell=cell)
        return text or None

    def _value(self, kind: str, text: str, row: int, column: int) -> object:
        """Every cell type but the plain number."""
        if kind == "s":
            if not (
                text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(self.parts.strings)
            ):
                raise damaged("文字序号有误")
            if int(text) in self.parts.struck_strings:
                self.shown += (row, column, STRUCK)
            return self._text(self.parts.strings[int(text)], row, column)
        if kind in ("str", "inlineStr"):
            return self._text(unescape(text), row, column)
        if kind == "b":
            return text.strip().lower() in TRUE
        if kind == "e":
            self.errors += (row, column, text.strip()[:16] or "#ERROR")
            return None
        if kind == "d":
            return self._note_moment(iso_moment(text.strip()), row, column)
        raise damaged("单元格类型有误")

    def _refuse_far(self, row: int, column: int) -> None:
        cell = f"{column_letters(column)}{row}"
        limit = f"{self.limits.rows:,} 行、{self.limits.columns} 列"
        raise WorkbookRefused("FAR_CELL", sheet=self.name, cell=cell, limit=limit)

    # ---------------------------------------------------------------- the pass

    def read(self, chunks: Iterable[bytes]) -> None:
        parser = new_parser()
        parser.StartElementHandler = lambda name, attributes: self._at_root(parser, name, attributes)
        parse_xml(
            parser,
            without_plain_rows(chunks, lambda: self._is_between_rows(), lambda *row: self._take_plain(*row)),
        )
        self._flush()

    def _at_root(self, parser: object, name: str, attributes: dict[str, str]) -> None:
        """The root tells the prefix of all elements that count: usually none, "x:" from some writers."""
        prefix, _, local = name.rpartition(":")
        namespace = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
        if local != "worksheet" or namespace not in MAIN_NAMESPACES:
            raise damaged("工作表格式有误")
        self._install(parser, f"{prefix}:" if prefix else "")

    def _install(self, parser, prefix: str) -> None:  # type: ignore[no-untyped-def]
        """Handlers as closures over local names: they run some five times a cell, millions of times a file."""
        name_c, name_v, name_row, name_f = prefix + "c", prefix + "v", prefix + "row", prefix + "f"
        name_t, name_ph, name_strike = prefix + "t", prefix + "rPh", prefix + "strike"
        name_data = prefix + "sheetData"
        struck_styles = self.parts.struck_styles
        special_styles = self.parts.date_styles.keys() | self.parts.shown_styles.keys()
        columns_of = COLUMNS
        strings = self.parts.strings
        distrusts_zero = self.parts.calculates_on_load
        last_row_allowed, last_column_allowed = self.limits.rows + self.limits.extra_rows, self.limits.columns
        longest, elements_allowed = self._longest, self.limits.cell_elements
        in_data = had_data = in_row = row_hidden = in_cell = has_formula = has_v = phonetic = False
        row = column = values = elements = 0
        row_text = text = stored = inline = ""
        cell: dict[str, str] = {}
        cells: list[object] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal \
                text, \
                has_v, \
                cell, \
                column, \
                in_cell, \
                has_formula, \
                elements, \
                inline, \
                in_data, \
                had_data, \
                phonetic
            nonlocal row, row_text, row_hidden, cells, values, in_row, stored
            if name == name_v:
                if has_v and in_cell:
                    raise damaged("单元格有两个值")
                text = ""
                has_v = in_cell
            elif name == name_c:
                if not in_row or in_cell:
                    raise damaged("单元格位置有误")
                in_cell = True
                has_formula = has_v = phonetic = False
                text = stored = inline = ""
                cell = attributes
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    size = len(reference) - len(row_text)
                    found = (
                        columns_of.get(reference[:size])
                        if row_text and reference[size:] == row_text
                        else None
                    )
                    column = place(reference) if found is None else found
                elements += 1
                if elements > elements_allowed:
                    raise WorkbookRefused("CELLS", limit=elements_allowed)
            elif name == name_row:
                if not in_data or in_row:
                    raise damaged("行的位置有误")
                in_row = True
                number = attributes.get("r")
                if number is None:
                    row, row_text = row + 1, ""
                else:
                    if not (number.isascii() and number.isdigit() and len(number) < 8 and int(number) > row):
                        raise damaged("行号有误")
                    row, row_text = int(number), number
                if row > EXCEL_ROWS:
                    raise damaged("行号有误")
                row_hidden = attributes.get("hidden", "").lower() in TRUE or is_unseen(attributes.get("ht"))
                cells, values, column = [], 0, 0
            elif name == name_f:
                text = ""
                has_formula = True
            elif name == name_t:
                text = ""
            elif name == name_ph:
                phonetic = True
            elif name == name_strike:
                if in_cell and attributes.get("val", "1").lower() in TRUE:
                    self.shown += (row, column, STRUCK)
            elif name == name_data:
                if had_data:
                    raise damaged("工作表格式有误")
                in_data = had_data = True
            elif name.rpartition(":")[2] in DATA_NAMES:
                raise damaged(
                    "工作表格式有误"
                )  # the same language under a second prefix: rows would be lost unseen
            elif not in_data:
                self._beside_data(name, attributes, prefix)

        def place(reference: str) -> int:
            """The slow way: `$`, lower case, or a row that carries no number of its own."""
            nonlocal row, row_text
            found_row, found_column = split_reference(reference)
            if not row_text and column == 0 and not cells and found_row >= row:
                row, row_text = found_row, str(found_row)
            if found_row != row:
                raise damaged("单元格位置有误")
            return found_column

        def characters(data: str) -> None:
            nonlocal text
            if len(text) < longest:
                text += data

        def end(name: str) -> None:
            nonlocal stored, inline, in_cell, values, in_row, in_data, phonetic
            if name == name_v:
                stored = text
            elif name == name_c:
                in_cell = False
                kind = cell.get("t", "n")
                value: object = None
                if kind == "n":
                    if stored:
                        style = cell.get("s")
                        if style in special_styles:
                            value = self._number(stored, style, row, column)
                        elif stored.isdigit() and len(stored) < 16 and stored.isascii():
                            value = int(stored)
                        else:
                            value = plain_number(stored)
                elif kind == "inlineStr":
                    value = self._value(kind, inline or stored, row, column)
                elif has_v and (stored or kind == "e"):
                    value = self._value(kind, stored, row, column)
                counts = value is not None or (kind == "e" and has_v)
                if has_formula and (
                    not has_v or (kind == "n" and (not stored or (distrusts_zero and value == 0)))
                ):
                    self.gaps += (row, column)
                    counts, value = True, None
                if counts:
                    if column > last_column_allowed or row > last_row_allowed:
                        too_far()
                    gap = column - 1 - len(cells)
                    if gap:
                        if gap < 0:
                            raise damaged("单元格位置有误")
                        cells.extend([None] * gap)
                    cells.append(value)
                    values += 1
                    if struck_styles and cell.get("s") in struck_styles:
                        self.shown += (row, column, STRUCK)
            elif name == name_t:
                if in_cell and not phonetic and len(inline) < longest:
                    inline += text
            elif name == name_row:
                in_row = False
                if cells:
                    self._take_row(row, cells, values, row_hidden)
            elif name == name_ph:
                phonetic = False
            elif name == name_data:
                in_data = False

        shapes = Shapes()
        #: texts that a plain row may not hold: too long, crossed out or empty
        odd_texts = {i for i, text in enumerate(strings) if not 0 < len(text) <= LONG_TEXT}
        odd_texts |= self.parts.struck_strings

        def take_plain(written_number: str, written: str) -> bool:
            """A row of plain cells at once: as ``start`` and ``end`` would have it; no cell comes out of order."""
            nonlocal row, row_text, column, elements
            taken, filled, count = None, 0, 0
            for shape in shapes.like(written):
                taken = shape.values(written_number, written, strings, odd_texts, number_cell)
                if taken is not None:
                    filled, count = shape.filled, shape.count
                    break
            if taken is None:
                found = plain_cells(written)
                taken = None if found is None else plain_values(written_number, found)
                if found is None or taken is None:
                    return False
                filled, count = len(taken) - taken.count(None), len(found)
                shapes.learn(found, columns_of)
            number = int(written_number)
            if not row < number <= last_row_allowed or len(taken) > last_column_allowed:
                return False
            row, row_text, column = number, written_number, 0
            elements += count
            if elements > elements_allowed:
                raise WorkbookRefused("CELLS", limit=elements_allowed)
            if taken:
                self._take_row(number, taken, filled, False)
            return True

        def plain_values(written_number: str, found: list[Cell]) -> list[object] | None:
            """Cell by cell; None where one of them must be looked at."""
            taken: list[object] = []
            for _whole, letters, its_row, style, kind, stored in found:
                gap = columns_of.get(letters, 0) - 1 - len(taken)
                if its_row != written_number or gap < 0 or style in special_styles or style in struck_styles:
                    return None
                if not stored:
                    continue
                if kind == "s":
                    is_place = stored.isdigit() and len(stored) < 10 and int(stored) < len(strings)
                    if not is_place or int(stored) in odd_texts:
                        return None
                    value: object = strings[int(stored)]
                else:
                    value = number_cell(stored)
                if gap:
                    taken.extend([None] * gap)
                taken.append(value)
            return taken

        self._is_between_rows = lambda: in_data and not in_row
        # under a prefix no row looks plain; where a stored zero is not believed, each is looked at
        if not prefix:
            self._take_plain = take_plain

        def too_far() -> None:
            if self.value_rows >= self.limits.rows and column <= last_column_allowed:
                raise WorkbookRefused("ROWS", sheet=self.name, limit=self.limits.rows)
            self._refuse_far(row, column)

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters

    def _beside_data(self, name: str, attributes: dict[str, str], prefix: str) -> None:
        """Column widths before the rows, merged ranges after them."""
        local = name.removeprefix(prefix)
        if local == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            top, left = split_reference(first)
            bottom, right = split_reference(last or first)
            if (top, left) != (bottom, right):
                self.merges.append((min(top, bottom), min(left, right), max(top, bottom), max(left, right)))
            if len(self.merges) > self.limits.merges:
                raise WorkbookRefused("MERGES", sheet=self.name, limit=self.limits.merges)
        elif local == "col" and (
            attributes.get("hidden", "").lower() in TRUE or is_unseen(attributes.get("width"), 0)
        ):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if not (first.isdigit() and last.isdigit()):
                raise damaged("列的设置有误")
            self.hidden_columns.update(range(int(first[:9]), min(int(last[:9]), self.limits.columns) + 1))

    def merges_in_use(self) -> list[tuple[int, int, int, int]]:
        """Merges cut to the last row with a value and to the columns that are read; the rest covers nothing.

        Refuses merges that lie over each other: no program writes them, and each would be walked through again.
        """
        cut = (
            (top, left, min(bottom, self.last_row), min(right, self.limits.columns))
            for top, left, bottom, right in self.merges
        )
        used = [m for m in cut if m[2] >= m[0] and m[3] >= m[1] and (m[0], m[1]) != (m[2], m[3])]
        covered = sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in used)
        if covered > self.last_row * self.limits.columns:
            raise damaged("合并单元格互相重叠")
        return used


def is_unseen(text: str | None, at_most: float = 1) -> bool:
    """A row of one pixel (0.75 points), or a column of no width, hides as well as the attribute does."""
    if text is None:
        return False
    try:
        return 0 <= float(text) <= at_most
    except ValueError:
        return False


def number_cell(text: str) -> int | float | str:
    """``plain_number`` of a text of digits and the signs of a number, the common forms first."""
    if text.isdigit() and len(text) < 16:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return plain_number(text)
    # a fraction of ordinary size; what is whole or huge has its own rules
    return plain_number(text) if number.is_integer() or not -1e308 < number < 1e308 else number


def plain_number(text: str) -> int | float | str:
    """The number a cell holds; text that is no number is handed on as it stands."""
    if not _NUMBER.fullmatch(text):
        stripped = text.strip()
        if not _NUMBER.fullmatch(stripped):
            return unescape(text)
        text = stripped
    number = float(text)
    if number.is_integer() and abs(number) < _WHOLE:
        return int(text) if text.isdigit() and len(text) < 19 else int(number)
    return number if abs(number) < 1e308 else text


def iso_moment(text: str) -> date | datetime | str:
    """A cell of type ``d`` (ISO 29500 strict): a date, a date and time, or a time as text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= 10:
        return moment.date()
    plain = moment.replace(tzinfo=None, microsecond=0)
    return plain.date() if (plain.hour, plain.minute, plain.second) == (0, 0, 0) else plain
