"""Excel's day numbers and the number formats that make a number a date (ECMA-376-1, 18.8.30 and 18.17.4)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

DATE, TIME, SPAN = 1, 2, 3
#: Built-in formats; 27–36 and 50–58 are those of Chinese Excel and WPS.
BUILT_IN: dict[int, int] = (
    dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), DATE)
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), TIME)
    | {46: SPAN}
)
#: What ``shown_as`` says of a format under which a number is seen as another one, or not at all.
PERCENT, SHRUNK, UNSEEN, SIGNED = "%", ",", ";", "±"
#: … and of a cell whose text is crossed out: a way of deleting, or of asking.
STRUCK = "-"
#: … and of the last cell of a csv that ends without a line end.
OPEN_END = "…"
_ESCAPED_POINT = re.compile(r'(?:[\\!]\.|"\.")[0#?]')
#: A sign or bracket that the format itself puts before a positive number.
_LEADING_SIGN = re.compile(r"[\s¥￥$]*[-－−(（▲△]")
_SHRINKING_COMMA = re.compile(r"[0#?],+(?![0#?,])")
_IN_WORDS = re.compile(r"[\u4e00-\u9fff]+")
_GENERAL = re.compile(r"general|g/通用格式|\[[^\]]*\]|_.|\*.", re.IGNORECASE)
_SPAN = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"?|\[[^\]]*\]|\\.|_.|\*.|general|g/通用格式|am/pm|a/p|上午/下午', re.IGNORECASE)
_SECONDS_A_DAY = 86_400
_LAST_SERIAL = 2_958_465  # 9999-12-31


def kind_of_format(code: str) -> int:
    """DATE, TIME, SPAN (more than a day may be shown as hours) or 0 for a plain number."""
    positive = code.split(";", 1)[0]
    if _SPAN.search(positive):
        return SPAN
    letters = _LITERAL.sub("", positive).lower()
    has_clock = "h" in letters or "s" in letters
    if "y" in letters or "d" in letters or ("m" in letters and not has_clock):
        return DATE
    return TIME if has_clock else 0


def shown_as(code: str) -> str:
    """How a number under this format differs from what is stored: PERCENT, SHRUNK (12345000 seen as 1234.5), UNSEEN,
    SIGNED (12 seen as -12), or the word written behind it (元); "" when nothing does."""
    positive, *others = code.split(";")
    if others and not positive.strip():
        return UNSEEN
    if _ESCAPED_POINT.search(positive):
        return SHRUNK
    plain = _GENERAL.sub("", positive)
    bare = re.sub(r'"[^"]*"?|[\\!].', "", plain)
    if "%" in plain or "％" in plain:
        return PERCENT
    if _LEADING_SIGN.match(re.sub(r'["\\!]', "", plain)):
        return SIGNED
    if _SHRINKING_COMMA.search(bare):
        return SHRUNK
    words = _IN_WORDS.findall(plain)
    return words[-1][:8] if words else ""


def moment_of(serial: float, kind: int, since_1904: bool) -> date | datetime | str | None:
    """The date, date and time, or time as text that Excel shows; None when no calendar day belongs to the number."""
    if not 0 <= serial < _LAST_SERIAL + 1:
        return None
    days, part = divmod(serial, 1)
    seconds = round(part * _SECONDS_A_DAY)
    if kind == SPAN:
        return _clock(int(days) * _SECONDS_A_DAY + seconds)
    if kind == TIME:
        return _clock(seconds % _SECONDS_A_DAY)
    whole = int(days)
    if seconds == _SECONDS_A_DAY:
        whole, seconds = whole + 1, 0
    day = _day_of(whole, since_1904)
    if day is None or not seconds:
        return day
    return datetime.combine(day, time()) + timedelta(seconds=seconds)


def _day_of(serial: int, since_1904: bool) -> date | None:
    if since_1904:
        return date(1904, 1, 1) + timedelta(days=serial) if serial <= _LAST_SERIAL - 1462 else None
    if serial < 1 or serial == 60 or serial > _LAST_SERIAL:  # 60 is 29 February 1900, which never was
        return None
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
