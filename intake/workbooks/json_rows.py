"""Rows that a program posts, laid out as the workbook that an officer would have sent: one way in for both."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from intake.workbooks.limits import Limits

#: Characters of one value; Excel keeps no more in a cell.
LONGEST_VALUE = 32_000
#: A whole number of so many digits is more than a spreadsheet or a script keeps exactly.
_DIGITS_KEPT = 15


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
        return json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_no_number, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        raise RowsUnreadable("请求体不是 UTF-8 编码") from error
    except json.JSONDecodeError as error:
        raise RowsUnreadable(f"第 {error.lineno} 行第 {error.colno} 个字符处不是 JSON") from error
    except RecursionError as error:
        raise RowsUnreadable("嵌套的层数太多") from error


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
