"""Two records of one firm made one, so that no figure is counted twice, and taken apart again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import Model, UniqueConstraint
from django.utils import timezone

from core import audit
from core.models import User
from enterprises.models import DuplicateDecision, Enterprise, Liaison, RegionSpell, RegistryEvent
from enterprises.services.duplicates import decide_pair
from enterprises.services.firms import KnownFirm, RegionHistory
from enterprises.services.followers import CarryingRefused, carried_tables, carry_over, give_back, table_words
from enterprises.services.registering import former_first
from enterprises.services.scale import recompute_above_scale

#: rows that stay with the second record: its own history
_STAY = (RegionSpell, RegistryEvent, DuplicateDecision)


class DuplicateRefused(Exception):
    """The two records were not merged; the message says why and what to do."""


@dataclass(slots=True)
class Collision:
    """A row that both records have: ``table``, what it is about, and whether the two say the same."""

    table: str
    key: str
    is_equal: bool


@dataclass(slots=True)
class MergePlan:
    """What merging would do to the rows of the second record."""

    moving: dict[str, int] = field(default_factory=dict)
    collisions: list[Collision] = field(default_factory=list)
    #: rows of other apps, which stay with the second record and are told of
    staying: dict[str, int] = field(default_factory=dict)

    @property
    def conflicts(self) -> list[Collision]:
        return [one for one in self.collisions if not one.is_equal]


def merge_plan(kept: Enterprise, second: Enterprise) -> MergePlan:
    """What merging ``second`` into ``kept`` would move, drop and leave; writes nothing."""
    plan = MergePlan()
    for model, rows in _rows_by_model(second):
        label = table_words(model._meta.db_table)
        if model._meta.app_label != "enterprises":
            if rows and model._meta.db_table not in carried_tables():
                plan.staying[label] = plan.staying.get(label, 0) + len(rows)
            continue
        for row, twin in _paired(model, rows, kept):
            if twin is None:
                plan.moving[label] = plan.moving.get(label, 0) + 1
            else:
                plan.collisions.append(Collision(label, _key_words(row), _says_the_same(row, twin)))
    return plan


@transaction.atomic
def merge_records(
    *,
    kept: Enterprise,
    second: Enterprise,
    note: str,
    actor: User,
    overrule: bool = False,
    on: date | None = None,
) -> RegistryEvent:
    """Make the two records one: rows of the second follow, equal ones are dropped, differing ones only when
    ``overrule`` says that the kept record's stand. The second record stays as a signpost to the first.

    Raises ``DuplicateRefused``; then nothing is written. Everything dropped is kept in the event for an undo.
    """
    firms = Enterprise.objects.select_for_update(of=("self",)).in_bulk([kept.pk, second.pk])
    kept, second = firms[kept.pk], firms[second.pk]
    if second.ended_as == RegistryEvent.Kind.DUPLICATE or kept.ended_as == RegistryEvent.Kind.DUPLICATE:
        raise DuplicateRefused("其中一份档案已经合并过")
    conflicts = merge_plan(kept, second).conflicts
    if conflicts and not overrule:
        words = "、".join(f"{one.table}{one.key}" for one in conflicts[:3])
        raise DuplicateRefused(
            f"两份档案有 {len(conflicts)} 处数据不一致（{words}等），请核对后确认以保留的档案为准"
        )
    day = on or timezone.localdate()
    before: dict[str, Any] = {
        "second": {name: getattr(second, name) for name in ("status", "ended_as", "successor_id")},
        "kept": {name: getattr(kept, name) for name in ("former_names", "former_codes")},
        "moved": {},
        "dropped": "[]",
    }
    before["second"]["ended_on"] = second.ended_on.isoformat() if second.ended_on else None
    _bring_over(kept, second, before)
    kept.former_codes = former_first(second.uscc, kept.former_codes, kept.uscc, 200)
    if second.name_key != kept.name_key:
        kept.former_names = former_first(second.name, kept.former_names, kept.name, 600)
    kept.save(update_fields=["former_codes", "former_names", "updated_at"])
    second.ended_on, second.ended_as, second.successor = day, RegistryEvent.Kind.DUPLICATE, kept
    second.status = "重复档案"
    second.save(update_fields=["ended_on", "ended_as", "successor", "status", "updated_at"])
    recompute_above_scale([kept.pk, second.pk])
    event = RegistryEvent.objects.create(
        enterprise=second,
        other=kept,
        kind=RegistryEvent.Kind.DUPLICATE,
        on=day,
        old=second.uscc,
        new=kept.uscc,
        evidence=note[:200],
        actor=actor,
        before=before,
    )
    carry_over(event, actor)
    decide_pair(kept, second, DuplicateDecision.Verdict.SAME, note, actor)
    return event


@transaction.atomic
def unmerge_records(*, event: RegistryEvent, actor: User) -> None:
    """Take a merging back: rows that followed return, dropped ones are written again. Raises ``DuplicateRefused``
    when a row that followed was changed by a later list."""
    before = event.before
    second = Enterprise.objects.select_for_update(of=("self",)).get(pk=event.enterprise_id)
    kept = Enterprise.objects.get(pk=event.other_id)
    for model, _ in _rows_by_model(kept, own_only=True):
        ids = before["moved"].get(model._meta.db_table, [])
        rows = model._default_manager.filter(pk__in=ids, enterprise=kept)
        if rows.count() != len(ids):
            raise DuplicateRefused("合并以后这些数据又有变动，不能撤销；请联系市局逐项更正")
        rows.update(enterprise=second)
    try:
        give_back(event)
    except CarryingRefused as refused:
        raise DuplicateRefused(str(refused)) from refused
    for row in serializers.deserialize("json", before["dropped"]):
        row.object.pk = None
        row.object.save(force_insert=True)
    for name, value in before["kept"].items():
        setattr(kept, name, value)
    kept.save(update_fields=[*before["kept"], "updated_at"])
    ended = before["second"].pop("ended_on")
    for name, value in before["second"].items():
        setattr(second, name, value)
    second.ended_on = date.fromisoformat(ended) if ended else None
    second.save()
    recompute_above_scale([kept.pk, second.pk])
    DuplicateDecision.objects.filter(first__in=[kept, second], second__in=[kept, second]).delete()
    audit.record(
        actor=actor, act="undo_duplicate", region=kept.region, subject=f"{kept.uscc} {second.uscc}", counts={}
    )
    event.delete()


# ---------------------------------------------------------------- rows of a record


def _rows_by_model(firm: Enterprise, own_only: bool = False) -> Iterator[tuple[type[Model], list[Any]]]:
    """Every table that hangs on a firm, and its rows of this firm."""
    for relation in Enterprise._meta.related_objects:
        model = relation.related_model
        if model in _STAY or model is Enterprise or relation.field.name != "enterprise":
            continue
        if own_only and model._meta.app_label != "enterprises":
            continue
        yield model, list(model._default_manager.filter(enterprise=firm).order_by("pk"))


def _paired(model: type[Model], rows: list[Any], kept: Enterprise) -> Iterator[tuple[Any, Any | None]]:
    """Each row with the row of the kept record under the same key, where there is one."""
    twins = {_key_of(row): row for row in model._default_manager.filter(enterprise=kept)} if rows else {}
    for row in rows:
        yield row, twins.get(_key_of(row))


def _key_of(row: Any) -> tuple[Any, ...] | None:
    """What the table's unique constraint says of a row beside the firm; ``None`` never meets another."""
    if isinstance(row, Liaison):
        return (row.duty,) if row.until is None else (row.duty, row.pk)
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and "enterprise" in constraint.fields:
            return tuple(getattr(row, name) for name in constraint.fields if name != "enterprise")
    return (row.pk,)


def _key_words(row: Any) -> str:
    return " ".join(str(part) for part in _key_of(row) or () if part not in ("", None))


def _says_the_same(row: Any, twin: Any) -> bool:
    aside = {"id", "enterprise", "batch", "region", "assigned_by", "recorded_at"}
    names = [f.attname for f in row._meta.concrete_fields if f.name not in aside]
    return all(getattr(row, name) == getattr(twin, name) for name in names)


def _bring_over(kept: Enterprise, second: Enterprise, before: dict[str, Any]) -> None:
    dropped: list[Any] = []
    known = KnownFirm(kept.pk, kept.uscc, kept.name, kept.name_key, kept.region_id)
    history = RegionHistory([known])
    for model, rows in _rows_by_model(second, own_only=True):
        moving = []
        for row, twin in _paired(model, rows, kept):
            (moving if twin is None else dropped).append(row)
        before["moved"][model._meta.db_table] = [row.pk for row in moving]
        for row in moving:
            row.enterprise = kept
            month = getattr(row, "month", None)
            if month is not None:
                row.region_id = history.region_on(kept.pk, month.last_day)
        names = ["enterprise", "region"] if hasattr(model, "region") else ["enterprise"]
        model._default_manager.bulk_update(moving, names, batch_size=200)
    before["dropped"] = serializers.serialize("json", dropped)
    for row in dropped:
        row.delete()
