"""Lists whose every firm must have a 责任人 (S1-45); the apps to the right say which firms are on theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from enterprises.querysets import EnterpriseQuerySet


@dataclass(frozen=True, slots=True)
class LiaisonDuty:
    """``label`` as people call the list (培育库在库企业); ``firms()`` gives a subquery of numbers of firms."""

    name: str
    label: str
    firms: Callable[[], Any]


_duties: dict[str, LiaisonDuty] = {}


def register_duty(duty: LiaisonDuty) -> None:
    _duties[duty.name] = duty


def duties_for() -> list[LiaisonDuty]:
    return list(_duties.values())


def must_have(firms: EnterpriseQuerySet, name: str) -> EnterpriseQuerySet:
    """The firms of one such list; none for a name that no app brought."""
    duty = _duties.get(name)
    return firms.filter(pk__in=duty.firms()) if duty else firms.none()
