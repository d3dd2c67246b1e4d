"""What the ``dispatch`` part of a policy document holds: when a fall, a silence, a slow district is told. Pure.

A document that prints no such number leaves it to the portal's own one, which every page and paper names as that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from core.policies import Unknown
from cultivation.policy.pool import Basis

OWN = Basis(note="文件没有规定，按本系统的约定")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number with its unit; ``amount`` is ``UNKNOWN`` where nothing may be told of it."""

    label: str
    unit: str
    amount: Decimal | Unknown
    basis: Basis = OWN

    @property
    def origin(self) -> str:
        return self.basis.label or self.basis.note or ""

    @property
    def is_own(self) -> bool:
        return self.basis == OWN

    @property
    def words(self) -> str:
        return "文件未载明" if isinstance(self.amount, Unknown) else f"{self.amount.normalize():f}{self.unit}"


def _own(label: str, unit: str, amount: int) -> Threshold:
    return Threshold(label, unit, Decimal(amount))


#: code → the portal's own number; a document's takes its place. Per cents and points of a hundred.
OWN_THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(
    {
        "fall": _own("营业收入同比降幅", "%", 20),
        "silent": _own("连续未报", "个月", 2),
        "power_gap": _own("用电与营业收入同比相差", "个百分点", 20),
        "lagging": _own("落后序时", "个百分点", 10),
    }
)


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """``is_joint``: January and February are told together (1—2月合并)."""

    is_joint: bool = False
    joint_basis: Basis = OWN
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: OWN_THRESHOLDS)

    def amount(self, code: str) -> Decimal | None:
        """The number of a threshold; ``None`` where the document says that it is not printed."""
        found = self.thresholds[code].amount
        return None if isinstance(found, Unknown) else found

    def with_threshold(self, code: str, amount: Decimal | Unknown, basis: Basis) -> DispatchRules:
        changed = replace(self.thresholds[code], amount=amount, basis=basis)
        return replace(self, thresholds={**self.thresholds, code: changed})


#: What holds where a document has no such part.
OWN_RULES = DispatchRules()
