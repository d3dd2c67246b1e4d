"""Sheets whose columns are named, but not as a list names them: told as what they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .columns import Column
from .faults import Fault, column_letters
from .headings import SEARCHED_ROWS, Matcher, plain_heading
from .source import RawSheet

#: Names of columns below each other, or in one cell, from which on it is no coincidence.
FEWEST_NAMES = 3
#: A heading on its side stands in one of the first columns.
SEARCHED_COLUMNS = 5


def odd_layout(sheets: Sequence[RawSheet], columns: Sequence[Column]) -> Fault | None:
    """Why no heading was found, where that can be said."""
    return next(
        (told for sheet in sheets if (told := _lying(sheet, columns) or _crowded(sheet, columns))), None
    )


def _lying(sheet: RawSheet, columns: Sequence[Column]) -> Fault | None:
    """The names of the columns stand below each other, each firm fills a column."""
    matcher = Matcher(columns)
    for number in range(1, SEARCHED_COLUMNS + 1):
        below = (row[number - 1] for row in sheet.rows[:SEARCHED_ROWS] if number <= len(row))
        hits = {hit[0].key for text in map(plain_heading, below) if text and (hit := matcher.match([text]))}
        if len(hits) >= FEWEST_NAMES:
            return Fault(
                "HEADING_LYING",
                "A",
                f"列名竖着写在{column_letters(number)}列，一家企业占了一列",
                "请改成一家企业一行：复制后用“选择性粘贴→转置”，或填到下载的模板里",
                sheet.name,
            )
    return None


def _crowded(sheet: RawSheet, columns: Sequence[Column]) -> Fault | None:
    """A whole line of the list in one cell: text that was pasted or opened without being parted."""
    names = {plain_heading(column.heading).split("(")[0] for column in columns if column.required}
    for place, row in enumerate(sheet.rows[:SEARCHED_ROWS], 1):
        for number, value in enumerate(row, 1):
            text = plain_heading(value)
            if sum(name in text for name in names) >= FEWEST_NAMES:
                return Fault(
                    "HEADING_CROWDED",
                    "A",
                    "整行内容挤在一个单元格里，各列没有分开",
                    "请在 Excel 或 WPS 中用“数据→分列”分开后另存为 .xlsx，或填到下载的模板里",
                    sheet.name,
                    None,
                    None,
                    f"{column_letters(number)}{place}",
                )
    return None
