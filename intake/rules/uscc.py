"""统一社会信用代码 (GB 32100-2015), checked for a whole column at once. Pure."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from .findings import Finding, must_mend
from .personal import is_citizen
from .text import is_blank, squeezed, written

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], dtype=np.int64)
_VALUES = np.full(256, -1, dtype=np.int64)
_VALUES[[ord(letter) for letter in ALPHABET]] = np.arange(31)

LENGTH, LETTER, CHECK, OFFICE = "USCC_LENGTH", "USCC_LETTER", "USCC_CHECK", "USCC_OFFICE"
DIGITS_LOST, OLD_NUMBER, ORGANISATION, SOLE_TRADER, PERSON, TELEPHONE = (
    "USCC_DIGITS_LOST",
    "USCC_OLD",
    "USCC_ORGANISATION",
    "USCC_SOLE_TRADER",
    "USCC_PERSON",
    "USCC_TELEPHONE",
)
SEVERAL = "USCC_SEVERAL"
#: Signs people put between the groups of a code, and the mark with which Excel keeps a number as text.
_SEPARATORS = str.maketrans("", "", "-–—_.·'’‘`\"“”/,:：*")
_SCIENTIFIC = re.compile(r"^\d(\.\d*)?E\+?\d+$", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_WHOLE = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])", re.ASCII)
_READY = re.compile(r"[0-9A-Z]{18}", re.ASCII)

_REASONS = {
    LETTER: (
        "统一社会信用代码里有不允许的字符{odd}（不使用字母 I、O、Z、S、V）",
        "请对照营业执照改正，注意数字 0、1、2、5 与相近字母",
    ),
    CHECK: ("统一社会信用代码的校验位不对，应有字符写错或颠倒", "请对照营业执照逐位核对"),
    OFFICE: ("统一社会信用代码不会以 0 开头", "请填写营业执照上的 18 位代码"),
    DIGITS_LOST: (
        "统一社会信用代码被 Excel 当作数字，末位数字已丢失",
        "请把这一列设为文本格式，再对照营业执照重新填写完整的信用代码",
    ),
    OLD_NUMBER: ("这是 15 位的旧工商注册号，不是统一社会信用代码", "请填写换照后的 18 位统一社会信用代码"),
    ORGANISATION: ("这像是 9 位的旧组织机构代码，不是统一社会信用代码", "请填写 18 位统一社会信用代码"),
    PERSON: (
        "这像是 18 位的居民身份证号，不是统一社会信用代码",
        "请填写企业营业执照上的 18 位统一社会信用代码，并删去身份证号",
    ),
    TELEPHONE: ("这像是手机号，不是统一社会信用代码", "请检查是否错列，再填写 18 位统一社会信用代码"),
    SEVERAL: ("一个单元格里有几个信用代码", "请一家企业一行，只填这家企业的 18 位代码"),
    SOLE_TRADER: ("92 开头的信用代码是个体工商户，不能作为规上工业法人单位", "如已转为企业，请改填新的代码"),
}


def uscc_check_character(first17: str) -> str:
    """The 18th character; raises ``ValueError`` for a character outside the alphabet. A sum of 0 gives ``0``."""
    if len(first17) != 17:
        raise ValueError("17 characters are needed")
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(first17))
    return ALPHABET[(31 - total % 31) % 31]


def check_uscc(codes: list[str]) -> list[str | None]:
    """For each code (upper case, no separators) None when valid, else ``USCC_LENGTH|LETTER|CHECK|OFFICE``.

    The six office digits are history and are not looked up.
    """
    verdicts: list[str | None] = [LENGTH] * len(codes)
    whole = [i for i, code in enumerate(codes) if len(code) == 18]
    if not whole:
        return verdicts
    letters = np.frombuffer("".join(codes[i] for i in whole).encode("latin-1", "replace"), dtype=np.uint8)
    values = _VALUES[letters.reshape(-1, 18)]
    odd: NDArray[np.bool_] = np.any(values < 0, axis=1)
    checks = (31 - values[:, :17] @ _WEIGHTS % 31) % 31
    wrong = np.not_equal(checks, values[:, 17])
    nowhere = values[:, 0] == 0
    for i in whole:
        verdicts[i] = None
    for place in np.flatnonzero(odd | wrong | nowhere).tolist():
        verdicts[whole[place]] = LETTER if odd[place] else CHECK if wrong[place] else OFFICE
    return verdicts


def plain_code(value: object) -> str:
    """Upper case, half width, without separators: ``"9135 0100-m000…"`` → ``"91350100M000…"``."""
    if isinstance(value, str):
        return value if _READY.fullmatch(value) else squeezed(value).translate(_SEPARATORS).upper()
    return written(value)


def read_codes(values: list[object]) -> list[str | Finding | None]:
    """A column of cells → codes, findings, or None for a blank cell."""
    codes: list[str] = [plain_code(value) for value in values]
    read: list[str | Finding | None] = list(codes)
    for i, verdict in enumerate(check_uscc(codes)):
        code = codes[i]
        if type(values[i]) is not str:
            read[i] = None if values[i] is None else _numeric(values[i])
        elif verdict is not None:
            read[i] = None if is_blank(values[i]) else _wrong(code, values[i], verdict)
        elif code.startswith("92"):
            read[i] = _finding(SOLE_TRADER)._replace(cls="D", value=code)
    return read


def _finding(code: str, odd: str = "") -> Finding:
    reason, cure = _REASONS[code]
    return must_mend(code, reason.format(odd=odd), cure)


def _numeric(value: object) -> Finding:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return must_mend(LETTER, "这里应是统一社会信用代码", "请以文本填写 18 位信用代码")
    digits = written(value)
    if _MOBILE.fullmatch(digits):
        return _finding(TELEPHONE)
    if digits.isdigit() and len(digits) == 15:
        return _finding(OLD_NUMBER)
    if abs(value) >= 10**15:
        return _finding(DIGITS_LOST)
    return _length(digits)


def _wrong(code: str, value: object, verdict: str) -> Finding:
    raw = squeezed(str(value)).upper()
    if len(code) != 18 and _SCIENTIFIC.match(raw):
        return _finding(DIGITS_LOST)
    if verdict in (CHECK, LETTER) and is_citizen(code):
        return _finding(PERSON)
    if _MOBILE.fullmatch(code):
        return _finding(TELEPHONE)
    if len(_WHOLE.findall(str(value).upper())) > 1:
        return _finding(SEVERAL)
    if verdict != LENGTH:
        odd = "、".join(f"“{c}”" for c in dict.fromkeys(code) if c not in ALPHABET)
        return _finding(verdict, odd)
    if len(code) == 15 and code.isdigit():
        return _finding(OLD_NUMBER)
    if len(code) == 9:
        return _finding(ORGANISATION)
    return _length(code)


def _length(code: str) -> Finding:
    return must_mend(
        LENGTH, f"统一社会信用代码应为 18 位，这里是 {len(code)} 位", "请对照营业执照填写完整的 18 位代码"
    )
