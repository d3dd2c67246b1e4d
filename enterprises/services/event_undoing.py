"""Registry events taken back, while nothing stands on them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction

from core import audit
from core.models import User
from enterprises.models import Enterprise, RegionSpell, RegistryEvent
from enterprises.rules.identity import said
from enterprises.services.followers import CarryingRefused, carried_rows, give_back, table_words
from enterprises.services.identity import IDENTITY
from enterprises.services.moving import move_back
from intake.models import Batch
from intake.services.built_on import Touched, built_on


class UndoRefused(Exception):
    """The event stays; the message says what stands on it."""


def why_not_undo(event: RegistryEvent, among: Collection[int] = ()) -> list[str]:
    """What keeps an event from being undone, in words; empty when it may be. ``among``: numbers of events that are
    being undone with it, the latest first."""
    if event.kind == RegistryEvent.Kind.DUPLICATE:
        return ["合并重复档案不能在这里撤销，请到“疑似重复”办理"]
    if not event.before:
        return [f"随企业名录批次 {event.batch} 变更，请撤销那个批次或另行登记"]
    parties = [number for number in (event.enterprise_id, event.other_id) if number]
    later = RegistryEvent.objects.filter(pk__gt=event.pk).exclude(pk__in=among)
    after = (later.filter(enterprise__in=parties) | later.filter(other__in=parties)).order_by("id").first()
    if after is not None:
        return [f"其后又登记了“{after.get_kind_display()}”（{said(after.on)}），请先撤销后面的"]
    reasons = []
    entered = event.before.get("entered")
    if entered:
        held = rows_of(entered, leave_out=event)
        reasons += [f"{event.other.name}已有{label} {count} 条" for label, count in held.items()]
    if event.kind not in {RegistryEvent.Kind.RENAMED, RegistryEvent.Kind.RECODED}:
        # an event stands like a list of that moment: what was decided since may rest on it
        moment = Batch(committed_at=event.recorded_at, as_of=event.on, region=event.enterprise.region)
        reasons += built_on(Touched(moment, frozenset(parties), frozenset(), frozenset()))
    return reasons


def rows_of(firm_id: int, leave_out: RegistryEvent) -> dict[str, int]:
    """Everything in any app that leads to the firm, by table label; its spell, the event itself and what it carried
    over left out."""
    found: dict[str, int] = {}
    carried = carried_rows(leave_out)
    for relation in Enterprise._meta.related_objects:
        model = relation.related_model
        if model is RegionSpell:
            continue
        rows = model._default_manager.filter(**{relation.field.name: firm_id})
        mine = [leave_out.pk] if model is RegistryEvent else carried.get(model._meta.db_table, [])
        count = rows.exclude(pk__in=mine).count()
        if count:
            label = table_words(model._meta.db_table)
            found[label] = found.get(label, 0) + count
    return found


@transaction.atomic
def undo_event(*, event: RegistryEvent, actor: User) -> None:
    """Put back what stood before; the trail keeps that there was such an event. Raises ``UndoRefused``."""
    firm = (
        Enterprise.objects.select_for_update(of=("self",))
        .select_related("region")
        .get(pk=event.enterprise_id)
    )
    reasons = why_not_undo(event)
    if reasons:
        raise UndoRefused("；".join(reasons))
    before = event.before
    try:
        give_back(event)
    except CarryingRefused as refused:
        raise UndoRefused(str(refused)) from refused
    if "moved" in before:
        move_back(firm, before["firm"]["region_id"], before["moved"])
    for name in IDENTITY:
        setattr(firm, name, before["firm"][name])
    ended = before["firm"]["ended_on"]
    firm.ended_on = date.fromisoformat(ended) if ended else None
    firm.save()
    audit.record(
        actor=actor,
        act="undo_registry_event",
        region=firm.region,
        subject=f"{event.get_kind_display()} {firm.uscc} {firm.name}",
        counts={"kind": event.kind, "on": str(event.on), "evidence": event.evidence},
        digest=audit.digest_of([event.kind, str(event.on), event.old, event.new]),
    )
    event.delete()
    if "entered" in before:
        Enterprise.objects.filter(pk=before["entered"]).delete()


def events_of_batch(batch: Batch) -> list[RegistryEvent]:
    """What a list of events recorded, the latest first: the order in which it is taken back."""
    mine = RegistryEvent.objects.filter(batch=batch).select_related("enterprise__region", "other")
    return list(mine.order_by("-pk"))
