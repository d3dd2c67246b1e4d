"""Rows that a program posts, laid out as the workbook that an officer would have sent: one way in for both."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from intake.workbooks.limits import Limits

#: Characters of one value; Excel keeps no more in a cell.
LONGEST_VALUE = 32_000
#: A whole number of so many digits is more than a spreadsheet or a script keeps exactly.
_DIGITS_KEPT = 15
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - written into the file as it stands, of no zone
#: where a text may hold NUL or half a character: a character beyond the first 65,536 is written in two halves
_NO_CHARACTER = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
#: not a backslash that was itself written with another before it
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Number(str):
    """A number as it was written: ``1234.565`` stays that, whatever binary would make of it."""

    __slots__ = ()


class RowsUnreadable(ValueError):
    """The text is no JSON that can be taken; the message says where and why."""


class RowsRefused(ValueError):
    """The rows cannot be laid out; ``faults`` say which and why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


def read_json(data: bytes) -> Any:
    """JSON with every number kept as written. Raises ``RowsUnreadable``: doubled keys and NaN are no JSON here."""
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_no_number, object_pairs_hook=_object
        )
        if _NO_CHARACTER.search(text):
            _refuse_what_is_no_text(found)
        return found
    except UnicodeDecodeError as error:
        raise RowsUnreadable("请求体不是 UTF-8 编码") from error
    except json.JSONDecodeError as error:
        raise RowsUnreadable(f"第 {error.lineno} 行第 {error.colno} 个字符处不是 JSON") from error
    except RecursionError as error:
        raise RowsUnreadable("嵌套的层数太多") from error


def _refuse_what_is_no_text(found: Any) -> None:
    """Escapes may say half a character, which nothing can write, and NUL, which PostgreSQL takes in no text."""
    written = json.dumps(found, ensure_ascii=False)
    if _NUL.search(written):
        raise RowsUnreadable("文字里有空字符 \\u0000")
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise RowsUnreadable("文字里有不成对的代理字符，如 \\ud800") from error


def _no_number(word: str) -> Any:
    raise RowsUnreadable(f"{word} 不是 JSON 的数字")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RowsUnreadable(f"同一个对象里“{twice[:40]}”出现两次")
    return found


def rows_workbook(rows: object, heading_of: Callable[[str], str], limits: Limits | None = None) -> bytes:
    """The .xlsx of posted rows: headings in row 1, the first row posted in row 2.

    ``rows`` is a list of objects, heading or column key → text, number, true, false or null; ``heading_of`` turns a
    column key into its heading and leaves any other word as it is. Raises ``RowsRefused`` with every fault.
    """
    limits = limits or Limits()
    if not isinstance(rows, list) or not rows:
        raise RowsRefused(["应是一个数组，每条记录一个对象，至少一条"])
    if len(rows) > limits.rows:
        raise RowsRefused([f"超过 {limits.rows:,} 条的上限，请分几次报送"])
    faults = [fault for number, row in enumerate(rows) for fault in _faults_of(number, row)]
    names: dict[str, None] = {}
    for row in rows if not faults else ():
        names.update(dict.fromkeys(row))
    if len(names) > limits.columns:
        faults.append(f"共用了 {len(names)} 个不同的列名，超过 {limits.columns} 个的上限")
    if faults:
        raise RowsRefused(faults)
    return _laid_out([*names], [heading_of(name) for name in names], rows)


def _faults_of(number: int, row: object) -> Iterable[str]:
    if not isinstance(row, Mapping):
        yield f"第 {number + 1} 条不是对象"
        return
    for name, value in row.items():
        if not isinstance(value, str | bool | None):
            yield f"第 {number + 1} 条的“{name[:40]}”应是文字、数字、true、false 或 null"
        elif isinstance(value, str) and len(value) > LONGEST_VALUE:
            yield f"第 {number + 1} 条的“{name[:40]}”超过 {LONGEST_VALUE:,} 个字符"


def _laid_out(names: Sequence[str], headings: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        # equal rows make equal bytes: by these a post sent again, seconds or days later, is known as the same
        book.set_properties({"created": _MADE})
        page = book.add_worksheet("接口报送")
        for column, heading in enumerate(headings):
            page.write_string(0, column, heading)
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(names):
                value = row.get(name)
                if isinstance(value, bool):
                    page.write_boolean(number, column, value)
                elif isinstance(value, Number) and _is_code_turned_number(value):
                    # a code that a script kept as a number has lost its end: the reader says so
                    page.write_number(number, column, float(value))
                elif value:
                    page.write_string(number, column, value)
    return buffer.getvalue()


def _is_code_turned_number(number: Number) -> bool:
    return number.lstrip("-").isdecimal() and _DIGITS_KEPT < len(number.lstrip("-")) < 300
