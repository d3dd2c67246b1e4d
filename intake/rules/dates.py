"""Months, years and days as people write them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from core.periods import Month

from .findings import Finding, must_mend
from .text import squeezed, written

_CHINESE = {"〇": "0", "○": "0", "零": "0", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6",
            "七": "7", "八": "8", "九": "9"}  # fmt: skip
_TENS = re.compile(r"([一二三]?)十([一二三四五六七八九]?)(?=[月日号]|$)")
#: Excel serials that can be meant as days: 1950-01-01 … 2099-12-31.
_SERIALS = range(18264, 73051)
_EPOCH = date(1899, 12, 30)

_CLOCK = re.compile(
    r"(?:T|\s+)(?:[上下]午|[ap]m)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?\s*(?:[ap]m)?Z?$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[\s(（]*(?:星期|周|礼拜)[一二三四五六日天][)）]?$")
_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})[日号]?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:年|[./_-])(\d{1,2})(?:月[份度]?)?|(\d{4})(\d{2})(?:月份?)?", re.ASCII)
#: A bare 3 is the month that is being filled, or nothing.
_MONTH_ONLY = re.compile(r"(\d{1,2})(?:月份?)?", re.ASCII)
#: Said instead of a day that has not come.
_NOT_YET = re.compile(r"(?:尚?未|没有|还没)[\u4e00-\u9fff]{1,4}")
_SPAN = re.compile(r"(\d{1,2})月?[-~—至到](\d{1,2})月|季度|半年|全年|累计")
_AMBIGUOUS = re.compile(r"\d{4}\.1", re.ASCII)

_MONTH_CURE = "请按 2026-03 或 2026年3月 的写法填写"
_DAY_CURE = "请按 2024-05-17 的写法填写真实日期"
NO_MONTH = must_mend("MONTH_TEXT", "看不出是哪年哪月，月份无法识别", _MONTH_CURE)
SPAN = must_mend("MONTH_SPAN", "月份是一段时间，本表只收单个月份的数", "请改为当月，并填写当月数而不是累计数")
UNSURE = must_mend(
    "MONTH_UNSURE", "月份是带小数的数字，分不清是 1 月还是 10 月", "请把单元格设为文本后按 2026-01 的写法填写"
)
NO_DAY = must_mend("DATE_TEXT", "日期无法识别", _DAY_CURE)
IMPOSSIBLE = must_mend("DATE_IMPOSSIBLE", "日期不存在", _DAY_CURE)
EPOCH = must_mend(
    "DATE_EPOCH",
    "是日期的序号，而本工作簿从 1904 年起算日期，分不清是哪一天",
    "请按 2024-05-17 的写法填写真实日期",
)
NO_YEAR = must_mend("YEAR_TEXT", "年度无法识别", "请填写四位年份，例如 2025")


def _arabic(text: str) -> str:
    """Chinese numerals of years, months and days made digits: 二〇二四年十二月 → 2024年12月."""

    def tens(hit: re.Match[str]) -> str:
        return str(int(_CHINESE.get(hit[1], "1")) * 10 + int(_CHINESE.get(hit[2], "0")))

    return "".join(_CHINESE.get(letter, letter) for letter in _TENS.sub(tens, text))


def _from_serial(number: float) -> date | None:
    return _EPOCH + timedelta(days=int(number)) if int(number) in _SERIALS else None


#: What people put between year, month and day besides the usual signs.
_SEPARATORS = str.maketrans({"–": "-", "—": "-", "−": "-", "。": ".", "·": ".", "•": ".", "\\": "/"})


def _without_clock(value: str) -> str:
    day = _WEEKDAY.sub("", _CLOCK.sub("", value.strip()))
    return squeezed(day).translate(_SEPARATORS).rstrip(".")


def read_month(value: object, period: Month | None, numbers_as_text: bool) -> Month | Finding:
    """One month. ``numbers_as_text``: a csv, where "2026.1" may be what is left of 2026.10."""
    if isinstance(value, date):
        return _month(value.year, value.month)
    if isinstance(value, bool):
        return NO_MONTH
    if isinstance(value, int | float):
        text = written(value)
        if isinstance(value, float) and _AMBIGUOUS.fullmatch(text):
            return UNSURE
        day = _from_serial(value) if len(text) == 5 else None
        if day is not None:
            return _month(day.year, day.month)
    else:
        text = _arabic(_without_clock(str(value)[:60]))
        if numbers_as_text and _AMBIGUOUS.fullmatch(text):
            return UNSURE
    return _text_month(text, period)


def _text_month(text: str, period: Month | None) -> Month | Finding:
    hit = _MONTH.fullmatch(text)
    if hit:
        return _month(int(hit[1] or hit[3]), int(hit[2] or hit[4]))
    hit = _DAY.fullmatch(text)
    if hit:
        day = _day(hit)
        return _month(day.year, day.month) if isinstance(day, date) else NO_MONTH
    hit = _MONTH_ONLY.fullmatch(text)
    if hit and period is not None and int(hit[1]) == period.month:
        return period
    return SPAN if _SPAN.search(text) else NO_MONTH


def _month(year: int, month: int) -> Month | Finding:
    if not (1 <= month <= 12 and 1949 <= year <= 2999):
        return NO_MONTH
    return Month(year, month)


def read_date(value: object, earliest: date, latest: date) -> date | Finding:
    """One day between ``earliest`` and ``latest``."""
    day = _any_day(value)
    if isinstance(day, Finding) or earliest <= day <= latest:
        return day
    side = f"早于 {earliest}" if day < earliest else f"晚于 {latest}"
    return must_mend("DATE_RANGE", f"日期不合理，{side}", "请核对年份后重新填写日期")


def is_serial(value: object) -> bool:
    """Whether a plain cell holds what can only be meant as Excel's day number."""
    if isinstance(value, str):
        value = squeezed(value)
        return len(value) == 5 and value.isascii() and value.isdigit() and int(value) in _SERIALS
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 < value < 1e6
        and int(value) in _SERIALS
    )


def not_yet(value: object) -> bool:
    """Whether the cell says that there is no day yet (未入库)."""
    return isinstance(value, str) and len(value) < 12 and bool(_NOT_YET.fullmatch(squeezed(value)))


def read_day_or_month(value: object, earliest: date, latest: date) -> date | Finding:
    """One day, or the first of a month where only the month is known: kept, with a hint that says so."""
    day = read_date(value, earliest, latest)
    if not isinstance(day, Finding) or day.code != NO_DAY.code:
        return day
    month = read_month(value, None, numbers_as_text=True)
    if not isinstance(month, Month):
        return day
    first = month.first_day
    if not earliest <= first <= latest:
        side = f"早于 {earliest}" if first < earliest else f"晚于 {latest}"
        return must_mend("DATE_RANGE", f"日期不合理，{side}", "请核对年份后重新填写日期")
    return Finding(
        "DATE_MONTH",
        "D",
        f"只写到月，按{month.label}1日保存",
        "知道具体日期的请改填日期，不知道的不用处理",
        first,
    )


def _any_day(value: object) -> date | Finding:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return NO_DAY
    if isinstance(value, int | float):
        serial = _from_serial(value) if 0 < value < 1e6 else None
        if serial is not None:
            return serial
        text = written(value)
    else:
        text = _arabic(_without_clock(str(value)[:60]))
        if re.fullmatch(r"\d{5}", text, re.ASCII):
            return _from_serial(int(text)) or NO_DAY
    hit = _DAY.fullmatch(text)
    return _day(hit) if hit else NO_DAY


def _day(hit: re.Match[str]) -> date | Finding:
    year, month, day = (int(part) for part in hit.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return IMPOSSIBLE


def read_year(value: object) -> int | Finding:
    """A year of four digits, 2025年 and 2025年度 included."""
    if isinstance(value, bool):
        return NO_YEAR
    text = _arabic(squeezed(written(value))[:20]).removesuffix("度").removesuffix("年")
    if re.fullmatch(r"(19|20)\d\d", text, re.ASCII):
        return int(text)
    return NO_YEAR
