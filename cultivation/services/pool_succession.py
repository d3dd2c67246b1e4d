"""Places in pools when another firm stands for a firm: handed on where it is the same business, ended otherwise."""

from __future__ import annotations

from django.utils import timezone

from core.models import PolicyEdition, User
from cultivation.models import PoolMembership, TierChange
from enterprises.models import Enterprise, RegistryEvent
from enterprises.services.followers import Carried, CarryingRefused

#: Events after which the other firm is the same business under another record.
SAME_BUSINESS = (RegistryEvent.Kind.DUPLICATE, RegistryEvent.Kind.CONVERTED)
_COPIED = (
    "programme", "pool", "tier", "planned_year", "sources", "suggested_tier", "measure_wan", "reasons", "edition_id",
    "tier_by_hand", "year_by_hand", "admitted_by_hand", "is_proposed", "proposal", "since",
)  # fmt: skip


def hand_on_places(event: RegistryEvent, actor: User) -> Carried:
    """The firm leaves every pool that it is in; what it was there, its successor is where it has no place yet.

    A firm that took another over (并入) is not in a pool for that: the next screening looks at it.
    """
    places = list(PoolMembership.objects.current().filter(enterprise=event.enterprise_id).order_by("pk"))
    heirs = _without_place(event, places) if event.kind in SAME_BUSINESS else []
    made = [_handed_on(place, event, actor) for place in heirs]
    for place in places:
        place.until, place.withdrawn_by = timezone.localdate(event.recorded_at), actor
        place.is_proposed, place.proposal, place.updated_at = False, {}, event.recorded_at
        place.save()
        _entry(place, TierChange.Kind.WITHDRAWN, event_words(event, "由{}承继"), event, actor)
    return {"ended": [place.pk for place in places], "made": [place.pk for place in made]}


def take_places_back(event: RegistryEvent, carried: Carried) -> None:
    """As before the event, its entries gone with it. Raises ``CarryingRefused`` when a place has changed since."""
    rows = PoolMembership.objects.in_bulk([*carried["ended"], *carried["made"]])
    if any(place.updated_at != event.recorded_at for place in rows.values()):
        raise CarryingRefused("承继的培育库记录随后又有调整，请先在培育库处理")
    PoolMembership.objects.filter(pk__in=carried["made"]).delete()
    entries = TierChange.objects.filter(membership__in=carried["ended"], at=event.recorded_at)
    entries.delete()
    now = timezone.now()
    for pk in carried["ended"]:
        place = rows[pk]
        place.until, place.withdrawn_by, place.updated_at = None, None, now
        place.save()


def _without_place(event: RegistryEvent, places: list[PoolMembership]) -> list[PoolMembership]:
    """Places in whose pool the other firm is assessed and is not a member itself."""
    other = Enterprise.objects.select_related("region").get(pk=event.other_id)
    held = set(
        PoolMembership.objects.current().filter(enterprise=other).order_by().values_list("programme", "pool")
    )
    editions = PolicyEdition.objects.select_related("locality").in_bulk([p.edition_id for p in places])
    return [
        place
        for place in places
        if (place.programme, place.pool) not in held
        and other.region.path.startswith(editions[place.edition_id].locality.path)
    ]


def _handed_on(place: PoolMembership, event: RegistryEvent, actor: User) -> PoolMembership:
    copied = {name: getattr(place, name) for name in _COPIED}
    made = PoolMembership.objects.create(
        **copied, enterprise_id=event.other_id, admitted_by=actor, updated_at=event.recorded_at
    )
    entry = _entry(made, TierChange.Kind.ADMITTED, event_words(event, "承继{}的在库记录"), event, actor)
    entry.tier_before, entry.year_before, entry.sources_before = "", None, ""
    entry.save()
    return made


def event_words(event: RegistryEvent, words: str) -> str:
    """What happened, with the other firm's name in place of the braces, as long as a note may be."""
    firm = event.other if words.startswith("由") else event.enterprise
    assert firm is not None
    return f"{event.get_kind_display()}，{words.format(f'{firm.name}（{firm.uscc}）')}"[:200]


def _entry(place: PoolMembership, kind: str, note: str, event: RegistryEvent, actor: User) -> TierChange:
    return TierChange.objects.create(
        membership=place,
        kind=kind,
        at=event.recorded_at,
        actor=actor,
        by_rule=False,
        tier_before=place.tier,
        tier_after=place.tier,
        year_before=place.planned_year,
        year_after=place.planned_year,
        sources_before=place.sources,
        sources_after=place.sources,
        note=note,
        edition_id=place.edition_id,
    )
