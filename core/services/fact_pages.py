"""事实一览: every fact that conditions may name, the portal's own and those that documents in force declare."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps

from core.conditions import FactType
from core.conditions.kinds import Kind
from core.facts import app_of, catalogue
from core.policies.declared import KIND_LABELS, PER_LABELS
from core.services.policies import declared_in_force

_PERIOD_SAMPLES = {Kind.YEAR: "2021", Kind.QUARTER: "2022Q1", Kind.MONTH: "2022-06"}
OWN, DECLARED = "系统自有", "文件声明"


@dataclass(frozen=True, slots=True)
class FactLine:
    """``sample`` is how a condition names it: ``tax[2021]``."""

    name: str
    label: str
    kind: str
    unit: str
    per: str
    sample: str
    source: str
    words: str


@dataclass(frozen=True, slots=True)
class FactGroup:
    label: str
    lines: tuple[FactLine, ...]


def fact_lines() -> list[FactGroup]:
    own = [_line(fact, _app_label(fact.name)) for fact in catalogue().values()]
    declared = [
        _line(fact.type, f"{fact.source}（{policy}）")
        for name, (fact, policy) in declared_in_force().items()
        if name not in catalogue()
    ]
    groups = [FactGroup(OWN, tuple(own)), FactGroup(DECLARED, tuple(declared))]
    return [group for group in groups if group.lines]


def _app_label(name: str) -> str:
    return str(apps.get_app_config(app_of(name)).verbose_name)


def _line(fact: FactType, source: str) -> FactLine:
    sample = f"{fact.name}[{_PERIOD_SAMPLES[fact.per]}]" if fact.per else fact.name
    per = PER_LABELS[fact.per] if fact.per else "一家一个"
    return FactLine(
        fact.name,
        fact.label,
        KIND_LABELS[fact.kind],
        fact.unit,
        per,
        sample,
        source,
        "、".join(fact.words[:12]),
    )
