"""Why a firm is in a pool or out of it: codes and facts that are kept, and the words they are told in. Pure.

The facts that were kept are judged again by the conditions of the edition that decided, so page, Excel, API and
worked cases tell the same sentence, however much later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, FactKey, FactType, Frame, Kind, sentence
from core.facts import catalogue
from core.periods import Month
from core.policies import Unknown
from cultivation.policy.pool import Basis, PoolRule, Rule
from cultivation.rules.screening import STATUSES, codes_of

#: a fact as a row keeps it: a whole number, a truth, a word, or words
Kept = int | bool | str | list[str]

#: A member whose firm is no longer assessed in the programme's locality.
MOVED_AWAY = "moved_away"
#: 并入, 个转企, 分立 or 重复档案: another firm stands for it.
STOOD_FOR = "stood_for"
#: status → the groups of codes that say why
_TELLING = {
    "in": ("named_by", "told", "flagged"),
    "out": ("failed", "named_by", "told", "flagged"),
    "held": ("held", "named_by", "told", "flagged"),
    "off": ("outside",),
    "absent": (),
}
_ABSENT = "不在任何一份名单上"
_MOVED = "企业考核地区已不在本方案范围内"
_STOOD_FOR = "企业已由其他企业承继"
_TONES = {"told": "warn", "failed": "bad", "held": "warn", "flagged": "warn"}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the policy and what it says of the firm. ``tone``: ``""``, ``warn`` or ``bad``."""

    label: str
    text: str
    basis: Basis
    tone: str = ""
    code: str = ""

    @property
    def line(self) -> str:
        return f"{self.label}：{self.text}" if self.label else self.text


def kept_facts(frame: Frame, row: int) -> dict[str, Kept]:
    """The facts of one firm as JSON keeps them; what is not known is absent."""
    return {key: kept_value(column, row) for key, column in frame.columns.items() if column.known[row]}


def kept_value(column: Column, row: int) -> Kept:
    value = column.values[row]
    if column.values.ndim == 2:
        return [word for word, held in zip(column.words, value, strict=True) if held]
    if column.words:
        return column.words[int(value)]
    return bool(value) if column.values.dtype.kind == "b" else int(value)


def reasons_of(
    rule: PoolRule, table: Mapping[str, NDArray[Any]], frame: Frame, row: int, year: int
) -> dict[str, Any]:
    """Codes of the lines that say something of the firm, and its facts."""
    lines = {
        "named_by": codes_of(rule.sources, int(table["named_by"][row])),
        "outside": codes_of(rule.sources, int(table["outside"][row])),
        "failed": codes_of(rule.requires, int(table["failed"][row])),
        "held": codes_of(rule.requires, int(table["not_known"][row])),
        "told": codes_of(rule.checks, int(table["told"][row])),
        "flagged": codes_of(rule.flags, int(table["flagged"][row])),
    }
    return {
        "year": year,
        **({"month": str(rule.month)} if rule.month else {}),
        "status": STATUSES[int(table["status"][row])],
        **{name: codes for name, codes in lines.items() if codes},
        "facts": kept_facts(frame, row),
    }


def frame_of(
    keys: Sequence[FactKey], rows: Sequence[Mapping[str, Any]], types: Mapping[str, FactType]
) -> Frame:
    """The frame that ``kept_facts`` were taken from, for these rows."""
    columns = {str(key): _column(types[key.name].kind, [row.get(str(key)) for row in rows]) for key in keys}
    return Frame(len(rows), columns)


def _column(kind: Kind, cells: list[Any]) -> Column:
    if kind is Kind.TEXT:
        return Column.of_texts(cells)
    if kind is Kind.TAGS:
        return Column.of_tags(cells)
    dtype = bool if kind is Kind.FLAG else np.int64
    known = np.array([cell is not None for cell in cells], dtype=bool)
    return Column(np.array([cell or 0 for cell in cells], dtype=dtype), known)


def told_reasons(rule: PoolRule, rows: Sequence[Mapping[str, Any]]) -> list[list[Told]]:
    """The reasons of each row, in the order of the document; rows as ``reasons_of`` gives them."""
    told: list[list[Told]] = [[] for _ in rows]
    by_year: dict[tuple[int, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.get("status") == "absent":
            told[place] = [Told("", _ABSENT, Basis())]
        elif row.get("status") == MOVED_AWAY:
            told[place] = [Told("", _MOVED, Basis())]
        elif row.get("status") == STOOD_FOR:
            told[place] = [Told("", _STOOD_FOR, Basis())]
        elif "year" in row:
            by_year[row["year"], row.get("month", "")].append(place)
    for (year, month), places in by_year.items():
        judged_at = rule.at(Month.parse(month) if month else None)
        words = _Words(judged_at, year, [rows[place] for place in places])
        for number, place in enumerate(places):
            told[place] = words.of(number, rows[place])
    return told


class _Words:
    """Sentences for rows that were judged for one year."""

    def __init__(self, rule: PoolRule, year: int, rows: Sequence[Mapping[str, Any]]) -> None:
        self.lines: dict[str, dict[str, Rule]] = {
            "named_by": {line.code: line for line in rule.sources},
            "failed": {line.code: line for line in rule.requires},
            "told": {line.code: line for line in rule.checks},
            "flagged": {line.code: line for line in rule.flags},
        }
        groups = tuple(self.lines)
        self.lines |= {"outside": self.lines["named_by"], "held": self.lines["failed"]}
        types = dict(catalogue()) | dict(rule.types)
        frame = frame_of(rule.asks(year), [row.get("facts", {}) for row in rows], types)
        given = rule.given(year)
        self.judged = {
            (group, code): line.when.judge(frame, given)
            for group in groups
            for code, line in self.lines[group].items()
            if not isinstance(line.when, Unknown)
        }

    def of(self, number: int, row: Mapping[str, Any]) -> list[Told]:
        told = []
        for group in _TELLING.get(row["status"], ()):
            for code in row.get(group, ()):
                line = self.lines[group].get(code)
                if line is not None:
                    text = self._sentence(group, code, number)
                    told.append(Told(line.label, text, line.basis, _TONES.get(group, ""), code))
        return told

    def _sentence(self, group: str, code: str, number: int) -> str:
        kept = {"outside": "named_by", "held": "failed"}.get(group, group)
        judgement = self.judged.get((kept, code))
        if judgement is None:
            return "文件未载明"
        text = sentence(judgement.condition, judgement.row(number))
        opening = "不能判定：" if group == "held" else text[: text.find("：") + 1]
        return text.removeprefix(opening).removesuffix("。")
