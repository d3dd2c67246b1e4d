"""What can be wrong with a row or a file, told so that an officer can mend it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .personal import without_identity
from .text import visible_text

#: Heading of the column that the annotated workbook adds; skipped in silence when the file comes back.
ANNOTATION_HEADING = "校验结果"
#: Heading of the optional column whose text answers B and C faults of its row.
NOTE_HEADING = "情况说明"
#: A C fault (核实性) is answered by a reason of at least six characters, as in 联网直报.
REASON_LENGTH = 6
#: Longer values are cut in messages: a cell may hold megabytes.
VALUE_SHOWN = 60

MUST_MEND, NEEDS_NOTE, NEEDS_REASON, HINT = "A", "B", "C", "D"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: class A 强制, B 准强制, C 核实, D 提示; ``row`` None means the whole file."""

    code: str
    cls: str
    reason: str
    cure: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    value: str = ""

    def message(self) -> str:
        """第6行“营业收入(万元)”（F6）：填写“abc”，不是数字；请改为数字。"""
        place = f"第{self.row}行" if self.row is not None else ""
        if self.column:
            place += f"“{self.column}”"
        if self.cell:
            place += f"（{self.cell}）"
        if not place and self.sheet:
            place = f"工作表“{self.sheet}”"
        said = f"填写“{self.value}”，" if self.value else ""
        text = f"{said}{self.reason}；{self.cure}。" if self.cure else f"{said}{self.reason}。"
        return f"{place}：{text}" if place else text

    def answered_by(self, note: str) -> bool:
        """Whether the row may stay: D always, B with a note, C with a reason of six characters, A never."""
        if self.cls == HINT:
            return True
        if self.cls == NEEDS_NOTE:
            return bool(note)
        return self.cls == NEEDS_REASON and len(note) >= REASON_LENGTH


def shown(value: object) -> str:
    """The written value for a message: visible characters only, no identity number, cut to ``VALUE_SHOWN``."""
    text = without_identity(visible_text(str(value)[: 2 * VALUE_SHOWN]))
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + "…"


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
