"""Amounts and whole numbers as people write them. Pure; no binary float decides a rounding."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from core.amounts import LIMIT

from .findings import Finding, must_mend
from .text import squeezed
from .units import Unit, unit_suffix

_SPACES = re.compile(r"[\s\u3000\u00a0\u2007\u2009\u202f]+")
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:([,'’ ])\d{3})(?:\1\d{3})*(?:\.\d*)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+", re.ASCII)
_BRACKETED = re.compile(r"[(（][\d,.]+[)）]|[▲△▼▽][\d,.]+|[\d,.]+-")
_CHINESE = re.compile(r"[零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟两点元整角分]+")
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|[¥￥])\s*", re.IGNORECASE)
_MINUS = str.maketrans("−–—﹣", "----")
#: Between these a product of a float and a power of ten is exact to far less than half a hundredth.
_FLOAT_SAFE = 1e11
_NEAR_HALF = 1e-3

NOT_A_NUMBER = must_mend("NUMBER_TEXT", "不是一个数字", "请只填写数字，例如 1234.50")
TOO_LARGE = must_mend("NUMBER_LARGE", "数值过大，超过 100 亿万元，无法保存", "请核对数值和单位")
UNCLEAR = must_mend(
    "NUMBER_UNCLEAR", "数字的分隔写法不清楚，无法确定是多少", "请去掉分隔符，只填写数字，例如 1234.50"
)
BRACKETS = must_mend(
    "NUMBER_BRACKETS",
    "带括号、三角号或后置负号的数字，可能是负数，也可能是备注",
    "是负数请写成 -1234.50，不是请去掉符号",
)
CHINESE = must_mend("NUMBER_CHINESE", "是中文大写或汉字的数字", "请填写阿拉伯数字，例如 1234.50")
SCIENTIFIC = must_mend("NUMBER_SCIENTIFIC", "是科学计数的文字，数字可能已不完整", "请填写完整的数字")
A_DATE = must_mend("NUMBER_DATE", "这里是日期，不是数字", "请检查是否错列，或把单元格格式改为数值后重填")
A_TRUTH = must_mend("CELL_BOOLEAN", "这里是逻辑值 TRUE/FALSE，不是数据", "请填写实际内容")
NOT_WHOLE = must_mend("NUMBER_FRACTION", "应为整数", "请填写不带小数的数字")


def read_decimal(value: object, family: str, unit: Unit | None) -> Decimal | Finding:
    """The exact decimal in the column's unit. A unit in the cell goes before the heading's."""
    if isinstance(value, bool):
        return A_TRUTH
    if isinstance(value, int):
        number = Decimal(value)
    elif isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return NOT_A_NUMBER
        number = Decimal(format(value, ".15g"))
    elif isinstance(value, str):
        read = _text_number(value, family)
        if isinstance(read, Finding):
            return read
        number, own = read
        unit = own or unit
    else:
        return A_DATE
    if number and number.adjusted() > 30:
        return TOO_LARGE
    return number * unit.factor if unit is not None else number


def _text_number(value: str, family: str) -> tuple[Decimal, Unit | None] | Finding:
    if len(value) > 60:
        return NOT_A_NUMBER
    text = _SPACES.sub(" ", value.replace("\u200b", "").replace("\ufeff", "")).strip()
    spaced = squeezed_numbers(text).translate(_MINUS).lstrip("'’`")
    spaced = _CURRENCY.sub("", spaced)
    body, unit = unit_suffix(spaced.removesuffix("整"), family)
    body = body.strip()
    if _CURRENCY.match(body):
        body = _CURRENCY.sub("", body)
    if _PLAIN.fullmatch(body):
        return Decimal(body), unit
    if _GROUPED.fullmatch(body):
        return Decimal(re.sub(r"[,'’ ]", "", body)), unit
    if _SCIENTIFIC.fullmatch(body):
        return SCIENTIFIC
    if _BRACKETED.fullmatch(body):
        return BRACKETS
    if _CHINESE.fullmatch(body):
        return CHINESE
    return UNCLEAR if body and not re.sub(r"[\d,.' ’-]", "", body) else NOT_A_NUMBER


def squeezed_numbers(text: str) -> str:
    """Half width, with single blanks kept: a blank may group digits, and may not join two numbers."""
    return " ".join(part for part in (squeezed(word) for word in text.split(" ")) if part)


def hundredths(number: Decimal) -> int | Finding:
    """Half up to 0.01, as whole hundredths; too large is a finding."""
    if number and number.adjusted() >= 15:
        return TOO_LARGE
    whole = int(number.quantize(Decimal("0.01"), ROUND_HALF_UP).scaleb(2))
    return whole if abs(whole) < LIMIT else TOO_LARGE


def read_amount(value: object, family: str, unit: Unit | None) -> int | Finding:
    """One amount in whole hundredths of the column's unit."""
    number = read_decimal(value, family, unit)
    return number if isinstance(number, Finding) else hundredths(number)


def read_integer(value: object, family: str, unit: Unit | None, minimum: int, maximum: int) -> int | Finding:
    """A whole number within bounds."""
    number = read_decimal(value, family, unit)
    if isinstance(number, Finding):
        return number
    if number != number.to_integral_value():
        return NOT_WHOLE
    if not minimum <= number <= maximum:
        return must_mend("NUMBER_RANGE", f"超出 {minimum} 到 {maximum} 的范围", "请核对后重新填写")
    return int(number)


def fast_hundredths(values: list[object], unit: Unit | None) -> list[int | None]:
    """Whole hundredths of all cells that are numbers and certain in binary; None for every other cell.

    A number within ``_NEAR_HALF`` of a rounding edge is left to the decimal way.
    """
    places = [i for i, value in enumerate(values) if type(value) is float or type(value) is int]
    out: list[int | None] = [None] * len(values)
    if not places:
        return out
    try:
        numbers = np.array([values[i] for i in places], dtype=np.float64)
    except OverflowError:
        return out
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = numbers * (float(unit.factor) * 100.0 if unit is not None else 100.0)
        nearest = np.rint(scaled)
        certain = (np.abs(scaled) < _FLOAT_SAFE) & (np.abs(np.abs(scaled - nearest) - 0.5) > _NEAR_HALF)
    whole = np.where(certain, nearest, 0).astype(np.int64).tolist()
    for i, figure, sure in zip(places, whole, certain.tolist(), strict=True):
        if sure:
            out[i] = figure
    return out


def shown_amount(whole: int) -> str:
    """``123450`` → ``1,234.50``."""
    return f"{Decimal(whole).scaleb(-2):,.2f}"


def is_number(value: object) -> bool:
    """A numeric cell, or text that reads as a number."""
    if isinstance(value, str):
        return bool(_PLAIN.fullmatch(squeezed(value).replace(",", "")))
    return isinstance(value, int | float) and not isinstance(value, bool)
