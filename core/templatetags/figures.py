"""Figures, months, dates and names as officers read them; filters without any markup of their own but the dash.

Amounts and rates come in as ``Decimal`` (an ``int`` amount is whole hundredths) and are rounded half up here and
nowhere before. A figure that does not exist is shown as ``—`` with its reason; it is never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.amounts import from_hundredths
from core.periods import Month

register = template.Library()

MINUS = "−"


def missing(reason: str | None) -> SafeString:
    if not reason:
        return mark_safe('<span class="none">—</span>')
    return format_html('<span class="none" title="{}">—<span class="vh">（{}）</span></span>', reason, reason)


def _fixed(figure: Decimal, places: int, *, signed: bool = False) -> str:
    """Half up to ``places``, thousands separators, true minus sign; zero carries no sign."""
    rounded = figure.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    text = f"{rounded:+,.{places}f}" if signed and rounded else f"{rounded:,.{places}f}"
    return text.replace("-", MINUS)


@register.filter(name="amount")
def amount(value: Decimal | int | None, reason: str | None = None) -> str:
    """``1,234.50``; an ``int`` is whole hundredths, a ``Decimal`` is the amount itself."""
    if value is None or value == "":
        return missing(reason)
    if isinstance(value, int):
        value = from_hundredths(value)
    return _fixed(Decimal(value), 2)


@register.filter(name="count")
def count(value: int | None, reason: str | None = None) -> str:
    """``1,366``: households, firms, rows."""
    if value is None or value == "":
        return missing(reason)
    return f"{int(value):,}".replace("-", MINUS)


@register.filter(name="ratio")
def ratio(value: Decimal | None, reason: str | None = None) -> str:
    """0.462 → ``46.2``: a share in per cent with one decimal; the unit stands in the heading."""
    return missing(reason) if value is None or value == "" else _fixed(Decimal(value) * 100, 1)


@register.filter(name="ratio2")
def ratio2(value: Decimal | None, reason: str | None = None) -> str:
    """0.9967 → ``99.67``: 办结率 alone is shown with two decimals."""
    return missing(reason) if value is None or value == "" else _fixed(Decimal(value) * 100, 2)


@register.filter(name="points")
def points(value: Decimal | None, reason: str | None = None) -> str:
    """A difference of rates or a growth rate, signed: 0.046 → ``+4.6``, −0.014 → ``−1.4``."""
    return missing(reason) if value is None or value == "" else _fixed(Decimal(value) * 100, 1, signed=True)


@register.filter(name="yoy_words")
def yoy_words(value: Decimal | None, reason: str | None = None) -> str:
    """A growth rate as a sentence says it: ``同比下降3.2%``, never 增长-3.2%."""
    if value is None or value == "":
        return missing(reason)
    text = _fixed(abs(Decimal(value)) * 100, 1)
    if text == "0.0":
        return "同比持平"
    return f"同比{'增长' if value > 0 else '下降'}{text}%"


@register.filter(name="direction")
def direction(value: Decimal | None) -> str:
    """CSS class of a signed figure: falls are set in the alarm ink, rises are not praised."""
    return "down" if value is not None and value != "" and value < 0 else ""


@register.filter(name="mask_phone")
def mask_phone(value: str | None) -> str:
    """13800005678 → ``138****5678``; of other numbers only the last four digits stay."""
    text = (value or "").strip()
    if not text:
        return "—"
    digits = [character for character in text if character.isdigit()]
    if len(digits) == 11 and digits[0] == "1":
        number = "".join(digits)
        return f"{number[:3]}****{number[-4:]}"
    return f"****{''.join(digits[-4:])}" if len(digits) >= 7 else "****"


# ---------------------------------------------------------------- months, dates, regions


def _as_month(value: Month | int | str) -> Month:
    if isinstance(value, Month):
        return value
    return Month.from_number(value) if isinstance(value, int) else Month.parse(value)


@register.filter(name="month_label")
def month_label(value: Month | int | str | None) -> str:
    """``2022年6月``, from a ``Month``, 202206 or "2022-06"."""
    return _as_month(value).label if value else "—"


@register.filter(name="month_short")
def month_short(value: Month | int | str | None) -> str:
    """``6月``, where the year is known from the heading."""
    return f"{_as_month(value).month}月" if value else "—"


@register.filter(name="ytd_label")
def ytd_label(value: Month | int | str | None) -> str:
    """``1—6月``, the cumulative span."""
    return _as_month(value).ytd_label if value else "—"


def _as_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter(name="day")
def day(value: date | datetime | None) -> str:
    """``2022年7月8日``"""
    if not value:
        return "—"
    value = _as_day(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter(name="short_day")
def short_day(value: date | datetime | None) -> str:
    """``7月11日``, in lists"""
    if not value:
        return "—"
    value = _as_day(value)
    return f"{value.month}月{value.day}日"


@register.filter(name="moment")
def moment(value: datetime | None) -> str:
    """``2022年7月8日 09:05``, in Asia/Shanghai"""
    if not value:
        return "—"
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}"


@register.filter(name="minutes")
def minutes(value: timedelta | None) -> int:
    """Whole minutes of a span of time."""
    return int(value.total_seconds() // 60) if value else 0


@register.simple_tag
def due(deadline: date | None, today: date | None = None) -> SafeString:
    """A deadline in days: 今天到期, 逾期 2 天, 剩 3 天; from eight days on the date itself."""
    if deadline is None:
        return mark_safe('<span class="due"></span>')
    left = (deadline - (today or timezone.localdate())).days
    if left < 0:
        words = f"逾期 {-left} 天"
    elif left == 0:
        words = "今天到期"
    else:
        words = f"剩 {left} 天" if left <= 7 else short_day(deadline)
    return format_html('<span class="due{}">{}</span>', " late" if left <= 0 else "", words)


@register.filter(name="region_name")
def region_name(value: Any, names: Mapping[str, str] | None = None) -> str:
    """The registered name of a region, or of a code when the page hands over its ``{code: name}``."""
    if value is None or value == "":
        return "—"
    return getattr(value, "name", None) or (names or {}).get(str(value), str(value))
