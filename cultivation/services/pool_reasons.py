"""Why a firm is in a pool or out of it, in words: rendered on reading from edition, codes and numbers.

The facts that were kept are judged again by the conditions of the edition that decided, so page, Excel and API tell
the same sentence, however much later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.conditions import sentence
from core.facts import needed_by
from core.policies import Unknown
from cultivation.policy.pool import Basis, PoolRule, Rule
from cultivation.services.pool_facts import frame_of
from cultivation.services.pool_screening import MOVED_AWAY

#: status → the groups of codes that say why
_TELLING = {
    "in": ("named_by", "told"),
    "out": ("failed", "named_by", "told"),
    "held": ("held", "named_by", "told"),
    "off": ("outside",),
    "absent": (),
}
_ABSENT = "不在任何一份名单上"
_MOVED = "企业考核地区已不在本方案范围内"
_TONES = {"told": "warn", "failed": "bad", "held": "warn"}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the policy and what it says of the firm. ``tone``: ``""``, ``warn`` or ``bad``."""

    label: str
    text: str
    basis: Basis
    tone: str = ""

    @property
    def line(self) -> str:
        return f"{self.label}：{self.text}" if self.label else self.text


def told_reasons(rule: PoolRule, rows: Sequence[Mapping[str, Any]]) -> list[list[Told]]:
    """The reasons of each row, in the order of the document; rows as ``pool_screening`` keeps them."""
    told: list[list[Told]] = [[] for _ in rows]
    by_year: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.get("status") == "absent":
            told[place] = [Told("", _ABSENT, Basis())]
        elif row.get("status") == MOVED_AWAY:
            told[place] = [Told("", _MOVED, Basis())]
        elif "year" in row:
            by_year[row["year"]].append(place)
    for year, places in by_year.items():
        words = _Words(rule, year, [rows[place] for place in places])
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
        }
        self.lines |= {"outside": self.lines["named_by"], "held": self.lines["failed"]}
        parameters = {"year": year}
        frame = frame_of(needed_by(rule.conditions(), parameters), [row.get("facts", {}) for row in rows])
        self.judged = {
            (group, code): line.when.judge(frame, parameters)
            for group in ("named_by", "failed", "told")
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
                    told.append(Told(line.label, text, line.basis, _TONES.get(group, "")))
        return told

    def _sentence(self, group: str, code: str, number: int) -> str:
        kept = {"outside": "named_by", "held": "failed"}.get(group, group)
        judgement = self.judged.get((kept, code))
        if judgement is None:
            return "文件未载明"
        text = sentence(judgement.condition, judgement.row(number))
        opening = "不能判定：" if group == "held" else text[: text.find("：") + 1]
        return text.removeprefix(opening).removesuffix("。")
