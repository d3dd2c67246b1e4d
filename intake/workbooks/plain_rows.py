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
#: Takes the row's number and its cells, both as written; False: this one is for expat.
TakeRow = Callable[[str, str], bool]
#: A number as it may be written; what it means is seen later.
NUMBER = "[0-9.eE+-]{1,30}"

_BEGIN, _NUMBERED, _DATA, _END = b"<row ", b'<row r="', b"<sheetData>", b"</row>"
_CELL = re.compile(
    r'(<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([sn])")?'
    rf"(?:/>|><v>({NUMBER})</v></c>))"
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
#: What rows say of themselves behind their number, and that was found harmless: one or two forms a file.
_HEADS_KEPT = 64


def plain_cells(written: str) -> list[Cell] | None:
    """The cells of a row; None where a letter of it belongs to none."""
    cells: list[Cell] = _CELL.findall(written)
    return cells if sum(len(cell[0]) for cell in cells) == len(written) else None


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
    if not found or not is_utf8(head, b"<worksheet"):
        yield text
        yield from source
        return
    yield head + found
    yield from _between(rest, source, is_between_rows, take)


def is_utf8(head: bytes, root: bytes) -> bool:
    """Whether a document that begins so, with this element, is surely written in UTF-8."""
    if head.startswith(root):
        return True
    declared = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    return declared is not None and (b"encoding" not in declared[0] or _UTF8.search(declared[0]) is not None)


def _between(
    text: bytes, source: Iterator[bytes], is_between_rows: Callable[[], bool], take: TakeRow
) -> Iterator[bytes]:
    at = 0
    trusted = is_between_rows()
    harmless: set[bytes] = set()
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
        body, end = end, end + len(_END)
        if (at != begin and text[at:begin].strip()) or not _take_plain(text[begin:body], take, harmless):
            passed = text[at:end]
            yield passed
            trusted = b"<!" not in passed and b"<?" not in passed and is_between_rows()
        at = end
    yield text[at:]
    yield from source


def _take_plain(row: bytes, take: TakeRow, harmless: set[bytes]) -> bool:
    if not row.isascii():
        return False
    head, _, body = row.partition(b">")
    number, quote, behind = head.removeprefix(_NUMBERED).partition(b'"')
    if not (quote and behind in harmless and head.startswith(_NUMBERED) and _is_number(number)):
        number = _number_of(head)
        if not number:
            return False
        if head == _NUMBERED + number + b'"' + behind and len(harmless) < _HEADS_KEPT:
            harmless.add(behind)
    return take(number.decode("ascii"), body.decode("ascii"))


def _is_number(text: bytes) -> bool:
    return text.isdigit() and len(text) < 8 and not text.startswith(b"0")


def _number_of(head: bytes) -> bytes:
    """The row's number as written; nothing where the row says something about itself that must be looked at."""
    said = _ATTRIBUTE.findall(head, 4)
    names = {name for name, _ in said}
    length = sum(len(name) + len(value) + 4 for name, value in said)
    if length != len(head) - 4 or len(names) != len(said):
        return b""
    values = dict(said)
    height = values.pop(b"ht", b"20")
    strange = values.keys() - _HARMLESS - {b"x14ac:dyDescent"}
    number = values.get(b"r", b"")
    return number if not strange and _HIGH.fullmatch(height) and _is_number(number) else b""
