"""Layouts of department lists that were confirmed once: looked at, forgotten, opened again to be said anew."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.audit import digest_of
from core.models import Department, User
from core.scoping import may_reach
from intake.models import Batch, ListLayout
from intake.services.access import NotYours
from intake.services.mapping import MAY_MAP, ROLE_LABELS
from intake.services.sheet_types import SheetType, sheet_label, sheet_type


@dataclass(frozen=True, slots=True)
class ColumnSaid:
    """A heading of the list and what it was taken for; ``label`` is "" for a column that is left out."""

    heading: str
    label: str
    unit: str


@dataclass(frozen=True, slots=True)
class LayoutLine:
    """``again``: the sender's latest batch of this layout that may be mapped anew; None where none waits."""

    layout: ListLayout
    sheet: str
    used: list[ColumnSaid]
    left_out: list[str]
    batches: int
    again: Batch | None
    may_forget: bool


def layout_lines(user: User) -> list[LayoutLine]:
    """What is remembered within the user's reach, the newest first; two queries."""
    layouts = list(ListLayout.objects.visible_to(user).select_related("region", "confirmed_by"))
    rows = Batch.objects.visible_to(user).filter(mapping__layout__in=[layout.pk for layout in layouts])
    batches: dict[int, list[Batch]] = {}
    for batch in rows.select_related("region").order_by("-pk"):
        batches.setdefault(batch.mapping["layout"], []).append(batch)
    return [_line(layout, batches.get(layout.pk, []), user) for layout in layouts]


def _line(layout: ListLayout, batches: list[Batch], user: User) -> LayoutLine:
    sheet = _sheet_of(layout)
    measures = {} if sheet is None else {c.key: c.heading.partition("(")[0] for c in sheet.measures()}
    labels = ROLE_LABELS | measures
    used = [
        ColumnSaid(heading, labels.get(said["target"], said["target"]), said["unit"])
        for heading, said in layout.targets.items()
        if said["target"]
    ]
    left_out = [heading for heading, said in layout.targets.items() if not said["target"]]
    # both were read within the user's reach
    is_theirs = _is_theirs(user, layout)
    again = next((batch for batch in batches if is_theirs and batch.state in MAY_MAP), None)
    label = sheet_label(layout.sheet)
    return LayoutLine(layout, label, used, left_out, len(batches), again, is_theirs)


def _sheet_of(layout: ListLayout) -> SheetType | None:
    """None for a sheet that no app offers any more."""
    try:
        return sheet_type(layout.sheet)
    except LookupError:
        return None


def _is_theirs(user: User, layout: ListLayout) -> bool:
    """Whether this person sends such lists for that department, where he reaches its region."""
    sheet = _sheet_of(layout)
    return sheet is not None and sheet.may_send(user) and sheet.department_of(user) == layout.department


@transaction.atomic
def forget_layout(*, layout: ListLayout, actor: User) -> None:
    """The next list of this layout is asked about again; what was read by it stays. Raises ``NotYours``."""
    if not (_is_theirs(actor, layout) and actor.is_active and may_reach(actor, layout.region)):
        raise NotYours(f"{actor} 不能删除这一版对应关系")
    audit.record(
        actor=actor,
        act="forget_layout",
        region=layout.region,
        subject=f"{sheet_label(layout.sheet)} {Department(layout.department).label} {layout.region.name}",
        counts={"columns": len(layout.targets)},
        digest=digest_of(layout.targets),
    )
    layout.delete()
