"""What a batch is about: a month, a year, or nothing where the rows name their own."""

from __future__ import annotations

import re

from core.periods import Month
from intake.services.sheet_types import SheetType

Period = Month | int | None
_YEAR = re.compile(r"(19|20)\d\d", re.ASCII)


class BadPeriod(ValueError):
    """The period is not written as this sheet needs it; the message says how."""


def read_period(sheet: SheetType, text: str) -> Period:
    """``"2022-05"`` → Month, ``"2021"`` → 2021, ``""`` → None: then each row's own period counts."""
    text = text.strip()
    if not text:
        return None
    if sheet.period_kind != "month" and _YEAR.fullmatch(text):
        return int(text)
    if sheet.period_kind != "year":
        try:
            return Month.parse(text)
        except ValueError:
            pass
    kind = {"month": "月份，写作 2022-05", "year": "年度，写作 2021"}
    wanted = kind.get(sheet.period_kind, "月份（2022-05）或年度（2021）")
    raise BadPeriod(f"{sheet.spec.label}的所属期是{wanted}")


def period_label(text: str) -> str:
    """``2022年5月``, ``2021年``, or “各行自带” where the batch has none."""
    if not text:
        return "各行自带"
    return f"{text}年" if len(text) == 4 else Month.parse(text).label
