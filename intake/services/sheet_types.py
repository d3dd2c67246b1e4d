"""The kinds of lists that the house takes in. Each app registers its own in ``sheets.py``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from core.models import Department, Region, Role, User
from core.periods import Month

if TYPE_CHECKING:
    from intake.models import Batch
    from intake.rules.columns import Column
    from intake.rules.reading import Frame, SheetSpec


@dataclass(slots=True)
class Records:
    """The rows of a batch that may be stored: typed values by column, and the Excel row of each."""

    rows: list[int]
    columns: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a commit would replace, as people read it."""

    row: int
    name: str
    heading: str
    old: str
    new: str


@dataclass(slots=True)
class Preview:
    """What a commit would do: rows that are new, changed, the same; firms the registry does not know yet."""

    new: int = 0
    changed: int = 0
    same: int = 0
    unknown: int = 0
    changes: list[Change] = field(default_factory=list)
    #: Excel rows by kind (new, changed, same, unknown)
    rows: dict[str, list[int]] = field(default_factory=dict)
    #: what the list itself found out, for a ``take_previewed`` that follows at once
    difference: Any = None
    #: taking these rows would change nothing whatsoever
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What taking a batch back would do: rows that go, rows that return, firms that go; or why it cannot be done."""

    removes: int = 0
    restores: int = 0
    firms: int = 0
    obstacles: list[str] = field(default_factory=list)


class SheetType(ABC):
    """One kind of list. Subclasses say what its columns are, what makes sense, and how rows are stored."""

    spec: ClassVar[SheetSpec]
    #: the department that bears the duty for this list (core.models.Department)
    duty: ClassVar[str]
    #: what a batch is about: "month", "year" or "" (rows name their own)
    period_kind: ClassVar[str] = ""
    #: offered behind the lists of every month and year
    comes_last: ClassVar[bool] = False
    #: a list of unknown layout: a person explains its columns before it is checked
    is_mapped: ClassVar[bool] = False
    senders: ClassVar[frozenset[str]] = frozenset(
        {Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER}
    )

    def spec_for(self, region: Region, mapping: Mapping[str, Any] | None = None) -> SheetSpec:
        """The columns that a list for this region has now; those of most lists never change.

        ``mapping``: what a person has said of the columns of a list of unknown layout (``Batch.mapping``).
        """
        return self.spec

    def measures(self) -> tuple[Column, ...]:
        """What the columns of a list of unknown layout may hold, besides code, name, district and time."""
        return ()

    def known_names(self, names: Iterable[str], region: Region) -> set[str]:
        """Which of these names belong to firms of the region."""
        return set()

    def department_of(self, actor: User) -> str:
        """Whose list it is that this person sends."""
        return self.duty

    @property
    def is_prefilled(self) -> bool:
        """Whether the blank sheet comes with the firms of its region."""
        return False

    def may_send(self, user: User) -> bool:
        if user.role == Role.SYSTEM:
            return True
        if user.role in (Role.DEPARTMENT_OFFICER, Role.API_CLIENT):
            # a program sends what the department that it belongs to bears the duty for
            return user.department == self.duty
        if self.duty != Department.INDUSTRY:
            # another department's list: the bureau may pass it on, a district never speaks for it
            return user.role == Role.BUREAU_STAFF and user.role in self.senders
        return user.role in self.senders

    def judge(self, frame: Frame, batch: Batch) -> object:
        """Add what only the database can tell (history, firms of other districts, locked months) to the frame.

        What it has learnt on the way goes to ``preview_judged``.
        """
        return None

    @abstractmethod
    def preview(self, records: Records, batch: Batch) -> Preview:
        """What taking these rows would do."""

    def preview_judged(self, records: Records, batch: Batch, learnt: object) -> Preview:
        """The same, right after ``judge`` has looked at these rows and returned ``learnt``."""
        return self.preview(records, batch)

    def changes_of(self, records: Records, batch: Batch) -> list[Change]:
        """Old → new of these rows, of few rows at a time: against what is stored, or what the commit replaced."""
        return self.preview(records, batch).changes

    def prepare(self, records: Records, batch: Batch) -> None:  # noqa: B027 - a list may have nothing to prepare
        """Work out and remember what ``take`` will need, before its transaction begins."""

    @abstractmethod
    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        """Store the rows, set-based, inside the caller's transaction; returns counts for the trail."""

    def take_previewed(self, records: Records, batch: Batch, actor: User, preview: Preview) -> dict[str, int]:
        """The same, where nothing at all was changed since these very rows were previewed."""
        return self.take(records, batch, actor)

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        """What ``undo`` would do, or what stands against it; a list says here that it can be taken back at all."""
        return UndoPlan(obstacles=[f"{self.spec.label}不能整批撤销，请重新报送正确的一份"])

    def undo(self, batch: Batch) -> None:
        """Do it, inside the caller's transaction; ``batch.undone_by`` names who does."""
        raise TypeError(f"{type(self).__name__} is not taken back")

    def reference_columns(self, period: Month | int | None) -> tuple[Column, ...]:
        """Columns of the blank sheet that are shown for comparison only; ``template_rows`` yields their values last."""
        return ()

    def template_rows(
        self, user: User, region: Region, period: Month | int | None
    ) -> Iterable[Sequence[Any]]:
        """Prefilled rows of the blank sheet, one value a column of ``spec``; none unless the app knows the firms."""
        return ()

    @abstractmethod
    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record as the command prints it: amounts with two places, months and dates in ISO form."""


_types: dict[str, SheetType] = {}


def register_sheet(sheet: type[SheetType]) -> type[SheetType]:
    _types[sheet.spec.name] = sheet()
    return sheet


def sheet_type(name: str) -> SheetType:
    """The sheet of that name; ``LookupError`` when no app offers it."""
    return _types[name]


def sheet_label(name: str) -> str:
    """What people call the sheet; the bare name for one that no app offers any more."""
    return _types[name].spec.label if name in _types else name


def sheet_types() -> list[SheetType]:
    return list(_types.values())


def sheets_for(user: User) -> list[SheetType]:
    """What this user may send: the monthly ones first, among them those that his department bears the duty for."""
    mine = [sheet for sheet in _types.values() if sheet.may_send(user)]
    department = user.department or Department.INDUSTRY
    kinds = ("month", "", "year")
    return sorted(
        mine,
        key=lambda sheet: (sheet.comes_last, kinds.index(sheet.period_kind), sheet.duty != department),
    )
