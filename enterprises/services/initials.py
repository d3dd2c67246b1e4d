"""Pinyin initials of firm names, so that 启东恒砺 is found by ``qdhl``."""

from __future__ import annotations

from functools import lru_cache

LIMIT = 200
#: Names remembered: those of the largest list, worked out before its transaction and asked for within it.
_REMEMBERED = 200_000


@lru_cache(_REMEMBERED)
def pinyin_initials(name: str) -> str:
    """``启东恒砺（A2）公司`` → ``qdhla2gs``: letters and digits only, lower case."""
    # its dictionaries take a noticeable part of a second to load; most processes never need them
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors="default")
    return "".join(c for c in "".join(letters).lower() if c.isascii() and c.isalnum())[:LIMIT]
