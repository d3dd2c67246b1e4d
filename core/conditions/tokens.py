"""A condition's text cut into tokens, each with the place where it stands. Pure.

Full-width signs and the few Chinese operators a clerk writes (且 或 非 属于 含 已知 未知 是 否) are read as the
English ones. What cannot be read is a fault, and reading goes on behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from core.conditions.kinds import RESERVED, Kind, ordinal_of
from core.conditions.units import UNIT_WORDS, unit_of
from core.periods import Month

#: Longer than any condition of the known documents, and short enough that nesting cannot exhaust the stack.
TEXT_LIMIT = 5_000


@dataclass(frozen=True, slots=True, order=True)
class ConditionFault:
    """One thing wrong with a condition: the character it begins at, counted from 1, and how to mend it."""

    position: int
    message: str

    def __str__(self) -> str:
        return f"第 {self.position} 个字：{self.message}"


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is number, calendar, text, truth, name, end or the operator itself."""

    kind: str
    text: str
    at: int
    value: Any = None


_ONE_TO_ONE = str.maketrans(
    "（）［］【】，、・•＋－−×÷＝＞＜％“”‘’０１２３４５６７８９．　！",
    "()[][],,··+--*/=><%\"\"''0123456789. !",
)
_OPERATORS = {
    ">=": ">=", "≥": ">=", "=>": ">=", "<=": "<=", "≤": "<=", "=<": "<=", "==": "==", "=": "==", "!=": "!=",
    "≠": "!=", "<>": "!=", ">": ">", "<": "<", "+": "+", "-": "-", "*": "*", "/": "/", "(": "(", ")": ")",
    "[": "[", "]": "]", ",": ",",
}  # fmt: skip
_CHINESE = {
    "不属于": ("not", "in"), "属于": ("in",), "并且": ("and",), "且": ("and",), "或者": ("or",), "或": ("or",),
    "非": ("not",), "含有": ("has",), "含": ("has",), "已知": ("is", "known"), "未知": ("is", "unknown"),
    "是": ("true",), "否": ("false",), "至": ("to",), "合计": ("sum",), "平均": ("avg",),
}  # fmt: skip
_WORDING = {
    "以上": ">=", "不低于": ">=", "不少于": ">=", "达到": ">=", "超过": ">", "高于": ">", "大于": ">", "以下": "<=",
    "不超过": "<=", "不高于": "<=", "以内": "<=", "不足": "<", "低于": "<", "少于": "<", "小于": "<",
}  # fmt: skip
_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_DATE = re.compile(r"((?:19|20|21)\d\d)-(\d\d)-(\d\d)(?!\d)", re.ASCII)
_MONTH = re.compile(r"((?:19|20|21)\d\d)-(\d\d)(?!\d)", re.ASCII)
_QUARTER = re.compile(r"(?:19|20|21)\d\d[Qq][1-4](?![A-Za-z0-9])", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,9})?(?![\d.])", re.ASCII)
_DIGITS = re.compile(r"[\d.]+", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_HAN = re.compile(r"[一-鿿]+")
_OPERATOR = re.compile("|".join(re.escape(sign) for sign in sorted(_OPERATORS, key=lambda sign: -len(sign))))
_UNIT = "|".join(re.escape(word) for word in UNIT_WORDS)
_WITH_UNIT = re.compile(rf"\s*(?:{_UNIT})(?:[/·](?:{_UNIT}|月))*")


class Cutter:
    """Cuts ``text`` into ``tokens`` and ``faults``; positions count from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.translate(_ONE_TO_ONE)
        self.at = 0
        self.tokens: list[Token] = []
        self.faults: list[ConditionFault] = []

    def cut(self) -> tuple[list[Token], list[ConditionFault]]:
        if len(self.text) > TEXT_LIMIT:
            self.faults.append(ConditionFault(1, f"条件有 {len(self.text)} 个字，最多 {TEXT_LIMIT} 个"))
            self.at = len(self.text)
        while self.at < len(self.plain):
            if self.plain[self.at].isspace():
                self.at += 1
                continue
            if not (self._text() or self._calendar() or self._number() or self._word() or self._operator()):
                self._fault(f"不认识的符号“{self.text[self.at]}”")
                self.at += 1
        self._add("end", len(self.text))
        return self.tokens, self.faults

    def _add(self, kind: str, end: int, value: Any = None) -> bool:
        self.tokens.append(Token(kind, self.text[self.at : end], self.at + 1, value))
        self.at = end
        return True

    def _fault(self, message: str) -> None:
        self.faults.append(ConditionFault(self.at + 1, message))

    def _text(self) -> bool:
        if self.plain[self.at] not in "\"'":
            return False
        match = _TEXT.match(self.plain, self.at)
        if match is None:
            self._fault("引号没有成对，请补上另一半")
            return self._add("text", len(self.text), "")
        return self._add("text", match.end(), self.text[self.at + 1 : match.end() - 1])

    def _calendar(self) -> bool:
        for kind, pattern in ((Kind.DATE, _DATE), (Kind.MONTH, _MONTH), (Kind.QUARTER, _QUARTER)):
            if match := pattern.match(self.plain, self.at):
                ordinal = _ordinal(kind, match)
                if ordinal is None:
                    self._fault(f"没有 {match[0]} 这一{'天' if kind is Kind.DATE else '月'}")
                return self._add("calendar", match.end(), (kind, ordinal or 0))
        return False

    def _number(self) -> bool:
        if not self.plain[self.at].isdigit():
            return False
        match = _NUMBER.match(self.plain, self.at)
        if match is None:
            digits = _DIGITS.match(self.plain, self.at)
            end = digits.end() if digits else self.at + 1
            self._fault("数字读不懂：整数最多 18 位，小数最多 9 位")
            return self._add("number", end, (Fraction(0), unit_of("")))
        number, end, unit = Fraction(match[0]), match.end(), unit_of("")
        if named := _WITH_UNIT.match(self.plain, end):
            unit, end = unit_of(named[0].strip()), named.end()
        elif self.plain[end : end + 1] in tuple("万亿千百"):
            written = self.text[self.at : end + 1]
            self._fault(f"“{written}”后面请写单位，如 {written}元")
            end += 1
        return self._add("number", end, (number * unit.scale, unit))

    def _word(self) -> bool:
        if match := _NAME.match(self.plain, self.at):
            word = match[0].lower()
            if word in ("true", "false"):
                return self._add("truth", match.end(), word == "true")
            return self._add(word if word in RESERVED else "name", match.end(), match[0])
        for word, meaning in _CHINESE.items():
            if self.plain.startswith(word, self.at):
                end = self.at + len(word)
                if meaning[0] in ("true", "false"):
                    return self._add("truth", end, meaning[0] == "true")
                for part in meaning[:-1]:
                    self.tokens.append(Token(part, word, self.at + 1))
                return self._add(meaning[-1], end)
        if match := _HAN.match(self.plain, self.at):
            self._fault(_hint(match[0]))
            self.at = match.end()
            return True
        return False

    def _operator(self) -> bool:
        match = _OPERATOR.match(self.plain, self.at)
        return bool(match) and self._add(_OPERATORS[match[0]], match.end())  # type: ignore[index, union-attr]


def _ordinal(kind: Kind, match: re.Match[str]) -> int | None:
    try:
        if kind is Kind.QUARTER:
            return ordinal_of(kind, match[0].upper())
        parts = [int(part) for part in match.groups()]
        return ordinal_of(kind, date(*parts) if kind is Kind.DATE else Month(*parts))
    except ValueError:
        return None


def _hint(word: str) -> str:
    for wording, sign in sorted(_WORDING.items(), key=lambda pair: -len(pair[0])):
        if word.startswith(wording):
            return f"“{wording}”请改写成 {sign}，原文写在 wording 里"
    return f"不认识的词“{word}”；文字请加引号，事实写它的英文名"
