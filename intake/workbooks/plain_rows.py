"""Rows that hold nothing but plain cells, as nearly all rows of nearly all lists do: read by pattern, past expat.

A row is plain when every byte of it is accounted for by the pattern of a cell with a number or a shared text. Rows
of any other kind, and all that is not a row, go to expat untouched; so both see the whole sheet between them, in
order. Comments, instructions and sections of raw text end the shortcut: a row inside them is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

#: column, row, style, type, number or place of the text; all but the first two may be empty
Cell = tuple[str, str, str, str, str, str]
#: Takes the row's number, its text as written, and its cells; False: this one is for expat.
TakeRow = Callable[[int, str, list[Cell]], bool]

_BEGIN, _DATA, _END = b"<row ", b"<sheetData>", b"</row>"
_CELL = re.compile(
    r'(<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([sn])")?'
    r"(?:/>|><v>([0-9.eE+-]{1,30})</v></c>))"
)
_ATTRIBUTE = re.compile(rb' ([A-Za-z0-9]+(?::[A-Za-z]+)?)="([^"<&]*)"')
#: What a row may say of itself without being hidden by it; ``ht`` must be of two digits at least.
_HARMLESS = frozenset(
    {b"r", b"spans", b"s", b"customFormat", b"customHeight", b"thickBot", b"thickTop", b"ph"}
)
_HIGH = re.compile(rb"[1-9][0-9]+(\.[0-9]+)?")
_DECLARATION = re.compile(rb"<\?xml [^>]*\?>")
_UTF8 = re.compile(rb"""encoding=["'](?i:utf-8)["']""")
#: A row of so many bytes is no plain one.
_LONGEST = 1 << 20


def without_plain_rows(
    chunks: Iterable[bytes], is_between_rows: Callable[[], bool], take: TakeRow
) -> Iterator[bytes]:
    """What is left for expat once ``take`` has had the plain rows.

    ``is_between_rows`` is asked when expat has seen all that came before.
    """
    source = iter(chunks)
    text = b""
    for chunk in source:
        text += chunk
        head, found, rest = text.partition(_DATA)
        if found or len(text) > _LONGEST:
            break
    else:
        yield text
        return
    if not found or not _is_utf8(head):
        yield text
        yield from source
        return
    yield head + found
    yield from _between(rest, source, is_between_rows, take)


def _is_utf8(head: bytes) -> bool:
    if head.startswith(b"<worksheet"):
        return True
    declared = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    return declared is not None and (b"encoding" not in declared[0] or _UTF8.search(declared[0]) is not None)


def _between(
    text: bytes, source: Iterator[bytes], is_between_rows: Callable[[], bool], take: TakeRow
) -> Iterator[bytes]:
    at = 0
    trusted = is_between_rows()
    while trusted:
        begin = text.find(_BEGIN, at)
        end = text.find(_END, begin) if begin >= 0 else -1
        if end < 0:
            text, at = text[at:], 0
            more = next(source, None) if len(text) < _LONGEST else None
            if more is None:
                break
            text += more
            continue
        end += len(_END)
        if text[at:begin].strip() or not _take_plain(text[begin:end], take):
            passed = text[at:end]
            yield passed
            trusted = b"<!" not in passed and b"<?" not in passed and is_between_rows()
        at = end
    yield text[at:]
    yield from source


def _take_plain(row: bytes, take: TakeRow) -> bool:
    head, _, body = row.partition(b">")
    if not row.isascii() or not (number := _number_of(head)):
        return False
    written = body[: -len(_END)].decode("ascii")
    cells = _CELL.findall(written)
    if sum(len(cell[0]) for cell in cells) != len(written):
        return False
    return take(int(number), number, cells)


def _number_of(head: bytes) -> str:
    """The row's number as written; "" where the row says something about itself that must be looked at."""
    said = _ATTRIBUTE.findall(head, 4)
    names = {name for name, _ in said}
    length = sum(len(name) + len(value) + 4 for name, value in said)
    if length != len(head) - 4 or len(names) != len(said):
        return ""
    values = dict(said)
    height = values.pop(b"ht", b"20")
    strange = values.keys() - _HARMLESS - {b"x14ac:dyDescent"}
    number = values.get(b"r", b"")
    if strange or not _HIGH.fullmatch(height) or not number.isdigit() or number.startswith(b"0"):
        return ""
    return number.decode("ascii") if len(number) < 8 else ""
