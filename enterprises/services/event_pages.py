"""Events as people read them: before and after in words, the second firm where the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.models import Region, User
from enterprises.models import Enterprise, RegistryEvent

_Kind = RegistryEvent.Kind
#: kind → what is said of the second firm when the event is read from the first, and from the second
_TOWARDS = {
    _Kind.MERGED: ("并入{other}", "{firm}并入本企业"),
    _Kind.CONVERTED: ("转为{other}", "由个体户{firm}转来"),
    _Kind.SPLIT: ("分立出{other}", "由{firm}分立"),
    _Kind.DUPLICATE: ("与{other}合为一份档案", "与{firm}的档案合为一份"),
}


@dataclass(frozen=True, slots=True)
class ShownEvent:
    event: RegistryEvent
    label: str
    words: str
    #: the other party, where the reader may open its page
    link: Enterprise | None
    source: str


def shown_events(
    events: Iterable[RegistryEvent], user: User, seen_from: Enterprise | None = None
) -> list[ShownEvent]:
    """One query for the regions named, one for the second firms that the reader may open."""
    rows = list(events)
    codes = {code for row in rows if row.kind == _Kind.MOVED for code in (row.old, row.new)}
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}
    parties = {row.other_id for row in rows} | {row.enterprise_id for row in rows} - {None}
    open_to = Enterprise.objects.visible_to(user).filter(pk__in=parties - {None})
    visible = {firm.pk: firm for firm in open_to} if parties else {}
    return [_shown(row, names, visible, seen_from) for row in rows]


def _shown(
    row: RegistryEvent, names: dict[str, str], visible: dict[int, Enterprise], seen_from: Enterprise | None
) -> ShownEvent:
    from_other = seen_from is not None and row.other_id == seen_from.pk
    second = row.enterprise if from_other else row.other
    if row.kind in _TOWARDS and row.other is not None:
        words = _TOWARDS[_Kind(row.kind)][from_other].format(
            firm=_named(row, row.enterprise, visible), other=_named(row, row.other, visible)
        )
    elif row.kind == _Kind.MOVED:
        words = f"{names.get(row.old, row.old)} → {names.get(row.new, row.new)}"
    elif row.old != row.new:
        words = f"{row.old or '—'} → {row.new}"
    else:
        words = ""
    source = f"企业名录 {row.batch}" if row.batch_id and not row.before else ""
    return ShownEvent(row, row.get_kind_display(), words, visible.get(second.pk) if second else None, source)


def _named(row: RegistryEvent, firm: Enterprise, visible: dict[int, Enterprise]) -> str:
    """A second record is nobody's page any more, but its name may be told; another region's firm may not."""
    return firm.name if firm.pk in visible or row.kind == _Kind.DUPLICATE else "其他地区的企业"
