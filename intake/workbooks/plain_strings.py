"""Shared texts that are one run of plain letters, as nearly all are: taken many at once, past expat.

What a pattern does not account for to the last letter (runs with a font, phonetic guides with letters, entities,
control characters) goes to expat untouched, and so does all that stands around the texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from intake.workbooks.plain_rows import is_utf8

#: Takes texts in their order.
TakeTexts = Callable[[list[str]], None]

_BEGIN, _END = b"<si>", b"</si>"
_TEXT = "[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*"
_BEHIND = r'(?:<phoneticPr fontId="[0-9]{1,3}" type="[A-Za-z]{1,20}"(?: alignment="[A-Za-z]{1,20}")?/>)?'
_ITEM = rf'<si><t(?: xml:space="preserve")?>({_TEXT})</t>{_BEHIND}</si>'
_ONE = re.compile(_ITEM)
#: As many as follow each other; possessive, so that a long file is not walked back.
_MANY = re.compile(f"(?:{_ITEM.replace('(' + _TEXT + ')', _TEXT)})++")
#: A text of so many bytes is no plain one.
_LONGEST = 1 << 20


def without_plain_strings(
    chunks: Iterable[bytes], is_between: Callable[[], bool], take: TakeTexts
) -> Iterator[bytes]:
    """What is left for expat once ``take`` has had the plain texts.

    ``is_between`` is asked when expat has seen all that came before: whether a text may begin here, in a table of
    texts of the format's own language.
    """
    source = iter(chunks)
    head = rest = b""
    for chunk in source:
        rest += chunk
        head, found, _ = rest.partition(_BEGIN)
        if found or len(rest) > _LONGEST:
            break
    said = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"<?xml ")
    plain = b"<sst" in said and b"<!" not in said and b"<?" not in said and is_utf8(head, b"<sst")
    if not plain or _BEGIN not in rest:
        yield rest
        yield from source
        return
    yield head
    yield from _between(rest[len(head) :], source, is_between, take)


def _between(
    rest: bytes, source: Iterator[bytes], is_between: Callable[[], bool], take: TakeTexts
) -> Iterator[bytes]:
    trusted = is_between()
    while trusted:
        whole = rest.rfind(_END) + len(_END)
        if whole >= len(_END):
            try:
                text = rest[:whole].decode()
            except UnicodeDecodeError:
                break
            rest = rest[whole:]
            at = 0
            while at < len(text) and trusted:
                many = _MANY.match(text, at)
                if many is None:
                    end = text.index("</si>", at) + len(_END)
                    passed = text[at:end].encode()
                    yield passed
                    trusted = b"<!" not in passed and b"<?" not in passed and is_between()
                else:
                    end = many.end()
                    take(_ONE.findall(text, at, end))
                at = end
            rest = text[at:].encode() + rest
        more = next(source, None) if trusted and len(rest) < _LONGEST else None
        if more is None:
            break
        rest += more
    yield rest
    yield from source
