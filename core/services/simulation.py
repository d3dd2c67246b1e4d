"""What a draft would change on the data of today: each app to the right answers for its own part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from core.models import PolicyEdition, User

#: Firms told by name; the counts are of all.
FIRMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class RegionChange:
    """Firms of one region under the edition in force, under the draft, and what lies between."""

    name: str
    before: int
    after: int
    entering: int
    leaving: int


@dataclass(frozen=True, slots=True)
class FirmChange:
    #: the firm's page
    url: str
    uscc: str
    name: str
    region: str
    #: what it is under the edition in force and under the draft, in the words of the part
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """One pool, scheme or rule. ``what`` says what is counted (建议在库); ``moved`` are firms that stay but stand
    elsewhere. ``blanks``: what the draft leaves open, by name."""

    part: str
    title: str
    what: str
    regions: tuple[RegionChange, ...]
    entering: tuple[FirmChange, ...]
    leaving: tuple[FirmChange, ...]
    moved: tuple[FirmChange, ...] = ()
    moved_count: int = 0
    blanks: tuple[str, ...] = ()
    remark: str = ""
    total: RegionChange = field(init=False)

    def __post_init__(self) -> None:
        counts = [(r.before, r.after, r.entering, r.leaving) for r in self.regions]
        sums = [sum(column) for column in zip(*counts, strict=True)] if counts else [0, 0, 0, 0]
        object.__setattr__(self, "total", RegionChange("合计", *sums))


class Simulator(Protocol):
    def __call__(
        self, *, draft: PolicyEdition, current: PolicyEdition | None, actor: User
    ) -> list[Simulation]: ...


_simulators: dict[str, Simulator] = {}


def register_simulator(part: str, simulator: Simulator) -> None:
    """Called in ``AppConfig.ready``; a second simulator of a part is an error."""
    if _simulators.setdefault(part, simulator) is not simulator:
        raise ValueError(f"part {part} has a simulator already")


def simulate(*, draft: PolicyEdition, current: PolicyEdition | None, actor: User) -> list[Simulation]:
    """Nothing is written. ``current`` is the edition in force, ``None`` for a new document."""
    return [
        simulation
        for simulator in _simulators.values()
        for simulation in simulator(draft=draft, current=current, actor=actor)
    ]
