"""差别化政策 in words: what a grade means for a firm, with figure and period. Pure; page, list and workbook share it."""

from __future__ import annotations

from dataclasses import dataclass

from core.policies import Unknown
from evaluation.policy import Effect, Scheme
from evaluation.rules.wording import plain

NOT_PRINTED = "文件未载明"


@dataclass(frozen=True, slots=True)
class ToldPolicy:
    label: str
    value: str
    period: str
    needs: str
    clause: str

    @property
    def sentence(self) -> str:
        """``差别电价 0.1 元/千瓦时（次年，另需电表户号）``"""
        besides = "，".join(filter(None, [self.period, f"另需{self.needs}" if self.needs else ""]))
        return f"{self.label} {self.value}".strip() + (f"（{besides}）" if besides else "")


def policies_of(scheme: Scheme, grade: str, cohort: str = "") -> tuple[ToldPolicy, ...]:
    """Of a firm with this final grade; none while the scheme is on trial or does not bind."""
    return tuple(_told(effect) for effect in scheme.effects_of(grade, cohort))


def _told(effect: Effect) -> ToldPolicy:
    value = ""
    if effect.value is not None:
        number = effect.value.value
        value = NOT_PRINTED if isinstance(number, Unknown) else f"{plain(number)} {effect.unit}".strip()
    period = "，".join(filter(None, [effect.period, "可退" if effect.refundable else ""]))
    return ToldPolicy(effect.label, value, period, effect.needs, effect.origin.label)
