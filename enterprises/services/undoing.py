"""Taking a list back out of the registry: what stands against it, and the rows as they were before."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import User
from enterprises.models import Enterprise, RegionSpell, RegistryEvent
from enterprises.services.registering import FIRMS, SPELLS, WRITTEN
from enterprises.services.storing import Store, in_chunks
from intake.models import Batch
from intake.services.built_on import Touched, built_on
from intake.services.records import read_records
from intake.services.replaced import Table, objects_of, read_replaced
from intake.services.sheet_types import Records, UndoPlan
from intake.services.uploads import media_path

_PERIOD = re.compile(r"(?:19|20)\d\d(?:Q[1-4]|-\d\d)?", re.ASCII)
Keys = Callable[[Records], Collection[Hashable]]
#: Longer lists of batches tell nobody more.
_NAMED = 3


def plan_rows(store: Store, records: Records, batch: Batch, actor: User, keys: Keys) -> UndoPlan:
    """What taking back a list of firms' rows would do; ``keys`` says which firm and period each record is about."""
    written = store.model._default_manager.filter(batch=batch)
    standing = written.count()
    entered = entered_by(batch)
    restores = len(read_replaced(batch).get("rows", Table([], [])).rows)
    touched = Touched(
        batch,
        frozenset(written.values_list("enterprise_id", flat=True)),
        frozenset(entered),
        _years(written.values_list(store.key[0], flat=True).distinct()),
    )
    obstacles = _later_lists(batch, actor, set(keys(records)), keys)
    gone = batch.counts.get("new", 0) + batch.counts.get("changed", 0) - standing
    if gone > 0 and not obstacles:
        obstacles.append(f"其中 {gone} 条数据随后已被改动")
    obstacles += _events_since(touched.firms, batch) + built_on(touched) + firm_uses(entered, batch, actor)
    if not standing and not entered and not obstacles:
        obstacles.append("这一批没有改动任何数据，不必撤销")
    return UndoPlan(standing - restores, restores, len(entered), obstacles)


def take_back_rows(store: Store, batch: Batch) -> set[int]:
    """Restore what the batch replaced, remove what it added and the firms it entered; ids of firms still there."""
    manager = store.model._default_manager
    touched = set(manager.filter(batch=batch).values_list("enterprise_id", flat=True))
    before = read_replaced(batch).get("rows")
    if before is not None:
        manager.bulk_create(
            objects_of(store.model, before),
            update_conflicts=True,
            unique_fields=["enterprise", *store.key, *store.fixed],
            update_fields=[*store.values, "region", "batch"],
        )
    manager.filter(batch=batch).delete()
    return touched - remove_entered(batch)


def entered_by(batch: Batch) -> list[int]:
    """Firms that the batch brought into the registry: their first spell carries its number."""
    return list(
        RegionSpell.objects.filter(batch=batch, since=None).values_list("enterprise_id", flat=True).order_by()
    )


def remove_entered(batch: Batch) -> set[int]:
    ids = set(entered_by(batch))
    for chunk in in_chunks(sorted(ids)):
        Enterprise.objects.filter(pk__in=chunk).delete()
    return ids


def firm_uses(ids: Collection[int], batch: Batch, actor: User) -> list[str]:
    """What keeps firms that the batch entered: another list that confirmed them, any row that leads to them.

    Rows of every table count, whichever app keeps it: removing a firm must never take other people's rows along.
    """
    lines: list[str] = []
    others: set[int] = set()
    elsewhere = 0
    for chunk in in_chunks(sorted(ids)):
        firms = Enterprise.objects.filter(pk__in=chunk).exclude(batch=batch).order_by()
        others.update(firms.values_list("batch_id", flat=True).distinct())
        for relation in Enterprise._meta.related_objects:
            model, name = relation.related_model, relation.field.name
            rows = model._base_manager.filter(**{f"{name}__in": chunk})
            if _has_batch(model):
                rows = rows.exclude(batch=batch)
                others.update(rows.values_list("batch_id", flat=True).order_by().distinct())
            else:
                elsewhere += rows.count()
    others.discard(None)  # type: ignore[arg-type]
    if others:
        named = _named(Batch.objects.filter(pk__in=others), actor)
        lines.append(f"本批新列入名录的企业，{named}也有登记或报送")
    if elsewhere:
        lines.append(f"本批新列入名录的企业已有 {elsewhere:,} 条入库、评价、奖补等记录")
    return lines


def _events_since(ids: Collection[int], batch: Batch) -> list[str]:
    """Renames, moves, mergers registered after the commit: they started from what the list said."""
    firms: set[int] = set()
    for chunk in in_chunks(sorted(ids)):
        events = RegistryEvent.objects.filter(
            Q(enterprise_id__in=chunk) | Q(other_id__in=chunk), recorded_at__gt=batch.committed_at
        ).exclude(batch=batch)
        firms.update(events.values_list("enterprise_id", flat=True).order_by())
    return [f"其中 {len(firms):,} 家企业随后登记了更名、迁移、合并等事项"] if firms else []


def _later_lists(batch: Batch, actor: User, mine: set[Hashable], keys: Keys) -> list[str]:
    """Lists committed since that speak of the same firms and periods: they replaced these rows, or confirmed them."""
    above = batch.region.path.strip("/").split("/")
    later = Batch.objects.filter(
        Q(region__path__startswith=batch.region.path) | Q(region_id__in=above),
        sheet=batch.sheet,
        department=batch.department,
        state=Batch.State.COMMITTED,
        committed_at__gt=batch.committed_at,
    ).exclude(pk=batch.pk)
    if batch.period:
        later = later.filter(period__in=[batch.period, ""])
    lines = []
    for other in later.select_related("region", "committed_by").order_by("-committed_at"):
        shared = mine.intersection(keys(read_records(media_path(other.rows_path), other.rows_digest)))
        if shared:
            named = _named(Batch.objects.filter(pk=other.pk), actor)
            lines.append(f"其中 {len(shared):,} 家（条）随后又由{named}报送")
    if len(lines) > _NAMED:
        lines = [*lines[:_NAMED], f"另有 {len(lines) - _NAMED} 批也报送了其中的企业"]
    return lines


def _named(batches: models.QuerySet[Batch], actor: User) -> str:
    """批次 B000012（启东市 周明，4月8日）, or 其他地区 for what the actor may not see."""
    seen = list(
        Batch.objects.visible_to(actor)
        .filter(pk__in=batches.values("pk"))
        .select_related("region", "committed_by")
        .order_by("-pk")[: _NAMED + 1]
    )
    if not seen:
        return "其他地区或部门"
    words = []
    for one in seen[:_NAMED]:
        day = timezone.localdate(one.committed_at) if one.committed_at else None
        when = f"，{day.month}月{day.day}日" if day else ""
        words.append(f"批次 {one}（{one.region.name} {one.committed_by or ''}{when}）")
    return "、".join(words) + ("等" if len(seen) > _NAMED else "")


def _years(keys: Iterable[Any]) -> frozenset[int]:
    """The years that rows are of (a year, a ``Month``, the text of a period); rows known by a certificate or a name
    are of none."""
    years = (
        int(key[:4])
        if isinstance(key, str) and _PERIOD.fullmatch(key)
        else key
        if isinstance(key, int)
        else getattr(key, "year", None)
        for key in keys
    )
    return frozenset(year for year in years if year is not None)


# ------------------------------------------------------------------ the registry list


def plan_registry(batch: Batch, actor: User) -> UndoPlan:
    """What taking a registry list back would do: firms it entered go, particulars it changed return."""
    replaced = read_replaced(batch)
    changed = [row[0] for row in replaced[FIRMS].rows] if FIRMS in replaced else []
    entered = entered_by(batch)
    moved = {row[1] for row in replaced[SPELLS].rows} if SPELLS in replaced else set()
    obstacles = firm_uses(entered, batch, actor)
    later: set[int] = set()
    for chunk in in_chunks(changed):
        others = Enterprise.objects.filter(pk__in=chunk).exclude(batch=batch).order_by()
        later.update(others.values_list("batch_id", flat=True))
    if later:
        named = _named(Batch.objects.filter(pk__in=later), actor)
        obstacles.append(f"其中的企业随后又由{named}变更")
    obstacles += _events_since(changed, batch) + _figures_since_move(moved, batch, actor)
    obstacles += built_on(Touched(batch, frozenset(changed), frozenset(entered), frozenset()))
    if not changed and not entered and not obstacles:
        obstacles.append("这一批没有改动任何数据，不必撤销")
    return UndoPlan(0, len(changed), len(entered), obstacles)


def _figures_since_move(moved: Collection[int], batch: Batch, actor: User) -> list[str]:
    """Rows sent after a firm's move stand in its new region: the move cannot be taken from under them."""
    later: set[int] = set()
    for relation in Enterprise._meta.related_objects:
        own = {field.name for field in relation.related_model._meta.concrete_fields}
        if not {"batch", "region"} <= own or relation.related_model is RegionSpell:
            continue
        for chunk in in_chunks(sorted(moved)):
            rows = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": chunk}, batch__committed_at__gt=batch.committed_at
            )
            later.update(rows.exclude(batch=batch).values_list("batch_id", flat=True))
    if not later:
        return []
    return [f"调整县区的企业随后由{_named(Batch.objects.filter(pk__in=later), actor)}报送了数据"]


def take_back_registry(batch: Batch) -> None:
    """Particulars, names and places of the firms as they were."""
    replaced = read_replaced(batch)
    if SPELLS in replaced:
        moved = {row[1] for row in replaced[SPELLS].rows}
        for chunk in in_chunks(sorted(moved)):
            RegionSpell.objects.filter(enterprise_id__in=chunk, batch=batch, since__isnull=False).delete()
        RegionSpell.objects.bulk_create(
            objects_of(RegionSpell, replaced[SPELLS]),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["enterprise", "region", "since", "until", "batch"],
        )
    if FIRMS in replaced:
        now = timezone.now()
        firms = objects_of(Enterprise, replaced[FIRMS])
        for firm in firms:
            firm.updated_at = now
        Enterprise.objects.bulk_create(
            firms, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN
        )
    for model in {relation.related_model for relation in Enterprise._meta.related_objects}:
        # whatever else the list left beside a firm (an event of its history) carries the batch's number
        if model not in (Enterprise, RegionSpell) and _has_batch(model):
            model._base_manager.filter(batch=batch).delete()
    remove_entered(batch)


def _has_batch(model: type[models.Model]) -> bool:
    return any(field.name == "batch" for field in model._meta.concrete_fields)
